"""Shards split and merged: parents are closed, and their children take the hash keys from then on.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
"""

from __future__ import annotations

from cumulet.kernel import Call, error

from . import hashes, shards, streams
from .background import trims
from .resources import Shard, Stream, Tail
from .streams import Found

MOST_A_DAY = 10                        # calls of UpdateShardCount
_MOST_SHARDS, _DAY = 10_000, 86_400.0
_GAP = 2                               # between the last position of a parent and the first one of its child


def split(found: Found, shard: Shard, at: bytes) -> None:
    """Two shards for one: `at` is the first hash key of the upper one."""
    first = _close(found, shard) + _GAP
    for start, end in ((shard.start, hashes.before(at)), (at, shard.end)):
        _add(found, Shard(stream=found.stream.Name, index=0, start=start, end=end, parent=shard.index, first=first,
                          opened=found.call.now))


def merge(found: Found, one: Shard, other: Shard) -> None:
    """One shard for two whose hash keys are next to each other."""
    first = max(_close(found, one), _close(found, other)) + _GAP
    _add(found, Shard(stream=found.stream.Name, index=0, start=min(one.start, other.start), end=max(one.end, other.end),
                      parent=one.index, adjacent=other.index, first=first, opened=found.call.now))


def scale(found: Found, target: int) -> None:
    """So many shards of even size: split at each new edge, then merge what is smaller."""
    ranges = hashes.even(target)
    for start, _ in ranges:
        within = _open_at(found, start)
        if within.start != start:
            split(found, within, start)
    for start, end in ranges:
        while (low := _open_at(found, start)).end != end:
            merge(found, low, _open_at(found, hashes.after(low.end)))


def check_eligible(found: Found, shard: Shard) -> None:
    """Raises when the shard is closed already."""
    if shard.closed:
        raise error.ResourceInUseException(
            f"Shard {shards.id_of(shard.index)} in {found.said} has already been merged or split, and thus is "
            "not eligible for merging or splitting.")


def check_provisioned(found: Found) -> None:
    """Raises where nobody but the service has a say in shards."""
    if found.stream.on_demand:
        raise error.ValidationException(
            f"Request is invalid. S{found.said[1:]} is in On-Demand mode.")


def count_changed(call: Call, stream: Stream) -> None:
    """The stream knows how many shards it has, as CloudFormation tells it."""
    if not stream.on_demand:
        stream.ShardCount = shards.count_open(call, stream)
        call.put(stream)


def check_scaling(found: Found, count: int, target: int) -> None:
    """Raises when that is too many shards, too few, or too often."""
    call, stream = found
    told = f"Current open shard count: {count} Target shard count: {target}"
    if target > 2 * count:
        raise error.LimitExceededException(
            f"UpdateShardCount cannot scale up over double your current open shard count. {told}")
    if 2 * target < count:
        raise error.LimitExceededException(
            f"UpdateShardCount cannot scale down below half your current open shard count. {told}")
    if target > _MOST_SHARDS:
        raise error.LimitExceededException(f"UpdateShardCount cannot scale over {_MOST_SHARDS} shards. {told}")
    if sum(1 for moment in stream.scaled if moment > call.now - _DAY) >= MOST_A_DAY:
        raise error.LimitExceededException(
            f"S{found.said[1:]} has reached the limit of {MOST_A_DAY} calls of UpdateShardCount in a rolling 24-hour period.")
    streams.check_room(call, target - count)


def _close(found: Found, shard: Shard) -> int:
    """No more records come to a shard; the position of its last one."""
    call, stream = found
    tail = call.table(Tail).get(shard.number)
    last = tail.last if tail is not None else shard.first - 1
    call.table(Shard).change(shard.number, closed=call.now, last=last)
    if tail is None or not tail.swept:
        trims.arm(call, stream, shard.index, shard.number, trims.due(call, stream, call.now))
    call.signal(str(shard.number), count=shards.READERS)
    return last


def _add(found: Found, shard: Shard) -> None:
    """A new shard under the stream's next index: the latest shard is never trimmed before it is a parent."""
    latest = found.call.table(Shard).scan(found.stream.Name, index="stream", reverse=True, limit=1)
    shard.index = latest[0].index + 1
    shards.add(found.call, shard)


def _open_at(found: Found, hash_key: bytes) -> Shard:
    """The open shard that takes a hash key."""
    number = shards.route(shards.routes(found.call, found.stream), hash_key).number
    shard = found.call.table(Shard).get(number)
    assert shard is not None
    return shard
