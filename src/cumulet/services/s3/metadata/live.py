"""The live inventory and the table of annotations: what is there now, as files that each tell of a run of the bucket's keys.
Files whose keys have changed are written anew."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, task, timer

from .. import permits
from ..resources import Bucket
from . import commits, parquet, settings, slices
from .manifests import File
from .records import Record
from .state import DataFile, Touched

TABLES = (settings.INVENTORY, settings.ANNOTATION)
_EVERY = 900.0                         # seconds; AWS: typically within one hour
_ROWS = 20_000                         # of one file, about
_TEXT = 32 << 20                       # bytes of annotations of one file, about
_TOUCHED = 5000


def touch(call: Call, bucket: Bucket, key: bytes, *tables: str) -> None:
    """What these tables tell of a key is no longer so."""
    for table in tables:
        if not settings.has_failed(bucket, table):
            call.table(Touched).put(Touched(bucket=bucket.number, table=table, key=key))
            call.elsewhere(bucket.account, bucket.region).at(
                (call.now // _EVERY + 1) * _EVERY, live_due, name=f"live {table} {bucket.BucketName}",
                bucket=bucket.BucketName, number=bucket.number, table=table)


def begin(call: Call, bucket: Bucket, table: str) -> None:
    """Tell of all that is there already."""
    said = settings.table(bucket, table)
    if said is not None and said["status"] == settings.ACTIVE:
        said["status"] = settings.BACKFILLING
        call.task(write_live, bucket=bucket.BucketName, number=bucket.number, table=table)


@timer
def live_due(call: Call, bucket: str, number: int, table: str) -> None:
    """Some minutes are over."""
    call.task(write_live, bucket=bucket, number=number, table=table)


class _Run(NamedTuple):
    """Keys that are told anew. low, high: the first of them, and the first behind them (None: to the end).

    old: the files that told of them.
    """

    kind: str
    low: bytes
    high: bytes | None
    old: list[DataFile]


class _Plan(NamedTuple):
    """What a refresh does. whole: is it the first?  seen: the touched keys that it is about."""

    bucket: Bucket
    table: str
    whole: bool
    seen: list[Touched]
    runs: list[_Run]


@task(retries=20)
async def write_live(call: Call, bucket: str, number: int, table: str) -> None:
    """Write anew the files that touched keys belong to; what is left is a task of its own."""
    plan = await call.run(_plan, bucket, number, table)
    if plan is None:
        return
    try:
        made = [(run, [one async for one in _files(call, plan, run)]) for run in plan.runs]
        await call.run(_commit, plan, made)
    except AwsError as problem:
        await call.run(settings.failed, plan.bucket, table, problem)


def _plan(call: Call, bucket: str, number: int, table: str) -> _Plan | None:
    found = settings.find(call, bucket, number)
    said = settings.table(found, table) if found is not None else None
    if found is None or said is None or said["status"] == settings.FAILED:
        return None
    role = said.get("role")
    if role is not None and not permits.may_read_annotations(call, role, found):
        settings.fail(found, table, "AccessDeniedWritingToTable")
        call.put(found)
        return None
    kinds, waiting = slices.KINDS[table], call.table(Touched)
    if said["status"] == settings.BACKFILLING:
        seen = list(waiting.iterate(number, table, index="waiting"))
        return _Plan(found, table, True, seen, [
            _Run(kind, b"", None, list(call.table(DataFile).iterate(number, kind))) for kind in kinds])
    seen = waiting.scan(number, table, index="waiting", limit=_TOUCHED)
    keys = sorted({one.key for one in seen})
    runs = [run for kind in kinds for run in _runs(call, number, kind, keys)]
    return _Plan(found, table, False, seen, runs) if seen else None


def _runs(call: Call, number: int, kind: str, keys: list[bytes]) -> Iterator[_Run]:
    """The files that keys belong to."""
    files = list(call.table(DataFile).iterate(number, kind))
    lows = [b"", *(one.low for one in files[1:])]
    for at in sorted({bisect_right(lows, key) - 1 for key in keys}):
        yield _Run(kind, lows[at], lows[at + 1] if at + 1 < len(lows) else None, files[at:at + 1])


class _Written(NamedTuple):
    low: bytes
    file: File


async def _files(call: Call, plan: _Plan, run: _Run) -> AsyncIterator[_Written]:
    """The files that tell of a run's keys now; all that is of a key is in one of them."""
    low, waiting, size = run.low, list[Record](), 0
    place: slices.Place | None = None
    last = None
    while True:
        found = await call.run(slices.slice_of, plan.bucket, run.kind, run.low, run.high, place)
        for key, record in found.records:
            if (len(waiting) >= _ROWS or size >= _TEXT) and key != last:
                yield _Written(low, await _written(call, plan, waiting))
                low, waiting, size = key, [], 0
            waiting.append(record)
            size += len(record.get("text_value", ""))
            last = key
        place = found.place
        if place is None:
            break
    if waiting:
        yield _Written(low, await _written(call, plan, waiting))


