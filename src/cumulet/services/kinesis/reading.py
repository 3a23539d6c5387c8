"""Records that go out: one range of a shard's rows, ten thousand records and ten MiB at most."""

from __future__ import annotations

from collections.abc import Iterator

from cumulet.kernel import Call

from . import encryption, sequences, shards
from .iterators import last_of
from .resources import Doc, Record, Shard, Stream
from .streams import Found, horizon

MOST = 10_000
_LARGEST_PAGE = 10 * 1024 * 1024
_FEW = 200
_LATER = ('SELECT {columns} FROM {table} WHERE scope = {scope} AND "shard" = ? AND "position" > ? AND "at" > ? '
          'ORDER BY "position" LIMIT ?')


class Read:
    """What was read of a shard: rows, where it goes on, and how far that is from now."""

    __slots__ = ("after", "caught_up", "ended", "rows", "size")

    def __init__(self, rows: list[Record], size: int, after: int, caught_up: bool, ended: bool) -> None:
        self.rows, self.size, self.after, self.caught_up, self.ended = rows, size, after, caught_up, ended

    def behind(self, now: float) -> int:
        """Milliseconds between the last record that was read and now, where there are further ones."""
        return 0 if self.caught_up or not self.rows else max(0, round((now - self.rows[-1].at) * 1000))


def read(found: Found, shard: Shard, after: int, limit: int, largest: int = _LARGEST_PAGE) -> Read:
    """The next records behind a position."""
    call, stream = found
    rows: list[Record] = []
    size = 0
    whole = True
    for row in _from(call, stream, shard, after, limit):
        size += len(row.data) + len(row.key)
        if rows and size > largest:
            size -= len(row.data) + len(row.key)
            whole = False
            break
        rows.append(row)
    last = shard.last if shard.closed else 0
    if whole and len(rows) < limit:
        return Read(rows, size, max(after, last) if shard.closed else rows[-1].position if rows else after, True,
                    bool(shard.closed))
    reached = rows[-1].position
    caught_up = reached >= last_of(call, shard)
    return Read(rows, size, reached, caught_up, caught_up and bool(shard.closed))


def _from(call: Call, stream: Stream, shard: Shard, after: int, limit: int) -> Iterator[Record]:
    """So many rows, a few at a time: ten thousand may be a thousand times as large as a page."""
    table, kept, batch = call.table(Record), horizon(call, stream), _FEW
    while limit > 0:
        some = table.rows(_LATER, shard.number, after, kept, min(limit, batch))
        yield from some
        if len(some) < min(limit, batch):
            return
        limit -= len(some)
        after = some[-1].position
        average = sum(len(row.data) for row in some) // len(some) + 1
        batch = max(_FEW, min(MOST, _LARGEST_PAGE // average // 2))


def shown(found: Found, shard: Shard, rows: list[Record]) -> list[Doc]:
    """Records in a result, as far as their reader may have them."""
    encryption.open_all(found, rows)
    stream = found.stream
    return [{"SequenceNumber": sequences.number(stream.created, row.position, shard.index), "Data": row.data,
             "ApproximateArrivalTimestamp": round(row.at, 3), "PartitionKey": row.key or None,
             "EncryptionType": "KMS" if row.sealed is not None else None} for row in rows]


def children(call: Call, stream: Stream, shard: Shard) -> list[Doc]:
    """What a closed shard was split into, or merged to."""
    found = [each for each in shards.some(call, stream, shard.index, shards.MOST)
             if shard.index in (each.parent, each.adjacent)]
    return [{"ShardId": shards.id_of(each.index), "HashKeyRange": shards.range_of(each),
             "ParentShards": [shards.id_of(parent) for parent in (each.parent, each.adjacent) if parent >= 0]}
            for each in found]
