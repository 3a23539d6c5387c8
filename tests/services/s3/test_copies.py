"""Copies over the wire: what goes along, what does not, and that the bytes outlive their source."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cumulet.services.s3 import checksums
from services.s3.refusals import refused

BIG = os.urandom(300_000)


@pytest.mark.parametrize("body", [b"small", BIG])
def test_a_copy_has_the_bytes_and_the_metadata(s3: Any, body: bytes) -> None:
    put = s3.put_object(Bucket=s3.bucket, Key="a b/ü", Body=body, ContentType="text/plain", Metadata={"m": "1"}, Tagging="t=1",
                        StorageClass="STANDARD_IA")
    done = s3.copy_object(Bucket=s3.bucket, Key="copy", CopySource={"Bucket": s3.bucket, "Key": "a b/ü"})
    assert done["CopyObjectResult"]["ETag"] == put["ETag"]
    s3.delete_object(Bucket=s3.bucket, Key="a b/ü")
    again = s3.copy_object(Bucket=s3.bucket, Key="third", CopySource=f"/{s3.bucket}/copy")
    assert again["CopyObjectResult"]["ChecksumCRC32"] == put["ChecksumCRC32"]
    s3.put_object(Bucket=s3.bucket, Key="copy", Body=b"over")
    got = s3.get_object(Bucket=s3.bucket, Key="third")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"], got["TagCount"]) == (body, "text/plain", {"m": "1"}, 1)
    assert "StorageClass" not in got
    s3.delete_object(Bucket=s3.bucket, Key="third")


def test_metadata_and_tags_may_be_replaced(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x", ContentType="text/plain", Metadata={"m": "1"}, Tagging="t=1")
    s3.copy_object(Bucket=s3.bucket, Key="b", CopySource=f"{s3.bucket}/a", MetadataDirective="REPLACE", Metadata={"n": "2"},
                   TaggingDirective="REPLACE", Tagging="u=2", CacheControl="no-store", ContentDisposition="inline",
                   ContentEncoding="x", ContentLanguage="de", ContentType="text/css", Expires="Thu, 01 Dec 2050 16:00:00 GMT",
                   StorageClass="GLACIER_IR", WebsiteRedirectLocation="/w", ACL="bucket-owner-full-control",
                   ServerSideEncryption="AES256")
    got = s3.get_object(Bucket=s3.bucket, Key="b")
    assert {name: got[name] for name in ("ContentType", "Metadata", "CacheControl", "ContentDisposition", "ContentEncoding",
                                         "ContentLanguage", "StorageClass", "WebsiteRedirectLocation")} == {
        "ContentType": "text/css", "Metadata": {"n": "2"}, "CacheControl": "no-store", "ContentDisposition": "inline",
        "ContentEncoding": "x", "ContentLanguage": "de", "StorageClass": "GLACIER_IR", "WebsiteRedirectLocation": "/w"}
    assert s3.get_object_tagging(Bucket=s3.bucket, Key="b")["TagSet"] == [{"Key": "u", "Value": "2"}]
    assert refused(s3.copy_object, Bucket=s3.bucket, Key="b", CopySource=f"{s3.bucket}/a", MetadataDirective="MAYBE") == (
        "InvalidArgument", 400)


def test_a_copy_onto_itself_must_change_something(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=BIG)
    source = f"{s3.bucket}/k"
    assert refused(s3.copy_object, Bucket=s3.bucket, Key="k", CopySource=source) == ("InvalidRequest", 400)
    s3.copy_object(Bucket=s3.bucket, Key="k", CopySource=source, StorageClass="STANDARD_IA")
    s3.copy_object(Bucket=s3.bucket, Key="k", CopySource=source, MetadataDirective="REPLACE", Metadata={"a": "b"})
    got = s3.get_object(Bucket=s3.bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (BIG, {"a": "b"})


def test_copying_by_condition(s3: Any, cloud: Any) -> None:
    etag = s3.put_object(Bucket=s3.bucket, Key="a", Body=b"x")["ETag"]
    before, after = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    where = {"Bucket": s3.bucket, "Key": "b", "CopySource": f"{s3.bucket}/a"}
    failed = ("PreconditionFailed", 412)
    assert refused(s3.copy_object, **where, CopySourceIfMatch='"x"') == failed
    assert refused(s3.copy_object, **where, CopySourceIfNoneMatch=etag) == failed
    assert refused(s3.copy_object, **where, CopySourceIfModifiedSince=after) == failed
    assert refused(s3.copy_object, **where, CopySourceIfUnmodifiedSince=before) == failed
    s3.copy_object(**where, CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=before, IfNoneMatch="*",
                   ExpectedBucketOwner=cloud.account, ExpectedSourceBucketOwner=cloud.account)
    assert refused(s3.copy_object, **where, IfNoneMatch="*") == failed
    assert refused(s3.copy_object, **where, IfMatch='"x"') == failed
    assert refused(s3.copy_object, **where, ExpectedSourceBucketOwner="999999999999") == ("AccessDenied", 403)
    assert refused(s3.copy_object, **where | {"CopySource": f"{s3.bucket}/none"}) == ("NoSuchKey", 404)
    assert refused(s3.copy_object, **where | {"CopySource": "nowhere"}) == ("InvalidArgument", 400)


def test_another_checksum_is_computed(s3: Any) -> None:
    for body in (b"small", BIG):
        s3.put_object(Bucket=s3.bucket, Key="a", Body=body)
        done = s3.copy_object(Bucket=s3.bucket, Key="b", CopySource=f"{s3.bucket}/a", ChecksumAlgorithm="SHA256")
        assert done["CopyObjectResult"]["ChecksumSHA256"] == checksums.of("SHA256", body)


def test_versions_are_copied_by_name(versioned: Any) -> None:
    s3 = versioned
    old = s3.put_object(Bucket=s3.bucket, Key="a", Body=b"old")["VersionId"]
    s3.put_object(Bucket=s3.bucket, Key="a", Body=b"new")
    done = s3.copy_object(Bucket=s3.bucket, Key="a", CopySource={"Bucket": s3.bucket, "Key": "a", "VersionId": old})
    assert done["CopySourceVersionId"] == old
    assert s3.get_object(Bucket=s3.bucket, Key="a", VersionId=done["VersionId"])["Body"].read() == b"old"
    marker = s3.delete_object(Bucket=s3.bucket, Key="a")["VersionId"]
    assert refused(s3.copy_object, Bucket=s3.bucket, Key="b", CopySource={
        "Bucket": s3.bucket, "Key": "a", "VersionId": marker}) == ("InvalidRequest", 400)


def test_parts_are_copied_from_ranges(s3: Any, cloud: Any) -> None:
    body = os.urandom(6 << 20)
    etag = s3.put_object(Bucket=s3.bucket, Key="a", Body=body)["ETag"]
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="b", ChecksumAlgorithm="CRC32")["UploadId"]
    where = {"Bucket": s3.bucket, "Key": "b", "UploadId": upload, "CopySource": f"{s3.bucket}/a"}
    ranges = ["bytes=0-5242879", "bytes=5242880-6291455"]
    parts = []
    for number, one in enumerate(ranges, 1):
        made = s3.upload_part_copy(**where, PartNumber=number, CopySourceRange=one, CopySourceIfMatch=etag,
                                   ExpectedBucketOwner=cloud.account, ExpectedSourceBucketOwner=cloud.account)["CopyPartResult"]
        parts.append({"PartNumber": number, "ETag": made["ETag"], "ChecksumCRC32": made["ChecksumCRC32"]})
    assert parts[1]["ChecksumCRC32"] == checksums.of("CRC32", body[5242880:])
    assert refused(s3.upload_part_copy, **where, PartNumber=3, CopySourceRange="bytes=0-6291456") == ("InvalidArgument", 400)
    assert refused(s3.upload_part_copy, **where, PartNumber=3, CopySourceRange="bytes=5-") == ("InvalidArgument", 400)
    assert refused(s3.upload_part_copy, **where, PartNumber=3, CopySourceIfNoneMatch=etag) == ("PreconditionFailed", 412)
    assert refused(s3.upload_part_copy, **where, PartNumber=3, CopySourceIfModifiedSince=datetime.now(UTC)
                   + timedelta(days=1)) == ("PreconditionFailed", 412)
    assert refused(s3.upload_part_copy, **where, PartNumber=3, CopySourceIfUnmodifiedSince=datetime.now(UTC)
                   - timedelta(days=1)) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket=s3.bucket, Key="a")
    s3.complete_multipart_upload(Bucket=s3.bucket, Key="b", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=s3.bucket, Key="b")["Body"].read() == body
    s3.copy_object(Bucket=s3.bucket, Key="c", CopySource=f"{s3.bucket}/b")
    s3.delete_object(Bucket=s3.bucket, Key="b")
    assert s3.get_object(Bucket=s3.bucket, Key="c", Range="bytes=5242870-5242889")["Body"].read() == body[5242870:5242890]
