"""aws-chunked bodies: cut at any place, signed or not; a changed byte is refused."""

from __future__ import annotations

import http.client
import io
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given
from hypothesis import strategies as st

from conftest import Cloud
from cumulet.kernel.access.chunked import Decoder, Seed, decode
from cumulet.kernel.access.sigv4 import EMPTY, HMAC, Scope, Signed, signature
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request

SCOPE = Scope("AKIDEXAMPLE", "20261121", "us-east-1", "s3")
DATE = "20261121T100000Z"
SEED = Seed(Signed(HMAC, SCOPE, "host", "a" * 64, DATE), "secret")


def request(kind: str, length: int | str, **headers: str) -> Request:
    return Request("PUT", "/b/k", {"x-amz-content-sha256": kind, "x-amz-decoded-content-length": str(length),
                                   **{k.replace("_", "-"): v for k, v in headers.items()}})


def signed_chunks(chunks: list[bytes], trailer: str = "", seed: Seed = SEED) -> bytes:
    """As AWS's documentation of signed chunks says, step by step."""
    out, previous = b"", seed.signed.signature
    date, scope, secret = seed.signed.date, seed.signed.scope, seed.secret
    for chunk in [*chunks, b""]:
        to_sign = f"{HMAC}-PAYLOAD\n{date}\n{scope.text}\n{previous}\n{EMPTY}\n{sha256(chunk).hexdigest()}"
        previous = signature(secret, scope, to_sign)
        out += b"%x;chunk-signature=%s\r\n" % (len(chunk), previous.encode())
        out += chunk + b"\r\n" if chunk else b""
    if trailer:
        digest = sha256(f"{trailer}\n".encode()).hexdigest()
        to_sign = f"{HMAC}-TRAILER\n{date}\n{scope.text}\n{previous}\n{digest}"
        out += f"{trailer}\r\nx-amz-trailer-signature:{signature(secret, scope, to_sign)}\r\n".encode()
    return out + b"\r\n"


CHUNKS = st.lists(st.binary(min_size=1, max_size=300), max_size=5)


@given(chunks=CHUNKS, cuts=st.lists(st.integers(0, 2000), max_size=6), trailer=st.booleans())
def test_signed_chunks_cut_anywhere(chunks: list[bytes], cuts: list[int], trailer: bool) -> None:
    content = b"".join(chunks)
    raw = signed_chunks(chunks, "x-amz-checksum-crc32:AAAAAA==" if trailer else "")
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
    out: list[bytes] = []
    decoder = Decoder(request(kind, len(content)), SEED, out.append)
    places = sorted({0, len(raw), *(c for c in cuts if c < len(raw))})
    for start, stop in pairwise(places):
        decoder.feed(raw[start:stop])
    decoder.end()
    assert b"".join(out) == content
    assert decoder.trailers == ({"x-amz-checksum-crc32": "AAAAAA=="} if trailer else {})


