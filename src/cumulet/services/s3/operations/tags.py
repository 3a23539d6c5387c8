"""Tags of objects."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import checksums, replicating, tagging, telling, versions
from ..buckets import bucket_of
from ..resources import Bucket as BucketRow
from ..resources import Version


@operation(accepts=("RequestPayer",))
def put_object_tagging(call: Call, Bucket: str, Key: str, Tagging: dict[str, Any], VersionId: str | None = None,
                       ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId, "PUT")
    versions.change(call, row, tags=tagging.from_set(Tagging.get("TagSet", ()), tagging.OBJECT_TAGS))
    _follow(call, bucket, row, "ObjectTagging:Put")
    return {"VersionId": _version(bucket, row)}


@operation(accepts=("RequestPayer",))
def get_object_tagging(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                       ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId)
    return {"VersionId": _version(bucket, row), "TagSet": tagging.as_set(row.tags)}


@operation
def delete_object_tagging(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                          ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId, "DELETE")
    versions.change(call, row, tags=None)
    _follow(call, bucket, row, "ObjectTagging:Delete")
    return {"VersionId": _version(bucket, row)}


def _follow(call: Call, bucket: BucketRow, row: Version, event: str) -> None:
    """Replicas get the same tags, and whom it concerns is told."""
    telling.changed(call, bucket, event, row)
    if replicating.status_of(row) in (replicating.COMPLETED, replicating.REPLICA):
        replicating.begin(call, bucket, row)


def _version(bucket: BucketRow, row: Version) -> str | None:
    return versions.public(row) if bucket.versioning else None
