"""Backups over the wire: what they hold, how they are told, what is restored from them."""

from typing import Any

from .conftest import Make, N, S, index, refused


def fill(dynamodb: Any, table: str, count: int, mark: str = "old") -> None:
    for at in range(0, count, 25):
        dynamodb.batch_write_item(RequestItems={table: [
            {"PutRequest": {"Item": {"id": S(f"{n:04}"), "mark": S(mark), "g": S(f"g{n % 3}")}}}
            for n in range(at, min(at + 25, count))]})


def items(dynamodb: Any, table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        found |= {item["id"]["S"]: item["mark"]["S"] for item in page["Items"]}
    return found


def backed_up(cloud: Any, dynamodb: Any, table: str, name: str = "daily") -> str:
    arn: str = dynamodb.create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"]
    cloud.clock.idle()
    return arn


def test_a_backup_holds_the_items_of_its_moment(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("things", "id")
    fill(dynamodb, "things", 30)
    table = dynamodb.describe_table(TableName="things")["Table"]
    made = dynamodb.create_backup(TableName="things", BackupName="first")["BackupDetails"]
    assert made["BackupStatus"] == "CREATING"
    assert made["BackupType"] == "USER"
    assert made["BackupArn"].startswith(table["TableArn"] + "/backup/")
    fill(dynamodb, "things", 10, "new")
    dynamodb.delete_item(TableName="things", Key={"id": S("0020")})
    cloud.clock.idle()
    told = dynamodb.describe_backup(BackupArn=made["BackupArn"])["BackupDescription"]
    assert told["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert told["BackupDetails"]["BackupSizeBytes"] == table["TableSizeBytes"]
    source = told["SourceTableDetails"]
    assert (source["TableName"], source["TableId"], source["ItemCount"], source["BillingMode"]) == \
        ("things", table["TableId"], 30, "PAY_PER_REQUEST")
    dynamodb.restore_table_from_backup(TargetTableName="again", BackupArn=made["BackupArn"])
    cloud.clock.idle()
    assert items(dynamodb, "again") == {f"{n:04}": "old" for n in range(30)}
    assert items(dynamodb, "things") == {f"{n:04}": "new" if n < 10 else "old" for n in range(30) if n != 20}


def test_writes_between_the_slices_do_not_show(cloud: Any, make: Make, dynamodb: Any) -> None:
    """A table of several slices is changed everywhere while its backup waits to be copied."""
    make("large", "id")
    fill(dynamodb, "large", 700)
    arn = dynamodb.create_backup(TableName="large", BackupName="held")["BackupDetails"]["BackupArn"]
    fill(dynamodb, "large", 300, "new")
    for n in range(300, 600, 2):
        dynamodb.delete_item(TableName="large", Key={"id": S(f"{n:04}")})
    fill(dynamodb, "large", 350, "newer")
    for n in range(350):
        dynamodb.put_item(TableName="large", Item={"id": S(f"extra{n}"), "mark": S("extra")})
    cloud.clock.idle()
    dynamodb.restore_table_from_backup(TargetTableName="large-2", BackupArn=arn)
    cloud.clock.idle()
    assert items(dynamodb, "large-2") == {f"{n:04}": "old" for n in range(700)}
    dynamodb.delete_table(TableName="large")                      # nobody reads it any more


def test_a_table_is_used_when_it_is_restored(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("source", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g"), index("keys", "g", "id", "KEYS_ONLY")],
         Tags=[{"Key": "a", "Value": "b"}], StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
         DeletionProtectionEnabled=True)
    dynamodb.update_time_to_live(TableName="source", TimeToLiveSpecification={"AttributeName": "ends", "Enabled": True})
    fill(dynamodb, "source", 9)
    arn = backed_up(cloud, dynamodb, "source")
    features = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["SourceTableFeatureDetails"]
    assert [i["IndexName"] for i in features["GlobalSecondaryIndexes"]] == ["by-g", "keys"]
    assert features["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ends"}
    assert features["StreamDescription"]["StreamViewType"] == "KEYS_ONLY"
    cloud.clock.idle()
    told = dynamodb.restore_table_from_backup(TargetTableName="target", BackupArn=arn)["TableDescription"]
    assert told["TableStatus"] == "CREATING"
    assert told["RestoreSummary"]["SourceBackupArn"] == arn
    assert told["RestoreSummary"]["RestoreInProgress"]
    cloud.clock.idle()
    table = dynamodb.describe_table(TableName="target")["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert not table["RestoreSummary"]["RestoreInProgress"]
    assert not table["DeletionProtectionEnabled"]
    assert "StreamSpecification" not in table
    assert dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == []
    found = dynamodb.query(TableName="target", IndexName="by-g", KeyConditionExpression="g = :g",
                           ExpressionAttributeValues={":g": S("g1")})["Items"]
    assert sorted(i["id"]["S"] for i in found) == ["0001", "0004", "0007"]
    assert dynamodb.scan(TableName="target", IndexName="keys")["Count"] == 9


def test_indexes_and_billing_may_be_others(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("chosen", "id", "", "g", "h", GlobalSecondaryIndexes=[index("by-g", "g"), index("by-h", "h")])
    fill(dynamodb, "chosen", 3)
    arn = backed_up(cloud, dynamodb, "chosen")
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}
    told = dynamodb.restore_table_from_backup(
        TargetTableName="other", BackupArn=arn, BillingModeOverride="PROVISIONED", ProvisionedThroughputOverride=units,
        GlobalSecondaryIndexOverride=[index("by-g", "g") | {"ProvisionedThroughput": units}])["TableDescription"]
    assert [i["IndexName"] for i in told["GlobalSecondaryIndexes"]] == ["by-g"]
    assert told["ProvisionedThroughput"]["WriteCapacityUnits"] == 3
    assert sorted(d["AttributeName"] for d in told["AttributeDefinitions"]) == ["g", "id"]
    dynamodb.restore_table_from_backup(TargetTableName="bare", BackupArn=arn, GlobalSecondaryIndexOverride=[])
    cloud.clock.idle()
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName="bare")["Table"]
    assert "does not match an index" in refused(
        dynamodb.restore_table_from_backup, TargetTableName="wrong", BackupArn=arn,
        GlobalSecondaryIndexOverride=[index("by-g", "h")])
    assert refused(dynamodb.restore_table_from_backup, "TableAlreadyExistsException", TargetTableName="other",
                   BackupArn=arn) == "Table already exists: other"


def test_backups_are_restored_into_other_regions(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("here", "id")
    fill(dynamodb, "here", 5)
    arn = backed_up(cloud, dynamodb, "here")
    there = cloud.client("dynamodb", region="eu-west-1")
    refused(there.describe_backup, "BackupNotFoundException", BackupArn=arn)
    there.restore_table_from_backup(TargetTableName="here", BackupArn=arn)
    cloud.clock.idle()
    assert len(items(there, "here")) == 5
    assert there.describe_table(TableName="here")["Table"]["TableArn"].startswith("arn:aws:dynamodb:eu-west-1:")
    dynamodb.delete_backup(BackupArn=arn)                         # no reader is left


def test_backups_are_listed(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("one", "id")
    make("two", "id")
    arns, moments = [], []
    for n, table in enumerate(("one", "two", "one")):
        moments.append(cloud.clock.now())
        arns.append(backed_up(cloud, dynamodb, table, f"backup-{n}"))
        cloud.clock.advance(10)

    def listed(**members: Any) -> list[str]:
        return [b["BackupArn"] for b in dynamodb.list_backups(**members)["BackupSummaries"]]

    assert listed() == arns
    assert listed(TableName="one") == [arns[0], arns[2]]
    assert listed(BackupType="SYSTEM") == []
    assert listed(BackupType="USER") == arns
    assert listed(TimeRangeLowerBound=moments[1] - 1) == arns[1:]
    assert listed(TimeRangeUpperBound=moments[1] - 1) == arns[:1]
    page = dynamodb.list_backups(Limit=2)
    assert page["LastEvaluatedBackupArn"] == arns[1]
    assert page["BackupSummaries"][1]["TableName"] == "two"
    assert listed(ExclusiveStartBackupArn=arns[1]) == arns[2:]


def test_a_backup_outlives_its_table_until_it_is_deleted(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("short", "id")
    fill(dynamodb, "short", 3)
    arn = dynamodb.create_backup(TableName="short", BackupName="kept")["BackupDetails"]["BackupArn"]
    cloud.clock.idle()
    dynamodb.delete_table(TableName="short")
    cloud.clock.idle()
    dynamodb.restore_table_from_backup(TargetTableName="short", BackupArn=arn)
    cloud.clock.idle()
    assert len(items(dynamodb, "short")) == 3
    told = dynamodb.delete_backup(BackupArn=arn)["BackupDescription"]
    assert told["BackupDetails"]["BackupStatus"] == "DELETED"
    for call in (dynamodb.describe_backup, dynamodb.delete_backup):
        assert refused(call, "BackupNotFoundException", BackupArn=arn) == f"Backup not found: {arn}"
    refused(dynamodb.restore_table_from_backup, "BackupNotFoundException", TargetTableName="none", BackupArn=arn)


def test_wrong_names_of_backups(make: Make, dynamodb: Any) -> None:
    make("named", "id")
    assert refused(dynamodb.create_backup, "TableNotFoundException", TableName="absent", BackupName="one") == \
        "Table not found: absent"
    refused(dynamodb.create_backup, TableName="named", BackupName="no spaces")
    refused(dynamodb.describe_backup, BackupArn="arn:aws:dynamodb:us-east-1:123456789012:table/named")


def test_numbers_come_back_as_they_were(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("sorted", "id", "n:N")
    for n in ("-1.5", "0", "12345678901234567890", "3"):
        dynamodb.put_item(TableName="sorted", Item={"id": S("a"), "n": N(n), "mark": S("x")})
    arn = backed_up(cloud, dynamodb, "sorted")
    dynamodb.restore_table_from_backup(TargetTableName="sorted-2", BackupArn=arn)
    cloud.clock.idle()
    assert [i["n"]["N"] for i in dynamodb.scan(TableName="sorted-2")["Items"]] == ["-1.5", "0", "3", "12345678901234567890"]


def test_keys_and_maxima_are_kept_or_overridden(cloud: Any, make: Make, dynamodb: Any) -> None:
    kms = cloud.client("kms")
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in "ab")
    make("sealed", "id", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
         OnDemandThroughput={"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 60})
    dynamodb.put_item(TableName="sealed", Item={"id": S("a"), "mark": S("x")})
    arn = backed_up(cloud, dynamodb, "sealed")
    told = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert told["SourceTableFeatureDetails"]["SSEDescription"]["KMSMasterKeyArn"] == key
    assert told["SourceTableDetails"]["OnDemandThroughput"]["MaxReadRequestUnits"] == 50
    dynamodb.restore_table_from_backup(TargetTableName="same", BackupArn=arn)
    dynamodb.restore_table_from_backup(
        TargetTableName="other", BackupArn=arn, OnDemandThroughputOverride={"MaxReadRequestUnits": 7},
        SSESpecificationOverride={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other})
    cloud.clock.idle()
    for name, sealed, most in (("same", key, 50), ("other", other, 7)):
        table = dynamodb.describe_table(TableName=name)["Table"]
        assert table["SSEDescription"]["KMSMasterKeyArn"] == sealed
        assert table["OnDemandThroughput"]["MaxReadRequestUnits"] == most
        assert items(dynamodb, name) == {"a": "x"}
