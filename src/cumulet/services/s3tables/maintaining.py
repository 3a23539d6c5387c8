"""The maintenance of tables: which settings hold, and what a run does.

Compaction is not here: it would rewrite Parquet. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-maintenance.html
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call

from . import changing, warehouse
from .iceberg import changes, snapshots
from .iceberg.metadata import Metadata, whole
from .resources import Table, TableBucket

COMPACTION, SNAPSHOTS, REMOVAL = "icebergCompaction", "icebergSnapshotManagement", "icebergUnreferencedFileRemoval"
_HOUR = 3_600_000                      # milliseconds
_DEFAULTS = {COMPACTION: {"status": "disabled", "settings": {COMPACTION: {"targetFileSizeMB": 512}}},
             SNAPSHOTS: {"status": "enabled", "settings": {SNAPSHOTS: {"minSnapshotsToKeep": 1, "maxSnapshotAgeHours": 120}}}}
_REMOVAL = {"status": "enabled", "settings": {REMOVAL: {"unreferencedDays": 3, "nonCurrentDays": 10}}}
_OF_REFS = ("max-ref-age-ms", "max-snapshot-age-ms", "min-snapshots-to-keep")


def of(row: Table) -> dict[str, Any]:
    """The maintenance of a table, as it was said or as it is by default."""
    return _DEFAULTS | row.maintenance


def removal(bucket: TableBucket) -> dict[str, Any]:
    """How unreferenced files go from the tables of a bucket."""
    return bucket.removal or _REMOVAL


def merged(before: dict[str, Any], value: dict[str, Any], kind: str) -> dict[str, Any]:
    """A kind's configuration after this was said: settings that are not mentioned stay."""
    settings = (before.get("settings") or {}).get(kind, {}) | ((value.get("settings") or {}).get(kind) or {})
    return {"status": value.get("status", before["status"])} | ({"settings": {kind: settings}} if settings else {})


def status(bucket: TableBucket, row: Table) -> dict[str, Any]:
    """How each kind of job last went."""
    found = {}
    for kind, said in (of(row) | {REMOVAL: removal(bucket)}).items():
        found[kind] = {"status": "Disabled"} if said["status"] == "disabled" else row.jobs.get(kind, {"status": "Not_Yet_Run"})
    return found


def run(call: Call, row: Table) -> None:
    """What is due today."""
    if of(row)[SNAPSHOTS]["status"] == "enabled" and row.location:
        try:
            _manage_snapshots(call, row)
        except AwsError as problem:              # the table's key does not let this service in
            row.jobs[SNAPSHOTS] = failed(call, problem.message)
            call.put(row)


def _manage_snapshots(call: Call, row: Table) -> None:
    """Expire old snapshots, unless the table itself keeps them for longer: then S3 Tables keeps away."""
    table = warehouse.read(call, row)
    said = of(row)[SNAPSHOTS]["settings"][SNAPSHOTS]
    if _keeps_longer(table, said):
        row.jobs[SNAPSHOTS] = failed(call, "The table has a retention of its own, by its properties or its branches and tags.")
        call.put(row)
        return
    oldest = int(call.now * 1000) - said["maxSnapshotAgeHours"] * _HOUR
    gone = snapshots.expired(table, said["minSnapshotsToKeep"], oldest)
    row.jobs[SNAPSHOTS] = {"status": "Successful", "lastRunTimestamp": call.now}
    if gone:
        update = {"action": "remove-snapshots", "snapshot-ids": gone}
        changing.commit(call, row, changes.apply(table, [update], call.now, row.location), call.account)
    else:
        call.put(row)


def _keeps_longer(table: Metadata, said: dict[str, int]) -> bool:
    """Has it branches or tags with a retention, or properties that keep more snapshots, or for longer, than was said?"""
    if any(name in ref for ref in table["refs"].values() for name in _OF_REFS):
        return True
    least, age = (whole(table["properties"].get(f"history.expire.{name}", ""))
                  for name in ("min-snapshots-to-keep", "max-snapshot-age-ms"))
    return least > said["minSnapshotsToKeep"] or age > said["maxSnapshotAgeHours"] * _HOUR


def failed(call: Call, why: str) -> dict[str, Any]:
    return {"status": "Failed", "lastRunTimestamp": call.now, "failureMessage": why}
