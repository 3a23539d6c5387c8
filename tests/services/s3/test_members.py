"""Members that many operations share: the expected owner, Content-MD5 of documents, headers of HEAD and of uploads in parts."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cumulet.services.s3 import checksums
from cumulet.services.s3.checksums import ALGORITHMS
from services.s3.refusals import refused

AES = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
WRITER = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::BUCKET"}]})
REPLICATION = {"Role": "arn:aws:iam::111122223333:role/r", "Rules": [
    {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::BUCKET-2"}}]}
CORS = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}
WEBSITE = {"IndexDocument": {"Suffix": "index.html"}}
RETENTION = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2999, 1, 1, tzinfo=UTC)}

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "analytics": {"Id": "c", "StorageClassAnalysis": {}}, "metrics": {"Id": "c"},
    "intelligent_tiering": {"Id": "c", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]},
    "inventory": {"Id": "c", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
                  "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::BUCKET-2", "Format": "CSV"}}}}


def placed(members: dict[str, Any], bucket: str) -> dict[str, Any]:
    """With the bucket's name where it belongs."""
    text = json.dumps(members, default=str)
    return members if "BUCKET" not in text else dict(json.loads(text.replace("BUCKET", bucket)))


# In an order in which they all succeed; "upload" stands for an upload under way, "key" for an object.
OWNED: list[tuple[str, dict[str, Any]]] = [
    ("head_bucket", {}), ("get_bucket_location", {}), ("get_bucket_versioning", {}), ("get_bucket_acl", {}),
    ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ("put_bucket_tagging", {"Tagging": TAGS}), ("get_bucket_tagging", {}), ("delete_bucket_tagging", {}),
    ("put_public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
    ("get_public_access_block", {}), ("delete_public_access_block", {}),
    ("put_bucket_ownership_controls", {"OwnershipControls": WRITER}), ("get_bucket_ownership_controls", {}),
    ("put_bucket_acl", {"ACL": "private"}), ("delete_bucket_ownership_controls", {}),
    ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": AES}), ("get_bucket_encryption", {}),
    ("delete_bucket_encryption", {}), ("get_bucket_accelerate_configuration", {}), ("get_bucket_logging", {}),
    ("get_bucket_request_payment", {}), ("get_bucket_abac", {}), ("get_bucket_notification_configuration", {}),
    ("put_bucket_policy", {"Policy": POLICY}), ("get_bucket_policy", {}), ("get_bucket_policy_status", {}),
    ("delete_bucket_policy", {}), ("put_bucket_cors", {"CORSConfiguration": CORS}), ("get_bucket_cors", {}),
    ("delete_bucket_cors", {}), ("put_bucket_website", {"WebsiteConfiguration": WEBSITE}), ("get_bucket_website", {}),
    ("delete_bucket_website", {}), ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": {"Rules": [
        {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}}),
    ("get_bucket_lifecycle_configuration", {}), ("delete_bucket_lifecycle", {}),
    ("put_bucket_notification_configuration", {"NotificationConfiguration": {}}),
    ("put_bucket_accelerate_configuration", {"AccelerateConfiguration": {"Status": "Suspended"}}),
    ("put_bucket_replication", {"ReplicationConfiguration": REPLICATION}), ("get_bucket_replication", {}),
    ("delete_bucket_replication", {}), ("put_object", {"Key": "g", "Body": b"x", "StorageClass": "GLACIER"}),
    ("restore_object", {"Key": "g", "RestoreRequest": {"Days": 1}}),
    ("put_object", {"Key": "k", "Body": b"x"}), ("get_object", {"Key": "k"}), ("head_object", {"Key": "k"}),
    ("get_object_acl", {"Key": "k"}), ("put_object_acl", {"Key": "k", "ACL": "private"}),
    ("put_object_tagging", {"Key": "k", "Tagging": TAGS}), ("get_object_tagging", {"Key": "k"}),
    ("delete_object_tagging", {"Key": "k"}), ("get_object_attributes", {"Key": "k", "ObjectAttributes": ["ETag"]}),
    ("list_objects", {}), ("list_objects_v2", {}), ("list_object_versions", {}), ("list_multipart_uploads", {}),
    ("create_multipart_upload", {"Key": "u"}), ("upload_part", {"Key": "u", "UploadId": "", "PartNumber": 1, "Body": b"x"}),
    ("list_parts", {"Key": "u", "UploadId": ""}),
    ("complete_multipart_upload", {"Key": "u", "UploadId": "", "MultipartUpload": {"Parts": [
        {"PartNumber": 1, "ETag": hashlib.md5(b"x").hexdigest()}]}}),
    ("abort_multipart_upload", {"Key": "v", "UploadId": "v"}), ("delete_object", {"Key": "k"}),
    ("delete_objects", {"Delete": {"Objects": [{"Key": "k"}]}}),
    ("put_object_lock_configuration", {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
    ("get_object_lock_configuration", {}), ("put_object", {"Key": "locked", "Body": b"x", "ObjectLockLegalHoldStatus": "OFF"}),
    ("put_object_legal_hold", {"Key": "locked", "LegalHold": {"Status": "OFF"}}), ("get_object_legal_hold", {"Key": "locked"}),
    ("put_object_retention", {"Key": "locked", "Retention": RETENTION}), ("get_object_retention", {"Key": "locked"}),
    ("put_bucket_abac", {"AbacStatus": {"Status": "Enabled"}}), ("put_bucket_logging", {"BucketLoggingStatus": {}}),
    ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "BucketOwner"}}),
    *((f"put_bucket_{kind}_configuration", {"Id": "c", "".join(map(str.title, kind.split("_"))) + "Configuration": said})
      for kind, said in CONFIGURATIONS.items()),
    *((f"get_bucket_{kind}_configuration", {"Id": "c"}) for kind in CONFIGURATIONS),
    *((f"list_bucket_{kind}_configurations", {}) for kind in CONFIGURATIONS),
    *((f"delete_bucket_{kind}_configuration", {"Id": "c"}) for kind in CONFIGURATIONS)]
