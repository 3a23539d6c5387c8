"""Records that come in: which shard takes each, and what number it gets.

A shard's tail is moved by one statement, and the records are inserted behind it.

https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from msgspec.structs import astuple

from cumulet.kernel import AwsError, error

from . import encryption, hashes, sequences, shards
from .background import trims
from .resources import Record, Stream, Tail
from .shards import Open
from .streams import Found

_ADVANCE = 'UPDATE {table} SET "last" = "last" + ? WHERE scope = {scope} AND "shard" = ? RETURNING "last", "swept"'
_ADVANCE_BEHIND = ('UPDATE {table} SET "last" = CASE WHEN "last" < ? THEN ? ELSE "last" END + ? '
                   'WHERE scope = {scope} AND "shard" = ? RETURNING "last", "swept"')
_TOGETHER = 25                         # records in one statement
_MANY = ('INSERT INTO {table} (scope, "shard", "position", "at", "key", "data", "sealed") VALUES '
         + ", ".join(["({scope}, ?, ?, ?, ?, ?, ?)"] * _TOGETHER))
_KIB = 1024


class New(NamedTuple):
    """A record that wants to be written. size: what counts of it.  shard: where it goes."""

    key: str
    data: bytes
    size: int
    shard: Open


def new(found: Found, open_shards: list[Open], key: str | None, data: bytes, hash_key: str | None) -> New:
    """A record that may be written, and its shard."""
    if found.stream.scattered:
        place: bytes | None = bytes.fromhex(found.call.token(hashes.DIGITS))
    elif key is None:
        raise error.InvalidArgumentException("PartitionKey must be specified.")
    else:
        place = hashes.of_key(key) if hash_key is None else hashes.of_text(hash_key)
    if place is None:
        raise error.InvalidArgumentException(
            f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {hash_key}")
    key = key or ""
    record = New(key, data, len(data) + len(key.encode()), shards.route(open_shards, place))
    if record.size > found.stream.MaxRecordSizeInKiB * _KIB:
        raise _too_large(found.stream)
    return record


def _too_large(stream: Stream) -> AwsError:
    return error.InvalidArgumentException(
        f"The total size of Data and PartitionKey must not exceed the maximum record size of {stream.MaxRecordSizeInKiB} KiB.")


def write(found: Found, shard: Open, records: Sequence[New], behind: int = 0) -> list[str]:
    """Write records of one shard, in their order; their sequence numbers. behind: a position that they come after."""
    call, stream = found
    count, tails = len(records), call.table(Tail)
    last, swept = (tails.sql(_ADVANCE_BEHIND, behind, behind, count, shard.number) if behind
                   else tails.sql(_ADVANCE, count, shard.number))[0]
    first, table, now = last - count + 1, call.table(Record), call.now
    rows = [Record(shard.number, position, now, record.key, record.data) for position, record in enumerate(records, first)]
    encryption.seal(found, rows)
    whole = count - count % _TOGETHER
    for place in range(0, whole, _TOGETHER):
        table.sql(_MANY, *chain.from_iterable(map(astuple, rows[place:place + _TOGETHER])))
    for row in rows[whole:]:
        table.insert(row)
    if not swept:
        trims.arm(call, stream, shard.index, shard.number, trims.due(call, stream, now))
    call.signal(str(shard.number), count=shards.READERS)
    return list(map(sequences.series(stream.created, shard.index), range(first, last + 1)))


def minimum(found: Found, number: str) -> int:
    """The position of the sequence number that a record must come after."""
    call, stream = found
    place = sequences.read(number)
    if number == "0":
        return 0
    shard = shards.find_index(call, stream, place.shard) if place is not None else None
    tail = call.table(Tail).get(shard.number) if shard is not None else None
    if place is None or tail is None or place.made != sequences.made(stream.created) or place.position > tail.last:
        raise error.InvalidArgumentException(
            f"ExclusiveMinimumSequenceNumber {number} used in PutRecord on {found.said} is invalid.")
    return place.position
