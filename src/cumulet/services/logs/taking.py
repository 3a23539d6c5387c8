"""Events that come into a stream, by whatever way: kept, transformed, measured, and sent on."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Call, not_implemented

from . import batches, effective
from .background import watch
from .blocks import DAY
from .filtering import measure
from .forwarding import forward
from .keeping import append, oldest_kept
from .resources import LogGroup, LogStream, Tally
from .settings import SUBSCRIPTION
from .transforming import Origin


def tally_of(call: Call, group: LogGroup, stream: LogStream) -> Tally:
    """What the stream holds."""
    if group.LogGroupClass == "DELIVERY":
        raise not_implemented("logs: putting events into a group of the class DELIVERY")
    tally = call.table(Tally).get(stream.number)
    assert tally is not None
    return tally


def take(call: Call, group: LogGroup, stream: LogStream, tally: Tally, times: list[int], messages: list[str]) -> None:
    """One batch: in order of time, within 24 hours, and none of them too old or too new."""
    idle = tally.ingested is None or call.now * 1000 - tally.ingested > DAY
    first = tally.next
    transform = effective.transformer(call, group)
    origin = Origin(call.account, call.region, group.LogGroupName, stream.LogStreamName)
    transformed = [transform(message, origin) for message in messages] if transform is not None else []
    append(call, group, tally, times, messages, batches.size_of(messages), transformed)
    if group.metric_filters:
        measure(call, group, times, messages, transformed)
    if group.subscription_filters or effective.account_policies(call, group.LogGroupName, SUBSCRIPTION):
        forward(call, group, stream, first, times, messages, transformed)
    if group.RetentionInDays and idle:
        watch(call, group)


def take_all(call: Call, group: LogGroup, stream: LogStream, events: Sequence[tuple[int, str]]) -> int:
    """Events in any order, as many batches as they need; how many were too old or too new."""
    tally = tally_of(call, group, stream)
    ordered = sorted(events, key=lambda event: event[0])
    refused = 0
    for batch in batches.split(ordered):
        times, messages, _ = batches.accepted(batch, int(call.now * 1000), oldest_kept(group, call.now))
        refused += len(batch) - len(times)
        if times:
            take(call, group, stream, tally, times, messages)
    return refused
