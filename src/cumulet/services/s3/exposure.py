"""To whom a bucket and its objects are open: what the bucket policy, the access control lists and the public access blocks
together come to for one caller, in the words of policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cumulet.kernel import Call, Guard

from . import acls, names, owning, policies
from .blocking import blocks
from .buckets import ENFORCED
from .resources import Bucket, Current, Version

# What the owner of a bucket may do to objects of others in it.
_OWNERS_OF_BUCKETS = frozenset({"DeleteObject", "DeleteObjects", "PutObject", "CopyObject", "CreateMultipartUpload"})


def of_bucket(call: Call, bucket: Bucket, arn: str) -> Guard:
    """A bucket."""
    return Guard(bucket.account, _policy(call, bucket) + _list(call, bucket, owning.bucket_grants(bucket), acls.ON_BUCKETS, arn,
                                                               bucket.account), tags=_tags(bucket))


def _tags(bucket: Bucket) -> tuple[tuple[str, str], ...]:
    """The tags that policies may ask for."""
    return tuple(bucket.tags.items()) if bucket.tags_decide else ()


def of_object(call: Call, bucket: Bucket, key: str, arn: str) -> Guard:
    """An object, or the place where one may come to be."""
    if bucket.ownership == ENFORCED:
        return Guard(bucket.account, _policy(call, bucket), tags=_tags(bucket))
    writers = _list(call, bucket, owning.bucket_grants(bucket), acls.INTO_BUCKETS, arn, bucket.account)
    row: Version | None = call.table(Current).get(bucket.number, key.encode())
    if row is None or call.operation in _OWNERS_OF_BUCKETS:
        return Guard(bucket.account, _policy(call, bucket) + writers, tags=_tags(bucket))
    owner = owning.owner_of(bucket, row)
    listed = _list(call, bucket, owning.grants_of(bucket, row), acls.ON_OBJECTS, arn, owner)
    if owner != bucket.account:                  # the bucket policy is not about what others own
        return Guard(owner, writers + listed, tags=_tags(bucket))
    return Guard(owner, _policy(call, bucket) + writers + listed, tags=_tags(bucket))


def _is_outside(call: Call, bucket: Bucket) -> bool:
    principal = call.principal
    return principal.kind == "anonymous" or (principal.kind != "service" and principal.account != bucket.account)


def _policy(call: Call, bucket: Bucket) -> tuple[tuple[str, str], ...]:
    """The bucket policy, unless it is public and the public is kept out."""
    text = bucket.policy
    if not text:
        return ()
    if policies.is_public(text) and _is_outside(call, bucket) and blocks(call, bucket, "RestrictPublicBuckets"):
        return ()
    if '"CanonicalUser"' in text:
        text = _by_account(text, call.principal.account)
    return (("bucket policy", text),)


def _by_account(text: str, account: str) -> str:
    """Canonical user ids are one-way: where one is the caller's, its account is written for it."""
    document = msgspec.json.decode(text)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for statement in statements:
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if isinstance(named, dict) and "CanonicalUser" in named:
                ids, known = _texts(named.pop("CanonicalUser")), _texts(named.get("AWS", []))
                named["AWS"] = known + [account if one == names.owner_id(account) else one for one in ids]
    return msgspec.json.encode(document).decode()


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _list(call: Call, bucket: Bucket, grants: Sequence[tuple[str, str]], table: Mapping[str, Sequence[str]], arn: str,
          owner: str) -> tuple[tuple[str, str], ...]:
    """What an access control list grants to this caller, as a policy. The owner's rights are those of its account."""
    principal = call.principal
    signed = principal.kind != "anonymous"
    mine = names.owner_id(principal.account) if signed and principal.account != owner else ""
    wanted = {acls.ALL_USERS} | ({acls.AUTHENTICATED} if signed else set()) | ({mine} if mine else set())
    found = [(who, permission) for who, permission in grants if who in wanted]
    if acls.is_public(found) and blocks(call, bucket, "IgnorePublicAcls"):
        found = [grant for grant in found if not acls.is_public([grant])]
    allowed = sorted({action for _, permission in found for action in acls.actions(permission, table)})
    if not allowed:
        return ()
    statement = {"Effect": "Allow", "Principal": "*", "Action": allowed, "Resource": arn}
    return (("access control list", msgspec.json.encode({"Version": "2012-10-17", "Statement": [statement]}).decode()),)
