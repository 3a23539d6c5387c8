"""S3's signatures of version 2, which old clients and old presigned URLs still carry."""

from __future__ import annotations

import base64
import hmac
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..errors import AwsError
from ..http.message import Request
from ..wire.contract import Route
from . import credentials, faults
from .contract import Identity
from .presigned import _iso, parameters

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

# The parameters that belong to the resource that is signed.
_SUBRESOURCES = frozenset((
    "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "encryption", "inventory", "lifecycle", "location",
    "logging", "metrics", "notification", "object-lock", "partNumber", "policy", "policyStatus", "publicAccessBlock",
    "replication", "requestPayment", "response-cache-control", "response-content-disposition", "response-content-encoding",
    "response-content-language", "response-content-type", "response-expires", "restore", "retention", "select", "select-type",
    "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website", "legal-hold"))

_LONGEST = 20                    # digits of a moment


def presigned(cloud: Cloud, tx: Transaction, request: Request, route: Route) -> Identity:
    """`?AWSAccessKeyId=…&Expires=…&Signature=…`"""
    given = parameters(request.query)
    key, expires, signature = (given.get(name, "") for name in ("AWSAccessKeyId", "Expires", "Signature"))
    if not (key and signature and expires.isascii() and expires.isdigit() and len(expires) <= _LONGEST):
        raise AwsError("AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId"
                       " parameters", 403)
    token = given.get("x-amz-security-token", request.headers.get("x-amz-security-token", ""))
    wall = cloud.clock.wall()
    if int(expires) < wall:
        raise AwsError("AccessDenied", "Request has expired", 403, Expires=_iso(min(int(expires), 253402300799)),
                       ServerTime=_iso(wall))
    return _verified(cloud, tx, request, route, key, signature, expires, token, given)


def header(cloud: Cloud, tx: Transaction, request: Request, route: Route, authorization: str) -> Identity:
    """`Authorization: AWS key:signature`"""
    key, colon, signature = authorization[4:].strip().rpartition(":")
    if not (colon and key and signature):
        raise AwsError("InvalidArgument", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature", 400,
                       ArgumentName="Authorization", ArgumentValue=authorization)
    date = request.headers.get("x-amz-date") or request.headers.get("date", "")
    try:
        at = parsedate_to_datetime(date).timestamp()
    except ValueError:
        raise AwsError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403) from None
    if abs(at - cloud.clock.wall()) > 900:
        raise faults.skewed("s3", date, _iso(cloud.clock.wall()), "", early=at > cloud.clock.wall())
    signed_date = "" if "x-amz-date" in request.headers else date
    return _verified(cloud, tx, request, route, key, signature, signed_date, request.headers.get("x-amz-security-token", ""),
                     parameters(request.query))


def _verified(cloud: Cloud, tx: Transaction, request: Request, route: Route, key: str, signature: str, date: str, token: str,
              given: dict[str, str]) -> Identity:
    who = credentials.find(cloud, tx, key, token, "s3", "s3", route.region)
    if who.secret:
        to_sign = string_to_sign(request, route, date, given)
        right = base64.b64encode(hmac.digest(who.secret.encode(), to_sign.encode("latin-1", "replace"), "sha1")).decode()
        if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
            raise faults.mismatch("s3", key, signature, to_sign, "")
    return Identity(who.principal, route.region)


def string_to_sign(request: Request, route: Route, date: str, given: dict[str, str]) -> str:
    """What version 2 signs of a request."""
    headers = request.headers
    amz = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in sorted(headers) if name.startswith("x-amz-"))
    if "x-amz-security-token" in given and "x-amz-security-token" not in headers:
        amz = "".join(sorted([*amz.splitlines(True), f"x-amz-security-token:{given['x-amz-security-token']}\n"]))
    parts = [name if not value else f"{name}={value}" for name, value in sorted(given.items()) if name in _SUBRESOURCES]
    bucket = route.labels.get("Bucket", "")
    path = request.path
    if bucket and request.host.startswith(bucket + "."):
        path = f"/{bucket}{path}"
    resource = path + ("?" + "&".join(parts) if parts else "")
    return (f"{request.method}\n{headers.get('content-md5', '')}\n{headers.get('content-type', '')}\n{date}\n{amz}{resource}")
