"""Objects over the wire: put, read in parts and by condition, deleted."""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.s3.refusals import refused


def test_an_object_comes_back_with_all_that_was_said_of_it(s3: Any) -> None:
    put = s3.put_object(Bucket=s3.bucket, Key="a/b", Body=b"hello", ContentType="text/plain", CacheControl="no-cache",
                        ContentDisposition="attachment", ContentEncoding="identity", ContentLanguage="de",
                        Metadata={"colour": "blue"}, StorageClass="STANDARD_IA", Tagging="x=1&y=2",
                        WebsiteRedirectLocation="/there", Expires="Thu, 01 Dec 2050 16:00:00 GMT", ACL="private",
                        ServerSideEncryption="AES256")
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    got = s3.get_object(Bucket=s3.bucket, Key="a/b")
    assert got["Body"].read() == b"hello"
    assert {name: got[name] for name in (
        "ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Metadata", "StorageClass",
        "ContentLength", "ETag", "AcceptRanges", "TagCount", "WebsiteRedirectLocation", "ExpiresString",
        "ServerSideEncryption")} == {
            "ContentType": "text/plain", "CacheControl": "no-cache", "ContentDisposition": "attachment",
            "ContentEncoding": "identity", "ContentLanguage": "de", "Metadata": {"colour": "blue"},
            "StorageClass": "STANDARD_IA", "ContentLength": 5, "ETag": put["ETag"], "AcceptRanges": "bytes", "TagCount": 2,
            "WebsiteRedirectLocation": "/there", "ExpiresString": "Thu, 01 Dec 2050 16:00:00 GMT",
            "ServerSideEncryption": "AES256"}
    head = s3.head_object(Bucket=s3.bucket, Key="a/b")
    assert head["ContentLength"] == 5
    assert head["LastModified"] == got["LastModified"]
    assert "Body" not in head


def test_an_object_may_be_empty_and_its_type_unknown(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="empty")
    got = s3.get_object(Bucket=s3.bucket, Key="empty")
    assert got["Body"].read() == b""
    assert got["ContentType"] == "binary/octet-stream"
    assert "StorageClass" not in got


@pytest.mark.parametrize("key", ["a b", "ä/ö/ü", "a//b", "../x", "a%2Fb", "a+b&c=d?e#f", "日本語", "x" * 1024, "/lead",
                                 "trail/"])
def test_keys_of_every_kind(s3: Any, key: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=s3.bucket, Key=key)["Body"].read() == key.encode()
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=s3.bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=s3.bucket, Key=key)
    assert refused(s3.get_object, Bucket=s3.bucket, Key=key) == ("NoSuchKey", 404)


def test_a_key_of_more_than_1024_bytes_is_refused(s3: Any) -> None:
    assert refused(s3.put_object, Bucket=s3.bucket, Key="ü" * 513, Body=b"") == ("KeyTooLongError", 400)


def test_large_bodies_are_streamed_both_ways(s3: Any) -> None:
    body = os.urandom(3 << 20)
    put = s3.put_object(Bucket=s3.bucket, Key="large", Body=body)
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert s3.get_object(Bucket=s3.bucket, Key="large")["Body"].read() == body
    got = s3.get_object(Bucket=s3.bucket, Key="large", Range="bytes=1000000-2500000")
    assert got["Body"].read() == body[1_000_000:2_500_001]
    s3.put_object(Bucket=s3.bucket, Key="large", Body=b"small now")
    assert s3.get_object(Bucket=s3.bucket, Key="large")["Body"].read() == b"small now"


@pytest.mark.parametrize(("header", "part", "content_range"), [
    ("bytes=0-4", b"01234", "bytes 0-4/10"), ("bytes=5-", b"56789", "bytes 5-9/10"), ("bytes=-3", b"789", "bytes 7-9/10"),
    ("bytes=8-100", b"89", "bytes 8-9/10"), ("bytes=-100", b"0123456789", "bytes 0-9/10")])
def test_ranges(s3: Any, header: str, part: bytes, content_range: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="digits", Body=b"0123456789")
    got = s3.get_object(Bucket=s3.bucket, Key="digits", Range=header)
    assert (got["Body"].read(), got["ContentRange"], got["ResponseMetadata"]["HTTPStatusCode"]) == (part, content_range, 206)
    head = s3.head_object(Bucket=s3.bucket, Key="digits", Range=header)
    assert (head["ContentLength"], head["ContentRange"]) == (len(part), content_range)


