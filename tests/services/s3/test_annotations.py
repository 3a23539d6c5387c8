"""Annotations: texts beside an object's bytes, which go with its versions."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from cumulet.kernel.access.contract import root_of
from cumulet.kernel.call import Call
from cumulet.services.s3.resources import Annotation
from enforced import own, user
from services.s3.refusals import refused
from services.s3control.test_points import enforce

DAY = 86_400


@pytest.fixture
def noted(s3: Any) -> Any:
    """A bucket with an object that has three annotations."""
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"bytes")
    for name in ("label", "ocr/1", "ocr/2"):
        s3.put_object_annotation(Bucket=s3.bucket, Key="k", AnnotationName=name, AnnotationPayload=f"text of {name}".encode())
    return s3


def names(s3: Any, **members: Any) -> list[str]:
    found, token = [], None
    while True:
        told = s3.list_object_annotations(Bucket=s3.bucket, **{"Key": "k", "MaxAnnotationResults": 2, **members},
                                          **({"ContinuationToken": token} if token else {}))
        assert told["AnnotationCount"] == len(told.get("Annotations", [])) <= 2
        found += [each["AnnotationName"] for each in told.get("Annotations", [])]
        if (token := told.get("NextContinuationToken")) is None:
            return found


def kept(cloud: Any, s3: Any) -> int:
    """How many rows there are of the bucket's annotations, found or not."""
    kernel = cloud.kernel
    return int(cloud.thread.call(kernel.store.run(lambda tx: _count(Call(
        kernel, tx, "s3", "Test", cloud.account, "us-east-1", root_of(cloud.account), kernel.clock.now()), s3.bucket))))


def _count(call: Call, bucket: str) -> int:
    rows = call.table(Annotation).sql('SELECT count(*) FROM {table} WHERE scope = {scope} AND "key" = ?', bucket.encode())
    return int(rows[0][0])


def test_an_annotation_is_told_as_it_was_put(noted: Any) -> None:
    of = {"Bucket": noted.bucket, "Key": "k", "AnnotationName": "label"}
    told = noted.put_object_annotation(**of, AnnotationPayload="schön".encode(), ChecksumAlgorithm="SHA256")
    etag = hashlib.md5("schön".encode()).hexdigest()
    assert (told["AnnotationName"], told["ETag"], told["ServerSideEncryption"]) == ("label", f'"{etag}"', "AES256")
    got = noted.get_object_annotation(**of, ChecksumMode="ENABLED")
    assert got["AnnotationPayload"].read() == "schön".encode()
    assert (got["ContentLength"], got["ETag"], got["ChecksumSHA256"]) == (6, f'"{etag}"', told["ChecksumSHA256"])
    assert names(noted) == ["label", "ocr/1", "ocr/2"]
    assert names(noted, AnnotationPrefix="ocr/") == ["ocr/1", "ocr/2"]
    (line,) = noted.list_object_annotations(Bucket=noted.bucket, Key="k", AnnotationPrefix="lab")["Annotations"]
    assert (line["Size"], line["ETag"], line["ChecksumAlgorithm"]) == (6, f'"{etag}"', ["SHA256"])
    noted.delete_object_annotation(**of)
    assert names(noted) == ["ocr/1", "ocr/2"]
    assert refused(noted.get_object_annotation, **of) == ("NoSuchAnnotation", 404)
    noted.delete_object_annotation(**of)                     # as often as one likes
    assert noted.get_object(Bucket=noted.bucket, Key="k")["Body"].read() == b"bytes"


