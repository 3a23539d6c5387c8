"""Object lock: of a bucket, and the retention and legal hold of each version."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import checksums, locking, versions
from ..buckets import bucket_of
from ..faults import absent, malformed_xml
from ..resources import Bucket as BucketRow
from ..resources import Extra, Version


@operation(accepts=("RequestPayer", "Token"))
def put_object_lock_configuration(call: Call, Bucket: str, ObjectLockConfiguration: dict[str, Any] | None = None,
                                  ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    said = ObjectLockConfiguration or {}
    if said.get("ObjectLockEnabled") != "Enabled":
        raise malformed_xml()
    if bucket.versioning != "Enabled":
        raise error.named("InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
                          "configuration", 409)
    bucket.default_retention = locking.checked_default(said.get("Rule"))
    bucket.object_lock = True
    call.put(bucket)
    return {}


@operation
def get_object_lock_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if not bucket.object_lock:
        raise absent("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket", Bucket)
    rule = {"DefaultRetention": bucket.default_retention} if bucket.default_retention is not None else None
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule}}


@operation(accepts=("RequestPayer",))
def put_object_retention(call: Call, Bucket: str, Key: str, Retention: dict[str, Any] | None = None,
                         VersionId: str | None = None, BypassGovernanceRetention: bool | None = None,
                         ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html"""
    checksums.check_document(call, ContentMD5)
    row = _locked(call, bucket_of(call, Bucket, ExpectedBucketOwner), Key, VersionId, "PUT")
    versions.change(call, row, extra=locking.retained(row, Retention or {}, bool(BypassGovernanceRetention), call.now))
    return {}


@operation(accepts=("RequestPayer",))
def get_object_retention(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                         ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html"""
    return {"Retention": locking.retention(_locked(call, bucket_of(call, Bucket, ExpectedBucketOwner), Key, VersionId, "GET"))}


@operation(accepts=("RequestPayer",))
def put_object_legal_hold(call: Call, Bucket: str, Key: str, LegalHold: dict[str, Any] | None = None,
                          VersionId: str | None = None, ContentMD5: str | None = None,
                          ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html"""
    checksums.check_document(call, ContentMD5)
    row = _locked(call, bucket_of(call, Bucket, ExpectedBucketOwner), Key, VersionId, "PUT")
    status = (LegalHold or {}).get("Status")
    if status not in ("ON", "OFF"):
        raise malformed_xml()
    extra = row.extra or Extra()
    extra.hold = status
    versions.change(call, row, extra=extra)
    return {}


@operation(accepts=("RequestPayer",))
def get_object_legal_hold(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                          ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLegalHold.html"""
    return {"LegalHold": locking.hold(_locked(call, bucket_of(call, Bucket, ExpectedBucketOwner), Key, VersionId, "GET"))}


def _locked(call: Call, bucket: BucketRow, key: str, version: str | None, method: str) -> Version:
    """A version in a bucket that knows of locks."""
    if not bucket.object_lock:
        raise locking.missing()
    return versions.find(call, bucket, key, version, method)
