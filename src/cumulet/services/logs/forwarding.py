"""Subscription filters at work: a batch's fitting events, packed as AWS packs them, to a function."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, task

from . import patterns
from .blocks import event_id
from .resources import LogGroup, LogStream, SubscriptionFilter


def forward(call: Call, group: LogGroup, stream: LogStream, first: int, times: Sequence[int], messages: Sequence[str]) -> None:
    """Send what each filter lets pass, after the commit. first: the number of the batch's first event in its stream."""
    for found in call.table(SubscriptionFilter).scan(group.LogGroupName):
        matches = patterns.compiled(found.pattern).matches
        events = [{"id": event_id(time, stream.number, first + i), "timestamp": time, "message": message}
                  for i, (time, message) in enumerate(zip(times, messages, strict=True)) if matches is None or matches(message)]
        if events:
            call.task(send, group=group.LogGroupName, stream=stream.LogStreamName, name=found.name,
                      destination=found.destination, events=events)


@task(retries=5)
def send(call: Call, group: str, stream: str, name: str, destination: str, events: list[dict[str, Any]]) -> None:
    """Give a function the events; it is called asynchronously."""
    row = call.table(LogGroup).get(group)
    if row is None:
        return
    data = {"messageType": "DATA_MESSAGE", "owner": call.account, "logGroup": group, "logStream": stream,
            "subscriptionFilters": [name], "logEvents": events}
    payload = {"awslogs": {"data": b64encode(gzip.compress(json.dumps(data).encode(), mtime=0)).decode()}}
    getattr(call.as_service(call.arn(row) + ":*"), "lambda").invoke(
        FunctionName=destination, InvocationType="Event", Payload=json.dumps(payload).encode())
