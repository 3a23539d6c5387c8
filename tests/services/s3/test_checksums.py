"""Checksums: computed against zlib and hashlib, combined against the whole, and over the wire."""

from __future__ import annotations

import base64
import hashlib
import zlib
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from awscrt import checksums as crt
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.s3 import checksums
from cumulet.services.s3.checksums import ALGORITHMS, COMPOSITE, FULL_OBJECT
from services.s3.refusals import refused

CRCS = [name for name, one in ALGORITHMS.items() if one.poly]


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@given(st.binary(max_size=300))
def test_sums_are_those_of_other_implementations(data: bytes) -> None:
    assert checksums.of("CRC32", data) == b64(zlib.crc32(data).to_bytes(4, "big"))
    assert checksums.of("CRC32C", data) == b64(crt.crc32c(data).to_bytes(4, "big"))
    assert checksums.of("CRC64NVME", data) == b64(crt.crc64nvme(data).to_bytes(8, "big"))
    assert checksums.of("SHA256", data) == b64(hashlib.sha256(data).digest())
    for name in CRCS:
        slow = checksums._slow_crc(name)(data, 0)
        assert b64(slow.to_bytes(ALGORITHMS[name].size, "big")) == checksums.of(name, data)


@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from(CRCS))
def test_crcs_of_pieces_combine_to_that_of_the_whole(first: bytes, second: bytes, name: str) -> None:
    a, b, whole = (checksums.of(name, data) for data in (first, second, first + second))
    assert checksums.combine(name, a, b, len(second)) == whole
    numbers = (int.from_bytes(base64.b64decode(one), "big") for one in (a, b))
    slow = checksums._slow_combine(ALGORITHMS[name], *numbers, len(second))
    assert b64(slow.to_bytes(ALGORITHMS[name].size, "big")) == whole


@given(st.lists(st.binary(max_size=50), max_size=5), st.sampled_from(list(ALGORITHMS)))
def test_chunks_sum_up(chunks: list[bytes], name: str) -> None:
    assert checksums.of_chunks(name, chunks) == checksums.of(name, b"".join(chunks))
    assert len(base64.b64decode(checksums.of(name, b"x"))) == ALGORITHMS[name].size


def test_a_sum_of_sums_tells_how_many() -> None:
    parts = [(checksums.of("SHA256", data), len(data)) for data in (b"a", b"b")]
    joined = hashlib.sha256(b"a").digest() + hashlib.sha256(b"b").digest()
    value = checksums.of_parts("SHA256", COMPOSITE, parts)
    assert value == b64(hashlib.sha256(joined).digest()) + "-2"
    assert (checksums.kind_of(value), checksums.kind_of("abc=")) == (COMPOSITE, FULL_OBJECT)


@pytest.mark.parametrize(("name", "asked", "kind"), [
    ("CRC32", None, COMPOSITE), ("CRC32", FULL_OBJECT, FULL_OBJECT), ("CRC64NVME", None, FULL_OBJECT),
    ("SHA256", None, COMPOSITE), ("SHA256", FULL_OBJECT, None), ("CRC64NVME", COMPOSITE, None)])
def test_which_kind_fits_which_algorithm(name: str, asked: str | None, kind: str | None) -> None:
    if kind is None:
        with pytest.raises(AwsError, match="cannot be used"):
            checksums.kind_for(name, asked)
    else:
        assert checksums.kind_for(name, asked) == kind


# --- over the wire ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3",
                                  "XXHASH128"])
def test_a_checksum_is_checked_kept_and_told(s3: Any, name: str) -> None:
    member, right, wrong = "Checksum" + name, checksums.of(name, b"body"), checksums.of(name, b"other")
    put = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"body", **{member: right})
    assert (put[member], put["ChecksumType"]) == (right, FULL_OBJECT)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"body", **{member: wrong}) == ("BadDigest", 400)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"body", **{member: "AAA"}) == ("InvalidRequest", 400)
    head = s3.head_object(Bucket=s3.bucket, Key="k", ChecksumMode="ENABLED")
    assert (head[member], head["ChecksumType"]) == (right, FULL_OBJECT)
    assert member not in s3.head_object(Bucket=s3.bucket, Key="k")
    assert member not in s3.get_object(Bucket=s3.bucket, Key="k", ChecksumMode="ENABLED", Range="bytes=0-1")
    assert s3.list_objects_v2(Bucket=s3.bucket)["Contents"][0]["ChecksumAlgorithm"] == [name]


def test_an_object_without_a_checksum_gets_one(cloud: Any, s3: Any) -> None:
    from botocore.config import Config

    plain = cloud.client("s3", config=Config(request_checksum_calculation="when_required"))
    for body in (b"body", b"x" * 2_000_000):
        put = plain.put_object(Bucket=s3.bucket, Key="k", Body=body)
        assert put["ChecksumCRC64NVME"] == checksums.of("CRC64NVME", body)
        assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == body


def test_one_checksum_is_enough(s3: Any) -> None:
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"x", ChecksumCRC32=checksums.of("CRC32", b"x"),
                   ChecksumSHA1=checksums.of("SHA1", b"x")) == ("InvalidRequest", 400)


def test_a_trailer_carries_the_checksum_of_a_stream(s3: Any, cloud: Any) -> None:
    for body in (b"ab" * 5, b"ab" * 1_500_000):
        right = checksums.of("CRC32", body)
        assert chunked(cloud, s3.bucket, body, right) == 200
        head = s3.head_object(Bucket=s3.bucket, Key="k", ChecksumMode="ENABLED")
        assert (head["ChecksumCRC32"], head["ContentLength"], "ContentEncoding" in head) == (right, len(body), False)
        assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == body
        assert chunked(cloud, s3.bucket, body, checksums.of("CRC32", b"other")) == 400


def chunked(cloud: Any, bucket: str, body: bytes, checksum: str) -> int:
    """PUT as SDKs stream over TLS: aws-chunked, unsigned, the checksum in the trailer."""
    half = len(body) // 2
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (body[:half], body[half:]))
    framed += b"0\r\nx-amz-checksum-crc32:%b\r\n\r\n" % checksum.encode()
    now = datetime.now(UTC)
    connection = HTTPConnection(urlsplit(cloud.endpoint).netloc)
    connection.request("PUT", f"/{bucket}/k", framed, {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={cloud.account}/{now:%Y%m%d}/us-east-1/s3/aws4_request, "
                         f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={'0' * 64}",
        "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}", "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": str(len(body)),
        "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm": "CRC32"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_documents_are_checked(s3: Any) -> None:
    def corrupt(request: Any, **_: Any) -> None:
        request.headers["Content-MD5"] = b64(hashlib.md5(b"another document").digest())

    s3.meta.events.register("before-sign.s3.PutBucketVersioning", corrupt)
    assert refused(s3.put_bucket_versioning, Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"}) == (
        "BadDigest", 400)
    assert "Status" not in s3.get_bucket_versioning(Bucket=s3.bucket)
