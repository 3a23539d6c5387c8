"""S3 as clients use it: presigned URLs, virtual hosts, the AWS CLI, very large answers, and several callers."""

from __future__ import annotations

import json
import os
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from cumulet.services.s3 import bodies
from services.s3.refusals import refused


def http(cloud: Any, method: str, url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """One request to this cloud, whatever host the URL names."""
    parts = urlsplit(url)
    connection = HTTPConnection(urlsplit(cloud.endpoint).netloc)
    connection.request(method, f"{parts.path}?{parts.query}", body, {"Host": parts.netloc, **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_presigned_urls_put_and_get(cloud: Any, s3: Any) -> None:
    where = {"Bucket": s3.bucket, "Key": "a b/ü"}
    assert http(cloud, "PUT", s3.generate_presigned_url("put_object", Params=where), b"signed")[0] == 200
    got = s3.generate_presigned_url("get_object", Params=where | {"ResponseContentType": "text/x"}, ExpiresIn=60)
    assert http(cloud, "GET", got) == (200, b"signed")
    assert http(cloud, "GET", got, Range="bytes=0-2") == (206, b"sig")
    assert http(cloud, "HEAD", s3.generate_presigned_url("head_object", Params=where)) == (200, b"")
    assert http(cloud, "DELETE", s3.generate_presigned_url("delete_object", Params=where))[0] == 204


def test_a_bucket_may_be_part_of_the_host(cloud: Any, s3: Any) -> None:
    port = urlsplit(cloud.endpoint).port
    virtual = boto3.client("s3", endpoint_url=f"http://s3.localhost:{port}", region_name="us-east-1",
                           aws_access_key_id=cloud.account, aws_secret_access_key="test",
                           config=Config(s3={"addressing_style": "virtual"}))
    where = {"Bucket": s3.bucket, "Key": "in/host"}
    url = virtual.generate_presigned_url("put_object", Params=where)
    assert urlsplit(url).netloc == f"{s3.bucket}.s3.localhost:{port}"
    assert http(cloud, "PUT", url, b"virtual")[0] == 200
    assert http(cloud, "GET", virtual.generate_presigned_url("get_object", Params=where)) == (200, b"virtual")
    assert s3.get_object(**where)["Body"].read() == b"virtual"
    listing = virtual.generate_presigned_url("list_objects_v2", Params={"Bucket": s3.bucket})
    assert b"<Key>in/host</Key>" in http(cloud, "GET", listing)[1]


def test_errors_are_as_s3_writes_them(cloud: Any, s3: Any) -> None:
    status, body = http(cloud, "GET", s3.generate_presigned_url("get_object", Params={"Bucket": s3.bucket, "Key": "a&b"}))
    assert status == 404
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
                           b"<Message>The specified key does not exist.</Message><Key>a&amp;b</Key>")
    status, body = http(cloud, "GET", s3.generate_presigned_url("get_bucket_location", Params={"Bucket": s3.bucket}))
    assert (status, body.rstrip(b"\n")) in [(200, b'<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint '
                                             b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"' + end)
                                            for end in (b"/>", b"></LocationConstraint>")]


def test_an_answer_of_very_many_pieces_is_streamed(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_OPEN", 1)
    body = os.urandom(5 << 20)
    where = {"Bucket": s3.bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**where, UploadId=upload, PartNumber=n, Body=data)["ETag"]}
             for n, data in ((1, body), (2, b"end"))]
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    got = s3.get_object(**where)
    assert (got["ContentLength"], got["Body"].read()) == (len(body) + 3, body + b"end")
    assert s3.get_object(**where, Range=f"bytes={len(body) - 2}-{len(body)}")["Body"].read() == body[-2:] + b"e"


def test_the_aws_cli_copies_synchronises_lists_and_removes(cloud: Any, s3: Any, tmp_path: Path) -> None:
    def aws(*words: str) -> str:
        env = {**os.environ, "AWS_ACCESS_KEY_ID": cloud.account, "AWS_SECRET_ACCESS_KEY": "test",
               "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": cloud.endpoint}
        env.pop("AWS_SESSION_TOKEN", None)
        return subprocess.run(["aws", "s3", *words], env=env, check=True, capture_output=True, text=True, timeout=60).stdout

    source, target, home = tmp_path / "source", tmp_path / "target", f"s3://{s3.bucket}"
    (source / "deep").mkdir(parents=True)
    (source / "one.txt").write_text("one")
    (source / "deep" / "big.bin").write_bytes(os.urandom(9 << 20))
    for file in ("one.txt", "deep/big.bin"):           # older than their copies, whose time is told in whole seconds
        os.utime(source / file, (1_700_000_000, 1_700_000_000))
    aws("cp", str(source / "one.txt"), f"{home}/copied/")
    aws("sync", str(source), f"{home}/tree")
    assert "tree/deep/big.bin" in aws("ls", "--recursive", home)
    assert "PRE tree/" in aws("ls", home)
    assert "upload" not in aws("sync", str(source), f"{home}/tree")
    aws("sync", f"{home}/tree", str(target))
    assert (target / "deep" / "big.bin").read_bytes() == (source / "deep" / "big.bin").read_bytes()
    aws("rm", "--recursive", f"{home}/tree")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=s3.bucket)["Contents"]] == ["copied/one.txt"]


