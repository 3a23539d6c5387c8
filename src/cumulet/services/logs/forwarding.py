"""Subscription filters at work: a batch's fitting events, packed as AWS packs them, to a function or a Kinesis stream.

What a stream refuses is tried again for a day. One batch does not wait for another.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, parse_arn, task, timer

from . import criteria, patterns, streaming
from .blocks import event_id
from .effective import account_policies
from .resources import LogGroup, LogStream, SubscriptionFilter
from .settings import SUBSCRIPTION

_KEPT = 86_400.0
_SLOWEST = 600.0


def forward(call: Call, group: LogGroup, stream: LogStream, first: int, times: Sequence[int], messages: Sequence[str],
            transformed: Sequence[str]) -> None:
    """Send what each filter lets pass, after the commit. first: the number of the batch's first event in its stream."""
    for found in [*call.table(SubscriptionFilter).scan(group.LogGroupName), *_of_account(call, group)]:
        if not criteria.holds(found.criteria or "", call.account, call.region):
            continue
        matches = patterns.compiled(found.pattern).matches
        texts = transformed if found.transformed and transformed else messages
        events = [{"id": event_id(time, stream.number, first + i), "timestamp": time, "message": message}
                  for i, (time, message) in enumerate(zip(times, texts, strict=True)) if matches is None or matches(message)]
        if events:
            call.task(send, group=group.LogGroupName, stream=stream.LogStreamName, name=found.name,
                      destination=found.destination, events=events, role=found.role, distribution=found.distribution)


def _of_account(call: Call, group: LogGroup) -> list[SubscriptionFilter]:
    """What the account's policies subscribe a group to."""
    found = []
    for row in account_policies(call, group.LogGroupName, SUBSCRIPTION):
        said = json.loads(row.document)
        found.append(SubscriptionFilter(group=group.LogGroupName, name=row.name, pattern=said.get("FilterPattern", ""),
                                        destination=said["DestinationArn"], created=row.created,
                                        role=said.get("RoleArn"), distribution=said.get("Distribution") or "ByLogStream"))
    return found


@task(retries=5)
def send(call: Call, group: str, stream: str, name: str, destination: str, events: list[dict[str, Any]],
         role: str | None = None, distribution: str = "ByLogStream") -> None:
    """Give a function the events, which is called asynchronously, or put them into a stream."""
    row = call.table(LogGroup).get(group)
    if row is None:
        return
    parts = parse_arn(destination)
    if parts is not None and parts.service in streaming.VENDORS:
        subscription = {"group": group, "stream": stream, "name": name, "destination": destination, "role": role,
                        "distribution": distribution}
        _stream(call, subscription, events, 0, call.now)
        return
    data = {"messageType": "DATA_MESSAGE", "owner": call.account, "logGroup": group, "logStream": stream,
            "subscriptionFilters": [name], "logEvents": events}
    payload = {"awslogs": {"data": b64encode(gzip.compress(json.dumps(data).encode(), mtime=0)).decode()}}
    getattr(call.as_service(call.arn(row) + ":*"), "lambda").invoke(
        FunctionName=destination, InvocationType="Event", Payload=json.dumps(payload).encode())


def _stream(call: Call, subscription: dict[str, Any], events: list[dict[str, Any]], attempts: int, began: float) -> None:
    try:
        with call.tx.savepoint():
            streaming.send(call, subscription, events)
    except AwsError:                                     # it has enough, is not there, or lets nobody in: perhaps later
        due = call.now + min(2.0 ** attempts, _SLOWEST)
        if due - began <= _KEPT:
            call.at(due, stream_again, subscription=subscription, events=events, attempts=attempts + 1, began=began)


@timer
def stream_again(call: Call, subscription: dict[str, Any], events: list[dict[str, Any]], attempts: int, began: float) -> None:
    """Once more."""
    _stream(call, subscription, events, attempts, began)
