"""Topics with a KMS key: what waits or is archived lies encrypted, under data keys that only KMS can give back.

https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

from .resources import Topic

_PLAIN, _SEALED = b"\0", b"\1"
_CONTEXT = "aws:sns:topicArn"
_ERRORS = {"NotFoundException": "KMSNotFoundException", "DisabledException": "KMSDisabledException",
           "KMSInvalidStateException": "KMSInvalidStateException", "ThrottlingException": "KMSThrottlingException"}


def check(call: Call, topic: Topic) -> None:
    """The publisher, too, must be allowed to use the topic's key."""
    if topic.KmsMasterKeyId is not None:
        call.envelopes(_CONTEXT, _refused).check(call.arn(topic), topic.KmsMasterKeyId)


def seal(call: Call, topic: Topic, plain: bytes) -> bytes:
    """As it may be written down."""
    if topic.KmsMasterKeyId is None:
        return _PLAIN + plain
    return _SEALED + call.envelopes(_CONTEXT, _passed_on, as_service=True).seal(call.arn(topic), topic.KmsMasterKeyId, plain)


def unseal(call: Call, written: bytes) -> bytes:
    """What `seal` was given. Raises while KMS does not give the key."""
    if written[:1] == _PLAIN:
        return written[1:]
    return call.envelopes(_CONTEXT, _passed_on, as_service=True).open(written[1:])


def _refused(problem: AwsError) -> AwsError:
    """KMS's refusals, as SNS passes them on to its users."""
    return error.named(_ERRORS.get(problem.code, "KMSAccessDeniedException"),
                       f"{problem.message} (Service: AWSKMS; Error Code: {problem.code})")


def _passed_on(problem: AwsError) -> AwsError:
    """And as SNS itself hears of them."""
    return problem
