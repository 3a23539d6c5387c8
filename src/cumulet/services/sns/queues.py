"""Queues that get messages: what all of one message's have in common is made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cumulet.kernel import AwsError, Call

from .messages import Notice

MOST_ATTRIBUTES = 10                   # of a message in a queue


class Queues:
    """Sends bodies to queues as a topic, in the order and with the trace of the notice that they come of."""

    def __init__(self, call: Call, topic_arn: str, notice: Notice | None) -> None:
        self._call = call
        self._topic_arn = topic_arn
        self._deduplication = notice.deduplication if notice is not None else None
        self._common = _common(notice) if notice is not None else {}
        self._senders: dict[tuple[str, str], Callable[..., Any]] = {}

    def send(self, queue_arn: str, body: str, attributes: Mapping[str, Any] | None) -> None:
        """One body to one queue, wherever it is."""
        place, path, fifo = _place(queue_arn)
        send = self._senders.get(place)
        if send is None:
            region, account = place
            send = self._senders[place] = self._call.as_service(self._topic_arn, account, region).sqs.send_message
        members = self._common
        if attributes:
            if len(attributes) > MOST_ATTRIBUTES:
                raise AwsError("InvalidParameterValue", "Raw delivery takes ten message attributes at most.")
            members = {**members, "MessageAttributes": attributes}
        if fifo and self._deduplication is not None:
            members = {**members, "MessageDeduplicationId": self._deduplication}
        send(QueueUrl=self._call.endpoint + path, MessageBody=body, **members)


def _common(notice: Notice) -> dict[str, Any]:
    """What every queue is told beside the body."""
    members: dict[str, Any] = {}
    if notice.group is not None:
        members["MessageGroupId"] = notice.group
    if notice.trace is not None:
        members["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": notice.trace}}
    return members


@lru_cache(4096)
def _place(queue_arn: str) -> tuple[tuple[str, str], str, bool]:
    """Of a queue's ARN: its region and account, the path of its URL, and whether it keeps an order."""
    _, _, _, region, account, name = queue_arn.split(":", 5)
    return (region, account), f"/{account}/{name}", name.endswith(".fifo")
