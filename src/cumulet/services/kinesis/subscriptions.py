"""Subscriptions of consumers: records of a shard are pushed as they come, for five minutes, or until another one takes over.

https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html
"""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import Call, error

from . import consumers, iterators, measuring, reading, sequences, shards, streams, throttling
from .resources import Doc, Shard, Subscription
from .streams import Found

LASTS = 300.0
_SETTLES = 5.0                         # seconds for which nobody takes a subscription over
_BEAT = 5.0                            # seconds after which is told that there is nothing
_LARGEST_EVENT = 1024 * 1024           # unless one record is larger


class Place(NamedTuple):
    """A subscription that runs: its token, its consumer, its shard and when it ends."""

    token: str
    consumer: str
    shard: int
    ends: float


class Pushed(NamedTuple):
    """An event of a subscription, and where the next one goes on; None at the end of the shard."""

    event: Doc
    after: int | None


def begin(call: Call, consumer: str, shard: str, kind: str, number: str | None, moment: float | None,
          rehearsal: bool) -> tuple[Place, int]:
    """Subscribe, and take over from whoever was subscribed; and the position behind which it begins."""
    there, row = consumers.own(call, consumer)
    found = streams.find(there, None, row.StreamARN)
    chosen = shards.find(there, found.stream, shard)
    after = iterators.start(found, chosen, kind, number, moment)
    last = there.table(Subscription).get(chosen.number, consumer)
    if last is not None and call.now < last.since + _SETTLES:
        measuring.subscribed(there, found.stream, False)
        raise error.ResourceInUseException(
            f"Another active subscription exists for this consumer: {there.account}:{found.stream.Name}:{shard}:"
            f"{row.ConsumerName}")
    if rehearsal:
        raise error.DryRunOperationException("Request would have succeeded, but DryRun flag is set.")
    token = call.token(32)
    there.table(Subscription).put(Subscription(chosen.number, consumer, token, call.now))
    there.signal(str(chosen.number), count=shards.READERS)
    measuring.subscribed(there, found.stream, True)
    return Place(token, consumer, chosen.number, call.now + LASTS), after


def advance(call: Call, place: Place, after: int, told: float) -> Pushed | None:
    """The next event, when there is one; None when the subscription is over. told: when the last event was."""
    found, shard = _still(call, place)
    if call.now >= place.ends:
        return None
    pause = throttling.pause_of_consumer(found.call, place.consumer, shard.number)
    read = None if pause else reading.read(found, shard, after, reading.MOST, _LARGEST_EVENT)
    if call.patient and (read is None or not (read.rows or read.ended or call.now >= told + _BEAT)):
        found.call.wait(str(shard.number), seconds=LASTS,
                        until=min(place.ends, call.now + pause if pause else told + _BEAT))
    if read is None:
        read = reading.Read([], 0, after, False, False)
    return _pushed(found, shard, place, read)


def _still(call: Call, place: Place) -> tuple[Found, Shard]:
    """The stream and the shard, while they, the consumer and the subscription are there."""
    there, row = consumers.own(call, place.consumer)
    found = streams.find(there, None, row.StreamARN)
    shard = there.table(Shard).known(place.shard)
    if shard is None:
        raise error.ResourceNotFoundException(f"The shard in {found.said} does not exist any more.")
    last = there.table(Subscription).get(place.shard, place.consumer)
    if last is None or last.token != place.token:
        raise error.ResourceInUseException(
            f"Another subscription of consumer {row.ConsumerName} has taken over shard {shards.id_of(shard.index)} in "
            f"{found.said}.")
    return found, shard


def _pushed(found: Found, shard: Shard, place: Place, read: reading.Read) -> Pushed:
    call, stream = found
    age = read.behind(call.now)
    throttling.pushed(call, place.consumer, shard.number, read.size)
    measuring.pushed(call, stream, len(read.rows), read.size, age)
    event = {"Records": reading.shown(found, shard, read.rows), "MillisBehindLatest": age,
             "ContinuationSequenceNumber": None if read.ended else sequences.number(stream.created, read.after, shard.index),
             "ChildShards": reading.children(call, stream, shard) if read.ended else None}
    return Pushed(event, None if read.ended else read.after)
