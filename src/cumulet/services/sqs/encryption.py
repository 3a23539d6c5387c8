"""Queues with a KMS key: bodies lie encrypted under data keys that KMS gives to whoever sends, and opens for whoever receives.

A data key serves a principal for the queue's reuse period. Senders need both permissions: AWS opens a new one at once.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

from .resources import Message, Queue

_CONTEXT = "aws:sqs:arn"
_ERRORS = {"NotFoundException": "KmsNotFound", "DisabledException": "KmsDisabled",
           "KMSInvalidStateException": "KmsInvalidState", "InvalidKeyUsageException": "KmsInvalidKeyUsage"}


def seal(call: Call, queue: Queue, body: str) -> bytes:
    """A body as it may be written down, in a queue that has a key."""
    return call.envelopes(_CONTEXT, _refused, queue.KmsDataKeyReusePeriodSeconds, proven=True).seal(
        call.arn(queue), str(queue.KmsMasterKeyId), body.encode())


def check(call: Call, queue: Queue) -> None:
    """Raises when this caller can send nothing to the queue, for KMS gives it no key."""
    if queue.KmsMasterKeyId is not None:
        call.envelopes(_CONTEXT, _refused, queue.KmsDataKeyReusePeriodSeconds, proven=True).check(
            call.arn(queue), queue.KmsMasterKeyId)


def opened(call: Call, queue: Queue, message: Message) -> str:
    """The body of a message, as far as KMS lets this receiver have it. (It was sealed for the queue that it was sent to.)"""
    return call.envelopes(_CONTEXT, _refused, queue.KmsDataKeyReusePeriodSeconds).open(message.sealed or b"").decode()


def _refused(problem: AwsError) -> AwsError:
    """KMS's refusals, as SQS passes them on."""
    return error.named(_ERRORS.get(problem.code, "KmsAccessDenied"),
                       f"{problem.message} (Service: AWSKMS; Error Code: {problem.code})")
