"""The bucket that a request names, and what it allows."""

from __future__ import annotations

from cumulet.kernel import Call, error

from . import directories, entrances, payment, tables
from .faults import access_denied, no_such_bucket
from .resources import Bucket

ENFORCED = "BucketOwnerEnforced"


def bucket_of(call: Call, name: str, expected_owner: str | None = None) -> Bucket:
    """The bucket; raises NoSuchBucket, or AccessDenied when it is not whose the caller thinks."""
    return _checked(call, call.table(Bucket).get(name), name, expected_owner)


def bucket_in_use(call: Call, name: str, expected_owner: str | None = None) -> Bucket:
    """The same for those who work with its objects and change nothing of the bucket itself: the row is shared."""
    return _checked(call, call.table(Bucket).known(name), name, expected_owner)


def _checked(call: Call, bucket: Bucket | None, name: str, expected_owner: str | None) -> Bucket:
    if bucket is None:
        bucket = entrances.behind(call, name)
        if bucket is None:
            raise no_such_bucket(name)
    if expected_owner is not None:
        if len(expected_owner) != 12 or not expected_owner.isdigit():
            raise error.named("InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner parameter must be an "
                              "AWS account ID", 400, Value=expected_owner)
        if expected_owner != bucket.account:
            raise access_denied()
    if bucket.zone:
        directories.check(call, bucket, name)
    if bucket.table:
        tables.check(call, bucket)
    if bucket.requester_pays:
        payment.check(call, bucket)
    if call.request is not None and ".s3-accelerate." in call.request.host:
        _check_accelerated(bucket)
    return bucket


def _check_accelerated(bucket: Bucket) -> None:
    """The accelerated hosts serve the buckets that are configured for it."""
    if bucket.acceleration != "Enabled":
        state = "disabled" if bucket.acceleration else "not configured"
        raise error.named("InvalidRequest", f"S3 Transfer Acceleration is {state} on this bucket", 400)
