"""Access control lists: canned ones, grants in headers and documents, and what each permission lets do.

A list is kept as pairs (grantee, permission); a grantee is a canonical user id or the URI of a group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, error

from .faults import invalid_argument, invalid_request, malformed_xml

Grants = list[tuple[str, str]]

FULL_CONTROL = "FULL_CONTROL"
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
_GROUPS = frozenset({ALL_USERS, AUTHENTICATED, LOG_DELIVERY})
_PERMISSIONS = frozenset({FULL_CONTROL, "WRITE", "WRITE_ACP", "READ", "READ_ACP"})
_EC2_BUNDLES = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"     # who reads with aws-exec-read
_CANNED: dict[str, Grants] = {
    "private": [], "public-read": [(ALL_USERS, "READ")], "public-read-write": [(ALL_USERS, "READ"), (ALL_USERS, "WRITE")],
    "authenticated-read": [(AUTHENTICATED, "READ")], "aws-exec-read": [(_EC2_BUNDLES, "READ")]}
_OF_BUCKETS = {"log-delivery-write": [(LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")]}
_OF_OBJECTS = {"bucket-owner-read": "READ", "bucket-owner-full-control": FULL_CONTROL}
_MOST = 100
_ID = re.compile(r"[0-9a-f]{64}")
_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*"?([^",]+)"?\s*', re.IGNORECASE)


class Asked(NamedTuple):
    """The headers that set an ACL."""

    canned: str | None = None
    full: str | None = None
    read: str | None = None
    read_acp: str | None = None
    write: str | None = None
    write_acp: str | None = None


NOTHING = Asked()


def asked(canned: str | None, full: str | None, read: str | None, read_acp: str | None, write_acp: str | None) -> Asked:
    """What a request about an object says."""
    if canned is full is read is read_acp is write_acp is None:
        return NOTHING
    return Asked(canned, full, read, read_acp, None, write_acp)


def said(asked: Asked, owner: str, bucket_owner: str = "") -> Grants | None:
    """The grants that headers ask for; None when they ask for none. bucket_owner: for objects."""
    granted = _from_headers(asked)
    if asked.canned is None:
        return granted
    if granted is not None:
        raise invalid_request("Specifying both Canned ACLs and Header Grants is not allowed")
    mine: Grants = [(owner, FULL_CONTROL)]
    if asked.canned in _CANNED:
        return mine + _CANNED[asked.canned]
    if bucket_owner and asked.canned in _OF_OBJECTS:
        return mine if bucket_owner == owner else [*mine, (bucket_owner, _OF_OBJECTS[asked.canned])]
    if not bucket_owner and asked.canned in _OF_BUCKETS:
        return mine + _OF_BUCKETS[asked.canned]
    raise invalid_argument("The canned ACL is not known.", "x-amz-acl", asked.canned)


def _from_headers(asked: Asked) -> Grants | None:
    headers = ((FULL_CONTROL, asked.full), ("READ", asked.read), ("READ_ACP", asked.read_acp), ("WRITE", asked.write),
               ("WRITE_ACP", asked.write_acp))
    if not any(asked[1:]):
        return None
    found: Grants = []
    for permission, text in headers:
        for one in (text or "").split(",") if text else ():
            match = _GRANTEE.fullmatch(one)
            if match is None:
                raise invalid_argument("Argument format not recognized", f"x-amz-grant-{permission.lower().replace('_', '-')}",
                                       text)
            found.append((_grantee(match[1].lower(), match[2]), permission))
    return _few(found)


def _grantee(kind: str, value: str) -> str:
    if kind == "id":
        if not _ID.fullmatch(value):
            raise invalid_argument("Invalid id", "CanonicalUser/ID", value)
        return value
    if kind == "uri":
        if value not in _GROUPS:
            raise invalid_argument("Invalid group uri", "uri", value)
        return value
    raise error.named("MethodNotAllowed", "Grants by e-mail address are no longer supported: name the canonical user id.", 405)


def from_document(document: Mapping[str, Any], owner: str) -> Grants:
    """The grants of an AccessControlPolicy."""
    told = (document.get("Owner") or {}).get("ID")
    if not told or document.get("Grants") is None:
        raise malformed()
    if told != owner:
        raise error.AccessDenied("Access Denied", 403)
    return _few([from_grant(one) for one in document["Grants"]])


def from_grant(grant: Mapping[str, Any]) -> tuple[str, str]:
    grantee, permission = grant.get("Grantee") or {}, grant.get("Permission")
    if permission not in _PERMISSIONS:
        raise malformed()
    kind = {"CanonicalUser": "ID", "Group": "URI", "AmazonCustomerByEmail": "EmailAddress"}.get(grantee.get("Type", ""))
    if kind is None or not grantee.get(kind):
        raise malformed()
    return _grantee(kind.lower(), grantee[kind]), permission


def _few(grants: Grants) -> Grants:
    if len(grants) > _MOST:
        raise malformed()
    return list(dict.fromkeys(grants))


def malformed() -> AwsError:
    return error.named("MalformedACLError", malformed_xml().message, 400)


def members(owner: str, grants: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """As GetBucketAcl and GetObjectAcl answer."""
    return {"Owner": {"ID": owner}, "Grants": [{"Grantee": {"Type": "Group", "URI": who} if who in _GROUPS else
                                                {"Type": "CanonicalUser", "ID": who}, "Permission": permission}
                                               for who, permission in grants]}


def is_public(grants: Sequence[tuple[str, str]] | None) -> bool:
    return any(who in (ALL_USERS, AUTHENTICATED) for who, _ in grants or ())


# --- what permissions let do --------------------------------------------------------------------------------------------

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
ON_BUCKETS = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"), "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",)}
INTO_BUCKETS = {"WRITE": ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")}
ON_OBJECTS = {
    "READ": ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
    "READ_ACP": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"), "WRITE_ACP": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl")}


def actions(permission: str, table: Mapping[str, Sequence[str]]) -> list[str]:
    """What a permission allows, of a table above."""
    if permission == FULL_CONTROL:
        return [action for allowed in table.values() for action in allowed]
    return list(table.get(permission, ()))
