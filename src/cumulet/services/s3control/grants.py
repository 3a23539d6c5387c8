"""Access Grants: what a grant covers, which one is closest to a request, and what its credentials may do.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-concepts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from . import points
from .resources import Grant, GrantsInstance, GrantsLocation

DEFAULT = "default"
EVERYTHING = "s3://"
_SCOPE = re.compile(r"[sS]3://(?:[^/*]+(?:/.*)?)?")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html
_READS = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl", "s3:GetObjectVersionAcl", "s3:ListMultipartUploadParts")
_WRITES = ("s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:DeleteObject", "s3:DeleteObjectVersion",
           "s3:AbortMultipartUpload")


def instance(call: Call) -> GrantsInstance:
    row = call.table(GrantsInstance).get(DEFAULT)
    if row is None:
        raise no_instance()
    return row


def no_instance() -> AwsError:
    return error.named("AccessGrantsInstanceNotExistsError", "Access Grants Instance does not exist", 404)


def location(call: Call, name: str) -> GrantsLocation:
    row = call.table(GrantsLocation).get(name)
    if row is None:
        raise error.named("NoSuchAccessGrantsLocationError", "The specified access grants location does not exist", 404)
    return row


def grant(call: Call, name: str) -> Grant:
    row = call.table(Grant).get(name)
    if row is None:
        raise error.named("NoSuchAccessGrantError", "The specified access grant does not exist", 404)
    return row


def arn_of(call: Call, kind: str = "", name: str = "") -> str:
    """Of the instance, or of a location or a grant in it."""
    more = f"/{kind}/{name}" if kind else ""
    return f"arn:{points.partition(call)}:s3:{call.region}:{call.account}:access-grants/{DEFAULT}{more}"


def checked_scope(scope: str) -> str:
    """The scope of a location, in one form."""
    if not _SCOPE.fullmatch(scope):
        raise error.named("InvalidAccessGrantsLocation", "The specified Access Grants Location is invalid", 400)
    return "s3" + scope[2:]


def scope_of(place: GrantsLocation, prefix: str, is_object: bool) -> str:
    """What a grant is for: the location's scope with the prefix behind it; all below it, unless it is one object."""
    if place.path == EVERYTHING and not prefix:
        raise invalid()
    base = place.path.removesuffix("*")
    if base != EVERYTHING and "/" not in base[len(EVERYTHING):]:
        base += "/"
    found = base + prefix
    if is_object:
        if found.endswith("*") or "/" not in found[len(EVERYTHING):]:
            raise invalid()
        return found
    if "/" not in found[len(EVERYTHING):]:
        found = found.removesuffix("*") + "/"
    return found if found.endswith("*") else found + "*"


def invalid() -> AwsError:
    return error.named("InvalidAccessGrant", "The specified Access Grant is invalid", 400)


def closest(rows: Iterable[Grant], target: str, permission: str) -> Grant | None:
    """The grant with the narrowest scope that covers this."""
    fitting = [row for row in rows if row.permission in (permission, "READWRITE") and _covers(row.path, target)]
    return max(fitting, key=lambda row: len(row.path), default=None)


def _covers(scope: str, target: str) -> bool:
    return target.startswith(scope[:-1]) if scope.endswith("*") else target == scope


def policy(scope: str, permission: str) -> str:
    """What the credentials for a scope may do at most."""
    bucket, _, key = scope[len(EVERYTHING):].partition("/")
    arn = f"arn:aws:s3:::{bucket}"
    actions = (*(_READS if "READ" in permission else ()), *(_WRITES if "WRITE" in permission else ()))
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": actions, "Resource": f"{arn}/{key}"},
        {"Effect": "Allow", "Action": ("kms:Decrypt", "kms:GenerateDataKey"), "Resource": "*"}]
    if "READ" in permission:
        statements.append({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn,
                           "Condition": {"StringLike": {"s3:prefix": [key]}}})
    return msgspec.json.encode({"Version": "2012-10-17", "Statement": statements}).decode()
