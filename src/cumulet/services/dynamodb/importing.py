"""Imports on their way: object after object is fetched into a file, and its records come in by the hundred.

Each hundred is one transaction together with where it ends, so an import goes on where the process died and nothing is counted
twice. A task brings in a bounded number of records and hands over to the next, so that it ends before its lease does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, principals, task, timer

from . import exporting, importlogs, items, keys, records, writes
from . import values as av
from .archives import Import
from .resources import Layout
from .shelf import Shelf

_BATCH = 100
_PIECE = 1 << 20
_MOST = {"DYNAMODB_JSON": 50_000, "CSV": 50_000, "ION": 5_000}        # records of one task; Ion is read slowly


class Overtaken(Exception):
    """Another task has gone on with this import; this one ends."""


class Source(NamedTuple):
    """An object to read, and how many of its records are dealt with."""

    key: str
    size: int
    done: int


@task()
async def bring_in(call: Call, id: str, run: int) -> None:
    """Bring in the next records of an import."""
    row = await call.run(_begun, id, run)
    left = _MOST[row.told["InputFormat"]] if row is not None else 0
    try:
        while row is not None and left > 0:
            source = await call.run(_next, id)
            if source is None:
                return
            left -= await _bring_object(call, row, source, left)
    except AwsError as problem:
        await call.run(_end, id, "FAILED", ("S3" + problem.code, problem.message))
    except OSError as problem:
        await call.run(_end, id, "FAILED", ("InvalidInput", f"An object cannot be read: {problem}"))
    else:
        if row is not None:
            await call.run(_hand_over, id, run)


@timer
def forget_import(call: Call, id: str) -> None:
    """Imports are told for 90 days."""
    call.table(Import).delete(id)


def _begun(call: Call, id: str, run: int) -> Import | None:
    row = call.table(Import).get(id)
    return row if row is not None and row.run == run and row.status == "IN_PROGRESS" else None


def _hand_over(call: Call, id: str, run: int) -> None:
    call.table(Import).change(id, run=run + 1)
    call.task(bring_in, id=id, run=run + 1)


def _as_caller(call: Call, row: Import) -> Any:
    there = call.elsewhere()
    there.principal = principals.principal_of(call, row.caller) or call.principal
    return there.aws.s3


def _next(call: Call, id: str) -> Source | None:
    """The object to go on with; with none left, the import is complete."""
    row = call.table(Import).get(id)
    if row is None:
        return None
    source = row.told["S3BucketSource"]
    asked = {"Bucket": source["S3Bucket"], "Prefix": source.get("S3KeyPrefix"), "MaxKeys": 1,
             "ExpectedBucketOwner": source.get("S3BucketOwner")}
    s3 = _as_caller(call, row)
    if row.done:                                                 # in the middle of an object
        head = s3.head_object(Bucket=source["S3Bucket"], Key=row.key)
        return Source(row.key, head["ContentLength"], row.done)
    found = s3.list_objects_v2(**asked, StartAfter=row.key or None).get("Contents") or ()
    if not found:
        _end(call, id, "COMPLETED")
        return None
    return Source(found[0]["Key"], found[0]["Size"], 0)


async def _bring_object(call: Call, row: Import, source: Source, most: int) -> int:
    """The records of one object, or so many of them; how many there were."""
    told = row.told
    path = call.blobs.temporary()
    count = 0
    try:
        _append(path, b"")
        for start in range(0, source.size, _PIECE):
            _append(path, await call.run(_piece, row, source.key, start, min(start + _PIECE, source.size) - 1))
        kinds = {d["AttributeName"]: d["AttributeType"] for d in told["TableCreationParameters"]["AttributeDefinitions"]}
        with records.opened(path, told["InputCompressionType"]) as plain:
            every = records.read(plain, told["InputFormat"], told.get("InputFormatOptions") or {}, kinds)
            found = islice(every, source.done, None)
            while batch := _batch(found):
                await call.run(_store, row.id, source.key, source.done + count, batch)
                count += len(batch)
                if count >= most:
                    return count
        await call.run(_finish_object, row.id, source)
    finally:
        os.unlink(path)
    return max(count, 1)


def _append(path: str, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)


def _batch(found: Iterator[records.Record]) -> list[records.Record]:
    return list(islice(found, _BATCH))


def _piece(call: Call, row: Import, key: str, first: int, last: int) -> bytes:
    bucket = row.told["S3BucketSource"]["S3Bucket"]
    found = _as_caller(call, row).get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")
    return call.read(found["Body"])


def _store(call: Call, id: str, key: str, done: int, batch: list[records.Record]) -> None:
    """Put a hundred records, and note that they are there."""
    row = call.table(Import).get(id)
    if row is None or row.done != done or (done and row.key != key):
        raise Overtaken(id)
    layout = call.table(Layout).get(row.table.rpartition("/")[2])
    assert layout is not None                                    # it cannot be deleted before it is complete
    shelf = Shelf(call, layout.name, layout.number, keys.facts_of(layout.facts))
    wrong = [(done + at, why) for at, record in enumerate(batch) if (why := _put(shelf, record))]
    importlogs.tell(call, row, key, wrong)
    row.errors += len(wrong)
    row.imported += len(batch) - len(wrong)
    row.processed += len(batch)
    row.key, row.done = key, done + len(batch)
    call.put(row)


def _put(shelf: Shelf, record: records.Record) -> str:
    """Put an item, if it may be one of this table's; what is wrong with it otherwise."""
    if isinstance(record, ValueError):
        return str(record)
    try:
        taken, size = av.take_item(record)
        key = items.checked(shelf.facts, taken, size)
    except AwsError as problem:
        return problem.message
    writes.change(shelf, key, shelf.get(key), taken, av.encode(taken), size)
    return ""


def _finish_object(call: Call, id: str, source: Source) -> None:
    row = call.table(Import).get(id)
    if row is not None:
        row.key, row.done = source.key, 0
        row.size += source.size
        call.put(row)


def _end(call: Call, id: str, status: str, failure: tuple[str, str] | None = None) -> None:
    row = call.table(Import).get(id)
    layout = call.table(Layout).get(row.table.rpartition("/")[2]) if row is not None else None
    if row is None or layout is None:
        return
    row.status, row.failure, row.ended = status, failure, call.now
    call.put(row)
    layout.facts = keys.changed(layout.facts, state="")
    call.put(layout)
    call.at(call.now + exporting.KEPT, forget_import, name=id, id=id)
