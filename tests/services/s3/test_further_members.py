"""Members that come beside others: grants by header, locks and contexts of copies and uploads, conditions, customers' keys."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from cumulet.services.s3 import checksums
from cumulet.services.s3.checksums import ALGORITHMS
from cumulet.services.s3.names import owner_id
from services.s3.refusals import refused
from services.s3.test_acls import grants, own
from services.s3.test_customer_keys import KEY
from services.s3.test_select import Asked
from services.s3.test_websites import INDEX, configure, visit

FRIEND = owner_id("111122223333")
FRIENDS = f'id="{FRIEND}"'
GIVEN = {"GrantFullControl": FRIENDS, "GrantRead": FRIENDS, "GrantReadACP": FRIENDS, "GrantWriteACP": FRIENDS}
TOLD = [(FRIEND, "FULL_CONTROL"), (FRIEND, "READ"), (FRIEND, "READ_ACP"), (FRIEND, "WRITE_ACP")]
UNTIL = datetime(2999, 1, 1, tzinfo=UTC)
LOCK = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL, "ObjectLockLegalHoldStatus": "ON"}
MINE = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
CONTEXT = base64.b64encode(b'{"team":"blue"}').decode()
CSV = {"ExpressionType": "SQL", "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}}


def test_everything_is_granted_by_header(s3: Any, cloud: Any) -> None:
    own(s3, "BucketOwnerPreferred")
    s3.put_object(Bucket=s3.bucket, Key="put", Body=b"x", **GIVEN)
    s3.copy_object(Bucket=s3.bucket, Key="copied", CopySource=f"{s3.bucket}/put", **GIVEN)
    upload = {"Bucket": s3.bucket, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, **GIVEN)["UploadId"]
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    for key in ("put", "copied", "parts"):
        assert sorted(grants(s3.get_object_acl(Bucket=s3.bucket, Key=key))) == TOLD, key
    s3.put_object(Bucket=s3.bucket, Key="later", Body=b"x")
    s3.put_object_acl(Bucket=s3.bucket, Key="later", **GIVEN, GrantWrite=FRIENDS)
    assert sorted(grants(s3.get_object_acl(Bucket=s3.bucket, Key="later"))) == sorted([*TOLD, (FRIEND, "WRITE")])
    s3.put_bucket_acl(Bucket=s3.bucket, GrantReadACP=FRIENDS)
    assert grants(s3.get_bucket_acl(Bucket=s3.bucket)) == [(FRIEND, "READ_ACP")]
    told = s3.get_bucket_acl(Bucket=s3.bucket)
    said = {"Owner": told["Owner"], "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": FRIEND}, "Permission": "WRITE"}]}
    s3.put_bucket_acl(Bucket=s3.bucket, AccessControlPolicy=said)
    assert grants(s3.get_bucket_acl(Bucket=s3.bucket)) == [(FRIEND, "WRITE")]
    made = f"granted-{cloud.account}"
    s3.create_bucket(Bucket=made, ObjectOwnership="ObjectWriter", **GIVEN, GrantWrite=FRIENDS)
    assert sorted(grants(s3.get_bucket_acl(Bucket=made))) == sorted([*TOLD, (FRIEND, "WRITE")])


def test_copies_and_uploads_are_locked(cloud: Any) -> None:
    s3, bucket = cloud.client("s3"), f"locked-{cloud.account}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    copied = s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a", **LOCK)["VersionId"]
    upload = {"Bucket": bucket, "Key": "c"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, **LOCK)["UploadId"]
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    made = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})["VersionId"]
    for key, version in (("b", copied), ("c", made)):
        head = s3.head_object(Bucket=bucket, Key=key)
        assert {name: head[name] for name in LOCK} == LOCK
        assert refused(s3.delete_object, Bucket=bucket, Key=key, VersionId=version) == ("AccessDenied", 403)
        s3.put_object_legal_hold(Bucket=bucket, Key=key, VersionId=version, LegalHold={"Status": "OFF"})
    gone = s3.delete_objects(Bucket=bucket, BypassGovernanceRetention=True, Delete={"Objects": [
        {"Key": "b", "VersionId": copied}, {"Key": "c", "VersionId": made}]})
    assert [one["Key"] for one in gone["Deleted"]] == ["b", "c"]
    assert "Errors" not in gone


def test_bucket_keys_and_contexts_of_all_who_write(s3: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    how = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "SSEKMSEncryptionContext": CONTEXT, "BucketKeyEnabled": True}
    put = s3.put_object(Bucket=s3.bucket, Key="put", Body=b"x", **how)
    copied = s3.copy_object(Bucket=s3.bucket, Key="copied", CopySource=f"{s3.bucket}/put", **how)
    upload = {"Bucket": s3.bucket, "Key": "parts"}
    begun = s3.create_multipart_upload(**upload, **how)
    upload["UploadId"] = begun["UploadId"]
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    for answer in (put, copied, begun):
        assert answer["BucketKeyEnabled"] is True
        assert b'"team":"blue"' in base64.b64decode(answer["SSEKMSEncryptionContext"])
    for one in ("put", "copied", "parts"):
        found = s3.get_object(Bucket=s3.bucket, Key=one)
        assert (found["Body"].read(), found["BucketKeyEnabled"]) == (b"x", True), one


def test_the_customers_key_completes_and_selects(s3: Any) -> None:
    upload = {"Bucket": s3.bucket, "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, **MINE)["UploadId"]
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"a,b\n", **MINE)["ETag"]
    s3.complete_multipart_upload(**upload, **MINE, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    query = {"Bucket": s3.bucket, "Key": "k", "Expression": "SELECT _2 FROM s3object", **CSV}
    assert Asked(s3.select_object_content(**query, **MINE)).lines == ["b"]
    assert refused(s3.select_object_content, **query)[1] == 400


def test_the_owner_may_be_named_where_it_is_queried(s3: Any, cloud: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"a,b\n")
    query = {"Bucket": s3.bucket, "Key": "k", "Expression": "SELECT _1 FROM s3object", **CSV}
    assert Asked(s3.select_object_content(**query, ExpectedBucketOwner=cloud.account)).lines == ["a"]
    assert refused(s3.select_object_content, **query, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)


def test_an_older_version_is_restored_and_sealed(versioned: Any, cloud: Any) -> None:
    s3, key = versioned, cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    where = {"Bucket": s3.bucket, "Key": "k"}
    cold = s3.put_object(**where, Body=b"old", StorageClass="GLACIER")["VersionId"]
    warm = s3.put_object(**where, Body=b"warm")["VersionId"]
    s3.put_object(**where, Body=b"new")
    s3.restore_object(**where, VersionId=cold, RestoreRequest={"Days": 1})
    assert 'ongoing-request="true"' in s3.head_object(**where, VersionId=cold)["Restore"]
    assert "Restore" not in s3.head_object(**where)
    change = {**where, "VersionId": warm, "ObjectEncryption": {"SSEKMS": {"KMSKeyArn": key}}}
    assert refused(s3.update_object_encryption, **change, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)
    s3.update_object_encryption(**change, ExpectedBucketOwner=cloud.account)
    assert s3.get_object(**where, VersionId=warm)["SSEKMSKeyId"] == key
    assert "SSEKMSKeyId" not in s3.head_object(**where)


def test_pages_have_conditions(s3: Any, cloud: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="index.html", Body=b"home")
    configure(s3, INDEX)
    home = visit(s3, cloud, "/")
    etag = home.headers["ETag"]
    early, late = (format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True) for days in (-1, 1))
    for header, value, status in (
            ("If_Match", etag, 200), ("If_Match", '"x"', 412), ("If_None_Match", etag, 304), ("If_None_Match", '"x"', 200),
            ("If_Modified_Since", early, 200), ("If_Modified_Since", late, 304), ("If_Unmodified_Since", late, 200),
            ("If_Unmodified_Since", early, 412)):
        assert visit(s3, cloud, "/", **{header: value}).status == status, (header, value)


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_annotations_are_checked_by_any_sum(s3: Any, cloud: Any, name: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    note = {"Bucket": s3.bucket, "Key": "k", "AnnotationName": "n", "AnnotationPayload": b"text"}
    right, wrong = ({"Checksum" + name: checksums.of(name, data)} for data in (b"text", b"other"))
    assert refused(s3.put_object_annotation, **note, **wrong) == ("BadDigest", 400)
    s3.put_object_annotation(**note, **right, ExpectedBucketOwner=cloud.account)
    of = {"Bucket": s3.bucket, "Key": "k", "AnnotationName": "n"}
    assert s3.get_object_annotation(**of, ChecksumMode="ENABLED")["Checksum" + name] == right["Checksum" + name]


def test_annotations_have_md5s_and_owners(s3: Any, cloud: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    of = {"Bucket": s3.bucket, "Key": "k"}
    note = {**of, "AnnotationName": "n", "AnnotationPayload": b"text"}
    md5 = [base64.b64encode(hashlib.md5(data).digest()).decode() for data in (b"text", b"other")]
    s3.put_object_annotation(**note, ContentMD5=md5[0])
    assert refused(s3.put_object_annotation, **note, ContentMD5=md5[1]) == ("BadDigest", 400)
    for call, members in ((s3.put_object_annotation, note), (s3.list_object_annotations, of),
                          (s3.get_object_annotation, {**of, "AnnotationName": "n"}),
                          (s3.delete_object_annotation, {**of, "AnnotationName": "n"})):
        assert refused(call, **members, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)
        call(**members, ExpectedBucketOwner=cloud.account)


def test_tiering_configurations_have_pages(s3: Any) -> None:
    for number in range(101):
        s3.put_bucket_intelligent_tiering_configuration(Bucket=s3.bucket, Id=f"c{number:03}", IntelligentTieringConfiguration={
            "Id": f"c{number:03}", "Status": "Enabled", "Filter": {"Prefix": f"{number}/"},
            "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]})
    page = s3.list_bucket_intelligent_tiering_configurations(Bucket=s3.bucket)
    rest = s3.list_bucket_intelligent_tiering_configurations(Bucket=s3.bucket, ContinuationToken=page["NextContinuationToken"])
    found = [one["Id"] for told in (page, rest) for one in told["IntelligentTieringConfigurationList"]]
    assert found == [f"c{number:03}" for number in range(101)]
    assert (page["IsTruncated"], rest["IsTruncated"]) == (True, False)
