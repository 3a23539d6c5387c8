"""Appending to objects of directory buckets."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest

from services.s3.refusals import refused
from services.s3.test_directories import CONFIGURATION, ZONE


@pytest.fixture
def express(cloud: Any) -> Any:
    client = cloud.client("s3")
    client.bucket = f"log-{cloud.account}--{ZONE}--x-s3"
    client.create_bucket(Bucket=client.bucket, CreateBucketConfiguration=CONFIGURATION)
    return client


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def test_bytes_come_behind_those_that_are_there(express: Any) -> None:
    log = {"Bucket": express.bucket, "Key": "log"}
    made = express.put_object(**log, Body=b"one ", WriteOffsetBytes=0, ChecksumAlgorithm="CRC32", Metadata={"by": "me"})
    assert "Size" not in made
    whole = b"one "
    for more in (b"two ", b"", b"3" * 70_000, b"four", b"5" * 200_000, b"six"):
        answer = express.put_object(**log, Body=more, WriteOffsetBytes=len(whole), ChecksumAlgorithm="CRC32")
        whole += more
        assert answer["Size"] == len(whole)
    found = express.get_object(**log, ChecksumMode="ENABLED")
    assert found["Body"].read() == whole
    assert (found["ChecksumCRC32"], found["ChecksumType"]) == (crc32(whole), "FULL_OBJECT")
    assert (found["ETag"], found["Metadata"]) == (answer["ETag"], {"by": "me"})
    assert found["ETag"] != made["ETag"]
    assert express.get_object(**log, Range="bytes=2-6")["Body"].read() == whole[2:7]
    assert express.list_objects_v2(Bucket=express.bucket)["Contents"][0]["Size"] == len(whole)


def test_the_offset_is_the_size(express: Any, s3: Any) -> None:
    log = {"Bucket": express.bucket, "Key": "log", "Body": b"x"}
    assert refused(express.put_object, **log, WriteOffsetBytes=1) == ("InvalidWriteOffset", 400)
    express.put_object(**log)
    for offset in (0, 2):
        assert refused(express.put_object, **log, WriteOffsetBytes=offset) == ("InvalidWriteOffset", 400)
    assert refused(express.put_object, **log, WriteOffsetBytes=1, ContentMD5=base64.b64encode(bytes(16)).decode()) == (
        "BadDigest", 400)
    assert express.get_object(Bucket=express.bucket, Key="log")["Body"].read() == b"x"
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"", WriteOffsetBytes=0) == ("NotImplemented", 501)


def test_copies_keep_what_they_were(express: Any) -> None:
    """A copy shares the bytes, and is not appended to."""
    parts = [b"a" * 5_300_000, b"b"]
    upload = {"Bucket": express.bucket, "Key": "big", "UploadId": express.create_multipart_upload(
        Bucket=express.bucket, Key="big")["UploadId"]}
    etags = [express.upload_part(**upload, PartNumber=number, Body=part)["ETag"] for number, part in enumerate(parts, 1)]
    express.complete_multipart_upload(**upload, MultipartUpload={
        "Parts": [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]})
    whole = b"".join(parts)
    express.copy_object(Bucket=express.bucket, Key="copy", CopySource={"Bucket": express.bucket, "Key": "big"})
    for key in ("big", "copy"):
        express.put_object(Bucket=express.bucket, Key=key, Body=key.encode(), WriteOffsetBytes=len(whole))
    for key in ("big", "copy"):
        assert express.get_object(Bucket=express.bucket, Key=key)["Body"].read() == whole + key.encode()
    express.delete_object(Bucket=express.bucket, Key="big")
    assert express.get_object(Bucket=express.bucket, Key="copy")["Body"].read() == whole + b"copy"


def test_digests_become_sums_of_sums(express: Any) -> None:
    log = {"Bucket": express.bucket, "Key": "log", "ChecksumAlgorithm": "SHA256"}
    express.put_object(**log, Body=b"one")
    answer = express.put_object(**log, Body=b"two", WriteOffsetBytes=3)
    assert (answer["ChecksumType"], answer["ChecksumSHA256"].partition("-")[2]) == ("COMPOSITE", "2")


def test_encrypted_objects_stay_so(express: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    how, log = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}, {"Bucket": express.bucket, "Key": "log"}
    express.put_object(**log, **how, Body=b"secret ")
    express.put_object(**log, **how, Body=b"too", WriteOffsetBytes=7)
    express.put_object(**log, **how, Body=b"!" * 100_000, WriteOffsetBytes=10)
    found = express.get_object(**log)
    assert (found["Body"].read(), found["SSEKMSKeyId"]) == (b"secret too" + b"!" * 100_000, key)
    assert refused(express.put_object, **log, Body=b"plain", WriteOffsetBytes=100_010) == ("EncryptionTypeMismatch", 400)
