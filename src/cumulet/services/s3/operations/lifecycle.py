"""Lifecycle configuration of a bucket, and archived objects that are brought back for a while."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import archiving, background, checksums, lifecycle, mfa, restoring, tiering, versions
from ..buckets import bucket_of
from ..faults import absent, invalid_argument, invalid_request, malformed_xml
from ..resources import Version

_RULE_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@operation
def put_bucket_lifecycle_configuration(call: Call, Bucket: str, LifecycleConfiguration: dict[str, Any] | None = None,
                                       ExpectedBucketOwner: str | None = None,
                                       TransitionDefaultMinimumObjectSize: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html"""
    checksums.check_document(call, required=True)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if mfa.is_on(bucket):
        raise error.named("InvalidBucketState", "Lifecycle configurations are not supported on buckets with MFA Delete.", 409)
    least = TransitionDefaultMinimumObjectSize or lifecycle.ALL_128K
    if least not in (lifecycle.ALL_128K, lifecycle.VARIES):
        raise malformed_xml()
    rules = (LifecycleConfiguration or {}).get("Rules") or ()
    bucket.lifecycle = lifecycle.checked(rules, lambda: call.token(48, _RULE_ID))
    bucket.least_moved = least
    call.put(bucket)
    background.begin(call, bucket)
    return {"TransitionDefaultMinimumObjectSize": least}


@operation
def get_bucket_lifecycle_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if not bucket.lifecycle:
        raise absent("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", Bucket)
    return {"Rules": bucket.lifecycle, "TransitionDefaultMinimumObjectSize": bucket.least_moved}


@operation
def delete_bucket_lifecycle(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.lifecycle = []
    call.put(bucket)


@operation(accepts=("RequestPayer",))
def restore_object(call: Call, Bucket: str, Key: str, VersionId: str | None = None,
                   RestoreRequest: dict[str, Any] | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html"""
    checksums.check_document(call)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = versions.find(call, bucket, Key, VersionId, "POST")
    wanted = restoring.checked(RestoreRequest or {})
    tier = tiering.tier_of(row, call.now)
    if tier:
        return _from_tier(call, row, tier, wanted)
    if restoring.archive_of(row) is None:
        raise error.InvalidObjectState("Restore is not allowed for the object's current storage class", 403)
    state = restoring.state_of(row, call.now)
    if state == restoring.UNDER_WAY:
        if not background.hurry(call, bucket, row, wanted.tier):
            raise error.named("RestoreAlreadyInProgress", "Object restore is already in progress", 409)
        return {"StatusCode": 202}
    if wanted.days is None:
        raise invalid_request("Days is a required element of this restore request")
    background.bring_back(call, bucket, row, wanted)
    # 200 where a copy is there and only stays longer; 202 where one has to be made.
    return {"StatusCode": 200 if state == restoring.THERE else 202}


def _from_tier(call: Call, row: Version, tier: str, wanted: restoring.Wanted) -> dict[str, Any]:
    """An object of Intelligent-Tiering comes back to stay: for no number of days."""
    if wanted.days is not None:
        raise invalid_argument("Days is not valid for objects of S3 Intelligent-Tiering", "Days", wanted.days)
    if row.extra is not None and row.extra.restored_at:
        raise error.named("RestoreAlreadyInProgress", "Object restore is already in progress", 409)
    archiving.bring_back(call, row, tier, wanted.tier)
    return {"StatusCode": 202}
