"""Removing what nobody will read any more: records that are older than their stream keeps, and those of deleted streams.

Readers never see any of it (they pass by it), so this goes in slices that hold nobody up.
"""

from __future__ import annotations

from cumulet.kernel import Call, task, timer

from .. import streams
from ..resources import Record, Shard, Stream, Subscription, Tail

_SLICE = 500
_PATIENCE = 60.0                       # seconds between two visits at least, while records come all the time
_EDGE = ('SELECT "position", "at" FROM {table} WHERE scope = {scope} AND "shard" = ? ORDER BY "position" LIMIT 1 OFFSET ?')
_DROP = 'DELETE FROM {table} WHERE scope = {scope} AND "shard" = ? AND "position" <= ? AND "at" <= ? RETURNING 1'


def due(call: Call, stream: Stream, came: float) -> float:
    """When what came at a moment is no longer kept."""
    return came + (call.now - streams.horizon(call, stream))


def arm(call: Call, shard: int, when: float) -> None:
    """Trim a shard at this moment."""
    call.table(Tail).change(shard, swept=True)
    call.at(when, trim, name=str(shard), shard=shard)


@timer
def trim(call: Call, shard: int) -> None:
    """Forget the records that are too old, then the shard if it is closed and as old; come again for the next."""
    row = call.table(Shard).get(shard)
    stream = call.table(Stream).get(row.stream) if row is not None else None
    if row is None or stream is None:
        return
    kept, records = streams.horizon(call, stream), call.table(Record)
    if _drop(call, shard, kept):
        call.at(call.now, trim, name=str(shard), shard=shard)
        return
    left = records.sql(_EDGE, shard, 0)
    if left or row.closed > kept:
        oldest = left[0][1] if left else row.closed
        call.at(max(due(call, stream, oldest), call.now + _PATIENCE), trim, name=str(shard), shard=shard)
    elif row.closed:
        call.table(Shard).delete(shard)
        call.table(Tail).delete(shard)
        call.table(Subscription).delete_all(shard)
    else:
        call.table(Tail).change(shard, swept=False)


def _drop(call: Call, shard: int, kept: float) -> bool:
    """Remove one slice of what is older; whether there may be more."""
    records = call.table(Record)
    edge = records.sql(_EDGE, shard, _SLICE - 1) or [(None,)]
    position = edge[0][0]
    if position is None:
        tail = call.table(Tail).get(shard)
        position = tail.last if tail is not None else 0
    return len(records.sql(_DROP, shard, position, kept)) == _SLICE


@task()
def forget(call: Call, numbers: list[int]) -> None:
    """Remove the records of shards that are no more, slice by slice."""
    records = call.table(Record)
    number = numbers[0]
    edge = records.sql(_EDGE, number, _SLICE - 1)
    if edge:
        records.sql('DELETE FROM {table} WHERE scope = {scope} AND "shard" = ? AND "position" <= ?', number, edge[0][0])
    else:
        records.delete_all(number)
        numbers = numbers[1:]
    if numbers:
        call.task(forget, numbers=numbers)