@given(chunks=CHUNKS.filter(bool), place=st.integers(0, 10_000))
def test_a_changed_byte_of_signed_content_is_refused(chunks: list[bytes], place: int) -> None:
    raw = bytearray(signed_chunks(chunks))
    starts = raw.index(b"\r\n") + 2
    raw[starts + place % len(chunks[0])] ^= 1
    with pytest.raises(AwsError) as problem:
        decode(request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", sum(map(len, chunks))), bytes(raw), SEED)
    assert problem.value.code == "SignatureDoesNotMatch"


def test_a_changed_trailer_is_refused() -> None:
    raw = signed_chunks([b"hello"], "x-amz-checksum-crc32:AAAAAA==").replace(b"AAAAAA==", b"BBBBBB==")
    with pytest.raises(AwsError) as problem:
        decode(request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", 5), raw, SEED)
    assert problem.value.code == "SignatureDoesNotMatch"


@given(content=st.binary(max_size=5000), size=st.integers(1, 2000))
def test_what_botocore_sends(content: bytes, size: int) -> None:
    wrapper = AwsChunkedWrapper(io.BytesIO(content), Crc32Checksum, "x-amz-checksum-crc32", chunk_size=size)
    raw = wrapper.read()
    asked = request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", len(content), x_amz_trailer="x-amz-checksum-crc32")
    found, trailers = decode(asked, raw, None)
    checksum = Crc32Checksum()
    checksum.update(content)
    assert (found, trailers) == (content, {"x-amz-checksum-crc32": checksum.b64digest()})


@pytest.mark.parametrize(("raw", "length", "code"), [
    (b"5\r\nhel", 5, "IncompleteBody"), (b"", 5, "IncompleteBody"), (b"5\r\nhello\r\n", 5, "IncompleteBody"),
    (b"5\r\nhello\r\n0\r\n\r\n", 9, "IncompleteBody"), (b"5\r\nhello\r\n0\r\n\r\n", 3, "IncompleteBody"),
    (b"zz\r\nhello\r\n0\r\n\r\n", 5, "InvalidChunkSizeError"), (b"-5\r\nhello\r\n0\r\n\r\n", 5, "InvalidChunkSizeError"),
    (b"5\r\nhelloworld\r\n0\r\n\r\n", 10, "InvalidRequest"), (b"5\r\nhello\r\n0\r\n\r\nmore", 5, "InvalidRequest"),
    (b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n", 5, "MalformedTrailerError"), (b"5" * 20_000, 5, "InvalidRequest"),
    (b"0\r\n\r\n", "five", "InvalidArgument"),
])
def test_broken_bodies(raw: bytes, length: Any, code: str) -> None:
    with pytest.raises(AwsError) as problem:
        decode(request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", length), raw, None)
    assert problem.value.code == code


def test_an_announced_trailer_must_come() -> None:
    asked = request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", 5, x_amz_trailer="x-amz-checksum-crc32")
    with pytest.raises(AwsError) as problem:
        decode(asked, b"5\r\nhello\r\n0\r\n\r\n", None)
    assert problem.value.code == "MalformedTrailerError"


def test_large_and_small_bodies_with_trailers_over_the_wire(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    s3 = cloud.client("s3", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    bucket = f"chunks-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    for size in (0, 1, 70_000, 5_000_000):
        content = bytes(i * 7 % 251 for i in range(1000)) * (size // 1000) + b"x" * (size % 1000)
        told = s3.put_object(Bucket=bucket, Key="k", Body=io.BytesIO(content), ChecksumAlgorithm="SHA256")
        found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert found["Body"].read() == content
        assert found["ChecksumSHA256"] == told["ChecksumSHA256"]


@pytest.mark.parametrize("size", [10, 200_000, 3_000_000])
@pytest.mark.parametrize("broken", [False, True])
def test_signed_chunks_with_a_signed_trailer_over_the_wire(cloud: Cloud, size: int, broken: bool) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    s3 = cloud.client("s3", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    bucket = f"signed-chunks-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    content = b"0123456789" * (size // 10)
    checksum = Crc32Checksum()
    checksum.update(content)
    asked = AWSRequest("PUT", f"{cloud.endpoint}/{bucket}/k", headers={
        "Host": cloud.endpoint.removeprefix("http://"), "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(size), "X-Amz-Trailer": "x-amz-checksum-crc32"})
    signer = Chunks(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "s3", "us-east-1")
    signer.add_auth(asked)
    authorization = asked.headers["Authorization"]
    signed = Signed(HMAC, Scope(key["AccessKeyId"], asked.headers["X-Amz-Date"][:8], "us-east-1", "s3"), "",
                    authorization.rpartition("=")[2], asked.headers["X-Amz-Date"])
    raw = signed_chunks([content[i:i + 65_536] for i in range(0, size, 65_536)],
                        f"x-amz-checksum-crc32:{checksum.b64digest()}", Seed(signed, key["SecretAccessKey"]))
    if broken:
        raw = raw.replace(b"0123456789", b"0123456780", 1)
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=20)
    connection.request("PUT", f"/{bucket}/k", raw, dict(asked.headers.items()))
    answer = connection.getresponse()
    told = answer.read()
    if broken:
        assert answer.status == 403
        assert b"SignatureDoesNotMatch" in told
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    else:
        assert answer.status == 200, told
        found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert found["Body"].read() == content
        assert found["ChecksumCRC32"] == checksum.b64digest()
    connection.close()


class Chunks(S3SigV4Auth):
    def payload(self, request: Any) -> str:
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
