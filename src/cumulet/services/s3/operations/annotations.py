"""Annotations of objects: named texts beside an object's bytes."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Spool, operation

from .. import annotating, checksums, conditions, locking, payment, versions
from ..buckets import bucket_of
from ..faults import precondition_failed
from ..resources import Annotation, Bucket, Version


def _version(bucket: Bucket, row: Version) -> str | None:
    return versions.public(row) if bucket.versioning else None


def _check_etag(row: Version, header: str | None) -> None:
    """The caller's condition on the object itself."""
    if header is not None and not conditions.matches(header, row.etag):
        raise precondition_failed("x-amz-object-if-match")


def _sums(row: Annotation) -> dict[str, Any]:
    return {**checksums.members(row.algorithm, row.checksum), "ChecksumType": checksums.FULL_OBJECT}


@operation(accepts=("RequestPayer",))
def put_object_annotation(call: Call, Bucket: str, Key: str, AnnotationName: str, AnnotationPayload: Spool | None = None,
                          VersionId: str | None = None, ObjectIfMatch: str | None = None, ContentMD5: str | None = None,
                          ChecksumAlgorithm: str | None = None, ChecksumCRC32: str | None = None,
                          ChecksumCRC32C: str | None = None, ChecksumCRC64NVME: str | None = None,
                          ChecksumSHA1: str | None = None, ChecksumSHA256: str | None = None,
                          ChecksumSHA512: str | None = None, ChecksumMD5: str | None = None,
                          ChecksumXXHASH64: str | None = None, ChecksumXXHASH3: str | None = None,
                          ChecksumXXHASH128: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    annotating.check_name(AnnotationName)
    row = versions.find(call, bucket, Key, VersionId, "PUT")
    _check_etag(row, ObjectIfMatch)
    annotating.check_parent(row)
    data = annotating.payload(AnnotationPayload)
    assert AnnotationPayload is not None
    given = checksums.given(AnnotationPayload, ChecksumAlgorithm, (
        ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256, ChecksumSHA512, ChecksumMD5,
        ChecksumXXHASH64, ChecksumXXHASH3, ChecksumXXHASH128))
    md5, algorithm, checksum = checksums.checked(AnnotationPayload, ContentMD5, given)
    made = Annotation(bucket=bucket.number, key=row.key, order=row.order, name=AnnotationName, data=data, size=len(data),
                      etag=md5, algorithm=algorithm, checksum=checksum, modified=float(int(call.now)))
    annotating.keep(call, bucket, made)
    return {"Key": Key, "AnnotationName": AnnotationName, "ObjectVersionId": _version(bucket, row), "ETag": f'"{md5}"',
            "ServerSideEncryption": "AES256", "RequestCharged": payment.charged(call, bucket), **_sums(made)}


@operation(accepts=("RequestPayer",))
def get_object_annotation(call: Call, Bucket: str, Key: str, AnnotationName: str, VersionId: str | None = None,
                          ChecksumMode: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAnnotation.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId)
    found = call.table(Annotation).get(bucket.number, row.key, row.order, AnnotationName)
    if found is None:
        raise annotating.absent()
    return {"AnnotationPayload": found.data, "ObjectVersionId": _version(bucket, row), "LastModified": found.modified,
            "ContentLength": found.size, "ETag": f'"{found.etag}"', "ServerSideEncryption": "AES256",
            "RequestCharged": payment.charged(call, bucket), **(_sums(found) if ChecksumMode == "ENABLED" else {})}


@operation(accepts=("RequestPayer",))
def list_object_annotations(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                            MaxAnnotationResults: int = 1000, AnnotationPrefix: str | None = None,
                            ContinuationToken: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectAnnotations.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId)
    lines, token = annotating.page(call, row, AnnotationPrefix or "", ContinuationToken, MaxAnnotationResults)
    return {"Bucket": Bucket, "Key": Key, "ObjectVersionId": _version(bucket, row), "AnnotationPrefix": AnnotationPrefix,
            "MaxAnnotationResults": MaxAnnotationResults, "AnnotationCount": len(lines), "ContinuationToken": ContinuationToken,
            "NextContinuationToken": token, "RequestCharged": payment.charged(call, bucket), "Annotations": [
                {"AnnotationName": each.name, "LastModified": each.modified, "ETag": f'"{each.etag}"', "Size": each.size,
                 "ChecksumAlgorithm": [each.algorithm]} for each in lines]}


@operation(accepts=("RequestPayer",))
def delete_object_annotation(call: Call, Bucket: str, Key: str, AnnotationName: str, VersionId: str | None = None,
                             ObjectIfMatch: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectAnnotation.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId, "DELETE")
    _check_etag(row, ObjectIfMatch)
    locking.check_deletable(row, False, call.now)            # the model has no member that could bypass governance
    call.table(Annotation).delete(bucket.number, row.key, row.order, AnnotationName)
    annotating.touched(call, bucket, row.key)
    return {"ObjectVersionId": _version(bucket, row), "RequestCharged": payment.charged(call, bucket)}
