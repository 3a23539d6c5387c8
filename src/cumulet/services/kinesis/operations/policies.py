"""Resource policies."""

from __future__ import annotations

from cumulet.kernel import Call, error, operation

from .. import named, policies
from ..resources import Doc


@operation(accepts=("StreamId",))
def put_resource_policy(call: Call, ResourceARN: str, Policy: str) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutResourcePolicy.html"""
    there, row = named.find(call, ResourceARN)
    _check_owner(call, there, ResourceARN)
    policies.put(there, row, ResourceARN, Policy)


@operation(accepts=("StreamId",))
def get_resource_policy(call: Call, ResourceARN: str) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetResourcePolicy.html"""
    there, _ = named.find(call, ResourceARN)
    return {"Policy": policies.told(there, ResourceARN)}


@operation(accepts=("StreamId",))
def delete_resource_policy(call: Call, ResourceARN: str) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteResourcePolicy.html"""
    there, row = named.find(call, ResourceARN)
    _check_owner(call, there, ResourceARN)
    policies.remove(there, row, ResourceARN)


def _check_owner(call: Call, there: Call, arn: str) -> None:
    """Whatever a policy says, only the owner's account changes it."""
    if there.account != call.account:
        raise error.AccessDeniedException(
            f"User: {call.principal.arn} is not authorized to perform: kinesis:{call.operation} on resource: {arn}")
