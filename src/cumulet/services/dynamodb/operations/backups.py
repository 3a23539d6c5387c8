"""Backups on demand: create, describe, list, delete, restore."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import backups, copying, keys, restoring
from ..archives import Backup
from ..shelf import name_of

Doc = dict[str, Any]
_MOST_LISTED = 100


@operation
def create_backup(call: Call, TableName: str, BackupName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html"""
    table, layout = backups.known_table(call, TableName)
    facts = keys.facts_of(layout.facts)
    if facts.state:
        raise error.TableInUseException(f"Table is being created: {table.TableName}")
    backup = backups.create(call, table, facts, layout, BackupName)
    return {"BackupDetails": backups.details(call, backup)}


@operation
def describe_backup(call: Call, BackupArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeBackup.html"""
    there, backup = _here(call, BackupArn)
    return {"BackupDescription": backups.described(there, backup)}


@operation
def list_backups(
        call: Call, TableName: str | None = None, Limit: int = _MOST_LISTED, TimeRangeLowerBound: float | None = None,
        TimeRangeUpperBound: float | None = None, ExclusiveStartBackupArn: str | None = None, BackupType: str = "ALL") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListBackups.html"""
    after = ExclusiveStartBackupArn.rpartition("/")[2] if ExclusiveStartBackupArn else None
    rows = call.table(Backup)
    found: list[Backup] = []
    while len(found) <= Limit:
        some = rows.scan(after=after, limit=_MOST_LISTED) if TableName is None else \
            rows.scan(name_of(call, TableName), index="table", after=after, limit=_MOST_LISTED)
        found += [row for row in some if (BackupType in ("ALL", row.kind)
                                          and (TimeRangeLowerBound is None or row.created >= TimeRangeLowerBound)
                                          and (TimeRangeUpperBound is None or row.created < TimeRangeUpperBound))]
        if len(some) < _MOST_LISTED:
            break
        after = some[-1].id
    told = [backups.summary(call, row) for row in found[:Limit]]
    return {"BackupSummaries": told, "LastEvaluatedBackupArn": told[-1]["BackupArn"] if len(found) > Limit else None}


@operation
def delete_backup(call: Call, BackupArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteBackup.html"""
    there, backup = _here(call, BackupArn)
    _not_in_use(backup, BackupArn)
    told = backups.described(there, backup)
    told["BackupDetails"]["BackupStatus"] = "DELETED"
    copying.drop_backup(there, backup)
    return {"BackupDescription": told}


@operation
def restore_table_from_backup(
        call: Call, TargetTableName: str, BackupArn: str, BillingModeOverride: str | None = None,
        GlobalSecondaryIndexOverride: list[Doc] | None = None, LocalSecondaryIndexOverride: list[Doc] | None = None,
        ProvisionedThroughputOverride: Doc | None = None, OnDemandThroughputOverride: Doc | None = None,
        SSESpecificationOverride: Doc | None = None, VectorIndexOverride: list[Doc] | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html"""
    there, backup = backups.find(call, BackupArn)
    if not backup.complete:
        raise _in_use(BackupArn)
    source = backups.definition(backup)
    told = restoring.begin(
        call, there, source, TargetTableName,
        restoring.Overrides(BillingModeOverride, ProvisionedThroughputOverride, GlobalSecondaryIndexOverride,
                            LocalSecondaryIndexOverride, OnDemandThroughputOverride, SSESpecificationOverride,
                            VectorIndexOverride),
        {"SourceBackupArn": BackupArn, "SourceTableArn": there.arn(source), "RestoreDateTime": backup.created})
    backup.readers += 1
    there.put(backup)
    restoring.fill(call, TargetTableName, there.region, backup.place, 0, backup.id)
    return {"TableDescription": told}


def _here(call: Call, arn: str) -> tuple[Call, Backup]:
    """A backup of this region: only a restore reaches into others."""
    there, backup = backups.find(call, arn)
    if there.region != call.region:
        raise error.BackupNotFoundException(f"Backup not found: {arn}")
    return there, backup


def _not_in_use(backup: Backup, arn: str) -> None:
    if not backup.complete or backup.readers:
        raise _in_use(arn)


def _in_use(arn: str) -> Exception:
    return error.BackupInUseException(f"Backup is being created or restored: {arn}")
