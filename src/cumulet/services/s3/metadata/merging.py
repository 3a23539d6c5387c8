"""The small files of a day's journal become one, so that the table does not have a file for every few minutes."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, task

from ..resources import Bucket
from . import columns, commits, parquet, settings
from .state import DataFile

_MANY = 50                             # small files of a day
_SMALL = 5000                          # rows
_DAY = 86_400.0


class _Plan(NamedTuple):
    bucket: Bucket
    place: commits.Place
    old: list[DataFile]


def _small(call: Call, number: int, day: int) -> list[DataFile]:
    return [one for one in call.table(DataFile).iterate(number, settings.JOURNAL)
            if one.rows < _SMALL and one.newest // _DAY == day]


def consider(call: Call, bucket: Bucket, moment: float) -> None:
    """A file was written: are there many of its day?"""
    day = int(moment // _DAY)
    if len(_small(call, bucket.number, day)) >= _MANY:
        call.task(merge, bucket=bucket.BucketName, number=bucket.number, day=day)


@task(retries=5)
async def merge(call: Call, bucket: str, number: int, day: int) -> None:
    """One file of many."""
    plan = await call.run(_plan, bucket, number, day)
    if plan is None:
        return
    try:
        files = [await call.run(commits.read, plan.bucket, one.path) for one in plan.old]
    except AwsError:                   # whoever writes next tells of what is missing
        return
    places = [call.blobs.temporary() for _ in range(len(files) + 1)]
    data = await asyncio.to_thread(parquet.merged, columns.JOURNAL, files, places)
    await call.run(_replace, plan, data)


def _plan(call: Call, bucket: str, number: int, day: int) -> _Plan | None:
    found = settings.find(call, bucket, number)
    if found is None or settings.has_failed(found, settings.JOURNAL):
        return None
    old = sorted(_small(call, number, day), key=lambda one: one.sequence)
    return _Plan(found, settings.place(found, settings.JOURNAL), old) if len(old) > 1 else None


def _replace(call: Call, plan: _Plan, data: bytes) -> None:
    """The one file instead of the others; unless these are gone in the meantime."""
    table, bucket = call.table(DataFile), plan.bucket
    if settings.find(call, bucket.BucketName, bucket.number) is None or any(
            table.get(bucket.number, settings.JOURNAL, one.low, one.path) is None for one in plan.old):
        return
    for one in plan.old:
        table.delete(bucket.number, settings.JOURNAL, one.low, one.path)
    kept = [one.file for one in table.iterate(bucket.number, settings.JOURNAL)]
    file = commits.put(call, bucket, plan.place, data, sum(one.rows for one in plan.old))
    made = commits.commit(call, bucket, plan.place, [file], kept, [one.file for one in plan.old], replaces=True)
    table.put(DataFile(bucket=bucket.number, kind=settings.JOURNAL, low=b"", path=file.path, rows=file.rows, size=file.size,
                       snapshot=made.snapshot, sequence=made.sequence, newest=max(one.newest for one in plan.old)))
