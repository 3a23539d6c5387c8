"""The live inventory: what lies in a bucket, as files that each tell of a run of its keys. Files whose keys have changed are
written anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, task, timer

from ..resources import Bucket, Current, Older, Version
from . import columns, commits, parquet, records, settings
from .manifests import File
from .records import Record
from .state import DataFile, Touched

_EVERY = 900.0                         # seconds; AWS: typically within one hour
_ROWS = 20_000                         # of one file, about
_SLICE = 500
_TOUCHED = 5000
_KINDS: dict[str, type[Current] | type[Older]] = {"current": Current, "older": Older}
_FIRST = -(1 << 62)                    # before all orders


def touch(call: Call, bucket: Bucket, key: bytes) -> None:
    """What the inventory tells of a key is no longer so."""
    if settings.has_failed(bucket, settings.INVENTORY):
        return
    call.table(Touched).put(Touched(bucket=bucket.number, key=key))
    call.elsewhere(bucket.account, bucket.region).at(
        (call.now // _EVERY + 1) * _EVERY, inventory_due, name=f"live {bucket.BucketName}", bucket=bucket.BucketName,
        number=bucket.number)


def begin(call: Call, bucket: Bucket) -> None:
    """Tell of all that is there already."""
    said = settings.table(bucket, settings.INVENTORY)
    if said is not None and said["status"] == settings.ACTIVE:
        said["status"] = settings.BACKFILLING
        call.task(write_inventory, bucket=bucket.BucketName, number=bucket.number)


@timer
def inventory_due(call: Call, bucket: str, number: int) -> None:
    """Some minutes are over."""
    call.task(write_inventory, bucket=bucket, number=number)


class _Run(NamedTuple):
    """Keys that are told anew. low, high: the first of them, and the first behind them (None: to the end).

    old: the files that told of them.
    """

    kind: str
    low: bytes
    high: bytes | None
    old: list[DataFile]


class _Plan(NamedTuple):
    """What a refresh does. seen: the touched keys that it is about."""

    bucket: Bucket
    seen: list[Touched]
    runs: list[_Run]


@task(retries=20)
async def write_inventory(call: Call, bucket: str, number: int) -> None:
    """Write anew the files that touched keys belong to; what is left is a task of its own."""
    plan = await call.run(_plan, bucket, number)
    if plan is None:
        return
    try:
        made = [(run, [one async for one in _files(call, plan.bucket, run)]) for run in plan.runs]
        await call.run(_commit, plan, made)
    except AwsError as problem:
        await call.run(settings.failed, plan.bucket, settings.INVENTORY, problem)


def _plan(call: Call, bucket: str, number: int) -> _Plan | None:
    found = settings.find(call, bucket, number)
    said = settings.table(found, settings.INVENTORY) if found is not None else None
    if found is None or said is None or said["status"] == settings.FAILED:
        return None
    if said["status"] == settings.BACKFILLING:
        seen = list(call.table(Touched).iterate(number, index="waiting"))
        return _Plan(found, seen, [_Run(kind, b"", None, list(call.table(DataFile).iterate(number, kind))) for kind in _KINDS])
    seen = call.table(Touched).scan(number, index="waiting", limit=_TOUCHED)
    keys = sorted({one.key for one in seen})
    return _Plan(found, seen, [run for kind in _KINDS for run in _runs(call, number, kind, keys)]) if seen else None


def _runs(call: Call, number: int, kind: str, keys: list[bytes]) -> Iterator[_Run]:
    """The files that keys belong to."""
    files = list(call.table(DataFile).iterate(number, kind))
    for at, one in enumerate(files or [None]):
        low = one.low if one is not None and at > 0 else b""
        high = files[at + 1].low if at + 1 < len(files) else None
        if any(low <= key and (high is None or key < high) for key in keys):
            yield _Run(kind, low, high, [one] if one is not None else [])


class _Written(NamedTuple):
    low: bytes
    file: File


async def _files(call: Call, bucket: Bucket, run: _Run) -> AsyncIterator[_Written]:
    """The files that tell of a run's keys now; all versions of a key are in one of them."""
    low, waiting = run.low, list[Record]()
    place: tuple[bytes, int] | None = (run.low, _FIRST)
    last = None
    while place is not None:
        found = await call.run(_slice, bucket, run, place)
        for key, record in found.rows:
            if len(waiting) >= _ROWS and key != last:
                yield _Written(low, await _written(call, bucket, waiting))
                low, waiting = key, []
            waiting.append(record)
            last = key
        place = found.place
    if waiting:
        yield _Written(low, await _written(call, bucket, waiting))


