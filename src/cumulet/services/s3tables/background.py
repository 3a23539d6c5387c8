"""What happens unasked in S3 Tables: the storage of a deleted table is emptied, and tables are maintained once a day."""

from __future__ import annotations

from cumulet.kernel import Call, task, timer

from . import maintaining, sweeping
from .resources import Table

_BATCH = 1000
_DAY = 86_400.0


@task(retries=20)
def empty(call: Call, storage: str) -> None:
    """Delete what a table left, some of it at a time, and its bucket at last."""
    s3 = call.as_service().s3
    found = s3.list_objects_v2(Bucket=storage, MaxKeys=_BATCH).get("Contents") or ()
    for one in found:
        s3.delete_object(Bucket=storage, Key=one["Key"])
    if len(found) == _BATCH:
        call.task(empty, storage=storage)
    else:
        s3.delete_bucket(Bucket=storage)


def watch(call: Call, row: Table) -> None:
    """Have a table maintained from now on."""
    call.at(call.now + _DAY, maintain, name=row.id, table=row.id)


@timer
def maintain(call: Call, table: str) -> None:
    """A table's maintenance is due."""
    row = call.table(Table).find("id", table)
    if row is not None:
        maintaining.run(call, row)
        call.task(sweep, table=table)
        watch(call, row)


@task(retries=2)
async def sweep(call: Call, table: str) -> None:
    """Look for files of a table that nothing leads to."""
    await sweeping.sweep(call, table)