MISSING = ["get_bucket_policy", "get_bucket_policy_status", "get_bucket_cors", "get_bucket_website", "get_bucket_replication",
           "get_bucket_lifecycle_configuration"]


def test_the_owner_is_checked_by_every_operation(s3: Any, cloud: Any) -> None:
    uploads = {key: s3.create_multipart_upload(Bucket=s3.bucket, Key=key)["UploadId"] for key in "uv"}
    s3.create_bucket(Bucket=s3.bucket + "-2")
    s3.put_bucket_versioning(Bucket=s3.bucket + "-2", VersioningConfiguration={"Status": "Enabled"})
    for name, members in OWNED:
        call, members = getattr(s3, name), placed(members, s3.bucket)
        if "UploadId" in members:
            members = members | {"UploadId": uploads[members["Key"]]}
        code, status = refused(call, Bucket=s3.bucket, **members, ExpectedBucketOwner="999999999999")
        assert (code in ("AccessDenied", "403"), status) == (True, 403), name
        call(Bucket=s3.bucket, **members, ExpectedBucketOwner=cloud.account)
    for name in MISSING:
        assert refused(getattr(s3, name), Bucket=s3.bucket, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403), name
        assert refused(getattr(s3, name), Bucket=s3.bucket, ExpectedBucketOwner=cloud.account)[1] == 404, name


def test_an_owned_bucket_is_deleted_by_its_owner(s3: Any, cloud: Any) -> None:
    assert refused(s3.delete_bucket, Bucket=s3.bucket, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)
    s3.delete_bucket(Bucket=s3.bucket, ExpectedBucketOwner=cloud.account)


DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}), ("put_bucket_tagging", {"Tagging": TAGS}),
    ("put_public_access_block", {"PublicAccessBlockConfiguration": {}}),
    ("put_bucket_ownership_controls", {"OwnershipControls": WRITER}),
    ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": AES}),
    ("put_object_tagging", {"Key": "k", "Tagging": TAGS}), ("put_bucket_acl", {"ACL": "private"}),
    ("put_object_acl", {"Key": "k", "ACL": "private"}), ("put_bucket_policy", {"Policy": POLICY}),
    ("put_bucket_replication", {"ReplicationConfiguration": REPLICATION}), ("put_bucket_cors", {"CORSConfiguration": CORS}),
    ("put_bucket_website", {"WebsiteConfiguration": WEBSITE}),
    ("put_object_lock_configuration", {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
    ("put_object_retention", {"Key": "k", "Retention": RETENTION}),
    ("put_object_legal_hold", {"Key": "k", "LegalHold": {"Status": "OFF"}}),
    ("put_bucket_abac", {"AbacStatus": {"Status": "Disabled"}}), ("put_bucket_logging", {"BucketLoggingStatus": {}}),
    ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "BucketOwner"}}),
    ("delete_objects", {"Delete": {"Objects": [{"Key": "other"}]}})]