async def _written(call: Call, bucket: Bucket, waiting: list[Record]) -> File:
    """A file of these records, in the table's storage."""
    places = call.blobs.temporary(), call.blobs.temporary()
    data = await asyncio.to_thread(parquet.write, columns.INVENTORY, waiting, places)
    return await call.run(commits.put, bucket, settings.place(bucket, settings.INVENTORY), data, len(waiting))


def _commit(call: Call, plan: _Plan, made: list[tuple[_Run, list[_Written]]]) -> None:
    """The table is made of the new files and of those that stay; the keys are told."""
    bucket = settings.find(call, plan.bucket.BucketName, plan.bucket.number)
    if bucket is None or settings.has_failed(bucket, settings.INVENTORY):
        return
    table = call.table(DataFile)
    if any(table.get(bucket.number, run.kind, one.low, one.path) is None for run, _ in made for one in run.old):
        return                         # somebody else did it
    for one in plan.seen:
        call.table(Touched).delete(one.id)
    for run, _ in made:
        for row in run.old:
            table.delete(bucket.number, run.kind, row.low, row.path)
    kept = [File(row.path, row.rows, row.size, row.snapshot, row.sequence)
            for kind in _KINDS for row in table.iterate(bucket.number, kind)]
    removed = [File(row.path, row.rows, row.size, row.snapshot, row.sequence) for run, _ in made for row in run.old]
    added = [one.file for _, files in made for one in files]
    if added or removed:
        done = commits.commit(call, bucket, settings.place(bucket, settings.INVENTORY), added, kept, removed)
        for run, files in made:
            for low, file in files:
                call.put(DataFile(bucket=bucket.number, kind=run.kind, low=low, path=file.path, rows=file.rows, size=file.size,
                                  snapshot=done.snapshot, sequence=done.sequence))
    said = settings.table(bucket, settings.INVENTORY)
    if said is not None and said["status"] == settings.BACKFILLING:
        said["status"] = settings.ACTIVE
        call.put(bucket)
    if len(plan.seen) == _TOUCHED:
        call.task(write_inventory, bucket=bucket.BucketName, number=bucket.number)


# --- files --------------------------------------------------------------------------------------------------------------


class _Slice(NamedTuple):
    """Some versions in order. place: of the last one; None behind all."""

    rows: list[tuple[bytes, Record]]
    place: tuple[bytes, int] | None


def _slice(call: Call, bucket: Bucket, run: _Run, place: tuple[bytes, int]) -> _Slice:
    """The versions behind a place, without their bodies' bytes."""
    key, order = place
    found: list[Version]
    if run.kind == "current":
        first = order == _FIRST
        found = list(call.table(Current).scan(bucket.number, low=key if first else None, after=None if first else key,
                                              limit=_SLICE))
    else:
        found = list(call.table(Older).scan(bucket.number, after=(key, order), limit=_SLICE))
    inside = [row for row in found if run.high is None or row.key < run.high]
    more = len(inside) == len(found) == _SLICE
    return _Slice([(row.key, records.of_version(bucket, row)) for row in inside],
                  (found[-1].key, found[-1].order) if more else None)


def forget(call: Call, number: int) -> None:
    """Nobody wants the inventory of a bucket any more. The table stays."""
    call.table(Touched).delete_all(number, index="waiting")
    for kind in _KINDS:
        call.table(DataFile).delete_all(number, kind)
