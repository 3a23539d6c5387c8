"""MFA delete: a bucket whose versions go, and whose versioning changes, only with a code of a second factor.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
"""

from __future__ import annotations

from cumulet.kernel import Call, principals

from .faults import access_denied
from .resources import Bucket

ENABLED = "Enabled"


def is_on(bucket: Bucket) -> bool:
    return (bucket.VersioningConfiguration or {}).get("MFADelete") == ENABLED


def check_deletion(call: Call, bucket: Bucket, version: str | None, header: str | None) -> None:
    """A version goes for good only with a code, where that is wanted; the clock's own work is never asked."""
    if version is not None and is_on(bucket) and call.principal.kind != "service":
        check(call, header)


def check(call: Call, header: str | None) -> None:
    """x-amz-mfa: the serial number of a device of the caller, a space, and its code of now."""
    serial, _, code = (header or "").strip().rpartition(" ")
    who = call.principal
    device = call.table(principals.VirtualMFADevice).get(serial) if serial and who.kind in ("root", "user") else None
    if not principals.check_totp(call, device, who.id, code):
        raise access_denied("Mfa Authentication must be used for this request")
