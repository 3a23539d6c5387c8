"""The bucket that a request names, and what it allows."""

from __future__ import annotations

from cumulet.kernel import Call, error, not_implemented

from .faults import access_denied, invalid_argument, no_such_bucket
from .resources import Bucket

ENFORCED = "BucketOwnerEnforced"


def bucket_of(call: Call, name: str, expected_owner: str | None = None) -> Bucket:
    """The bucket; raises NoSuchBucket, or AccessDenied when it is not whose the caller thinks."""
    bucket = call.table(Bucket).get(name)
    if bucket is None:
        raise no_such_bucket(name)
    if expected_owner is not None:
        if len(expected_owner) != 12 or not expected_owner.isdigit():
            raise error.named("InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner parameter must be an "
                              "AWS account ID", 400, Value=expected_owner)
        if expected_owner != bucket.account:
            raise access_denied()
    if bucket.account != call.account and call.cloud.settings.iam == "enforce":
        raise access_denied()              # another account's bucket is private until bucket policies are read
    return bucket


def check_encryption(encryption: str | None) -> None:
    """SSE-S3 is how every object is kept; keys of KMS are not there yet."""
    if encryption not in (None, "AES256"):
        if encryption not in ("aws:kms", "aws:kms:dsse", "aws:fsx"):
            raise invalid_argument("The encryption method specified is not supported", "x-amz-server-side-encryption",
                                   encryption)
        raise not_implemented(f"s3: server-side encryption by {encryption}")
