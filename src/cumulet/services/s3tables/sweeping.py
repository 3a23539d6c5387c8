"""Files that no snapshot of a table leads to: found, marked after days, and deleted after further days.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-table-buckets-maintenance.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call

from . import warehouse
from .iceberg import Invalid, files
from .maintaining import REMOVAL, failed, removal
from .resources import Loose, Table, TableBucket

_DAY = 86_400.0
_EARLY = 3600.0                        # runs come once a day, not to the second
_BATCH = 1000


class Plan(msgspec.Struct):
    """What a run begins with. direct: what the metadata names itself.  lists: its manifest lists."""

    row: Table
    direct: set[str]
    lists: list[str]


async def sweep(call: Call, table: str) -> None:
    """Look through all of a table's manifests, a moment each, and then at what lies in its storage."""
    try:
        plan = await call.run(_plan, table)
        if plan is None:
            return
        known = plan.direct | {plan.row.location}
        inner = await _named(call, plan.row, plan.lists, files.manifests)
        known |= inner | await _named(call, plan.row, sorted(inner), files.data_files)
        keys = {warehouse.key_of(plan.row, one) for one in known}
    except (AwsError, Invalid) as problem:
        await call.run(_gave_up, table, f"The files of the table cannot be told: {problem}")
        return
    after: str | None = ""
    while after is not None:
        after = await call.run(_look, table, plan.row.location, keys, after)


def _plan(call: Call, table: str) -> Plan | None:
    row = call.table(Table).find("id", table)
    if row is None or not row.location or _days(call, row) is None:
        return None
    said = warehouse.read(call, row)
    return Plan(row, files.direct(said), files.lists(said))


def _days(call: Call, row: Table) -> tuple[float, float] | None:
    """Seconds until an unreferenced file is marked, and until a marked one is deleted; None when the bucket wants neither."""
    bucket = call.table(TableBucket).known(row.bucket)
    said = removal(bucket) if bucket is not None else None
    if said is None or said["status"] == "disabled":
        return None
    settings = said["settings"][REMOVAL]
    return settings["unreferencedDays"] * _DAY - _EARLY, settings["nonCurrentDays"] * _DAY - _EARLY


async def _named(call: Call, row: Table, places: Iterable[str], read: Callable[[bytes], Iterable[str]]) -> set[str]:
    """All that these files name; unpacked beside the event loop."""
    found: set[str] = set()
    for place in places:
        data = await call.run(warehouse.file, row, place)
        found |= await asyncio.to_thread(lambda data: set(read(data)), data)
    return found


def _gave_up(call: Call, table: str, why: str) -> None:
    row = call.table(Table).find("id", table)
    if row is not None:
        row.jobs[REMOVAL] = failed(call, why)
        call.put(row)


def _look(call: Call, table: str, location: str, keys: set[str], after: str) -> str | None:
    """Judge some of the objects; the key to go on behind. Nothing is judged by a version that is the table's no longer."""
    row = call.table(Table).find("id", table)
    days = _days(call, row) if row is not None else None
    if row is None or days is None or row.location != location:
        return None
    s3 = call.as_service(call.arn(row)).s3
    found: list[dict[str, Any]] = s3.list_objects_v2(
        Bucket=row.storage, MaxKeys=_BATCH, StartAfter=after or None).get("Contents") or []
    for one in found:
        if one["Key"] in keys:
            call.table(Loose).delete(row.id, one["Key"])
        elif _is_due(call, row, one["Key"], days):
            s3.delete_object(Bucket=row.storage, Key=one["Key"])
    if len(found) == _BATCH:
        return str(found[-1]["Key"])
    row.jobs[REMOVAL] = {"status": "Successful", "lastRunTimestamp": call.now}
    call.put(row)
    return None


def _is_due(call: Call, row: Table, key: str, days: tuple[float, float]) -> bool:
    """Is it to be deleted now? Its days are counted from when it was first found unreferenced."""
    loose = call.table(Loose).get(row.id, key) or Loose(table=row.id, key=key, since=call.now)
    if not loose.marked and call.now - loose.since >= days[0]:
        loose.marked = call.now
    if loose.marked and call.now - loose.marked >= days[1]:
        call.table(Loose).delete(row.id, key)
        return True
    call.put(loose)
    return False
