"""Uploads in parts over the wire: small ones by hand, large ones by boto3's transfer manager."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from cumulet.services.s3 import checksums
from services.s3.refusals import refused

MIB = 1 << 20
FIVE = os.urandom(5 * MIB)


def start(s3: Any, **more: Any) -> dict[str, str]:
    made = s3.create_multipart_upload(Bucket=s3.bucket, Key="k", **more)
    return {"Bucket": s3.bucket, "Key": "k", "UploadId": made["UploadId"]}


def send(s3: Any, where: dict[str, str], bodies: list[bytes], **more: Any) -> list[dict[str, Any]]:
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(**where, PartNumber=number, Body=body, **more)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]} | {
            name: value for name, value in answer.items() if name.startswith("Checksum") and name != "ChecksumType"})
    return parts


def test_parts_become_an_object(s3: Any) -> None:
    where = start(s3, ContentType="text/plain", Metadata={"a": "b"}, Tagging="x=1", StorageClass="STANDARD_IA")
    bodies = [FIVE, FIVE[::-1], b"the end"]
    parts = send(s3, where, bodies)
    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    joined = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert done["ETag"] == f'"{hashlib.md5(joined).hexdigest()}-3"'
    assert done["Location"].endswith(f"/{s3.bucket}/k")
    got = s3.get_object(Bucket=s3.bucket, Key="k")
    assert got["Body"].read() == b"".join(bodies)
    assert (got["ContentType"], got["Metadata"], got["TagCount"], got["StorageClass"], got["ETag"]) == (
        "text/plain", {"a": "b"}, 1, "STANDARD_IA", done["ETag"])
    assert refused(s3.upload_part, **where, PartNumber=1, Body=b"") == ("NoSuchUpload", 404)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=s3.bucket)
    across = s3.get_object(Bucket=s3.bucket, Key="k", Range=f"bytes={5 * MIB - 3}-{5 * MIB + 2}")
    assert across["Body"].read() == FIVE[-3:] + FIVE[::-1][:3]


def test_parts_are_read_by_number(s3: Any) -> None:
    where = start(s3)
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": send(s3, where, [FIVE, b"end"])})
    got = s3.get_object(Bucket=s3.bucket, Key="k", PartNumber=2)
    assert (got["Body"].read(), got["PartsCount"], got["ContentRange"]) == (
        b"end", 2, f"bytes {5 * MIB}-{5 * MIB + 2}/{5 * MIB + 3}")
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.head_object(Bucket=s3.bucket, Key="k", PartNumber=1)["ContentLength"] == 5 * MIB
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", PartNumber=3) == ("InvalidPartNumber", 416)
    s3.put_object(Bucket=s3.bucket, Key="whole", Body=b"all")
    whole = s3.get_object(Bucket=s3.bucket, Key="whole", PartNumber=1)
    assert (whole["Body"].read(), "PartsCount" in whole) == (b"all", False)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="whole", PartNumber=2) == ("InvalidPartNumber", 416)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="whole", PartNumber=1, Range="bytes=0-1") == ("InvalidRequest", 400)


def test_wrong_lists_of_parts_are_refused(s3: Any) -> None:
    where = start(s3)
    one, two = send(s3, where, [b"too small", b"end"])

    def complete(*parts: dict[str, Any]) -> tuple[str, int]:
        return refused(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": list(parts)})

    assert complete(one, two) == ("EntityTooSmall", 400)
    assert complete(two, one) == ("InvalidPartOrder", 400)
    assert complete(one, one) == ("InvalidPartOrder", 400)
    assert complete(one | {"PartNumber": 7}) == ("InvalidPart", 400)
    assert complete(one | {"ETag": '"0"'}) == ("InvalidPart", 400)
    assert complete() == ("MalformedXML", 400)
    assert refused(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": [one]}, MpuObjectSize=1) == (
        "InvalidRequest", 400)
    assert refused(s3.upload_part, **where, PartNumber=0, Body=b"") == ("InvalidArgument", 400)
    assert refused(s3.upload_part, **where, PartNumber=10_001, Body=b"") == ("InvalidArgument", 400)
    assert refused(s3.complete_multipart_upload, **where | {"UploadId": "x"}, MultipartUpload={"Parts": [one]}) == (
        "NoSuchUpload", 404)
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [two]}, MpuObjectSize=3)
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"end"


def test_completing_by_condition(s3: Any) -> None:
    where = start(s3)
    parts = send(s3, where, [b"x"])
    etag = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"first")["ETag"]
    assert refused(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts}, IfNoneMatch="*") == (
        "PreconditionFailed", 412)
    assert refused(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts}, IfMatch='"x"') == (
        "PreconditionFailed", 412)
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, IfMatch=etag)
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"x"


def test_an_upload_is_aborted(s3: Any) -> None:
    where = start(s3)
    send(s3, where, [b"x" * 100_000])
    s3.abort_multipart_upload(**where)
    assert refused(s3.list_parts, **where) == ("NoSuchUpload", 404)
    assert refused(s3.abort_multipart_upload, **where) == ("NoSuchUpload", 404)
    assert refused(s3.head_object, Bucket=s3.bucket, Key="k") == ("404", 404)


def test_parts_are_listed_and_replaced(s3: Any) -> None:
    where = start(s3, ChecksumAlgorithm="CRC32")
    send(s3, where, [b"a" * 70_000, b"b", b"c"])
    s3.upload_part(**where, PartNumber=1, Body=b"new")
    pages = list(s3.get_paginator("list_parts").paginate(**where, PaginationConfig={"PageSize": 2}))
    assert [[(one["PartNumber"], one["Size"]) for one in page["Parts"]] for page in pages] == [[(1, 3), (2, 1)], [(3, 1)]]
    assert pages[0]["Parts"][0]["ChecksumCRC32"] == checksums.of("CRC32", b"new")
    assert (pages[0]["ChecksumAlgorithm"], pages[0]["ChecksumType"], pages[0]["StorageClass"]) == (
        "CRC32", "COMPOSITE", "STANDARD")
    assert refused(s3.list_parts, **where, MaxParts=-1) == ("InvalidArgument", 400)


def test_sums_of_an_object_made_of_parts(s3: Any) -> None:
    where = start(s3, ChecksumAlgorithm="SHA256")
    parts = send(s3, where, [FIVE, b"end"], ChecksumAlgorithm="SHA256")
    bare = [{"PartNumber": one["PartNumber"], "ETag": one["ETag"]} for one in parts]
    with pytest.raises(ClientError, match="It was missing for part 1"):
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": bare})
    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    joined = hashlib.sha256(FIVE).digest() + hashlib.sha256(b"end").digest()
    assert done["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(joined).digest()).decode() + "-2"
    assert done["ChecksumType"] == "COMPOSITE"
    part = s3.get_object(Bucket=s3.bucket, Key="k", PartNumber=2, ChecksumMode="ENABLED")
    assert part["ChecksumSHA256"] == checksums.of("SHA256", b"end")
    told = s3.get_object_attributes(Bucket=s3.bucket, Key="k", MaxParts=1, ObjectAttributes=[
        "ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"])
    assert (told["ETag"], told["ObjectSize"], told["StorageClass"]) == (done["ETag"].strip('"'), 5 * MIB + 3, "STANDARD")
    assert told["Checksum"] == {"ChecksumSHA256": done["ChecksumSHA256"].partition("-")[0], "ChecksumType": "COMPOSITE"}
    assert (told["ObjectParts"]["TotalPartsCount"], told["ObjectParts"]["IsTruncated"]) == (2, True)
    assert told["ObjectParts"]["Parts"] == [
        {"PartNumber": 1, "Size": 5 * MIB, "ChecksumSHA256": parts[0]["ChecksumSHA256"]}]


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "CRC64NVME"])
def test_the_sum_of_the_whole_object(s3: Any, name: str) -> None:
    where = start(s3, ChecksumAlgorithm=name, ChecksumType="FULL_OBJECT")
    parts = send(s3, where, [FIVE, b"end"], ChecksumAlgorithm=name)
    whole = checksums.of(name, FIVE + b"end")
    assert refused(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts},
                   **{"Checksum" + name: checksums.of(name, b"other")}) == ("BadDigest", 400)
    assert refused(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts}, ChecksumType="COMPOSITE") == (
        "BadDigest", 400)
    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, ChecksumType="FULL_OBJECT",
                                        **{"Checksum" + name: whole})
    assert (done["Checksum" + name], done["ChecksumType"]) == (whole, "FULL_OBJECT")
    assert s3.head_object(Bucket=s3.bucket, Key="k", ChecksumMode="ENABLED")["Checksum" + name] == whole


def test_parts_carry_the_sum_that_was_agreed(s3: Any) -> None:
    where = start(s3, ChecksumAlgorithm="SHA256")
    with pytest.raises(ClientError, match="expected checksum Type: sha256, actual checksum Type: sha1"):
        s3.upload_part(**where, PartNumber=1, Body=b"x", ChecksumSHA1=checksums.of("SHA1", b"x"))
    assert refused(s3.upload_part, **where, PartNumber=1, Body=b"x", ChecksumSHA256=checksums.of("SHA256", b"y")) == (
        "BadDigest", 400)
    assert refused(s3.create_multipart_upload, Bucket=s3.bucket, Key="k", ChecksumAlgorithm="SHA256",
                   ChecksumType="FULL_OBJECT") == ("InvalidRequest", 400)


def test_boto3_transfers_64_mib(s3: Any) -> None:
    body = os.urandom(MIB) * 64
    s3.upload_fileobj(io.BytesIO(body), s3.bucket, "large", Config=TransferConfig(max_concurrency=4))
    assert s3.head_object(Bucket=s3.bucket, Key="large")["ETag"].endswith('-8"')
    got = io.BytesIO()
    s3.download_fileobj(s3.bucket, "large", got, Config=TransferConfig(max_concurrency=4))
    assert hashlib.md5(got.getbuffer()).digest() == hashlib.md5(body).digest()
    s3.copy({"Bucket": s3.bucket, "Key": "large"}, s3.bucket, "copy")
    assert s3.head_object(Bucket=s3.bucket, Key="copy")["ContentLength"] == 64 * MIB
    s3.delete_object(Bucket=s3.bucket, Key="large")
    assert s3.get_object(Bucket=s3.bucket, Key="copy")["Body"].read() == body
