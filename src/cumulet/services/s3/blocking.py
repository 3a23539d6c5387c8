"""The public access block that counts for a bucket: its own and its account's, whichever is stricter."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call

from .faults import access_denied
from .resources import Bucket

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def blocks(call: Call, bucket: Bucket, which: str) -> bool:
    """Is this one of the four in force?"""
    if (bucket.PublicAccessBlockConfiguration or {}).get(which):
        return True
    try:
        told = call.as_service(account=bucket.account).s3control.get_public_access_block(AccountId=bucket.account)
    except AwsError as problem:
        if problem.code == "NoSuchPublicAccessBlockConfiguration":
            return False
        raise
    return bool(told["PublicAccessBlockConfiguration"].get(which))


def refusal(call: Call, bucket: Bucket, action: str, what: str, which: str, key: str = "") -> AwsError:
    """AccessDenied, saying which block it was."""
    arn = call.arn(bucket) + (f"/{key}" if key else "")
    return access_denied(f'User: {call.principal.arn} is not authorized to perform: {action} on resource: "{arn}" because '
                         f"public {what} are blocked by the {which} block public access setting.")
