"""The execution role: with its rights Lambda asks sources for records and tells destinations.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, parse_arn, principals

from .deployments import find
from .resources import EventSourceMapping

_SOURCES = {
    "sqs": (("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
            "The provided execution role does not have permissions to call {action} on SQS"),
    "dynamodb": (("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"),
                 "Cannot access stream {source}. Please ensure the role can perform the GetRecords, GetShardIterator,"
                 " DescribeStream, and ListStreams Actions on your stream in IAM."),
    "kinesis": (("kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards",
                 "kinesis:ListStreams"),
                "Cannot access stream {source}. Please ensure the role can perform the GetRecords, GetShardIterator,"
                " DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.")}
_ON_ALL = ("dynamodb:ListStreams", "kinesis:ListStreams")


def peers(call: Call, role: str, function: str, account: str, region: str) -> Any:
    """Other services with the rights of the role. Where policies are not enforced it need not exist; then as Lambda itself.
    function: its ARN."""
    acting = principals.acting.as_role(call, role, function.split(":")[6], account, region)
    if acting is None and principals.mode_of(call) == "enforce":
        raise error.named("AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.", 403)
    return acting if acting is not None else call.as_service(function, account, region)


def peers_of(call: Call, mapping: EventSourceMapping) -> Any:
    """Other services where a mapping's source lies, with the rights of its function's role."""
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    found = find(call, mapping.FunctionName)
    return peers(call, found.role, found.deployment.function, arn.account, arn.region)


def check_source(call: Call, role: str, kind: str, source: str) -> None:
    """Where policies are enforced: raises when the role may not read the source."""
    if principals.mode_of(call) != "enforce":
        return
    actions, refusal = _SOURCES[kind]
    if denied := _denied(call, role, actions, source):
        raise error.InvalidParameterValueException(refusal.format(action=denied.partition(":")[2], source=source))


def _denied(call: Call, role: str, actions: Sequence[str], resource: str) -> str:
    """The first action that the role's own policies do not allow."""
    who = principals.principal_of(call, role)
    for action in actions:
        on = "*" if action in _ON_ALL else resource
        if who is None or principals.simulate(call, who, None, None, action, on, "", {}, "").decision != "allowed":
            return action
    return ""
