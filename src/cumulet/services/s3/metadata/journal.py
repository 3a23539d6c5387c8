"""The journal: what happens to a bucket's objects is noted with it, and every few minutes put into the table."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, task, timer

from .. import versions
from ..resources import Bucket, Older, Version
from . import columns, commits, live, merging, parquet, records, settings
from .records import Record
from .state import Change, DataFile

KIND = settings.JOURNAL
TOLD = ("LifecycleTransition", "ObjectTagging:")          # events of which the journal tells
_EVERY = 120.0                         # seconds; AWS: in near real time
_ROWS = 5000                           # of one file
_DAY = 86_400.0


# --- noting -------------------------------------------------------------------------------------------------------------


def created(call: Call, bucket: Bucket, row: Version) -> None:
    """A version was made; a replica may be a delete marker."""
    marker = isinstance(row, Older) and row.marker
    kind = records.DELETE if marker else records.CREATE
    _note(call, bucket, row.key, records.of_version(bucket, row) | records.of_request(call, kind))


def updated(call: Call, bucket: Bucket, row: Version) -> None:
    """Tags or storage class of a version were changed."""
    now = versions.exact(call, bucket, row.key, versions.public(row))
    if now is not None:
        found = records.of_version(bucket, now) | records.of_request(call, records.UPDATE)
        _note(call, bucket, row.key, found | {"sequence_number": None})


def deleted(call: Call, bucket: Bucket, key: str, done: versions.Deleted) -> None:
    """A version was deleted for good, or all of them were hidden behind a delete marker."""
    marker = versions.exact(call, bucket, key.encode(), done.marker) if done.marker is not None and not done.version else None
    found = (records.of_version(bucket, marker) if marker is not None else
             records.of_deletion(bucket, key, done.version or ("null" if bucket.versioning else None)))
    _note(call, bucket, key.encode(), found | records.of_request(call, records.DELETE))


def _note(call: Call, bucket: Bucket, key: bytes, record: Record) -> None:
    if settings.has_failed(bucket, KIND):
        return
    call.table(Change).put(Change(bucket=bucket.number, at=call.now, record=record))
    call.elsewhere(bucket.account, bucket.region).at(
        (call.now // _EVERY + 1) * _EVERY, journal_due, name=f"journal {bucket.BucketName}", bucket=bucket.BucketName,
        number=bucket.number)
    live.touch(call, bucket, key, *live.TABLES)


# --- writing ------------------------------------------------------------------------------------------------------------


@timer
def journal_due(call: Call, bucket: str, number: int) -> None:
    """Some minutes are over."""
    call.task(write_journal, bucket=bucket, number=number)


class _Batch(NamedTuple):
    """Changes that go into one file."""

    bucket: Bucket
    place: commits.Place
    rows: list[Change]


@task(retries=20)
async def write_journal(call: Call, bucket: str, number: int) -> None:
    """One file of records; what is left is a task of its own."""
    batch = await call.run(_batch, bucket, number)
    if batch is None:
        return
    places = call.blobs.temporary(), call.blobs.temporary()
    data = await asyncio.to_thread(parquet.write, columns.JOURNAL, [_record(one) for one in batch.rows], places)
    try:
        await call.run(_append, batch, data)
    except AwsError as problem:
        await call.run(settings.failed, batch.bucket, KIND, problem)


def _batch(call: Call, bucket: str, number: int) -> _Batch | None:
    found = settings.find(call, bucket, number)
    if found is None or found.metadata is None or settings.has_failed(found, KIND):
        return None
    rows = call.table(Change).scan(number, index="waiting", limit=_ROWS)
    return _Batch(found, settings.place(found, KIND), rows) if rows else None


def _record(one: Change) -> Record:
    """Changes after a version was made are numbered behind it."""
    number = one.record.get("sequence_number") or records.sequence_number(int(one.at * 1_000_000), one.id)
    return one.record | {"sequence_number": number}


def _append(call: Call, batch: _Batch, data: bytes) -> None:
    """The file, its snapshot, and that its changes wait no more: all of it or nothing."""
    table = call.table(Change)
    if settings.find(call, batch.bucket.BucketName, batch.bucket.number) is None:
        return                         # nobody wants it any more
    if table.get(batch.rows[0].id) is None:            # another task did it in the meantime, or a part of it
        call.task(write_journal, bucket=batch.bucket.BucketName, number=batch.bucket.number)
        return
    file = commits.put(call, batch.bucket, batch.place, data, len(batch.rows))
    kept = [one.file for one in call.table(DataFile).iterate(batch.bucket.number, KIND)]
    made = commits.commit(call, batch.bucket, batch.place, [file], kept, [])
    call.put(DataFile(bucket=batch.bucket.number, kind=KIND, low=b"", path=file.path, rows=file.rows, size=file.size,
                      snapshot=made.snapshot, sequence=made.sequence, newest=batch.rows[-1].at))
    for one in batch.rows:
        table.delete(one.id)
    merging.consider(call, batch.bucket, batch.rows[-1].at)
    if len(batch.rows) == _ROWS:
        call.task(write_journal, bucket=batch.bucket.BucketName, number=batch.bucket.number)


# --- expiry -------------------------------------------------------------------------------------------------------------


def watch(call: Call, bucket: Bucket) -> None:
    """Look once a day for records that are too old."""
    call.elsewhere(bucket.account, bucket.region).at(
        (call.now // _DAY + 1) * _DAY, expire_records, name=f"expire {bucket.BucketName}", bucket=bucket.BucketName,
        number=bucket.number)


@timer
def expire_records(call: Call, bucket: str, number: int) -> None:
    """Files go of which all records are too old: with the youngest of them, some minutes after the first."""
    found = settings.find(call, bucket, number)
    days = settings.days(found) if found is not None else None
    if found is None or days is None or settings.has_failed(found, KIND):
        return
    watch(call, found)
    rows = list(call.table(DataFile).iterate(number, KIND))
    oldest = call.now - days * _DAY
    gone = [one for one in rows if one.newest < oldest]
    if not gone:
        return
    try:
        commits.commit(call, found, settings.place(found, KIND), [], [one.file for one in rows if one.newest >= oldest],
                       [one.file for one in gone])
    except AwsError as problem:
        settings.failed(call, found, KIND, problem)
        return
    for one in gone:
        call.table(DataFile).delete(number, KIND, one.low, one.path)


def forget(call: Call, number: int) -> None:
    """Nobody wants the journal of a bucket any more. The table stays."""
    call.table(Change).delete_all(number, index="waiting")
    call.table(DataFile).delete_all(number, KIND)
    live.forget(call, number, *live.TABLES)


