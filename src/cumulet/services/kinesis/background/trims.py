"""Removing what nobody will read any more: records that are older than their stream keeps, and those of deleted streams.

Readers never see any of it (they pass by it), so this goes in slices that hold nobody up.
"""

from __future__ import annotations

from cumulet.kernel import Call, task, timer

from .. import streams
from ..resources import Record, Shard, Stream, Subscription, Tail

_SLICE = 500
_PATIENCE = 60.0                       # seconds between two visits at least, while records come all the time
_NOBODY = ""                           # the stream of shards whose stream was deleted
_EDGE = ('SELECT "position", "at" FROM {table} WHERE scope = {scope} AND "shard" = ? ORDER BY "position" LIMIT 1 OFFSET ?')
_DROP = 'DELETE FROM {table} WHERE scope = {scope} AND "shard" = ? AND "position" <= ? AND "at" <= ? RETURNING 1'
_LEAVE = 'UPDATE {table} SET "stream" = ?, "closed" = ? WHERE scope = {scope} AND "stream" = ?'


def due(call: Call, stream: Stream, came: float) -> float:
    """When what came at a moment is no longer kept."""
    return came + (call.now - streams.horizon(call, stream))


def arm(call: Call, stream: Stream, index: int, number: int, when: float) -> None:
    """Trim a shard at this moment."""
    call.table(Tail).change(number, swept=True)
    call.at(when, trim, name=f"{stream.Name}/{index}", stream=stream.Name, index=index)


@timer
def trim(call: Call, stream: str, index: int) -> None:
    """Forget the records that are too old, then the shard if it is closed and as old; come again for the next."""
    found, shard = call.table(Stream).get(stream), call.table(Shard).find("stream", stream, index)
    if found is None or shard is None:
        return
    kept = streams.horizon(call, found)
    if _drop(call, shard.number, kept):
        arm(call, found, index, shard.number, call.now)
        return
    left = call.table(Record).sql(_EDGE, shard.number, 0)
    if left or shard.closed > kept:
        oldest = left[0][1] if left else shard.closed
        arm(call, found, index, shard.number, max(due(call, found, oldest), call.now + _PATIENCE))
    elif shard.closed:
        _end(call, shard.number)
    else:
        call.table(Tail).change(shard.number, swept=False)


def _drop(call: Call, shard: int, kept: float) -> bool:
    """Remove one slice of what is older; whether there may be more."""
    records = call.table(Record)
    edge = records.sql(_EDGE, shard, _SLICE - 1)
    if not edge:
        tail = call.table(Tail).get(shard)
        return len(records.sql(_DROP, shard, tail.last if tail is not None else 0, kept)) >= _SLICE
    return len(records.sql(_DROP, shard, edge[0][0], kept)) >= _SLICE


def _end(call: Call, shard: int) -> None:
    """A shard is no more."""
    call.table(Shard).delete(shard)
    call.table(Tail).delete(shard)
    call.table(Subscription).delete_all(shard)


def leave(call: Call, stream: Stream) -> None:
    """The shards of a stream that is deleted are nobody's, and go with their records."""
    call.table(Shard).sql(_LEAVE, _NOBODY, call.now, stream.Name)
    call.task(forget)


@task()
def forget(call: Call) -> None:
    """Remove the records of one shard that is nobody's, slice by slice, then the shard; and so on."""
    left = call.table(Shard).scan(_NOBODY, index="stream", limit=1)
    if left:
        if not _drop(call, left[0].number, call.now):
            _end(call, left[0].number)
        call.task(forget)