@pytest.mark.parametrize("header", ["bytes=5-2", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b", "bytes=" + "9" * 5000 + "-"])
def test_ranges_that_are_none_are_ignored(s3: Any, header: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="digits", Body=b"0123456789")
    got = s3.get_object(Bucket=s3.bucket, Key="digits", Range=header)
    assert (got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]) == (b"0123456789", 200)


def test_ranges_behind_the_end_are_refused(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="digits", Body=b"0123456789")
    s3.put_object(Bucket=s3.bucket, Key="empty", Body=b"")
    for key, header in (("digits", "bytes=10-"), ("digits", "bytes=-0"), ("empty", "bytes=0-")):
        assert refused(s3.get_object, Bucket=s3.bucket, Key=key, Range=header) == ("InvalidRange", 416)


def test_reading_by_condition(s3: Any) -> None:
    etag = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")["ETag"]
    before, after = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    for read in (s3.get_object, s3.head_object):
        missed = ("PreconditionFailed" if read == s3.get_object else "412", 412)
        assert read(Bucket=s3.bucket, Key="k", IfMatch=etag, IfUnmodifiedSince=before)["ETag"] == etag
        assert refused(read, Bucket=s3.bucket, Key="k", IfMatch='"other"') == missed
        assert refused(read, Bucket=s3.bucket, Key="k", IfUnmodifiedSince=before) == missed
        assert refused(read, Bucket=s3.bucket, Key="k", IfNoneMatch=etag) == ("304", 304)
        assert refused(read, Bucket=s3.bucket, Key="k", IfModifiedSince=after) == ("304", 304)
        assert read(Bucket=s3.bucket, Key="k", IfNoneMatch='"other"', IfModifiedSince=after)["ETag"] == etag


def test_writing_by_condition(s3: Any) -> None:
    etag = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"2", IfMatch='"other"') == ("PreconditionFailed", 412)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="new", Body=b"2", IfMatch=etag) == ("NoSuchKey", 404)
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"2", IfMatch=etag)
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"2"
    assert refused(s3.delete_object, Bucket=s3.bucket, Key="k", IfMatch=etag) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket=s3.bucket, Key="k", IfMatch="*")
    assert refused(s3.head_object, Bucket=s3.bucket, Key="k") == ("404", 404)


def test_the_request_may_override_headers_of_the_answer(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", ContentType="text/plain")
    got = s3.get_object(Bucket=s3.bucket, Key="k", ResponseContentType="text/html", ResponseCacheControl="max-age=1",
                        ResponseContentDisposition="inline", ResponseContentEncoding="x", ResponseContentLanguage="fr",
                        ResponseExpires=datetime(2030, 1, 1, tzinfo=UTC))
    assert (got["ContentType"], got["CacheControl"], got["ContentDisposition"], got["ContentEncoding"], got["ContentLanguage"],
            got["ExpiresString"]) == ("text/html", "max-age=1", "inline", "x", "fr", "Tue, 01 Jan 2030 00:00:00 GMT")


def test_md5_is_checked(s3: Any) -> None:
    right = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", ContentMD5=right)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"y", ContentMD5=right) == ("BadDigest", 400)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"y", ContentMD5="nonsense") == ("InvalidDigest", 400)
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"x"


def test_what_is_archived_cannot_be_read(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", StorageClass="GLACIER")
    assert s3.head_object(Bucket=s3.bucket, Key="k")["StorageClass"] == "GLACIER"
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k") == ("InvalidObjectState", 403)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"", StorageClass="COPPER") == ("InvalidStorageClass", 400)


def test_metadata_has_a_limit(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Metadata={"a": "x" * 2047})
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Metadata={"a": "x" * 2048}) == ("MetadataTooLarge", 400)


def test_what_is_not_there_is_said_to_be_missing(s3: Any) -> None:
    assert refused(s3.get_object, Bucket=s3.bucket, Key="none") == ("NoSuchKey", 404)
    assert refused(s3.get_object, Bucket="no-such-bucket-here", Key="none") == ("NoSuchBucket", 404)
    assert refused(s3.put_object, Bucket="no-such-bucket-here", Key="none") == ("NoSuchBucket", 404)
    assert s3.delete_object(Bucket=s3.bucket, Key="none")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_what_is_not_honoured_is_refused_by_name(s3: Any) -> None:
    with pytest.raises(ClientError, match="ObjectLockEventHold"):
        s3.put_object(Bucket=s3.bucket, Key="k", Body=b"", ObjectLockEventHold="ON")
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", ACL="public-read") == ("AccessControlListNotSupported", 400)


def test_many_are_deleted_at_once(s3: Any) -> None:
    for name in ("a", "b", "c"):
        s3.put_object(Bucket=s3.bucket, Key=name, Body=b"x")
    done = s3.delete_objects(Bucket=s3.bucket, Delete={"Objects": [
        {"Key": "a"}, {"Key": "never"}, {"Key": "b", "ETag": '"other"'}]})
    assert [one["Key"] for one in done["Deleted"]] == ["a", "never"]
    assert [(one["Key"], one["Code"]) for one in done["Errors"]] == [("b", "PreconditionFailed")]
    quiet = s3.delete_objects(Bucket=s3.bucket, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=s3.bucket)["Contents"]] == ["c"]
    for wrong in ([], [{"VersionId": "x"}], [{"Key": str(n)} for n in range(1001)]):
        assert refused(s3.delete_objects, Bucket=s3.bucket, Delete={"Objects": wrong}) == ("MalformedXML", 400)
    for call, more in ((s3.delete_object, {"Key": "c"}), (s3.delete_objects, {"Delete": {"Objects": [{"Key": "c"}]}})):
        assert refused(call, Bucket=s3.bucket, **more, BypassGovernanceRetention=True) == ("InvalidArgument", 400)


def test_another_owner_than_expected_is_refused(s3: Any, cloud: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", ExpectedBucketOwner=cloud.account)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)
    assert refused(s3.get_object, Bucket=s3.bucket, Key="k", ExpectedBucketOwner="me") == (
        "InvalidBucketOwnerAWSAccountID", 400)
