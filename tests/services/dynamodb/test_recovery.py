"""Point-in-time recovery over the wire, and what a deleted table leaves behind."""

from typing import Any

from .conftest import Make, N, S, index, refused

DAY = 86_400.0


def switch(dynamodb: Any, table: str, enabled: bool = True, **more: Any) -> Any:
    told = dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled, **more})
    return told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]


def told_of(dynamodb: Any, table: str) -> Any:
    told = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert told["ContinuousBackupsStatus"] == "ENABLED"
    return told["PointInTimeRecoveryDescription"]


def items(dynamodb: Any, table: str) -> dict[str, str]:
    return {item["id"]["S"]: item["n"]["N"] for item in dynamodb.scan(TableName=table)["Items"]}


def restored(cloud: Any, dynamodb: Any, table: str, target: str, at: float) -> dict[str, str]:
    dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, RestoreDateTime=at)
    cloud.clock.idle()
    return items(dynamodb, target)


def put(dynamodb: Any, table: str, key: str, n: int) -> None:
    dynamodb.put_item(TableName=table, Item={"id": S(key), "n": N(n)})


def test_recovery_is_switched_and_told(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("safe", "id")
    assert told_of(dynamodb, "safe") == {"PointInTimeRecoveryStatus": "DISABLED"}
    began = cloud.clock.now()
    told = switch(dynamodb, "safe")
    assert (told["PointInTimeRecoveryStatus"], told["RecoveryPeriodInDays"]) == ("ENABLED", 35)
    cloud.clock.advance(100)
    told = told_of(dynamodb, "safe")
    assert abs(told["EarliestRestorableDateTime"].timestamp() - began) < 5
    assert told["LatestRestorableDateTime"].timestamp() >= began + 100
    assert switch(dynamodb, "safe", RecoveryPeriodInDays=2)["RecoveryPeriodInDays"] == 2
    cloud.clock.advance(5 * DAY)
    told = told_of(dynamodb, "safe")
    assert abs(told["EarliestRestorableDateTime"].timestamp() - (cloud.clock.now() - 2 * DAY)) < 5
    assert switch(dynamodb, "safe", False) == {"PointInTimeRecoveryStatus": "DISABLED"}
    refused(switch, dynamodb=dynamodb, table="safe", enabled=False, RecoveryPeriodInDays=3)
    refused(switch, dynamodb=dynamodb, table="safe", RecoveryPeriodInDays=36)
    refused(dynamodb.describe_continuous_backups, "TableNotFoundException", TableName="absent")


def test_a_table_goes_back_to_any_moment(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("past", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g")])
    put(dynamodb, "past", "before", 0)
    switch(dynamodb, "past")
    moments = []
    for n in range(4):
        cloud.clock.advance(100)
        put(dynamodb, "past", "a", n)
        put(dynamodb, "past", f"only-{n}", n)
        if n:
            dynamodb.delete_item(TableName="past", Key={"id": S(f"only-{n - 1}")})
        cloud.clock.advance(100)
        moments.append(cloud.clock.now())
    dynamodb.delete_item(TableName="past", Key={"id": S("before")})
    for n, at in enumerate(moments):
        assert restored(cloud, dynamodb, "past", f"past-{n}", at) == {"before": "0", "a": str(n), f"only-{n}": str(n)}
    told = dynamodb.describe_table(TableName="past-2")["Table"]
    assert abs(told["RestoreSummary"]["RestoreDateTime"].timestamp() - moments[2]) < 1
    assert told["GlobalSecondaryIndexes"][0]["IndexName"] == "by-g"
    arn = dynamodb.describe_table(TableName="past")["Table"]["TableArn"]
    dynamodb.restore_table_to_point_in_time(SourceTableArn=arn, TargetTableName="latest", UseLatestRestorableTime=True)
    cloud.clock.idle()
    assert items(dynamodb, "latest") == items(dynamodb, "past")
    there = cloud.client("dynamodb", region="eu-central-1")
    there.restore_table_to_point_in_time(SourceTableArn=arn, TargetTableName="far", RestoreDateTime=moments[0])
    cloud.clock.idle()
    assert items(there, "far") == {"before": "0", "a": "0", "only-0": "0"}


def test_what_wrong_restores_are_told(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("plain", "id")
    now = cloud.clock.now()
    restore = dynamodb.restore_table_to_point_in_time
    assert refused(restore, "PointInTimeRecoveryUnavailableException", SourceTableName="plain", TargetTableName="new",
                   UseLatestRestorableTime=True) == "Point in time recovery is not enabled for table 'plain'"
    switch(dynamodb, "plain")
    for moment in (now - 1000, now + 1000):
        refused(restore, "InvalidRestoreTimeException", SourceTableName="plain", TargetTableName="new", RestoreDateTime=moment)
    refused(restore, SourceTableName="plain", TargetTableName="new")
    refused(restore, TargetTableName="new", UseLatestRestorableTime=True)
    refused(restore, "TableNotFoundException", SourceTableName="absent", TargetTableName="new", UseLatestRestorableTime=True)
    refused(restore, "TableAlreadyExistsException", SourceTableName="plain", TargetTableName="plain",
            UseLatestRestorableTime=True)
    cloud.clock.advance(36 * DAY)
    refused(restore, "InvalidRestoreTimeException", SourceTableName="plain", TargetTableName="new", RestoreDateTime=now + 10)


def test_old_changes_are_forgotten_and_recovery_still_right(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("long", "id")
    switch(dynamodb, "long", RecoveryPeriodInDays=3)
    for n in range(10):
        put(dynamodb, "long", "a", n)
        put(dynamodb, "long", f"day-{n}", n)
        cloud.clock.advance(DAY)
    at = cloud.clock.now() - 2.5 * DAY                    # the eighth day has been written, the ninth not yet
    assert restored(cloud, dynamodb, "long", "long-2", at) == {"a": "7"} | {f"day-{n}": str(n) for n in range(8)}
    refused(dynamodb.restore_table_to_point_in_time, "InvalidRestoreTimeException", SourceTableName="long",
            TargetTableName="long-3", RestoreDateTime=cloud.clock.now() - 4 * DAY)


def test_a_protected_table_leaves_a_backup_for_35_days(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("gone", "id")
    switch(dynamodb, "gone")
    put(dynamodb, "gone", "a", 1)
    dynamodb.delete_table(TableName="gone")
    cloud.clock.idle()
    [backup] = dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert (backup["BackupName"], backup["BackupStatus"], backup["TableName"]) == \
        ("gone$DeletedTableBackup", "AVAILABLE", "gone")
    left = backup["BackupExpiryDateTime"] - backup["BackupCreationDateTime"]
    assert left.total_seconds() == 35 * DAY
    dynamodb.restore_table_from_backup(TargetTableName="gone", BackupArn=backup["BackupArn"])
    cloud.clock.idle()
    assert items(dynamodb, "gone") == {"a": "1"}
    cloud.clock.advance(35 * DAY + 1)
    assert dynamodb.list_backups()["BackupSummaries"] == []
    assert items(dynamodb, "gone") == {"a": "1"}


def test_switching_off_forgets_what_was(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("twice", "id")
    switch(dynamodb, "twice")
    put(dynamodb, "twice", "a", 1)
    cloud.clock.advance(100)
    early = cloud.clock.now()
    switch(dynamodb, "twice", False)
    cloud.clock.idle()
    put(dynamodb, "twice", "a", 2)
    cloud.clock.advance(100)
    switch(dynamodb, "twice")
    put(dynamodb, "twice", "a", 3)
    refused(dynamodb.restore_table_to_point_in_time, "InvalidRestoreTimeException", SourceTableName="twice",
            TargetTableName="new", RestoreDateTime=early)
    cloud.clock.advance(100)
    assert restored(cloud, dynamodb, "twice", "new", cloud.clock.now()) == {"a": "3"}
