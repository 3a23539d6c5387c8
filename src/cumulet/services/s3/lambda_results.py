"""What Object Lambda functions answer, in the words of the API: headers and listings that they return, objects that they write.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-writing-lambda.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Raw, error, not_implemented

STATUSES = frozenset({200, 206, 304, 400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503})
_LISTING = re.compile(r"\s*(?:<\?xml[^>]*\?>)?\s*<ListBucketResult(?:\s[^>]*)?>(.*)</ListBucketResult>\s*", re.DOTALL)


def _yes(value: Any) -> bool:
    return str(value).lower() == "true"


def _moment(value: Any) -> float:
    return parsedate_to_datetime(value).timestamp()


def _dated(value: Any) -> float:
    return datetime.fromisoformat(value).timestamp()


_HEADERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "accept-ranges": ("AcceptRanges", str), "x-amz-archive-status": ("ArchiveStatus", str),
    "x-amz-server-side-encryption-bucket-key-enabled": ("BucketKeyEnabled", _yes), "cache-control": ("CacheControl", str),
    "content-disposition": ("ContentDisposition", str), "content-encoding": ("ContentEncoding", str),
    "content-language": ("ContentLanguage", str), "content-length": ("ContentLength", int),
    "content-range": ("ContentRange", str), "content-type": ("ContentType", str),
    "x-amz-delete-marker": ("DeleteMarker", _yes), "etag": ("ETag", str), "expires": ("Expires", str),
    "x-amz-expiration": ("Expiration", str), "last-modified": ("LastModified", _moment),
    "x-amz-missing-meta": ("MissingMeta", int), "x-amz-object-lock-mode": ("ObjectLockMode", str),
    "x-amz-object-lock-legal-hold": ("ObjectLockLegalHoldStatus", str),
    "x-amz-object-lock-retain-until-date": ("ObjectLockRetainUntilDate", _dated),
    "x-amz-mp-parts-count": ("PartsCount", int), "x-amz-replication-status": ("ReplicationStatus", str),
    "x-amz-request-charged": ("RequestCharged", str), "x-amz-restore": ("Restore", str),
    "x-amz-server-side-encryption": ("ServerSideEncryption", str),
    "x-amz-server-side-encryption-customer-algorithm": ("SSECustomerAlgorithm", str),
    "x-amz-server-side-encryption-aws-kms-key-id": ("SSEKMSKeyId", str),
    "x-amz-server-side-encryption-customer-key-md5": ("SSECustomerKeyMD5", str),
    "x-amz-storage-class": ("StorageClass", str), "x-amz-tagging-count": ("TagCount", int),
    "x-amz-version-id": ("VersionId", str)}


def headed(payload: bytes) -> dict[str, Any]:
    """The headers that a function returned for a HeadObject. Others than S3's own are not passed on."""
    found: dict[str, Any] = {}
    meta: dict[str, str] = {}
    headers = _checked(payload).get("headers") or {}
    try:
        for name, value in headers.items():
            known = _HEADERS.get(name.lower())
            if known is not None and value is not None:
                found[known[0]] = known[1](value)
            elif name.lower().startswith("x-amz-meta-"):
                meta[name[len("x-amz-meta-"):]] = str(value)
    except (AttributeError, TypeError, ValueError) as problem:
        raise _invalid(f"a header could not be read: {problem}") from None
    return found | ({"Metadata": meta} if meta else {})


def listed(payload: bytes) -> dict[str, Any]:
    """The listing that a function returned. What is in it is not looked at, as on AWS."""
    said = _checked(payload)
    if "listBucketResult" in said:
        raise not_implemented("listBucketResult of Object Lambda functions (listResultXml is)")
    found = _LISTING.fullmatch(str(said.get("listResultXml")))
    if found is None:
        raise _invalid("listResultXml is no ListBucketResult")
    return {"Contents": Raw(found[1].encode())}


def _checked(payload: bytes) -> dict[str, Any]:
    """What a function returned, if it is no error."""
    try:
        said = msgspec.json.decode(payload, type=dict[str, Any])
    except msgspec.MsgspecError as problem:
        raise _invalid(str(problem)) from None
    status = said.get("statusCode")
    if status not in STATUSES:
        raise _invalid("statusCode is missing, or none of S3's")
    if status >= 300:
        raise _error(said.get("errorCode"), said.get("errorMessage"), status)
    return said


def written(said: Mapping[str, Any], size: int, body: Any) -> dict[str, Any] | AwsError:
    """The answer to a GetObject, of the members of a WriteGetObjectResponse."""
    status = said.get("StatusCode") or 200
    if status >= 300:
        return _error(said.get("ErrorCode"), said.get("ErrorMessage"), status)
    found = {name: value for name, value in said.items() if name != "StatusCode"}
    return found | {"Body": body, "ContentLength": size}


def _error(code: Any, message: Any, status: int) -> AwsError:
    return error.named(str(code or "LambdaRuntimeError"), str(message or ""), status)


def _invalid(why: str) -> AwsError:
    return error.named("LambdaInvalidResponse", f"The Lambda function's response is invalid: {why}", 400)