async def _written(call: Call, plan: _Plan, waiting: list[Record]) -> File:
    """A file of these records, in the table's storage."""
    places = call.blobs.temporary(), call.blobs.temporary()
    data = await asyncio.to_thread(parquet.write, settings.COLUMNS[plan.table], waiting, places)
    return await call.run(commits.put, plan.bucket, settings.place(plan.bucket, plan.table), data, len(waiting))


def _commit(call: Call, plan: _Plan, made: list[tuple[_Run, list[_Written]]]) -> None:
    """The table is made of the new files and of those that stay; the keys are told."""
    bucket, table = settings.find(call, plan.bucket.BucketName, plan.bucket.number), call.table(DataFile)
    if bucket is None or settings.has_failed(bucket, plan.table):
        return
    if _is_late(call, bucket, plan):
        call.task(write_live, bucket=bucket.BucketName, number=bucket.number, table=plan.table)
        return
    for one in plan.seen:
        call.table(Touched).delete(one.id)
    for run, _ in made:
        for row in run.old:
            table.delete(bucket.number, run.kind, row.low, row.path)
    kept = [row.file for kind in slices.KINDS[plan.table] for row in table.iterate(bucket.number, kind)]
    removed = [row.file for run, _ in made for row in run.old]
    added = [one.file for _, files in made for one in files]
    if added or removed:
        done = commits.commit(call, bucket, settings.place(bucket, plan.table), added, kept, removed)
        for run, files in made:
            for low, file in files:
                call.put(DataFile(bucket=bucket.number, kind=run.kind, low=low, path=file.path, rows=file.rows, size=file.size,
                                  snapshot=done.snapshot, sequence=done.sequence))
    said = settings.table(bucket, plan.table)
    if plan.whole and said is not None:
        said["status"] = settings.ACTIVE
        call.put(bucket)
    if len(plan.seen) == _TOUCHED:
        call.task(write_live, bucket=bucket.BucketName, number=bucket.number, table=plan.table)


def _is_late(call: Call, bucket: Bucket, plan: _Plan) -> bool:
    """Has another task done some of this in the meantime?"""
    said = settings.table(bucket, plan.table)
    if said is None or (said["status"] == settings.BACKFILLING) != plan.whole:
        return True
    return any(call.table(Touched).get(one.id) is None for one in plan.seen[:1]) or any(
        call.table(DataFile).get(bucket.number, run.kind, one.low, one.path) is None for run in plan.runs for one in run.old)


def forget(call: Call, number: int, *tables: str) -> None:
    """Nobody wants these tables of a bucket any more. In S3 Tables they stay."""
    for table in tables:
        call.table(Touched).delete_all(number, table, index="waiting")
        for kind in slices.KINDS[table]:
            call.table(DataFile).delete_all(number, kind)
