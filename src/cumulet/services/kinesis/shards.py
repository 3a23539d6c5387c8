"""Shards of a stream: which there are, which one takes a hash key, and how they are told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

import msgspec

from cumulet.kernel import AwsError, Call, error

from . import hashes, sequences
from .resources import Doc, Shard, Stream, Tail

_ROUTES = ('SELECT "start", "number", "index" FROM {table} WHERE scope = {scope} AND "stream" = ? AND "closed" = 0 '
           'ORDER BY "start"')
_COUNT = 'SELECT COUNT(*) FROM {table} WHERE scope = {scope} AND "closed" = 0'
_COUNT_OF = _COUNT + ' AND "stream" = ?'
_ID = "shardId-"
MOST = 100_000                         # shards that a stream may ever have
READERS = 1000                         # who may wait for records of one shard


class Open(msgspec.Struct, frozen=True):
    """An open shard, as a write needs to know it."""

    start: bytes
    number: int
    index: int


def id_of(index: int) -> str:
    return f"{_ID}{index:012d}"


def index_of(shard: str) -> int:
    """The index that a shard's id tells; -1 when it is no such id."""
    digits = shard.removeprefix(_ID)
    return int(digits) if digits.isdecimal() and len(digits) < 16 and shard.startswith(_ID) else -1


def make(call: Call, stream: Stream, count: int) -> None:
    """The first shards of a stream."""
    for index, (start, end) in enumerate(hashes.even(count)):
        add(call, Shard(stream=stream.Name, index=index, start=start, end=end, opened=call.now))


def add(call: Call, shard: Shard) -> Shard:
    """A new shard. Its positions begin where those of its parents ended."""
    made = call.table(Shard).insert(shard)
    call.table(Tail).put(Tail(made.number, made.first - 1))
    return made


def routes(call: Call, stream: Stream) -> list[Open]:
    """The open shards in the order of their hash keys. Never change them."""
    return call.table(Shard).known_sql(_ROUTES, stream.Name, make=_route)


def _route(row: tuple[bytes, int, int]) -> Open:
    return Open(bytes(row[0]), row[1], row[2])


def route(open_shards: list[Open], hash_key: bytes) -> Open:
    """The one that takes a hash key."""
    return open_shards[bisect_right(open_shards, hash_key, key=attrgetter("start")) - 1]


def find(call: Call, stream: Stream, shard: str) -> Shard:
    """A shard by its id."""
    found = find_index(call, stream, index_of(shard))
    if found is None:
        raise missing(call, stream, shard)
    return found


def find_index(call: Call, stream: Stream, index: int) -> Shard | None:
    return call.table(Shard).find("stream", stream.Name, index) if index >= 0 else None


def missing(call: Call, stream: Stream, shard: str) -> AwsError:
    return error.ResourceNotFoundException(
        f"Could not find shard {shard} in stream {stream.Name} under account {call.account}.")


def some(call: Call, stream: Stream, after: int, limit: int) -> list[Shard]:
    """Shards by their index."""
    return call.table(Shard).scan(stream.Name, index="stream", after=after, limit=limit)


def count_open(call: Call, stream: Stream | None = None) -> int:
    """How many shards are open: of a stream, or of the account in this region."""
    rows = call.table(Shard).sql(_COUNT_OF, stream.Name) if stream is not None else call.table(Shard).sql(_COUNT)
    return int(rows[0][0])


def shown(stream: Stream, shard: Shard) -> Doc:
    """A shard in a result."""
    numbers = {"StartingSequenceNumber": sequences.number(stream.created, shard.first - 1, shard.index)}
    if shard.closed:
        numbers["EndingSequenceNumber"] = sequences.number(stream.created, shard.last + 1, shard.index)
    return {"ShardId": id_of(shard.index), "SequenceNumberRange": numbers, "HashKeyRange": range_of(shard),
            "ParentShardId": id_of(shard.parent) if shard.parent >= 0 else None,
            "AdjacentParentShardId": id_of(shard.adjacent) if shard.adjacent >= 0 else None}


def range_of(shard: Shard) -> Doc:
    return {"StartingHashKey": str(hashes.number(shard.start)), "EndingHashKey": str(hashes.number(shard.end))}


def all_shown(stream: Stream, found: Iterable[Shard]) -> list[Doc]:
    return [shown(stream, shard) for shard in found]