def test_another_accounts_bucket_is_private_where_iam_is_enforced(start_cloud: Any) -> None:
    thread = start_cloud(iam="enforce")
    endpoint = thread.cloud.endpoint.replace("localhost", "127.0.0.1")
    mine, other = (boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=account,
                                aws_secret_access_key="test") for account in ("111111111111", "222222222222"))
    mine.create_bucket(Bucket="private-one")
    mine.put_object(Bucket="private-one", Key="k", Body=b"x")
    assert refused(other.get_object, Bucket="private-one", Key="k") == ("AccessDenied", 403)
    assert refused(other.list_objects_v2, Bucket="private-one") == ("AccessDenied", 403)
    assert mine.get_object(Bucket="private-one", Key="k")["Body"].read() == b"x"


def test_objects_outlive_the_process(start_cloud: Any, tmp_path: Path) -> None:
    def client(thread: Any) -> Any:
        return boto3.client("s3", endpoint_url=thread.cloud.endpoint.replace("localhost", "127.0.0.1"),
                            region_name="us-east-1", aws_access_key_id="111111111111", aws_secret_access_key="test")

    big = os.urandom(2 << 20)
    first = start_cloud(tmp_path)
    s3 = client(first)
    s3.create_bucket(Bucket="lasting")
    s3.put_object(Bucket="lasting", Key="small", Body=b"s")
    s3.put_object(Bucket="lasting", Key="big", Body=big)
    first.stop()
    s3 = client(start_cloud(tmp_path))
    assert s3.get_object(Bucket="lasting", Key="small")["Body"].read() == b"s"
    assert s3.get_object(Bucket="lasting", Key="big")["Body"].read() == big


def test_the_source_of_a_copy_must_be_readable(start_cloud: Any) -> None:
    endpoint = start_cloud(iam="enforce").cloud.endpoint.replace("localhost", "127.0.0.1")

    def client(service: str, key: str, secret: str) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret)

    root, iam = client("s3", "111111111111", "test"), client("iam", "111111111111", "test")
    for bucket in ("from-here", "to-there"):
        root.create_bucket(Bucket=bucket)
    root.put_object(Bucket="from-here", Key="open/k", Body=b"x")
    root.put_object(Bucket="from-here", Key="shut/k", Body=b"x")
    iam.create_user(UserName="copier")
    iam.put_user_policy(UserName="copier", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::to-there/*"},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::from-here/open/*"}]}))
    made = iam.create_access_key(UserName="copier")["AccessKey"]
    copier = client("s3", made["AccessKeyId"], made["SecretAccessKey"])
    copier.copy_object(Bucket="to-there", Key="k", CopySource="from-here/open/k")
    for refusing in ({"Bucket": "to-there", "CopySource": "from-here/shut/k"},
                     {"Bucket": "from-here", "CopySource": "from-here/open/k"}):
        assert refused(copier.copy_object, Key="k", **refusing) == ("AccessDenied", 403)
    upload = root.create_multipart_upload(Bucket="to-there", Key="p")["UploadId"]
    assert refused(copier.upload_part_copy, Bucket="to-there", Key="p", UploadId=upload, PartNumber=1,
                   CopySource="from-here/shut/k") == ("AccessDenied", 403)


def test_accelerated_hosts_serve_buckets_that_want_it(s3: Any, cloud: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"hello")
    url = f"http://{s3.bucket}.s3-accelerate.amazonaws.com/k"
    status, body = http(cloud, "GET", url)
    assert (status, b"S3 Transfer Acceleration is not configured on this bucket" in body) == (400, True)
    s3.put_bucket_accelerate_configuration(Bucket=s3.bucket, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=s3.bucket)["Status"] == "Enabled"
    assert http(cloud, "GET", url) == (200, b"hello")
    s3.put_bucket_accelerate_configuration(Bucket=s3.bucket, AccelerateConfiguration={"Status": "Suspended"})
    assert b"is disabled on this bucket" in http(cloud, "GET", url)[1]
    dotted = f"with.dots-{cloud.account}"
    s3.create_bucket(Bucket=dotted)
    for bucket, wanted, code in ((dotted, "Enabled", "InvalidRequest"), (s3.bucket, "Fast", "MalformedXML")):
        assert refused(s3.put_bucket_accelerate_configuration, Bucket=bucket, AccelerateConfiguration={"Status": wanted}) == (
            code, 400)
