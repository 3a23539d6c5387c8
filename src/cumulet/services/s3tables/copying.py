"""Copies of tables in other table buckets are brought up to their sources, after each commit: files first, metadata last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from cumulet.kernel import AwsError, Call, Spool, on, parse_arn, task

from . import changing, naming, permits, replication, tables, warehouse
from .faults import bad_request, conflict
from .iceberg import Invalid, files, moving
from .iceberg.metadata import Metadata
from .resources import Copied, Namespace, Table, TableBucket

T = TypeVar("T")
_TABLES = 100                                    # of a bucket, at a time


@on("cumulet.events", "Table Changed")
def table_changed(call: Call, event: dict[str, Any]) -> None:
    """A table that is copied has other metadata."""
    call.task(replicate, table=event["detail"]["table"])


@task(retries=5)
def replicate_bucket(call: Call, bucket: str, after: list[str] | None) -> None:
    """All tables of a bucket, some at a time."""
    rows = call.table(Table).scan(bucket, after=tuple(after) if after is not None else None, limit=_TABLES)
    for row in rows:
        replication.changed(call, row)
    if len(rows) == _TABLES:
        call.task(replicate_bucket, bucket=bucket, after=[rows[-1].Namespace, rows[-1].TableName])


@task(retries=5)
async def replicate(call: Call, table: str) -> None:
    """Bring all copies of a table up to it."""
    for destination in await call.run(_behind, table):
        try:
            job = await call.run(_begin, table, destination)
            if job is not None:
                said = await _copy_files(call, job)
                await call.run(_finish, job, said)
        except (AwsError, Invalid) as problem:
            await call.run(_failed, table, destination, str(problem))


class Job(msgspec.Struct):
    """One copy to be made. table, metadata: the source.  copy: the other one, and its metadata so far (None: none yet).
    manifests: those that are there already, where, and how long."""

    table: Table
    metadata: Metadata
    destination: str
    copy: Table
    before: Metadata | None
    manifests: dict[str, tuple[str, int]] = {}

    def place(self, location: str) -> str:
        """Where a file of the source is in the copy."""
        key = warehouse.key_of(self.table, location)
        if not key:
            raise Invalid("The table has files that are not within its warehouse location.")
        return f"{self.copy.warehouse}/{key}"


def _behind(call: Call, table: str) -> list[str]:
    """The table buckets whose copies are not up to the table."""
    row = call.table(Table).find("id", table)
    said = replication.of(call, row) if row is not None else None
    wanted = replication.destinations(said) if said is not None else []
    return [one.destination for one in call.table(Copied).scan(table)
            if one.destination in wanted and one.status != replication.COMPLETED]


def _there(call: Call, destination: str) -> Call:
    arn = parse_arn(destination)
    assert arn is not None
    return call.elsewhere(arn.account, arn.region)


def _begin(call: Call, table: str, destination: str) -> Job | None:
    """Find the copy, or make it; None where nothing is to be copied."""
    row = call.table(Table).find("id", table)
    said = replication.of(call, row) if row is not None else None
    if row is None or said is None:
        return None
    there = _there(call, destination)
    bucket = there.table(TableBucket).get(destination.rpartition("/")[2])
    if bucket is None:
        raise bad_request("The destination table bucket does not exist.")
    permits.check(call, said["role"], row, there, bucket)
    copy = _copy_of(call, there, row, destination)
    _note(call, row, destination, copy=there.arn(copy), status=replication.PENDING if row.location else replication.COMPLETED)
    if not row.location:
        return None
    found = warehouse.inner(call, row)
    moving.check(found)
    return Job(row, found, destination, copy, warehouse.inner(there, copy) if copy.location else None)


def _copy_of(call: Call, there: Call, row: Table, destination: str) -> Table:
    """The table of the same name there, which nobody else may have made."""
    source = call.arn(row)
    found = there.table(Table).get(destination, row.Namespace, row.TableName)
    if found is not None:
        if found.source != source:
            raise conflict("A table with an identical name already exists in the destination table bucket.")
        return found
    if there.table(Namespace).get(destination.rpartition("/")[2], row.Namespace) is None:
        naming.make_namespace(there, destination, row.Namespace)
    return tables.make(there, destination, row.Namespace, row.TableName, source=source)[1]


def _note(call: Call, row: Table, destination: str, **fields: Any) -> None:
    found = call.table(Copied).get(row.id, destination) or Copied(table=row.id, destination=destination)
    call.table(Copied).put(msgspec.structs.replace(found, **fields))


def _failed(call: Call, table: str, destination: str, why: str) -> None:
    row = call.table(Table).find("id", table)
    if row is not None:
        _note(call, row, destination, status=replication.FAILED, problem=why)


# --- files --------------------------------------------------------------------------------------------------------------


async def _copy_files(call: Call, job: Job) -> Metadata:
    """All files of snapshots that the copy does not have; its next metadata."""
    have = {one["snapshot-id"] for one in job.before["snapshots"]} if job.before is not None else set()
    for one in job.metadata["snapshots"]:
        if one["snapshot-id"] not in have:
            await _copy_snapshot(call, job, one["manifest-list"])
    for path in moving.statistics(job.metadata):
        await _copy_file(call, job, path)
    return moving.metadata(job.metadata, job.before, job.copy.id, job.copy.warehouse, job.place, call.now, job.copy.location)


async def _copy_snapshot(call: Call, job: Job, location: str) -> None:
    """Data before manifests, and those before their list: what leads somewhere is not there before that is."""
    data = await call.run(warehouse.file, job.table, location)
    for path in await _aside(files.manifests, data):
        if path not in job.manifests:
            size = await call.run(_size, job, path)
            job.manifests[path] = job.place(path), size if size is not None else await _copy_manifest(call, job, path)
    await call.run(_put, job, location, await _aside(moving.manifest_list, data, job.manifests))


async def _copy_manifest(call: Call, job: Job, path: str) -> int:
    """How long it is then."""
    data, inner = await _aside(moving.manifest, await call.run(warehouse.file, job.table, path), job.place)
    for one in inner:
        await _copy_file(call, job, one)
    await call.run(_put, job, path, data)
    return len(data)


async def _aside(fn: Callable[..., T], *args: Any) -> T:
    """Unpacked and packed beside the event loop."""
    return await asyncio.to_thread(partial(fn, *args))


async def _copy_file(call: Call, job: Job, path: str) -> None:
    asked = await call.run(_ask, job, path)
    if asked is not None:                        # S3 copies outside of transactions
        await asked


def _s3(call: Call, job: Job) -> Any:
    there = _there(call, job.destination)
    return there.as_service(there.arn(job.copy)).s3


def _key(job: Job, path: str) -> str:
    return warehouse.key_of(job.copy, job.place(path))


def _size(call: Call, job: Job, path: str) -> int | None:
    """Of a file in the copy; None where it is not there yet."""
    try:
        found: dict[str, Any] = _s3(call, job).head_object(Bucket=job.copy.storage, Key=_key(job, path))
    except AwsError:
        return None
    return int(found["ContentLength"])


def _ask(call: Call, job: Job, path: str) -> Any:
    """Have S3 copy a file that is not there yet; what to wait for."""
    if _size(call, job, path) is not None:
        return None
    key = _key(job, path)
    found = _s3(call, job).copy_object(Bucket=job.copy.storage, Key=key, CopySource=quote(f"{job.table.storage}/{key}"))
    return found if not isinstance(found, dict) else None


def _put(call: Call, job: Job, path: str, data: bytes) -> None:
    _s3(call, job).put_object(Bucket=job.copy.storage, Key=_key(job, path), Body=Spool(data))


def _finish(call: Call, job: Job, said: Metadata) -> None:
    """Point the copy to its next metadata, unless another run did; once more where the source has gone on."""
    row, there = call.table(Table).find("id", job.table.id), _there(call, job.destination)
    copy = there.table(Table).find("id", job.copy.id)
    if row is None or copy is None:
        return
    if copy.location == job.copy.location:
        changing.commit(there, copy, said, call.account)
        done = row.location == job.table.location
        _note(call, row, job.destination, location=job.table.location, at=call.now, problem="",
              status=replication.COMPLETED if done else replication.PENDING)
        if done:
            return
    call.task(replicate, table=row.id)