@pytest.mark.parametrize(("name", "members"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_a_document_is_checked_by_its_md5(s3: Any, name: str, members: dict[str, Any]) -> None:
    s3.put_bucket_ownership_controls(Bucket=s3.bucket, OwnershipControls=WRITER)
    members = placed(members, s3.bucket)
    for bucket in (s3.bucket, s3.bucket + "-2"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if "lock" in name or "Retention" in members or "LegalHold" in members:
        s3.put_object_lock_configuration(Bucket=s3.bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    wrong: list[bool] = []

    def add(request: Any, **_: Any) -> None:
        for header in [h for h in request.headers if h.lower().startswith(("x-amz-checksum", "x-amz-sdk"))]:
            del request.headers[header]
        data = request.data if isinstance(request.data, bytes) else (request.data or "").encode()
        digest = hashlib.md5(data + b"!" * len(wrong)).digest()
        del request.headers["Content-MD5"]
        request.headers["Content-MD5"] = base64.b64encode(digest).decode()

    operation = "".join(part.title() for part in name.split("_"))
    s3.meta.events.register(f"before-sign.s3.{operation}", add)
    getattr(s3, name)(Bucket=s3.bucket, **members)
    wrong.append(True)
    assert refused(getattr(s3, name), Bucket=s3.bucket, **members) == ("BadDigest", 400)


def test_many_are_deleted_only_with_a_checksum(s3: Any) -> None:
    def strip(request: Any, **_: Any) -> None:
        for header in [h for h in request.headers if h.lower().startswith(("x-amz-checksum", "x-amz-sdk", "content-md5"))]:
            del request.headers[header]

    s3.meta.events.register("before-sign.s3.DeleteObjects", strip)
    assert refused(s3.delete_objects, Bucket=s3.bucket, Delete={"Objects": [{"Key": "k"}]}) == ("InvalidRequest", 400)


def test_head_may_override_headers_too(versioned: Any) -> None:
    s3 = versioned
    version = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")["VersionId"]
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"longer")
    head = s3.head_object(Bucket=s3.bucket, Key="k", VersionId=version, ResponseContentType="text/html",
                          ResponseCacheControl="max-age=1", ResponseContentDisposition="inline", ResponseContentEncoding="x",
                          ResponseContentLanguage="fr", ResponseExpires=datetime(2030, 1, 1, tzinfo=UTC))
    assert (head["ContentLength"], head["ContentType"], head["CacheControl"], head["ContentDisposition"],
            head["ContentEncoding"], head["ContentLanguage"], head["ExpiresString"]) == (
        1, "text/html", "max-age=1", "inline", "x", "fr", "Tue, 01 Jan 2030 00:00:00 GMT")
    assert s3.get_object_attributes(Bucket=s3.bucket, Key="k", VersionId=version, ObjectAttributes=["ObjectSize"])[
        "ObjectSize"] == 1
    assert s3.get_object_acl(Bucket=s3.bucket, Key="k", VersionId=version)["Grants"]
    s3.put_object_tagging(Bucket=s3.bucket, Key="k", VersionId=version, Tagging=TAGS)
    assert s3.delete_object_tagging(Bucket=s3.bucket, Key="k", VersionId=version)["VersionId"] == version
    assert s3.get_object_tagging(Bucket=s3.bucket, Key="k", VersionId=version)["TagSet"] == []


def test_an_upload_in_parts_keeps_what_was_said_of_it(s3: Any) -> None:
    said = {"ContentType": "text/plain", "CacheControl": "no-cache", "ContentDisposition": "inline", "ContentEncoding": "x",
            "ContentLanguage": "de", "WebsiteRedirectLocation": "/w"}
    where = {"Bucket": s3.bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**where, **said, ACL="bucket-owner-full-control", ServerSideEncryption="AES256",
                                        Expires=datetime(2030, 1, 1, tzinfo=UTC))
    assert upload["ServerSideEncryption"] == "AES256"
    where["UploadId"] = upload["UploadId"]
    md5 = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    assert refused(s3.upload_part, **where, PartNumber=1, Body=b"y", ContentMD5=md5) == ("BadDigest", 400)
    etag = s3.upload_part(**where, PartNumber=1, Body=b"x", ContentMD5=md5)["ETag"]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}, IfNoneMatch="*")
    head = s3.head_object(Bucket=s3.bucket, Key="k")
    assert {name: head[name] for name in said} == said
    assert head["ExpiresString"] == "Tue, 01 Jan 2030 00:00:00 GMT"


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_every_checksum_of_parts_and_of_the_whole(s3: Any, name: str) -> None:
    member, value = "Checksum" + name, checksums.of(name, b"part")
    where = {"Bucket": s3.bucket, "Key": "k"}
    where["UploadId"] = s3.create_multipart_upload(**where, ChecksumAlgorithm=name)["UploadId"]
    part = s3.upload_part(**where, PartNumber=1, Body=b"part", **{member: value})
    assert part[member] == value
    whole = value if name == "CRC64NVME" else checksums.of(name, base64.b64decode(value)) + "-1"
    parts = [{"PartNumber": 1, "ETag": part["ETag"], member: value}]
    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, **{member: whole})
    assert done[member] == whole
    assert s3.head_object(Bucket=s3.bucket, Key="k", ChecksumMode="ENABLED")[member] == whole