@pytest.mark.parametrize(("change", "code", "status"), [
    ({"Key": "none"}, "NoSuchKey", 404), ({"AnnotationName": "x" * 513}, "AnnotationNameTooLong", 400),
    ({"AnnotationName": "a\nb"}, "InvalidAnnotationName", 400), ({"AnnotationPayload": b""}, "InvalidRequest", 400),
    ({"AnnotationPayload": b"\xff\xfe"}, "UnsupportedMediaType", 415),
    ({"AnnotationPayload": b"x" * 1_048_577}, "InvalidRequest", 400),
    ({"ObjectIfMatch": '"other"'}, "PreconditionFailed", 412), ({"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "BadDigest", 400)])
def test_annotations_that_are_refused(noted: Any, change: dict[str, Any], code: str, status: int) -> None:
    good = {"Bucket": noted.bucket, "Key": "k", "AnnotationName": "n", "AnnotationPayload": b"text"}
    assert refused(noted.put_object_annotation, **{**good, **change}) == (code, status)
    assert names(noted) == ["label", "ocr/1", "ocr/2"]


def test_conditions_and_encryption(noted: Any) -> None:
    of = {"Bucket": noted.bucket, "Key": "k", "AnnotationName": "label"}
    etag = noted.head_object(Bucket=noted.bucket, Key="k")["ETag"]
    assert refused(noted.delete_object_annotation, **of, ObjectIfMatch='"other"') == ("PreconditionFailed", 412)
    noted.put_object_annotation(**of, AnnotationPayload=b"new", ObjectIfMatch=etag)
    noted.delete_object_annotation(**of, ObjectIfMatch=etag)
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    noted.put_object(Bucket=noted.bucket, Key="k", Body=b"x", **key)
    assert refused(noted.put_object_annotation, **of, AnnotationPayload=b"x") == ("InvalidRequest", 400)
    noted.put_object(Bucket=noted.bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    assert refused(noted.put_object_annotation, **of, AnnotationPayload=b"x") == ("NotImplemented", 501)


def test_they_go_with_their_object(noted: Any, cloud: Any) -> None:
    noted.put_object(Bucket=noted.bucket, Key=noted.bucket, Body=b"1")
    noted.put_object_annotation(Bucket=noted.bucket, Key=noted.bucket, AnnotationName="old", AnnotationPayload=b"x")
    noted.put_object(Bucket=noted.bucket, Key=noted.bucket, Body=b"2")
    assert names(noted, Key=noted.bucket) == []
    noted.put_object_annotation(Bucket=noted.bucket, Key=noted.bucket, AnnotationName="new", AnnotationPayload=b"x")
    assert kept(cloud, noted) == 2
    cloud.clock.advance(DAY)
    assert (kept(cloud, noted), names(noted, Key=noted.bucket)) == (1, ["new"])
    noted.delete_object(Bucket=noted.bucket, Key=noted.bucket)
    cloud.clock.advance(DAY)
    assert (kept(cloud, noted), names(noted)) == (0, ["label", "ocr/1", "ocr/2"])
    noted.put_object(Bucket=noted.bucket, Key=noted.bucket, Body=b"3")
    noted.put_object_annotation(Bucket=noted.bucket, Key=noted.bucket, AnnotationName="last", AnnotationPayload=b"x")
    for each in ("k", noted.bucket):
        noted.delete_object(Bucket=noted.bucket, Key=each)
    noted.delete_bucket(Bucket=noted.bucket)
    assert kept(cloud, noted) == 0


def test_each_version_has_its_own(versioned: Any) -> None:
    of = {"Bucket": versioned.bucket, "Key": "k"}
    first = versioned.put_object(**of, Body=b"1")["VersionId"]
    told = versioned.put_object_annotation(**of, AnnotationName="a", AnnotationPayload=b"x")
    assert told["ObjectVersionId"] == first
    second = versioned.put_object(**of, Body=b"2")["VersionId"]
    assert (names(versioned), names(versioned, VersionId=first)) == ([], ["a"])
    versioned.put_object_annotation(**of, AnnotationName="late", AnnotationPayload=b"x", VersionId=first)
    assert versioned.get_object_annotation(**of, AnnotationName="late", VersionId=first)["ObjectVersionId"] == first
    versioned.delete_object(**of, VersionId=second)
    assert names(versioned) == ["a", "late"]                 # the first one is current again
    versioned.delete_object_annotation(**of, AnnotationName="a", VersionId=first)
    assert names(versioned) == ["late"]


def test_copies_have_them_unless_they_are_excluded(noted: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
    source = {"Bucket": noted.bucket, "CopySource": {"Bucket": noted.bucket, "Key": "k"}}
    noted.copy_object(**source, Key="same")
    noted.copy_object(**source, Key="told", AnnotationDirective="COPY")
    noted.copy_object(**source, Key="bare", AnnotationDirective="EXCLUDE")
    assert names(noted, Key="same") == names(noted, Key="told") == names(noted)
    assert names(noted, Key="bare") == []
    noted.delete_object(Bucket=noted.bucket, Key="k")
    assert noted.get_object_annotation(Bucket=noted.bucket, Key="same", AnnotationName="label")[
        "AnnotationPayload"].read() == b"text of label"
    cloud.clock.advance(DAY)
    assert names(noted, Key="told") == ["label", "ocr/1", "ocr/2"]


def test_copying_them_needs_rights_of_their_own(noted: Any, cloud: Any) -> None:
    few = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
    some = cloud.client("s3", **user(cloud, "some", own(*few)))
    more = cloud.client("s3", **user(cloud, "more", own(*few, "s3:GetObjectAnnotation", "s3:PutObjectAnnotation")))
    copy = {"Bucket": noted.bucket, "Key": "copy", "CopySource": {"Bucket": noted.bucket, "Key": "k"}}
    enforce(cloud)
    assert refused(some.copy_object, **copy) == ("AccessDenied", 403)
    some.copy_object(**copy, AnnotationDirective="EXCLUDE")
    assert names(noted, Key="copy") == []
    more.copy_object(**copy)
    assert len(names(noted, Key="copy")) == 3
