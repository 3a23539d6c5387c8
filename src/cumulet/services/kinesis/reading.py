"""Records that go out: one range of a shard's rows, ten thousand records and ten MiB at most."""

from __future__ import annotations

from binascii import b2a_base64

from orjson import dumps

from cumulet.kernel import Call, Raw, Table

from . import encryption, sequences, shards
from .iterators import last_of
from .resources import Doc, Record, Shard, Stream
from .streams import Found, horizon

MOST = 10_000
_LARGEST_PAGE = 10 * 1024 * 1024
_BATCH = 1000                          # records that are measured in one statement
_FURTHER = 'FROM {table} WHERE scope = {scope} AND "shard" = ? AND "position" > ?'
_LENGTHS = f'SELECT "position", LENGTH("data") + LENGTH("key") {_FURTHER} AND "at" > ? ORDER BY "position" LIMIT ?'
_UP_TO = f'SELECT {{columns}} {_FURTHER} AND "position" <= ? AND "at" > ? ORDER BY "position"'
_CHILDREN = ('SELECT {columns} FROM {table} WHERE scope = {scope} AND "stream" = ? AND ("parent" = ? OR "adjacent" = ?) '
             'ORDER BY "index"')


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
    kept, table = horizon(call, stream), call.table(Record)
    count, reached, size = _measure(table, shard.number, after, kept, limit, largest)
    rows = table.rows(_UP_TO, shard.number, after, reached, kept) if count else []
    caught_up = not count or reached >= last_of(call, shard)
    ended = caught_up and bool(shard.closed)
    return Read(rows, size, max(after, shard.last) if ended else reached, caught_up, ended)


def _measure(table: Table[Record], shard: int, after: int, kept: float, limit: int, largest: int) -> tuple[int, int, int]:
    """How many records make a page, where it ends, and how large it is: a store knows lengths without reading what is long."""
    count, size = 0, 0
    while count < limit:
        some = table.sql(_LENGTHS, shard, after, kept, min(limit - count, _BATCH))
        for position, length in some:
            if count and size + length > largest:
                return count, after, size
            count, after, size = count + 1, position, size + length
        if len(some) < _BATCH:
            break
    return count, after, size


def shown(found: Found, shard: Shard, rows: list[Record]) -> list[Doc]:
    """Records in a result, as far as their reader may have them."""
    encryption.open_all(found, rows)
    number = sequences.series(found.stream.created, shard.index)
    return [{"SequenceNumber": number(row.position), "Data": row.data,
             "ApproximateArrivalTimestamp": round(row.at, 3), "PartitionKey": row.key or None,
             "EncryptionType": "KMS" if row.sealed else None} for row in rows]


def written(found: Found, shard: Shard, rows: list[Record]) -> Raw:
    """The same as it goes over the wire, for pages are large."""
    encryption.open_all(found, rows)
    number = sequences.series(found.stream.created, shard.index)
    return Raw(f"[{','.join(_json(row, number(row.position)) for row in rows)}]".encode())


def _json(row: Record, number: str) -> str:
    key = f',"PartitionKey":{dumps(row.key).decode()}' if row.key else ""
    sealed = ',"EncryptionType":"KMS"' if row.sealed else ""
    return (f'{{"SequenceNumber":"{number}","ApproximateArrivalTimestamp":{row.at:.3f},'
            f'"Data":"{b2a_base64(row.data, newline=False).decode()}"{key}{sealed}}}')


def children(call: Call, stream: Stream, shard: Shard) -> list[Doc]:
    """What a closed shard was split into, or merged to."""
    found = call.table(Shard).rows(_CHILDREN, stream.Name, shard.index, shard.index)
    return [{"ShardId": shards.id_of(each.index), "HashKeyRange": shards.range_of(each),
             "ParentShards": [shards.id_of(parent) for parent in (each.parent, each.adjacent) if parent >= 0]}
            for each in found]
