"""Whether a bucket has an access log, and where it goes."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Principal, error, operation, principals

from .. import accesslogs, acls, checksums, delivering, owning, resources
from ..buckets import ENFORCED, bucket_of


@operation
def put_bucket_logging(call: Call, Bucket: str, BucketLoggingStatus: dict[str, Any], ContentMD5: str | None = None,
                       ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    said = BucketLoggingStatus.get("LoggingEnabled")
    if said is None:
        bucket.logging = None
    else:
        target = call.table(resources.Bucket).get(said.get("TargetBucket") or "")
        bucket.logging = accesslogs.checked(said, bucket, target)
        assert target is not None
        _check_open(call, bucket, target, said["TargetPrefix"])
    call.put(bucket)


@operation
def get_bucket_logging(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html"""
    return {"LoggingEnabled": bucket_of(call, Bucket, ExpectedBucketOwner).logging}


def _check_open(call: Call, bucket: resources.Bucket, target: resources.Bucket, prefix: str) -> None:
    """Where access control lists count, one must let the log in, or the target's policy."""
    granted = {permission for who, permission in owning.bucket_grants(target) if who == acls.LOG_DELIVERY}
    if target.ownership == ENFORCED or acls.FULL_CONTROL in granted or {"WRITE", "READ_ACP"} <= granted:
        return
    if target.policy:
        name = delivering.PRINCIPAL
        service = Principal("service", bucket.account, name, name, name)
        told = principals.simulate(
            call, service, [], [], "s3:PutObject", f"{call.arn(target)}/{prefix}", target.policy,
            {"aws:SourceArn": [call.arn(bucket)], "aws:SourceAccount": [bucket.account]}, target.account)
        if told.decision == "allowed":
            return
    raise error.named("InvalidTargetBucketForLogging", "You must give the log-delivery group WRITE and READ_ACP permissions to "
                      "the target bucket", 400, TargetBucket=target.BucketName)
