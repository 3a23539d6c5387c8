"""Access control lists of buckets and of objects."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import acls, checksums, names, owning, telling, versions
from ..buckets import ENFORCED, bucket_of
from ..faults import invalid_request
from ..resources import Extra


@operation
def put_bucket_acl(call: Call, Bucket: str, ACL: str | None = None, AccessControlPolicy: dict[str, Any] | None = None,
                   GrantFullControl: str | None = None, GrantRead: str | None = None, GrantReadACP: str | None = None,
                   GrantWrite: str | None = None, GrantWriteACP: str | None = None, ContentMD5: str | None = None,
                   ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if bucket.ownership == ENFORCED:
        raise owning.no_acls()
    asked = acls.Asked(ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWrite, GrantWriteACP)
    grants = _wanted(asked, AccessControlPolicy, names.owner_id(bucket.account))
    owning.check_public(call, bucket, grants, "s3:PutBucketAcl")
    bucket.grants = grants
    call.put(bucket)


@operation
def get_bucket_acl(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return acls.members(names.owner_id(bucket.account), owning.bucket_grants(bucket))


@operation(accepts=("RequestPayer",))
def put_object_acl(call: Call, Bucket: str, Key: str, ACL: str | None = None,
                   AccessControlPolicy: dict[str, Any] | None = None, GrantFullControl: str | None = None,
                   GrantRead: str | None = None, GrantReadACP: str | None = None, GrantWrite: str | None = None,
                   GrantWriteACP: str | None = None, VersionId: str | None = None, ContentMD5: str | None = None,
                   ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId, "PUT")
    if bucket.ownership == ENFORCED:
        raise owning.no_acls()
    asked = acls.Asked(ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWrite, GrantWriteACP)
    owner = names.owner_id(owning.owner_of(bucket, row))
    grants = _wanted(asked, AccessControlPolicy, owner, names.owner_id(bucket.account))
    owning.check_public(call, bucket, grants, "s3:PutObjectAcl", Key)
    extra = row.extra or Extra()
    extra.grants = None if grants == [(owner, acls.FULL_CONTROL)] else grants
    versions.change(call, row, extra=extra)
    telling.changed(call, bucket, "ObjectAcl:Put", row)
    return {}


@operation(accepts=("RequestPayer",))
def get_object_acl(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                   ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId)
    return acls.members(names.owner_id(owning.owner_of(bucket, row)), owning.grants_of(bucket, row))


def _wanted(asked: acls.Asked, document: dict[str, Any] | None, owner: str, bucket_owner: str = "") -> acls.Grants:
    """The one list that a request says: by a canned name, by headers, or by its document."""
    granted = acls.said(asked, owner, bucket_owner)
    if document is not None and document.get("Grants") is not None:
        if granted is not None:
            raise error.named("UnexpectedContent", "This request does not support content", 400)
        return acls.from_document(document, owner)
    if granted is None:
        if document is not None:
            raise acls.malformed()
        raise invalid_request("Your request was missing a required header: x-amz-acl")
    return granted
