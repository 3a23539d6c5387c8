"""What the scope of a directory bucket's access point lets through: some operations, on some names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-manage-scope.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Guard

from .points import Entrance

_NEEDED = {
    "AbortMultipartUpload": "AbortMultipartUpload", "CompleteMultipartUpload": "PutObject", "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject", "DeleteObject": "DeleteObject", "DeleteObjects": "DeleteObject",
    "GetObject": "GetObject", "GetObjectAttributes": "GetObjectAttributes", "HeadObject": "GetObject",
    "ListMultipartUploads": "ListBucketMultipartUploads", "ListObjectsV2": "ListBucket", "ListParts":
    "ListMultipartUploadParts", "PutObject": "PutObject", "UploadPart": "PutObject", "UploadPartCopy": "PutObject"}
_STAR = re.compile(r"(?<!\\)\*")
_OUTSIDE = "/outside-its-scope"
_DENIES = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}'


def outside(call: Call, found: Entrance, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a request needs further when the scope does not let it through: what nobody has."""
    needed = _NEEDED.get(call.operation)
    return [] if needed is None or _is_inside(call, found, needed, _names(members)) else [("", found.arn + _OUTSIDE)]


def copied(call: Call, found: Entrance, key: str) -> list[tuple[str, str]]:
    """The same for what a copy reads."""
    return [] if _is_inside(call, found, "GetObject", [key]) else [("s3express:CreateSession", found.arn + _OUTSIDE)]


def guard(arn: str, account: str) -> Guard | None:
    """The scope, as a policy that denies."""
    return Guard(account, (("access point scope", _DENIES),)) if arn.endswith(_OUTSIDE) else None


def _names(members: Mapping[str, Any]) -> list[str]:
    """The names that a request is about: keys, or the beginning of a listing."""
    objects = (members.get("Delete") or {}).get("Objects")
    if objects is not None:
        return [str(one.get("Key", "")) for one in objects]
    return [str(members.get("Key") or members.get("Prefix") or "")]


def _is_inside(call: Call, found: Entrance, needed: str, names: Sequence[str]) -> bool:
    try:
        told = call.as_service(account=found.account, region=found.arn.split(":")[3]).s3control.get_access_point_scope(
            AccountId=found.account, Name=found.name)["Scope"]
    except AwsError:
        return True                    # a point of a bucket that has no scopes
    permissions, prefixes = told.get("Permissions") or (), told.get("Prefixes") or ()
    if permissions and needed not in permissions:
        return False
    return not prefixes or all(any(_covers(one, name) for one in prefixes) for name in names)


def _covers(prefix: str, name: str) -> bool:
    """A star is for anything, unless a backslash stands before it; so is the end."""
    first, *others = (part.replace("\\*", "*") for part in _STAR.split(prefix))
    at = len(first)
    if not name.startswith(first):
        return False
    for part in others:
        at = name.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
