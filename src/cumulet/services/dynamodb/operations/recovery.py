"""Point-in-time recovery: switched on and off, told, and used."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from .. import backups, journal, keys, restoring
from ..resources import Layout

Doc = dict[str, Any]
_LONGEST = 35


@operation
def describe_continuous_backups(call: Call, TableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html"""
    _, layout = backups.known_table(call, TableName)
    return {"ContinuousBackupsDescription": _described(call, layout)}


@operation
def update_continuous_backups(call: Call, TableName: str, PointInTimeRecoverySpecification: Doc) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html"""
    table, layout = backups.known_table(call, TableName)
    wanted = PointInTimeRecoverySpecification
    days = wanted.get("RecoveryPeriodInDays")
    if not wanted["PointInTimeRecoveryEnabled"] and days is not None:
        raise error.ValidationException(
            "1 validation error detected: RecoveryPeriodInDays can only be given when PointInTimeRecoveryEnabled is true")
    if keys.facts_of(layout.facts).state:
        raise error.ContinuousBackupsUnavailableException(
            "Backups are being enabled for the table: " + table.TableName + ". Please retry later")
    if not wanted["PointInTimeRecoveryEnabled"] and journal.is_read(call, table.number):
        raise error.ContinuousBackupsUnavailableException(f"A backup of the table is in progress: {table.TableName}")
    journal.switch(call, layout, (days or _LONGEST) if wanted["PointInTimeRecoveryEnabled"] else 0)
    table.PointInTimeRecoverySpecification = wanted
    call.put(table)
    return {"ContinuousBackupsDescription": _described(call, layout)}


def _described(call: Call, layout: Layout) -> Doc:
    about = journal.known(call, layout.number)
    if about is None:
        return {"ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {
        "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": about.days,
        "EarliestRestorableDateTime": journal.earliest(about, call.now), "LatestRestorableDateTime": call.now}}


@operation
def restore_table_to_point_in_time(
        call: Call, TargetTableName: str, SourceTableArn: str | None = None, SourceTableName: str | None = None,
        UseLatestRestorableTime: bool = False, RestoreDateTime: float | None = None, BillingModeOverride: str | None = None,
        GlobalSecondaryIndexOverride: list[Doc] | None = None, LocalSecondaryIndexOverride: list[Doc] | None = None,
        ProvisionedThroughputOverride: Doc | None = None, OnDemandThroughputOverride: Doc | None = None,
        SSESpecificationOverride: Doc | None = None, VectorIndexOverride: list[Doc] | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html"""
    if (SourceTableArn is None) == (SourceTableName is None):
        raise error.ValidationException("Exactly one of SourceTableName and SourceTableArn must be given")
    if UseLatestRestorableTime == (RestoreDateTime is not None):
        raise error.ValidationException("Exactly one of RestoreDateTime and UseLatestRestorableTime must be given")
    parsed = parse_arn(SourceTableArn) if SourceTableArn else None
    there = call.elsewhere(region=parsed.region) if parsed is not None else call
    source, layout = backups.known_table(there, SourceTableArn or SourceTableName or "")
    about = journal.known(there, source.number)
    if about is None:
        raise error.PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{source.TableName}'")
    moment = RestoreDateTime if RestoreDateTime is not None else call.now
    if not journal.earliest(about, call.now) <= moment <= call.now:
        raise error.InvalidRestoreTimeException(
            "An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime and "
            "LatestRestorableDateTime.")
    told = restoring.begin(
        call, there, source, TargetTableName,
        restoring.Overrides(BillingModeOverride, ProvisionedThroughputOverride, GlobalSecondaryIndexOverride,
                            LocalSecondaryIndexOverride, OnDemandThroughputOverride, SSESpecificationOverride,
                            VectorIndexOverride),
        {"SourceTableArn": there.arn(source), "RestoreDateTime": moment})
    reader = f"restore-{call.uuid()}"
    change = journal.pin(there, layout, reader, journal.change_at(there, source.number, moment))
    restoring.fill(call, TargetTableName, there.region, source.number, change, reader)
    return {"TableDescription": told}
