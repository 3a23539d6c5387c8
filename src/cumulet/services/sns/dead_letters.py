"""Queues that get messages: those that subscribe, and those that take what could not be delivered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call

from .messages import Notice

_MOST_RAW_ATTRIBUTES = 10


def enqueue(call: Call, sqs: Any, queue_arn: str, body: str, attributes: Mapping[str, Any], notice: Notice | None) -> None:
    """Send a body to a queue, in the order and with the trace of its notice. sqs: as seen from the queue's account."""
    account, name = queue_arn.rsplit(":", 2)[1:]
    members: dict[str, Any] = {"QueueUrl": f"{call.endpoint}/{account}/{name}", "MessageBody": body}
    if attributes:
        if len(attributes) > _MOST_RAW_ATTRIBUTES:
            raise AwsError("InvalidParameterValue", "Raw delivery takes ten message attributes at most.")
        members["MessageAttributes"] = attributes
    if notice is not None:
        if notice.group is not None:
            members["MessageGroupId"] = notice.group
        if notice.deduplication is not None and name.endswith(".fifo"):
            members["MessageDeduplicationId"] = notice.deduplication
        if notice.trace is not None:
            members["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": notice.trace}}
    sqs.send_message(**members)


def bury(call: Call, topic_arn: str, redrive: str, body: str, attributes: Mapping[str, Any], problem: AwsError,
         notice: Notice | None = None) -> None:
    """To a subscription's dead-letter queue, with what went wrong."""
    target = json.loads(redrive)["deadLetterTargetArn"]
    why = {"RequestID": call.request_id, "ErrorCode": problem.code, "ErrorMessage": problem.message or problem.code}
    told = {name: {"DataType": "String", "StringValue": value} for name, value in why.items() if value}
    _, _, _, region, account, _ = target.split(":", 5)
    try:
        enqueue(call, call.as_service(topic_arn, account, region).sqs, target, body,
                {**dict(list(attributes.items())[:_MOST_RAW_ATTRIBUTES - len(told)]), **told}, notice)
    except AwsError:
        return                                     # no dead-letter queue either: nothing is left to do
