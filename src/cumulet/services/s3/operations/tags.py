"""Tags of objects, and who owns what."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, not_implemented, operation

from .. import checksums, names, tagging, versions
from ..buckets import ENFORCED, bucket_of
from ..resources import Bucket as BucketRow
from ..resources import Version


@operation(accepts=("RequestPayer",))
def put_object_tagging(call: Call, Bucket: str, Key: str, Tagging: dict[str, Any], VersionId: str | None = None,
                       ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId, "PUT")
    versions.change(call, row, tagging.from_set(Tagging.get("TagSet", ()), tagging.OBJECT_TAGS))
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
    versions.change(call, row, None)
    return {"VersionId": _version(bucket, row)}


def _version(bucket: BucketRow, row: Version) -> str | None:
    return versions.public(row) if bucket.versioning else None


# --- access control lists: the owner's own, which is all there is until ACLs are on -----------------------------------


@operation
def get_bucket_acl(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html"""
    return _acl(bucket_of(call, Bucket, ExpectedBucketOwner))


@operation(accepts=("RequestPayer",))
def get_object_acl(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                   ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    versions.find(call, bucket, Key, VersionId)
    return _acl(bucket)


@operation
def put_bucket_acl(call: Call, Bucket: str, ACL: str | None = None, ContentMD5: str | None = None,
                   ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html"""
    checksums.check_document(call, ContentMD5)
    _private(bucket_of(call, Bucket, ExpectedBucketOwner), ACL)


@operation(accepts=("RequestPayer",))
def put_object_acl(call: Call, Bucket: str, Key: str, ACL: str | None = None, VersionId: str | None = None,
                   ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    versions.find(call, bucket, Key, VersionId, "PUT")
    _private(bucket, ACL)
    return {}


def _private(bucket: BucketRow, acl: str | None) -> None:
    """Where ACLs are on, `private` is what already is; grants to others are not there yet."""
    if bucket.ownership == ENFORCED:
        raise error.named("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
    if acl is None:
        raise error.named("MissingSecurityHeader", "Your request was missing a required header", 400,
                          MissingHeaderName="x-amz-acl")
    if acl != "private":
        raise not_implemented(f"s3: the canned ACL {acl}")


def _acl(bucket: BucketRow) -> dict[str, Any]:
    owner = {"ID": names.owner_id(bucket.account)}
    return {"Owner": owner, "Grants": [{"Grantee": owner | {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}
