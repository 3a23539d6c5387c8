"""Buckets whose requesters pay: who is not the owner says that it will, or is refused.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
"""

from __future__ import annotations

from urllib.parse import parse_qs

from cumulet.kernel import Call

from .faults import access_denied
from .resources import Bucket

REQUESTER, OWNER = "Requester", "BucketOwner"
_HEADER = "x-amz-request-payer"
# What has a price of its own; configurations are the owner's affair.
_PAID = frozenset({
    "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject", "DeleteObjects",
    "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging",
    "HeadBucket", "HeadObject", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2", "ListParts",
    "PutObject", "PutObjectAcl", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging", "RestoreObject",
    "SelectObjectContent", "UpdateObjectEncryption", "UploadPart", "UploadPartCopy"})


def check(call: Call, bucket: Bucket) -> None:
    """Raises AccessDenied where a stranger does not say that it pays; who does not sign cannot."""
    if call.operation in _PAID and _is_strange(call, bucket) and (call.principal.kind == "anonymous" or not _offered(call)):
        raise access_denied()


def charged(call: Call, bucket: Bucket) -> str | None:
    """RequestCharged of an answer."""
    return "requester" if bucket.requester_pays and _is_strange(call, bucket) else None


def _is_strange(call: Call, bucket: Bucket) -> bool:
    principal = call.principal
    return call.request is not None and principal.kind != "service" and (
        principal.kind == "anonymous" or principal.account != bucket.account)


def _offered(call: Call) -> bool:
    request = call.request
    if request is None:
        return False
    said = request.headers.get(_HEADER) or "".join(parse_qs(request.query).get(_HEADER, ()))
    return said.lower() == "requester"
