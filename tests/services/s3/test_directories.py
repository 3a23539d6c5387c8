"""Directory buckets: made in a zone, used by sessions that clients begin by themselves, without what S3 Express has not."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from enforced import own, user
from services.s3.refusals import refused

ZONE = "use1-az4"
CONFIGURATION = {"Location": {"Type": "AvailabilityZone", "Name": ZONE},
                 "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}}


@pytest.fixture
def express(cloud: Any) -> Any:
    client = cloud.client("s3")
    client.bucket = f"fast-{cloud.account}--{ZONE}--x-s3"
    client.create_bucket(Bucket=client.bucket, CreateBucketConfiguration=CONFIGURATION)
    return client


def test_names_and_zones_go_together(express: Any, cloud: Any) -> None:
    def made(name: str, **more: Any) -> tuple[str, int]:
        return refused(express.create_bucket, Bucket=name, CreateBucketConfiguration=CONFIGURATION | more)

    assert made(f"fast-{cloud.account}") == ("InvalidBucketName", 400)
    assert made(f"fast-{cloud.account}--use1-az5--x-s3") == ("InvalidBucketName", 400)
    assert made(f"x-{cloud.account}--nowhere--x-s3", Location={"Type": "AvailabilityZone", "Name": "nowhere"}) == (
        "InvalidRequest", 400)
    assert made(f"x-{cloud.account}--{ZONE}--x-s3", Bucket={"Type": "Directory", "DataRedundancy": "SingleLocalZone"}) == (
        "MalformedXML", 400)
    assert refused(express.create_bucket, Bucket=f"y-{cloud.account}--{ZONE}--x-s3") == ("InvalidBucketName", 400)


def test_they_are_listed_apart(express: Any, cloud: Any) -> None:
    express.create_bucket(Bucket=f"plain-{cloud.account}")
    second = f"second-{cloud.account}--{ZONE}--x-s3"
    express.create_bucket(Bucket=second, CreateBucketConfiguration=CONFIGURATION)
    assert [one["Name"] for one in express.list_buckets()["Buckets"]] == [f"plain-{cloud.account}"]
    page = express.list_directory_buckets(MaxDirectoryBuckets=1)
    rest = express.list_directory_buckets(ContinuationToken=page["ContinuationToken"])
    assert [one["Name"] for one in page["Buckets"] + rest["Buckets"]] == [express.bucket, second]
    assert page["Buckets"][0]["BucketArn"] == f"arn:aws:s3express:us-east-1:{cloud.account}:bucket/{express.bucket}"
    told = express.head_bucket(Bucket=express.bucket)
    assert (told["BucketLocationName"], told["BucketLocationType"]) == (ZONE, "AvailabilityZone")
    express.delete_bucket(Bucket=second)
    assert "ContinuationToken" not in express.list_directory_buckets()


def test_objects_have_one_class(express: Any) -> None:
    express.put_object(Bucket=express.bucket, Key="dir/a", Body=b"12345")
    assert express.get_object(Bucket=express.bucket, Key="dir/a")["Body"].read() == b"12345"
    assert express.head_object(Bucket=express.bucket, Key="dir/a")["StorageClass"] == "EXPRESS_ONEZONE"
    express.copy_object(Bucket=express.bucket, Key="dir/b", CopySource={"Bucket": express.bucket, "Key": "dir/a"})
    upload = express.create_multipart_upload(Bucket=express.bucket, Key="c")["UploadId"]
    part = express.upload_part(Bucket=express.bucket, Key="c", UploadId=upload, PartNumber=1, Body=b"x")
    express.complete_multipart_upload(Bucket=express.bucket, Key="c", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    listed = express.list_objects_v2(Bucket=express.bucket)["Contents"]
    assert {one["Key"]: one["StorageClass"] for one in listed} == dict.fromkeys(("c", "dir/a", "dir/b"), "EXPRESS_ONEZONE")
    assert refused(express.put_object, Bucket=express.bucket, Key="k", StorageClass="STANDARD") == ("InvalidStorageClass", 400)


def test_no_other_bucket_has_their_class(s3: Any) -> None:
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", StorageClass="EXPRESS_ONEZONE") == ("InvalidStorageClass", 400)
    assert refused(s3.create_session, Bucket=s3.bucket) == ("InvalidRequest", 400)
    assert refused(s3.rename_object, Bucket=s3.bucket, Key="k", RenameSource="j") == ("InvalidRequest", 400)
    assert refused(s3.delete_object, Bucket=s3.bucket, Key="k", IfMatchSize=1) == ("NotImplemented", 501)


def test_directories_are_listed_not_beginnings(express: Any) -> None:
    for key in ("a/1", "a/2", "b"):
        express.put_object(Bucket=express.bucket, Key=key, Body=b"x")
    page = express.list_objects_v2(Bucket=express.bucket, Delimiter="/")
    assert ([one["Prefix"] for one in page["CommonPrefixes"]], [one["Key"] for one in page["Contents"]]) == (["a/"], ["b"])
    assert express.list_objects_v2(Bucket=express.bucket, Prefix="a/")["KeyCount"] == 2
    for wrong in ({"Prefix": "a"}, {"Delimiter": "-"}, {"StartAfter": "a/1"}):
        assert refused(express.list_objects_v2, Bucket=express.bucket, **wrong) == ("InvalidArgument", 400)


def test_what_they_have_not(express: Any) -> None:
    versioning = {"Bucket": express.bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    assert refused(express.put_bucket_versioning, **versioning) == ("MethodNotAllowed", 405)
    for call in (express.list_object_versions, express.get_bucket_tagging, express.get_bucket_acl, express.list_objects):
        assert refused(call, Bucket=express.bucket) == ("MethodNotAllowed", 405)
    assert refused(express.get_bucket_policy, Bucket=express.bucket)[1] == 501


def test_sessions_are_for_one_bucket_and_five_minutes(express: Any, cloud: Any) -> None:
    express.put_object(Bucket=express.bucket, Key="k", Body=b"x")
    other = f"other-{cloud.account}--{ZONE}--x-s3"
    express.create_bucket(Bucket=other, CreateBucketConfiguration=CONFIGURATION)
    made = express.create_session(Bucket=express.bucket, SessionMode="ReadOnly")["Credentials"]
    assert abs(made["Expiration"].timestamp() - cloud.clock.now() - 300) < 5
    mine = boto3.client("s3", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=made["AccessKeyId"],
                        aws_secret_access_key=made["SecretAccessKey"], aws_session_token=made["SessionToken"],
                        config=Config(s3={"disable_s3_express_session_auth": True}, retries={"total_max_attempts": 1}))
    assert mine.get_object(Bucket=express.bucket, Key="k")["Body"].read() == b"x"
    assert refused(mine.put_object, Bucket=express.bucket, Key="k") == ("AccessDenied", 403)
    assert refused(mine.list_objects_v2, Bucket=other) == ("AccessDenied", 403)
    cloud.clock.advance(301)
    assert refused(mine.get_object, Bucket=express.bucket, Key="k")[1] in (400, 403)


def test_a_session_is_all_that_a_user_needs(express: Any, cloud: Any) -> None:
    ann = cloud.client("s3", **user(cloud, "ann", own("s3express:CreateSession")))
    bob = cloud.client("s3", **user(cloud, "bob", own("s3:*")))
    urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()).read()
    assert refused(boto3.client("s3", endpoint_url=cloud.endpoint, region_name="us-east-1", config=Config(
        signature_version=UNSIGNED)).create_session, Bucket=express.bucket) == ("AccessDenied", 403)
    ann.put_object(Bucket=express.bucket, Key="k", Body=b"hers")
    assert ann.get_object(Bucket=express.bucket, Key="k")["Body"].read() == b"hers"
    assert refused(ann.delete_bucket, Bucket=express.bucket) == ("AccessDenied", 403)
    assert refused(bob.create_session, Bucket=express.bucket) == ("AccessDenied", 403)
    all_of_it = cloud.client("s3", **user(cloud, "cid", own("*")))
    made = all_of_it.create_session(Bucket=express.bucket)["Credentials"]
    theirs = boto3.client("sqs", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=made["AccessKeyId"],
                          aws_secret_access_key=made["SecretAccessKey"], aws_session_token=made["SessionToken"])
    assert refused(theirs.list_queues)[1] == 403


def test_a_session_says_how_its_objects_are_encrypted(express: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    asked = {"Bucket": express.bucket, "ServerSideEncryption": "aws:kms"}
    told = express.create_session(**asked, SSEKMSKeyId=key.rpartition("/")[2], BucketKeyEnabled=True)
    assert (told["ServerSideEncryption"], told["SSEKMSKeyId"], told["BucketKeyEnabled"]) == ("aws:kms", key, True)
    made = told["Credentials"]
    mine = boto3.client("s3", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=made["AccessKeyId"],
                        aws_secret_access_key=made["SecretAccessKey"], aws_session_token=made["SessionToken"],
                        config=Config(s3={"disable_s3_express_session_auth": True}))
    assert mine.put_object(Bucket=express.bucket, Key="k", Body=b"x")["SSEKMSKeyId"] == key
    assert mine.put_object(Bucket=express.bucket, Key="k", Body=b"yz", WriteOffsetBytes=1)["SSEKMSKeyId"] == key
    assert express.get_object(Bucket=express.bucket, Key="k")["Body"].read() == b"xyz"
    context = {"aws:s3:arn": f"arn:aws:s3express:us-east-1:{cloud.account}:bucket/{express.bucket}", "more": "x"}
    for wrong in ({}, {"SSEKMSKeyId": "alias/aws/s3"}, {"SSEKMSKeyId": key, "ServerSideEncryption": "AES256"}, {
            "SSEKMSKeyId": key, "SSEKMSEncryptionContext": base64.b64encode(json.dumps(context).encode()).decode()}):
        assert refused(express.create_session, **asked | wrong) == ("InvalidArgument", 400)


def test_an_upload_is_aborted_if_it_began_then(express: Any, s3: Any) -> None:
    made = express.create_multipart_upload(Bucket=express.bucket, Key="k")
    upload = {"Bucket": express.bucket, "Key": "k", "UploadId": made["UploadId"]}
    began = express.list_multipart_uploads(Bucket=express.bucket)["Uploads"][0]["Initiated"]
    early = began - timedelta(seconds=1)
    assert refused(express.abort_multipart_upload, **upload, IfMatchInitiatedTime=early) == ("PreconditionFailed", 412)
    express.abort_multipart_upload(**upload, IfMatchInitiatedTime=began)
    assert "Uploads" not in express.list_multipart_uploads(Bucket=express.bucket)
    express.abort_multipart_upload(**upload, IfMatchInitiatedTime=began)             # nothing is there: that is well
    other = {"Bucket": s3.bucket, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=s3.bucket, Key="k")["UploadId"]}
    assert refused(s3.abort_multipart_upload, **other, IfMatchInitiatedTime=began) == ("NotImplemented", 501)


def test_objects_are_renamed(express: Any) -> None:
    put = express.put_object(Bucket=express.bucket, Key="old name", Body=b"x" * 100_000)
    express.put_object(Bucket=express.bucket, Key="there", Body=b"y" * 90_000)
    renamed = {"Bucket": express.bucket, "RenameSource": "old%20name", "Key": "there"}
    assert refused(express.rename_object, DestinationIfNoneMatch="*", **renamed) == ("PreconditionFailed", 412)
    assert refused(express.rename_object, SourceIfMatch='"other"', **renamed) == ("PreconditionFailed", 412)
    express.rename_object(ClientToken="t", **renamed)
    got = express.get_object(Bucket=express.bucket, Key="there")
    assert (got["Body"].read(), got["ETag"]) == (b"x" * 100_000, put["ETag"])
    assert [one["Key"] for one in express.list_objects_v2(Bucket=express.bucket)["Contents"]] == ["there"]
    express.rename_object(ClientToken="t", **renamed)
    assert refused(express.rename_object, ClientToken="t", **(renamed | {"Key": "z"})) == ("IdempotencyParameterMismatch", 400)
    assert refused(express.rename_object, **renamed) == ("NoSuchKey", 404)


def test_deletions_may_expect_a_size_and_a_time(express: Any) -> None:
    express.put_object(Bucket=express.bucket, Key="k", Body=b"12345")
    modified = express.head_object(Bucket=express.bucket, Key="k")["LastModified"]
    assert refused(express.delete_object, Bucket=express.bucket, Key="k", IfMatchSize=4) == ("PreconditionFailed", 412)
    told = express.delete_objects(Bucket=express.bucket, Delete={"Objects": [{"Key": "k", "Size": 4}]})
    assert told["Errors"][0]["Code"] == "PreconditionFailed"
    express.delete_object(Bucket=express.bucket, Key="k", IfMatchSize=5, IfMatchLastModifiedTime=modified)
    assert express.list_objects_v2(Bucket=express.bucket)["KeyCount"] == 0


def test_tokens_of_renames_are_forgotten(express: Any, cloud: Any) -> None:
    for name, key in (("a", "b"), ("c", "d")):
        client = cloud.client("s3")              # with a session of its own
        client.put_object(Bucket=express.bucket, Key=name, Body=b"x")
        client.rename_object(Bucket=express.bucket, RenameSource=name, Key=key, ClientToken="t")
        cloud.clock.advance(86_401)
    told = cloud.client("s3").list_objects_v2(Bucket=express.bucket)
    assert [one["Key"] for one in told["Contents"]] == ["b", "d"]


def test_renaming_where_all_conditions_hold(express: Any) -> None:
    here, there = (express.put_object(Bucket=express.bucket, Key=key, Body=key.encode())["ETag"] for key in ("here", "there"))
    now = express.head_object(Bucket=express.bucket, Key="here")["LastModified"]
    early, late = now - timedelta(days=1), now + timedelta(days=1)
    renamed = {"Bucket": express.bucket, "RenameSource": "here", "Key": "there"}
    held = {"SourceIfMatch": here, "SourceIfModifiedSince": early, "SourceIfUnmodifiedSince": late, "DestinationIfMatch": there,
            "DestinationIfModifiedSince": early, "DestinationIfUnmodifiedSince": late}
    for wrong in ({"DestinationIfMatch": '"x"'}, {"SourceIfMatch": '"x"'}):
        assert refused(express.rename_object, **renamed, **held | wrong) == ("PreconditionFailed", 412)
    express.rename_object(**renamed, **held)
    assert express.get_object(Bucket=express.bucket, Key="there")["Body"].read() == b"here"
    express.rename_object(Bucket=express.bucket, RenameSource="there", Key="new", SourceIfNoneMatch='"x"',
                          DestinationIfNoneMatch="*")
    assert express.get_object(Bucket=express.bucket, Key="new")["Body"].read() == b"here"
