"""Shards split and merged: parents are closed, and their children take the hash keys from then on.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cumulet.kernel import Call, error

from . import hashes, shards, streams
from .background import trims
from .resources import Shard, Stream, Tail
from .streams import Found

MOST_A_DAY = 10                        # calls of UpdateShardCount
_MOST_SHARDS, _DAY = 10_000, 86_400.0
_GAP = 2                               # between the last position of a parent and the first one of its child
_OPEN = 'SELECT {columns} FROM {table} WHERE scope = {scope} AND "stream" = ? AND "closed" = 0 ORDER BY "start"'


class Resharding:
    """Changes to the shards of one stream. It holds the open ones as they are meanwhile, for there may be thousands."""

    def __init__(self, found: Found) -> None:
        self._found = found
        table = found.call.table(Shard)
        self._open = table.rows(_OPEN, found.stream.Name)
        self._starts = [shard.start for shard in self._open]
        # The latest shard is never trimmed before it is a parent, so no index is given twice.
        self._next = table.scan(found.stream.Name, index="stream", reverse=True, limit=1)[0].index + 1

    def split(self, shard: Shard, at: bytes) -> None:
        """Two shards for one: `at` is the first hash key of the upper one."""
        first = self._close(shard) + _GAP
        self._replace((shard,), [self._add(start, end, first, shard.index)
                                 for start, end in ((shard.start, hashes.before(at)), (at, shard.end))])

    def merge(self, one: Shard, other: Shard) -> None:
        """One shard for two whose hash keys are next to each other."""
        first = max(self._close(one), self._close(other)) + _GAP
        low, high = sorted((one, other), key=lambda shard: shard.start)
        self._replace((low, high), [self._add(low.start, high.end, first, one.index, other.index)])

    def scale(self, target: int) -> None:
        """So many shards of even size: split at each new edge, then merge what is smaller."""
        ranges = hashes.even(target)
        for start, _ in ranges:
            within = self._open[bisect_right(self._starts, start) - 1]
            if within.start != start:
                self.split(within, start)
        for start, end in ranges:
            place = bisect_left(self._starts, start)
            while self._open[place].end != end:
                self.merge(self._open[place], self._open[place + 1])

    def _close(self, shard: Shard) -> int:
        """No more records come to a shard; the position of its last one."""
        call, stream = self._found
        tail = call.table(Tail).get(shard.number)
        last = tail.last if tail is not None else shard.first - 1
        call.table(Shard).change(shard.number, closed=call.now, last=last)
        if tail is None or not tail.swept:
            trims.arm(call, stream, shard.index, shard.number, trims.due(call, stream, call.now))
        call.signal(str(shard.number), count=shards.READERS)
        return last

    def _add(self, start: bytes, end: bytes, first: int, parent: int, adjacent: int = -1) -> Shard:
        """A new shard, under the next index."""
        call, stream = self._found
        self._next += 1
        return shards.add(call, Shard(stream=stream.Name, index=self._next - 1, start=start, end=end, parent=parent,
                                      adjacent=adjacent, first=first, opened=call.now))

    def _replace(self, old: Sequence[Shard], new: list[Shard]) -> None:
        """These are open for those, which stood next to each other."""
        place = bisect_left(self._starts, old[0].start)
        self._open[place:place + len(old)] = new
        self._starts[place:place + len(old)] = [shard.start for shard in new]


def check_eligible(found: Found, shard: Shard) -> None:
    """Raises when the shard is closed already."""
    if shard.closed:
        raise error.ResourceInUseException(
            f"Shard {shards.id_of(shard.index)} in {found.said} has already been merged or split, and thus is "
            "not eligible for merging or splitting.")


def check_provisioned(found: Found) -> None:
    """Raises where nobody but the service has a say in shards."""
    if found.stream.on_demand:
        raise error.ValidationException(f"Request is invalid. {found.subject} is in On-Demand mode.")


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
            f"{found.subject} has reached the limit of {MOST_A_DAY} calls of UpdateShardCount in a rolling 24-hour period.")
    streams.check_room(call, target - count)


def count_changed(call: Call, stream: Stream) -> None:
    """The stream knows how many shards it has, as CloudFormation tells it."""
    stream.ShardCount = shards.count_open(call, stream)
    call.put(stream)
