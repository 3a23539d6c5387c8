"""SSE-C: objects under keys that the customer brings, and S3 forgets."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.s3.refusals import refused

KEY, OTHER = (hashlib.sha256(name).digest() for name in (b"mine", b"theirs"))      # like nothing else that the store keeps
BODY = b"0123456789abcdef" * 20_000                     # 320,000 bytes: not kept in the row
MINE = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
THEIRS = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OTHER}
MD5 = base64.b64encode(hashlib.md5(KEY).digest()).decode()


ENCODED = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": base64.b64encode(KEY).decode(), "SSECustomerKeyMD5": MD5}


def from_(secret: dict[str, Any]) -> dict[str, Any]:
    return {"CopySource" + name: value for name, value in secret.items()}


@pytest.mark.parametrize("body", [b"", b"short", BODY])
def test_what_comes_in_goes_out_with_the_same_key_only(s3: Any, body: bytes) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    put = s3.put_object(**where, Body=body, **MINE)
    assert (put["SSECustomerAlgorithm"], put["SSECustomerKeyMD5"]) == ("AES256", MD5)
    assert "ServerSideEncryption" not in put
    assert put["ETag"] != f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(**where, **MINE)
    assert (got["Body"].read(), got["SSECustomerKeyMD5"], got["ETag"]) == (body, MD5, put["ETag"])
    assert s3.head_object(**where, **MINE)["ContentLength"] == len(body)
    assert refused(s3.get_object, **where) == ("InvalidRequest", 400)
    assert refused(s3.get_object, **where, **THEIRS) == ("AccessDenied", 403)
    assert refused(s3.head_object, **where) == ("400", 400)
    assert refused(s3.head_object, **where, **THEIRS) == ("403", 403)
    ask = {"ObjectAttributes": ["ObjectSize"]}
    assert s3.get_object_attributes(**where, **ask, **ENCODED)["ObjectSize"] == len(body)
    assert refused(s3.get_object_attributes, **where, **ask) == ("InvalidRequest", 400)


@pytest.mark.parametrize("length", [40_000, len(BODY)])
def test_ranges_are_decrypted_wherever_they_begin(s3: Any, length: int) -> None:
    body = BODY[:length]
    s3.put_object(Bucket=s3.bucket, Key="k", Body=body, **MINE)
    for first, last in ((0, 0), (5, 37), (16, 31), (length - 17, length - 1), (1, length - 2)):
        got = s3.get_object(Bucket=s3.bucket, Key="k", Range=f"bytes={first}-{last}", **MINE)
        assert got["Body"].read() == body[first : last + 1], (first, last)


def test_the_bytes_do_not_lie_readable(s3: Any, cloud: Any) -> None:
    marker = b"nobody shall find this sentence " * 4_000
    s3.put_object(Bucket=s3.bucket, Key="k", Body=marker, **MINE)
    s3.put_object(Bucket=s3.bucket, Key="short", Body=marker[:1000], **MINE)
    s3.put_object(Bucket=s3.bucket, Key="plain", Body=marker.replace(b"nobody", b"people"))
    files = [path.read_bytes() for path in Path(cloud.kernel.store.blobs.folder).parent.rglob("*") if path.is_file()]
    assert not any(b"nobody shall find this" in data for data in files)
    assert any(b"people shall find this" in data for data in files)
    assert not any(KEY in data for data in files)


def test_keys_are_checked(s3: Any) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    right = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
    for given, code in (({"SSECustomerAlgorithm": "AES128", "SSECustomerKey": KEY}, "InvalidEncryptionAlgorithmError"),
                        ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"short"}, "InvalidArgument"),
                        (right | {"SSECustomerKeyMD5": "no"}, "InvalidArgument"),
                        ({"SSECustomerAlgorithm": "AES256"}, "InvalidArgument"), ({"SSECustomerKey": KEY}, "InvalidArgument"),
                        (MINE | {"ServerSideEncryption": "AES256"}, "InvalidArgument")):
        assert refused(s3.put_object, **where, Body=b"x", **given) == (code, 400), given
    s3.put_object(**where, Body=b"x")
    assert refused(s3.get_object, **where, **MINE) == ("InvalidRequest", 400)


def test_parts_are_encrypted_with_the_uploads_key(s3: Any) -> None:
    where = {"Bucket": s3.bucket, "Key": "k"}
    made = s3.create_multipart_upload(**where, **MINE)
    assert made["SSECustomerKeyMD5"] == MD5
    where["UploadId"] = made["UploadId"]
    first = BODY * 17
    assert refused(s3.upload_part, **where, PartNumber=1, Body=first) == ("InvalidRequest", 400)
    assert refused(s3.upload_part, **where, PartNumber=1, Body=first, **THEIRS) == ("InvalidRequest", 400)
    parts = [{"PartNumber": number, "ETag": s3.upload_part(**where, PartNumber=number, Body=body, **MINE)["ETag"]}
             for number, body in ((1, first), (2, b"the end"))]
    s3.put_object(Bucket=s3.bucket, Key="source", Body=BODY, **THEIRS)
    copied = s3.upload_part_copy(**where, PartNumber=2, CopySource=f"{s3.bucket}/source", CopySourceRange="bytes=3-99999",
                                 **MINE, **from_(THEIRS))
    listed = s3.list_parts(**where, **ENCODED)["Parts"]
    assert [one["ETag"] for one in listed] == [parts[0]["ETag"], copied["CopyPartResult"]["ETag"]]
    assert refused(s3.list_parts, **where, **ENCODED | {"SSECustomerKeyMD5": "no"}) == ("InvalidArgument", 400)
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [
        parts[0], {"PartNumber": 2, "ETag": copied["CopyPartResult"]["ETag"]}]})
    del where["UploadId"]
    whole = first + BODY[3:100_000]
    assert s3.get_object(**where, **MINE)["Body"].read() == whole
    edge = len(first)
    assert s3.get_object(**where, **MINE, Range=f"bytes={edge - 5}-{edge + 4}")["Body"].read() == whole[edge - 5 : edge + 5]
    assert refused(s3.get_object, **where) == ("InvalidRequest", 400)


@pytest.mark.parametrize("body", [b"short", BODY])
def test_copies_change_the_key(s3: Any, body: bytes) -> None:
    source = f"{s3.bucket}/a"
    s3.put_object(Bucket=s3.bucket, Key="a", Body=body, **MINE)
    assert refused(s3.copy_object, Bucket=s3.bucket, Key="b", CopySource=source)[1] == 400
    s3.copy_object(Bucket=s3.bucket, Key="b", CopySource=source, **from_(MINE), **THEIRS)
    assert s3.get_object(Bucket=s3.bucket, Key="b", **THEIRS)["Body"].read() == body
    told = s3.copy_object(Bucket=s3.bucket, Key="c", CopySource=f"{s3.bucket}/b", **from_(THEIRS))
    assert told["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert s3.get_object(Bucket=s3.bucket, Key="c")["Body"].read() == body
    s3.copy_object(Bucket=s3.bucket, Key="c", CopySource=f"{s3.bucket}/c", **MINE)       # onto itself: the key changes
    assert s3.get_object(Bucket=s3.bucket, Key="c", **MINE)["Body"].read() == body


def test_a_bucket_may_block_customers_keys(s3: Any) -> None:
    s3.put_bucket_encryption(Bucket=s3.bucket, ServerSideEncryptionConfiguration={"Rules": [
        {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}]})
    rule = s3.get_bucket_encryption(Bucket=s3.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    with pytest.raises(ClientError, match="blocks Server Side Encryption with Customer"):
        s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", **MINE)
    s3.delete_bucket_encryption(Bucket=s3.bucket)
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", **MINE)


def test_sums_are_those_of_the_bytes(s3: Any) -> None:
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    s3.put_object(Bucket=s3.bucket, Key="k", Body=BODY, ChecksumAlgorithm="SHA256", **MINE)
    assert s3.head_object(Bucket=s3.bucket, Key="k", ChecksumMode="ENABLED", **MINE)["ChecksumSHA256"] == digest
