"""Resource policies of streams and consumers: who of other accounts may write, read and subscribe.

https://docs.aws.amazon.com/streams/latest/dev/controlling-access.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error, principals

from .resources import Consumer, Policy, Stream

_LARGEST = 20 * 1024
Guarded = Stream | Consumer


def put(call: Call, row: Guarded, arn: str, text: str) -> None:
    """Attach a policy, or another one."""
    if len(text.encode()) > _LARGEST:
        raise error.InvalidArgumentException(f"Resource policy size must be at most {_LARGEST} bytes.")
    try:
        principals.check_resource_policy(text)
    except principals.MalformedPolicy as problem:
        raise error.InvalidArgumentException(f"Invalid resource policy: {problem}") from None
    if (name := principals.named.missing(call, text)) is not None:
        raise error.InvalidArgumentException(f'Invalid resource policy: Invalid principal in policy: "AWS":"{name}"')
    call.put(Policy(arn, text))
    _mark(call, row, True)


def told(call: Call, arn: str) -> str:
    """The policy of a resource."""
    found = call.table(Policy).get(arn)
    if found is None:
        raise missing(arn)
    return found.text


def missing(arn: str) -> AwsError:
    return error.ResourceNotFoundException(f"There is no resource policy for {arn}.")


def remove(call: Call, row: Guarded, arn: str) -> None:
    if not call.table(Policy).delete(arn):
        raise missing(arn)
    _mark(call, row, False)


def _mark(call: Call, row: Guarded, guarded: bool) -> None:
    """Calls see in the row whether there is a policy to ask."""
    row.guarded = guarded
    call.put(row)
