"""Whom a bucket tells of what happens in it."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, operation

from .. import checksums, notices, telling
from ..buckets import bucket_of


@operation
def put_bucket_notification_configuration(call: Call, Bucket: str, NotificationConfiguration: dict[str, Any],
                                          SkipDestinationValidation: bool | None = None,
                                          ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html"""
    checksums.check_document(call)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    wanted = notices.checked(NotificationConfiguration, bucket.region, call.uuid)
    if not SkipDestinationValidation:
        message = notices.trial_message(call, bucket)
        for kind, (member, _) in notices.KINDS.items():
            for entry in wanted.get(kind, ()):
                try:
                    telling.send(call, bucket, kind, entry[member], message)
                except AwsError as problem:
                    raise notices.unreachable(entry[member], problem) from None
    bucket.notifications = wanted or None
    call.put(bucket)


@operation
def get_bucket_notification_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html"""
    return bucket_of(call, Bucket, ExpectedBucketOwner).notifications or {}
