"""SSE-KMS and DSSE: objects under keys of KMS, by request and by the bucket's default."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from services.s3.refusals import refused

BODY = b"0123456789abcdef" * 20_000
KMS = {"ServerSideEncryption": "aws:kms"}


@pytest.fixture
def key(cloud: Any) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["Arn"])


def default(s3: Any, method: str, key: str | None = None, **more: Any) -> None:
    rule = {"SSEAlgorithm": method} | ({"KMSMasterKeyID": key} if key else {})
    s3.put_bucket_encryption(Bucket=s3.bucket, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": rule} | more]})


@pytest.mark.parametrize("method", ["aws:kms", "aws:kms:dsse"])
@pytest.mark.parametrize("body", [b"", b"short", BODY])
def test_what_comes_in_goes_out(s3: Any, key: str, method: str, body: bytes) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    put = s3.put_object(**where, Body=body, ServerSideEncryption=method, SSEKMSKeyId=key)
    context = json.loads(base64.b64decode(put["SSEKMSEncryptionContext"]))
    assert context == {"aws:s3:arn": f"arn:aws:s3:::{s3.bucket}/k"}
    got = s3.get_object(**where)
    assert got["Body"].read() == body
    for answer in (put, got, s3.head_object(**where)):
        assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"], answer["ETag"]) == (method, key, put["ETag"])
    assert put["ETag"] != f'"{hashlib.md5(body).hexdigest()}"'
    if body == BODY:
        assert s3.get_object(**where, Range="bytes=70003-70010")["Body"].read() == BODY[70003:70011]


def test_the_buckets_default_counts_where_the_request_says_nothing(s3: Any, key: str) -> None:
    default(s3, "aws:kms", key, BucketKeyEnabled=True)
    rule = s3.get_bucket_encryption(Bucket=s3.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    put = s3.put_object(Bucket=s3.bucket, Key="k", Body=BODY)
    assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (key, True)
    assert json.loads(base64.b64decode(put["SSEKMSEncryptionContext"])) == {"aws:s3:arn": f"arn:aws:s3:::{s3.bucket}"}
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == BODY
    plain = s3.put_object(Bucket=s3.bucket, Key="plain", Body=b"x", ServerSideEncryption="AES256")
    assert (plain["ServerSideEncryption"], "SSEKMSKeyId" in plain) == ("AES256", False)
    s3.delete_bucket_encryption(Bucket=s3.bucket)
    assert s3.put_object(Bucket=s3.bucket, Key="k2", Body=b"x")["ServerSideEncryption"] == "AES256"
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == BODY


def test_without_a_key_it_is_the_one_that_aws_manages(s3: Any, cloud: Any) -> None:
    put = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", **KMS)
    kms = cloud.client("kms")
    assert kms.describe_key(KeyId=put["SSEKMSKeyId"])["KeyMetadata"]["KeyManager"] == "AWS"
    assert put["SSEKMSKeyId"] == kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"x"


def test_wrong_members_are_refused(s3: Any, key: str) -> None:
    where = {"Bucket": s3.bucket, "Key": "k", "Body": b"x"}
    assert refused(s3.put_object, **where, SSEKMSKeyId=key) == ("InvalidArgument", 400)
    assert refused(s3.put_object, **where, ServerSideEncryption="AES256", SSEKMSKeyId=key) == ("InvalidArgument", 400)
    assert refused(s3.put_object, **where, ServerSideEncryption="rot13") == ("InvalidArgument", 400)
    assert refused(s3.put_object, **where, **KMS, SSEKMSEncryptionContext="{}") == ("InvalidArgument", 400)
    missing = key.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"
    assert refused(s3.put_object, **where, **KMS, SSEKMSKeyId=missing) == ("KMS.NotFoundException", 400)
    wrong = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": key}}]}
    assert refused(s3.put_bucket_encryption, Bucket=s3.bucket, ServerSideEncryptionConfiguration=wrong) == (
        "InvalidArgument", 400)


def test_a_disabled_key_opens_nothing(s3: Any, key: str, cloud: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", **KMS, SSEKMSKeyId=key)
    cloud.client("kms").disable_key(KeyId=key)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k") == ("KMS.DisabledException", 400)
    put = {"Bucket": s3.bucket, "Key": "k", "Body": b"y", "SSEKMSKeyId": key} | KMS
    assert refused(s3.put_object, **put) == ("KMS.DisabledException", 400)
    assert s3.head_object(Bucket=s3.bucket, Key="k")["SSEKMSKeyId"] == key
    cloud.client("kms").enable_key(KeyId=key)
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"x"


def test_the_callers_context_is_part_of_the_keys(s3: Any, key: str) -> None:
    said = base64.b64encode(b'{"team": "blue"}').decode()
    put = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", **KMS, SSEKMSKeyId=key, SSEKMSEncryptionContext=said)
    assert json.loads(base64.b64decode(put["SSEKMSEncryptionContext"]))["team"] == "blue"
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"x"


def test_parts_are_under_the_uploads_key(s3: Any, key: str) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    made = s3.create_multipart_upload(**where, **KMS, SSEKMSKeyId=key)
    assert made["SSEKMSKeyId"] == key
    upload, first = {"UploadId": made["UploadId"]}, BODY * 17
    parts = []
    for number, body in ((1, first), (2, b"the end")):
        put = s3.upload_part(**where, **upload, PartNumber=number, Body=body)
        assert put["SSEKMSKeyId"] == key
        parts.append({"PartNumber": number, "ETag": put["ETag"]})
    done = s3.complete_multipart_upload(**where, **upload, MultipartUpload={"Parts": parts})
    assert (done["SSEKMSKeyId"], done["ETag"][-3:]) == (key, '-2"')
    assert s3.get_object(**where)["Body"].read() == first + b"the end"
    assert s3.get_object(**where, PartNumber=2)["Body"].read() == b"the end"


def test_copies_go_between_encryptions(s3: Any, key: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="a", Body=BODY)
    told = s3.copy_object(Bucket=s3.bucket, Key="b", CopySource=f"{s3.bucket}/a", **KMS, SSEKMSKeyId=key)
    assert told["SSEKMSKeyId"] == key
    assert s3.get_object(Bucket=s3.bucket, Key="b")["Body"].read() == BODY
    s3.copy_object(Bucket=s3.bucket, Key="c", CopySource=f"{s3.bucket}/b", ChecksumAlgorithm="SHA256")
    got = s3.get_object(Bucket=s3.bucket, Key="c", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got["ServerSideEncryption"]) == (BODY, "AES256")
    assert got["ETag"].strip("\"") == hashlib.md5(BODY).hexdigest()
    assert got["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(BODY).digest()).decode()


@pytest.mark.parametrize("body", [b"short", BODY])
def test_the_encryption_of_what_is_there_is_changed_in_place(s3: Any, key: str, cloud: Any, body: bytes) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    put = s3.put_object(**where, Body=body, Metadata={"a": "b"})
    update = lambda arn, **more: s3.update_object_encryption(**where, ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn} | more})  # noqa: E731
    update(key)
    got = s3.get_object(**where)
    assert (got["Body"].read(), got["ETag"], got["Metadata"], got["SSEKMSKeyId"]) == (body, put["ETag"], {"a": "b"}, key)
    kms = cloud.client("kms")
    second = kms.create_key()["KeyMetadata"]["Arn"]
    update(second, BucketKeyEnabled=True)
    kms.disable_key(KeyId=key)
    got = s3.get_object(**where)
    assert (got["Body"].read(), got["SSEKMSKeyId"], got["BucketKeyEnabled"]) == (body, second, True)
    s3.put_object(**where, Body=b"x", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=second)
    wanted = {"SSEKMS": {"KMSKeyArn": second}}
    assert refused(s3.update_object_encryption, **where, ObjectEncryption=wanted) == ("InvalidRequest", 400)
    alias = {"SSEKMS": {"KMSKeyArn": "alias/aws/s3"}}
    assert refused(s3.update_object_encryption, **where, ObjectEncryption=alias) == ("InvalidArgument", 400)


@pytest.mark.parametrize("sizes", [(10,), (5 << 20, 100_000)])
def test_parts_stay_where_they_are_when_the_encryption_is_changed(s3: Any, key: str, sizes: tuple[int, ...]) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    upload = {"UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    bodies = [bytes([number]) * size for number, size in enumerate(sizes)]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**where, **upload, PartNumber=n, Body=body)["ETag"]}
             for n, body in enumerate(bodies, 1)]
    etag = s3.complete_multipart_upload(**where, **upload, MultipartUpload={"Parts": parts})["ETag"]
    s3.update_object_encryption(**where, ObjectEncryption={"SSEKMS": {"KMSKeyArn": key}})
    last = s3.get_object(**where, PartNumber=len(sizes))
    assert (last["Body"].read(), last["ETag"], last["SSEKMSKeyId"]) == (bodies[-1], etag, key)
    assert s3.get_object(**where)["Body"].read() == b"".join(bodies)


def test_the_bytes_do_not_lie_readable(s3: Any, key: str, cloud: Any) -> None:
    marker = b"nobody shall read these words " * 4_000
    for name, method in (("a", "aws:kms"), ("b", "aws:kms:dsse")):
        s3.put_object(Bucket=s3.bucket, Key=name, Body=marker, ServerSideEncryption=method, SSEKMSKeyId=key)
        s3.put_object(Bucket=s3.bucket, Key=name + "short", Body=marker[:600], ServerSideEncryption=method, SSEKMSKeyId=key)
    files = [path.read_bytes() for path in Path(cloud.kernel.store.blobs.folder).parent.rglob("*") if path.is_file()]
    assert not any(b"nobody shall read these" in data for data in files)


def test_who_may_not_decrypt_may_not_read(start_cloud: Any) -> None:
    endpoint = start_cloud(iam="enforce").cloud.endpoint.replace("localhost", "127.0.0.1")

    def client(service: str, key: str, secret: str) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret)

    root, iam = client("s3", "111111111111", "test"), client("iam", "111111111111", "test")
    root.create_bucket(Bucket="sealed-things")
    key = client("kms", "111111111111", "test").create_key()["KeyMetadata"]["Arn"]
    root.put_object(Bucket="sealed-things", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    s3_all = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    clients = {}
    for name, more in (("reader", []), ("both", [{"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                                                  "Resource": key}])):
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [s3_all, *more]}))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        clients[name] = client("s3", made["AccessKeyId"], made["SecretAccessKey"])
    where = {"Bucket": "sealed-things", "Key": "k"}
    assert refused(clients["reader"].get_object, **where) == ("AccessDenied", 403)
    assert refused(clients["reader"].put_object, **where, Body=b"y", ServerSideEncryption="aws:kms", SSEKMSKeyId=key) == (
        "AccessDenied", 403)
    assert clients["reader"].head_object(**where)["SSEKMSKeyId"] == key
    assert clients["both"].get_object(**where)["Body"].read() == b"x"
