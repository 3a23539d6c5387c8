"""What an Object Lambda function made of an object, for who asked for it."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import AwsError, Call, Spool, error, operation

from .. import bodies, lambda_results, transforming

_CODE = re.compile(r"[A-Z][a-zA-Z]+")
_NOTHING = Spool(b"")


@operation(accepts=("ContentLength",))
def write_get_object_response(
        call: Call, RequestRoute: str, RequestToken: str, Body: Spool | None = None, StatusCode: int | None = None,
        ErrorCode: str | None = None, ErrorMessage: str | None = None, AcceptRanges: str | None = None,
        CacheControl: str | None = None, ContentDisposition: str | None = None, ContentEncoding: str | None = None,
        ContentLanguage: str | None = None, ContentRange: str | None = None, ContentType: str | None = None,
        ChecksumCRC32: str | None = None, ChecksumCRC32C: str | None = None, ChecksumCRC64NVME: str | None = None,
        ChecksumSHA1: str | None = None, ChecksumSHA256: str | None = None, ChecksumSHA512: str | None = None,
        ChecksumMD5: str | None = None, ChecksumXXHASH64: str | None = None, ChecksumXXHASH3: str | None = None,
        ChecksumXXHASH128: str | None = None, DeleteMarker: bool | None = None, ETag: str | None = None,
        Expires: str | None = None, Expiration: str | None = None, LastModified: float | None = None,
        MissingMeta: int | None = None, Metadata: dict[str, str] | None = None, ObjectLockMode: str | None = None,
        ObjectLockLegalHoldStatus: str | None = None, ObjectLockRetainUntilDate: float | None = None,
        PartsCount: int | None = None, ReplicationStatus: str | None = None, RequestCharged: str | None = None,
        Restore: str | None = None, ServerSideEncryption: str | None = None, SSECustomerAlgorithm: str | None = None,
        SSEKMSKeyId: str | None = None, SSECustomerKeyMD5: str | None = None, StorageClass: str | None = None,
        TagCount: int | None = None, VersionId: str | None = None, BucketKeyEnabled: bool | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_WriteGetObjectResponse.html"""
    given: dict[str, Any] = {name: value for name, value in locals().items() if name[0].isupper() and value is not None}
    said = {name: value for name, value in given.items() if name not in ("RequestRoute", "RequestToken", "Body")}
    row = transforming.written(call, RequestToken)
    spool = Body or _NOTHING
    _check(said, spool.size)
    row.body, row.blob = bodies.keep(call, spool)
    row.size, row.said = spool.size, said
    transforming.keep(call, row)


def _check(said: dict[str, Any], size: int) -> None:
    """Raises ValidationError for an answer that is neither an object nor an error."""
    status, failed = said.get("StatusCode") or 200, "ErrorCode" in said or "ErrorMessage" in said
    if status not in lambda_results.STATUSES:
        raise _invalid(f"Invalid status code: {status}")
    if failed and (status < 300 or size):
        raise _invalid("ErrorCode and ErrorMessage cannot be used with a successful StatusCode, or with a body")
    if not _CODE.fullmatch(said.get("ErrorCode", "Error")):
        raise _invalid("ErrorCode does not match ^[A-Z][a-zA-Z]+$")
    if sum(name.startswith("Checksum") for name in said) > 1:
        raise _invalid("Only one checksum can be specified at a time")


def _invalid(message: str) -> AwsError:
    return error.named("ValidationError", message, 400)
