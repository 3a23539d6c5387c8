"""Whose an object is, and to whom its access control list opens it, as the bucket's object ownership has it."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

from . import acls, names
from .blocking import blocks, refusal
from .buckets import ENFORCED
from .resources import Bucket, Extra, Version

_PREFERRED = "BucketOwnerPreferred"


def no_acls() -> AwsError:
    return error.named("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)


def check_public(call: Call, bucket: Bucket, grants: acls.Grants, action: str, key: str = "") -> None:
    """Raises AccessDenied where the list is public and such lists are blocked."""
    if acls.is_public(grants) and blocks(call, bucket, "BlockPublicAcls"):
        raise refusal(call, bucket, action, "access control lists (ACLs)", "BlockPublicAcls", key)


def claimed(call: Call, bucket: Bucket, key: str, asked: acls.Asked) -> Extra | None:
    """The owner and the grants of a new object; None when it is the bucket owner's alone."""
    account = bucket.account if call.principal.kind == "anonymous" else call.account
    if asked == acls.NOTHING and account == bucket.account:
        return None
    mine, bucket_owner = names.owner_id(account), names.owner_id(bucket.account)
    grants = acls.said(asked, mine, bucket_owner)
    if bucket.ownership == ENFORCED:
        if grants is not None and not _harmless(asked, grants, bucket_owner):
            raise no_acls()
        return None
    if grants is not None:
        check_public(call, bucket, grants, "s3:PutObject", key)
    owner = "" if account == bucket.account else account
    if owner and bucket.ownership == _PREFERRED and asked.canned == "bucket-owner-full-control":
        return None
    if grants == [(bucket_owner, acls.FULL_CONTROL)]:
        grants = None
    return Extra(owner=owner, grants=grants) if owner or grants is not None else None


def _harmless(asked: acls.Asked, grants: acls.Grants, bucket_owner: str) -> bool:
    """Where ACLs are off, what says the same as no ACL is still taken."""
    return asked.canned in ("bucket-owner-full-control", "private") or grants == [(bucket_owner, acls.FULL_CONTROL)]


def owner_of(bucket: Bucket, row: Version) -> str:
    """The account that owns a version."""
    return row.extra.owner or bucket.account if row.extra is not None and bucket.ownership != ENFORCED else bucket.account


def grants_of(bucket: Bucket, row: Version) -> acls.Grants:
    """The access control list of a version."""
    owner = names.owner_id(owner_of(bucket, row))
    if row.extra is None or row.extra.grants is None or bucket.ownership == ENFORCED:
        return [(owner, acls.FULL_CONTROL)]
    return row.extra.grants


def bucket_grants(bucket: Bucket) -> acls.Grants:
    """The access control list of a bucket."""
    if bucket.grants is None or bucket.ownership == ENFORCED:
        return [(names.owner_id(bucket.account), acls.FULL_CONTROL)]
    return bucket.grants
