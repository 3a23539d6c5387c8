"""The codes of SQS's errors in the query protocol, which its model no longer has.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from typing import Any

# Errors whose code in the query protocol (and in the header x-amzn-query-error) is not their name.
_CODES = {
    **{name: "AWS.SimpleQueueService." + name for name in (
        "BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidBatchEntryId", "MessageNotInflight",
        "PurgeQueueInProgress", "QueueDeletedRecently", "TooManyEntriesInBatchRequest", "UnsupportedOperation")},
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue", "QueueNameExists": "QueueAlreadyExists",
    "KmsAccessDenied": "KMS.AccessDeniedException", "KmsDisabled": "KMS.DisabledException", "KmsInvalidKeyUsage":
    "KMS.InvalidKeyUsageException", "KmsInvalidState": "KMS.InvalidStateException", "KmsNotFound": "KMS.NotFoundException",
    "KmsOptInRequired": "KMS.OptInRequired", "KmsThrottled": "KMS.ThrottlingException",
}


def with_codes(raw: dict[str, Any]) -> dict[str, Any]:
    """The raw model with the errors' codes of the query protocol."""
    shapes = raw["shapes"]
    for name, code in _CODES.items():
        if name in shapes:
            shapes[name] = {**shapes[name], "error": {"httpStatusCode": 400, **shapes[name].get("error", {}), "code": code}}
    return raw