def test_uploads_are_listed_by_prefix_and_encoded(s3: Any) -> None:
    for key in ("a b/1", "c"):
        s3.create_multipart_upload(Bucket=s3.bucket, Key=key)
    found = s3.list_multipart_uploads(Bucket=s3.bucket, Prefix="a ", EncodingType="url")
    assert ([one["Key"] for one in found["Uploads"]], found["Prefix"]) == (["a+b/1"], "a+")


def test_parts_are_told_from_a_marker_on(s3: Any) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    where["UploadId"] = s3.create_multipart_upload(**where, ChecksumAlgorithm="CRC32")["UploadId"]
    bodies = [b"a" * (5 << 20), b"b"]
    parts = [{"PartNumber": n, "ETag": made["ETag"], "ChecksumCRC32": made["ChecksumCRC32"]} for n, made in enumerate(
        (s3.upload_part(**where, PartNumber=n, Body=body, ChecksumAlgorithm="CRC32") for n, body in enumerate(bodies, 1)), 1)]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    told = s3.get_object_attributes(Bucket=s3.bucket, Key="k", ObjectAttributes=["ObjectParts"], PartNumberMarker=1)
    assert [one["PartNumber"] for one in told["ObjectParts"]["Parts"]] == [2]
    assert refused(s3.get_object_attributes, Bucket=s3.bucket, Key="k", ObjectAttributes=["Colour"]) == ("InvalidArgument", 400)


def test_more_ways_to_create_a_bucket(cloud: Any) -> None:
    s3, name = cloud.client("s3"), f"made-{cloud.account}"
    s3.create_bucket(Bucket=name, ACL="private", ObjectOwnership="BucketOwnerPreferred", ObjectLockEnabledForBucket=False)
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerPreferred"}]
    assert refused(s3.create_bucket, Bucket=name + "-2", ACL="public-read") == ("InvalidBucketAclWithObjectOwnership", 400)


def test_copies_whose_conditions_hold(s3: Any) -> None:
    etag = s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x")["ETag"]
    before, after = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    holds = {"CopySource": f"{s3.bucket}/a", "CopySourceIfNoneMatch": '"x"', "CopySourceIfModifiedSince": before,
             "CopySourceIfUnmodifiedSince": after}
    s3.copy_object(Bucket=s3.bucket, Key="b", **holds)
    s3.copy_object(Bucket=s3.bucket, Key="b", **holds, IfMatch=etag)
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="c")["UploadId"]
    part = s3.upload_part_copy(Bucket=s3.bucket, Key="c", UploadId=upload, PartNumber=1, **holds)["CopyPartResult"]
    assert part["ETag"] == etag
