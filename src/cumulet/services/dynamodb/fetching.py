"""Objects of a bucket on their way into a table: one after the other is fetched into a file, and its records come in by the
hundred. Imports and bulk puts go this way.

Each hundred is one transaction together with where it ends, so the work goes on where the process died and nothing is counted
twice. A task brings in a bounded number of records and hands over to the next, so that it ends before its lease does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Protocol

from cumulet.kernel import AwsError, Call, not_implemented

from . import exporting, ion, items, keys, records
from . import values as av
from .shelf import Shelf

_BATCH = 100
_PIECE = 1 << 20
MOST = {"DYNAMODB_JSON": 50_000, "CSV": 50_000, "ION": 5_000}         # records of one task; Ion is read slowly
Failure = tuple[str, str]


class Row(Protocol):
    """What imports and bulk puts keep of how far they are."""

    id: str
    told: dict[str, Any]
    caller: str
    status: str
    run: int
    key: str
    done: int
    size: int
    processed: int
    errors: int


class Source(NamedTuple):
    """Where objects are, and what they hold. kinds: the types of key attributes, for CSV."""

    bucket: str
    prefix: str | None
    owner: str | None
    format: str
    compression: str
    options: dict[str, Any]
    kinds: dict[str, str]


class Way(NamedTuple):
    """What differs between them.

    store: puts a batch of records of an object, the first of them its `done`th, and tells when to go on if not at once.
    onward: has the next task go on then, which may be now.
    """

    rows: type[Any]
    source: Callable[[Any], Source]
    store: Callable[[Call, Any, str, list[records.Record]], float | None]
    end: Callable[[Call, Any, str, Failure | None], None]
    onward: Callable[[Call, str, int, float], None]


class _Object(NamedTuple):
    """An object to read, and how many of its records are dealt with."""

    key: str
    size: int
    done: int


class Failed(Exception):
    """A way cannot go on, and says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.failure = (code, message)


class _Rest(Exception):
    """This task ends. at: when the next goes on; None when another one has, or nobody shall."""

    def __init__(self, at: float | None = None) -> None:
        super().__init__()
        self.at = at


def check(form: str, compression: str | None) -> None:
    """Raise when such objects cannot be read here."""
    if compression == "ZSTD":
        raise not_implemented("InputCompressionType ZSTD")
    if form == "ION":
        ion.library()


async def bring_in(call: Call, way: Way, id: str, run: int) -> None:
    """Bring in the next records."""
    row = await call.run(_begun, way, id, run)
    if row is None:
        return
    try:
        await _bring_some(call, way, row)
    except _Rest as rest:
        if rest.at is not None:
            await call.run(_hand_over, way, id, run, rest.at)
    except Failed as problem:
        await call.run(_fail, way, id, problem.failure)
    except AwsError as problem:
        await call.run(_fail, way, id, ("S3" + problem.code, problem.message))
    except OSError as problem:
        await call.run(_fail, way, id, ("InvalidInput", f"An object cannot be read: {problem}"))


async def _bring_some(call: Call, way: Way, row: Row) -> None:
    left = MOST[way.source(row).format]
    while left > 0:
        found = await call.run(_next, way, row.id)
        if found is None:
            return
        left -= await _bring_object(call, way, row, found, left)
    raise _Rest(call.now)


def listed(s3: Any, source: Source, after: str, most: int) -> list[dict[str, Any]]:
    """The next objects behind a key."""
    found: list[dict[str, Any]] = s3.list_objects_v2(
        Bucket=source.bucket, Prefix=source.prefix, MaxKeys=most, ExpectedBucketOwner=source.owner,
        StartAfter=after or None).get("Contents") or []
    return found


def _begun(call: Call, way: Way, id: str, run: int) -> Row | None:
    row: Row | None = call.table(way.rows).get(id)
    return row if row is not None and row.run == run and row.status == "IN_PROGRESS" else None


def _hand_over(call: Call, way: Way, id: str, run: int, at: float) -> None:
    call.table(way.rows).change(id, run=run + 1)
    way.onward(call, id, run + 1, at)


def _fail(call: Call, way: Way, id: str, failure: Failure) -> None:
    row = call.table(way.rows).get(id)
    if row is not None and row.status == "IN_PROGRESS":
        way.end(call, row, "FAILED", failure)


def _next(call: Call, way: Way, id: str) -> _Object | None:
    """The object to go on with; with none left, all is done."""
    row: Row | None = call.table(way.rows).get(id)
    if row is None or row.status != "IN_PROGRESS":
        return None
    source, s3 = way.source(row), exporting.as_caller(call, row.caller).s3
    if row.done:                                                 # in the middle of an object
        head = s3.head_object(Bucket=source.bucket, Key=row.key)
        return _Object(row.key, head["ContentLength"], row.done)
    found = listed(s3, source, row.key, 1)
    if not found:
        way.end(call, row, "COMPLETED", None)
        return None
    return _Object(found[0]["Key"], found[0]["Size"], 0)


async def _bring_object(call: Call, way: Way, row: Row, found: _Object, most: int) -> int:
    """The records of one object, or so many of them; how many there were."""
    source = way.source(row)
    path = call.blobs.temporary()
    count = 0
    try:
        _append(path, b"")
        for start in range(0, found.size, _PIECE):
            end = min(start + _PIECE, found.size) - 1
            _append(path, await call.run(_piece, row, source.bucket, found.key, start, end))
        with records.opened(path, source.compression) as plain:
            rest = islice(records.read(plain, source.format, source.options, source.kinds), found.done, None)
            while batch := _batch(rest):
                at = await call.run(_store, way, row.id, found.key, found.done + count, batch)
                count += len(batch)
                if at is not None:
                    raise _Rest(at)
                if count >= most:
                    return count
        await call.run(_finish_object, way, row.id, found)
    finally:
        os.unlink(path)
    return max(count, 1)


def _append(path: str, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)


def _batch(found: Iterator[records.Record]) -> list[records.Record]:
    return list(islice(found, _BATCH))


def _piece(call: Call, row: Row, bucket: str, key: str, first: int, last: int) -> bytes:
    s3 = exporting.as_caller(call, row.caller).s3
    return call.read(s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")["Body"])


def _store(call: Call, way: Way, id: str, key: str, done: int, batch: list[records.Record]) -> float | None:
    """Put a hundred records, and note that they are there."""
    row: Row | None = call.table(way.rows).get(id)
    if row is None or row.status != "IN_PROGRESS" or row.done != done or (done and row.key != key):
        raise _Rest                                              # another task has gone on, or nobody shall
    at = way.store(call, row, key, batch)
    row.processed += len(batch)
    row.key, row.done = key, done + len(batch)
    call.put(row)
    return at


def _finish_object(call: Call, way: Way, id: str, found: _Object) -> None:
    row: Row | None = call.table(way.rows).get(id)
    if row is not None and row.status == "IN_PROGRESS":
        row.key, row.done = found.key, 0
        row.size += found.size
        call.put(row)


# --- one record ---

class Taken(NamedTuple):
    """A record that may be an item of the table."""

    key: keys.Key
    item: av.Item
    body: bytes
    size: int


def taken(shelf: Shelf, record: records.Record) -> Taken | str:
    """An item, if it may be one of this table's; what is wrong with it otherwise."""
    if isinstance(record, ValueError):
        return str(record)
    try:
        item, size = av.take_item(record.item)
        return Taken(items.checked(shelf.facts, item, size), item, av.encode(item), size)
    except AwsError as problem:
        return problem.message
