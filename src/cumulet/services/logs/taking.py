"""Events that come into a stream, by whatever way: kept, transformed, measured, and sent on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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

Parse = Callable[[str], str]            # a message → its fields, as JSON


def tally_of(call: Call, group: LogGroup, stream: LogStream) -> Tally:
    """What the stream holds."""
    if group.LogGroupClass == "DELIVERY":
        raise not_implemented("logs: putting events into a group of the class DELIVERY")
    tally = call.table(Tally).get(stream.number)
    assert tally is not None
    return tally


def make_stream(call: Call, group: LogGroup, name: str) -> LogStream:
    """A new stream. Raises Conflict when there is one already."""
    tally = call.table(Tally).insert(Tally(group=group.number, name=name))
    return call.table(LogStream).insert(LogStream(LogGroupName=group.LogGroupName, LogStreamName=name, number=tally.number,
                                                  created=call.now))


def take(call: Call, group: LogGroup, stream: LogStream, tally: Tally, times: list[int], messages: list[str],
         parse: Parse | None = None) -> None:
    """One batch: in order of time, within 24 hours, and none of them too old or too new. parse: what they are transformed by
    where the group has no transformer."""
    idle = tally.ingested is None or call.now * 1000 - tally.ingested > DAY
    first = tally.next
    transform = effective.transformer(call, group)
    origin = Origin(call.account, call.region, group.LogGroupName, stream.LogStreamName)
    transformed = [transform(message, origin) for message in messages] if transform is not None else \
        [parse(message) for message in messages] if parse is not None else []
    append(call, group, tally, times, messages, batches.size_of(messages), transformed)
    if group.metric_filters:
        measure(call, group, times, messages, transformed)
    if group.subscription_filters or effective.account_policies(call, group.LogGroupName, SUBSCRIPTION):
        forward(call, group, stream, first, times, messages, transformed)
    if group.RetentionInDays and idle:
        watch(call, group)


def take_all(call: Call, group: LogGroup, stream: LogStream, events: Sequence[tuple[int, str]],
             parse: Parse | None = None) -> int:
    """Events in any order, as many batches as they need; how many were too old or too new."""
    tally = tally_of(call, group, stream)
    ordered = sorted(events, key=lambda event: event[0])
    refused = 0
    for batch in batches.split(ordered):
        times, messages, _ = batches.accepted(batch, int(call.now * 1000), oldest_kept(group, call.now))
        refused += len(batch) - len(times)
        if times:
            take(call, group, stream, tally, times, messages, parse)
    return refused
