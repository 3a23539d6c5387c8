"""Global tables over the wire: replicas come and go, items arrive, the last writer wins."""

import json
from typing import Any
from urllib.request import urlopen

import pytest

from .conftest import Make, N, S, index, refused

HERE, THERE, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"


@pytest.fixture
def there(cloud: Any) -> Any:
    return cloud.client("dynamodb", region=THERE)


def grow(cloud: Any, dynamodb: Any, table: str, region: str = THERE, **more: Any) -> Any:
    told = dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": region, **more}}])
    cloud.clock.idle()
    return told["TableDescription"]


def items(dynamodb: Any, table: str) -> dict[str, str]:
    return {item["id"]["S"]: item["n"]["N"] for item in dynamodb.scan(TableName=table)["Items"]}


def put(dynamodb: Any, table: str, key: str, n: int, **more: Any) -> None:
    dynamodb.put_item(TableName=table, Item={"id": S(key), "n": N(n), **more})


def records(cloud: Any, dynamodb: Any, table: str, region: str) -> list[dict[str, Any]]:
    """All that a region's stream tells."""
    arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    streams = cloud.client("dynamodbstreams", region=region)
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    found: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return found


def test_a_replica_is_made_of_what_is_there(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    make("world", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g")], DeletionProtectionEnabled=True)
    for at in range(0, 250, 25):
        dynamodb.batch_write_item(RequestItems={"world": [
            {"PutRequest": {"Item": {"id": S(f"{n}"), "n": N(n), "g": S("g")}}} for n in range(at, at + 25)]})
    told = grow(cloud, dynamodb, "world", TableClassOverride="STANDARD_INFREQUENT_ACCESS")
    assert told["TableStatus"] == "UPDATING"
    assert (told["Replicas"][0]["RegionName"], told["Replicas"][0]["ReplicaStatus"]) == (THERE, "CREATING")
    table = dynamodb.describe_table(TableName="world")["Table"]
    assert (table["TableStatus"], table["GlobalTableVersion"], table["MultiRegionConsistency"]) == \
        ("ACTIVE", "2019.11.21", "EVENTUAL")
    assert [(r["RegionName"], r["ReplicaStatus"]) for r in table["Replicas"]] == [(THERE, "ACTIVE")]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    copy = there.describe_table(TableName="world")["Table"]
    assert [(r["RegionName"], r["ReplicaStatus"]) for r in copy["Replicas"]] == [(HERE, "ACTIVE")]
    assert copy["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert not copy["DeletionProtectionEnabled"]
    assert copy["ItemCount"] == 250
    assert there.query(TableName="world", IndexName="by-g", KeyConditionExpression="g = :g", Select="COUNT",
                       ExpressionAttributeValues={":g": S("g")})["Count"] == 250


def test_writes_arrive_everywhere(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    make("all", "id")
    grow(cloud, dynamodb, "all")
    grow(cloud, dynamodb, "all", FAR)
    far = cloud.client("dynamodb", region=FAR)
    put(dynamodb, "all", "a", 1)
    put(there, "all", "b", 2)
    far.transact_write_items(TransactItems=[
        {"Put": {"TableName": "all", "Item": {"id": S(f"t{n}"), "n": N(n)}}} for n in range(3)])
    cloud.clock.idle()
    expected = {"a": "1", "b": "2", "t0": "0", "t1": "1", "t2": "2"}
    for client in (dynamodb, there, far):
        assert items(client, "all") == expected
    far.update_item(TableName="all", Key={"id": S("a")}, UpdateExpression="SET n = n + :one",
                    ExpressionAttributeValues={":one": N(1)})
    there.delete_item(TableName="all", Key={"id": S("t1")})
    cloud.clock.idle()
    for client in (dynamodb, there, far):
        assert items(client, "all") == {"a": "2", "b": "2", "t0": "0", "t2": "2"}
    assert sorted(r["RegionName"] for r in there.describe_table(TableName="all")["Table"]["Replicas"]) == [FAR, HERE]


def test_streams_of_each_region_see_all_writes(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    make("seen", "id")
    grow(cloud, dynamodb, "seen")
    put(dynamodb, "seen", "a", 1)
    cloud.clock.idle()
    put(there, "seen", "a", 2)
    cloud.clock.idle()
    for client, region in ((dynamodb, HERE), (there, THERE)):
        found = records(cloud, client, "seen", region)
        assert [(r["eventName"], r["awsRegion"], r["dynamodb"]["NewImage"]["n"]) for r in found] == [
            ("INSERT", region, N(1)), ("MODIFY", region, N(2))]


def test_settings_are_shared(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    make("shared", "id")
    grow(cloud, dynamodb, "shared")
    dynamodb.update_table(TableName="shared", AttributeDefinitions=[
        {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index("by-g", "g")}])
    cloud.clock.idle()
    put(dynamodb, "shared", "a", 1, g=S("g"))
    dynamodb.update_time_to_live(TableName="shared", TimeToLiveSpecification={"AttributeName": "ends", "Enabled": True})
    cloud.clock.idle()
    assert there.scan(TableName="shared", IndexName="by-g")["Count"] == 1
    assert there.describe_time_to_live(TableName="shared")["TimeToLiveDescription"]["AttributeName"] == "ends"
    now = int(cloud.clock.now())
    put(dynamodb, "shared", "short", 1, ends=N(now + 60))
    put(there, "shared", "short too", 1, ends=N(now + 60))
    cloud.clock.idle()
    cloud.clock.advance(100)
    for client, region, mine in ((dynamodb, HERE, "short"), (there, THERE, "short too")):
        assert items(client, "shared") == {"a": "1"}
        gone = [r for r in records(cloud, client, "shared", region) if r["eventName"] == "REMOVE"]
        assert {r["dynamodb"]["Keys"]["id"]["S"]: "userIdentity" in r for r in gone} == {
            "short": mine == "short", "short too": mine == "short too"}
    dynamodb.update_table(TableName="shared", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}])
    assert "GlobalSecondaryIndexes" not in there.describe_table(TableName="shared")["Table"]


def test_a_replica_leaves(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    make("shrinking", "id")
    grow(cloud, dynamodb, "shrinking")
    grow(cloud, dynamodb, "shrinking", FAR)
    put(there, "shrinking", "last", 1)
    dynamodb.update_table(TableName="shrinking", ReplicaUpdates=[{"Delete": {"RegionName": THERE}}])
    refused(there.describe_table, "ResourceNotFoundException", TableName="shrinking")
    cloud.clock.idle()
    assert items(dynamodb, "shrinking") == {"last": "1"}
    [left] = dynamodb.describe_table(TableName="shrinking")["Table"]["Replicas"]
    assert left["RegionName"] == FAR
    far = cloud.client("dynamodb", region=FAR)
    far.delete_table(TableName="shrinking")
    alone = dynamodb.describe_table(TableName="shrinking")["Table"]
    assert "Replicas" not in alone
    assert "GlobalTableVersion" not in alone
    put(dynamodb, "shrinking", "after", 2)
    cloud.clock.idle()
    grow(cloud, dynamodb, "shrinking")
    assert items(there, "shrinking") == {"last": "1", "after": "2"}


def test_replicas_have_keys_classes_and_maxima_of_their_own(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    key, other = (cloud.client("kms", region=region).create_key()["KeyMetadata"]["Arn"] for region in (HERE, THERE))
    make("own", "id", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
         OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 200})
    assert "KMSMasterKeyId must be specified for each replica." in refused(
        grow, cloud=cloud, dynamodb=dynamodb, table="own")
    grow(cloud, dynamodb, "own", KMSMasterKeyId=other, OnDemandThroughputOverride={"MaxReadRequestUnits": 30})
    assert dynamodb.describe_table(TableName="own")["Table"]["Replicas"][0]["KMSMasterKeyId"] == other
    copy = there.describe_table(TableName="own")["Table"]
    assert copy["SSEDescription"]["KMSMasterKeyArn"] == other
    assert copy["OnDemandThroughput"] == {"MaxReadRequestUnits": 30, "MaxWriteRequestUnits": 200}
    dynamodb.update_table(TableName="own", ReplicaUpdates=[{"Update": {
        "RegionName": THERE, "TableClassOverride": "STANDARD_INFREQUENT_ACCESS",
        "OnDemandThroughputOverride": {"MaxReadRequestUnits": 40}}}])
    copy = there.describe_table(TableName="own")["Table"]
    assert copy["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert copy["OnDemandThroughput"]["MaxReadRequestUnits"] == 40
    assert "TableClassSummary" not in dynamodb.describe_table(TableName="own")["Table"]
    put(dynamodb, "own", "a", 1)
    cloud.clock.idle()
    assert items(there, "own") == {"a": "1"}


def test_what_wrong_replicas_are_told(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    def update(**update: Any) -> Any:
        return dynamodb.update_table(TableName="wrong", ReplicaUpdates=[update])

    make("wrong", "id")
    assert refused(update, Create={"RegionName": HERE}) == (
        "Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable "
        "as required.")
    refused(update, Delete={"RegionName": THERE})
    refused(update, Create={"RegionName": "nowhere"})
    refused(update)
    refused(update, Create={"RegionName": THERE}, Delete={"RegionName": FAR})
    refused(update, "NotImplemented", Create={"RegionName": THERE, "GlobalSecondaryIndexes": [{"IndexName": "absent"}]})
    assert "STRONG" in refused(dynamodb.update_table, "NotImplemented", TableName="wrong", MultiRegionConsistency="STRONG",
                               ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    there.create_table(TableName="wrong", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                       AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    assert "already existed as tables" in refused(update, Create={"RegionName": THERE})
    grow(cloud, dynamodb, "wrong", FAR)
    refused(dynamodb.update_table, TableName="wrong", StreamSpecification={"StreamEnabled": False})
    assert refused(dynamodb.update_table, TableName="wrong", BillingMode="PROVISIONED",
                   ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}) == \
        "Table write capacity should either be Pay-Per-Request or AutoScaled."


STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
KEYS: dict[str, Any] = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}


def twins(cloud: Any, *regions: str, name: str = "old", **more: Any) -> list[Any]:
    """Empty tables of one name in several regions; their clients."""
    clients = [cloud.client("dynamodb", region=region) for region in regions]
    for client in clients:
        client.create_table(TableName=name, **({"BillingMode": "PAY_PER_REQUEST"} | KEYS | STREAM | more))
    return clients


def group(*regions: str) -> list[dict[str, str]]:
    return [{"RegionName": region} for region in regions]


def test_tables_are_joined_as_in_2017(cloud: Any, dynamodb: Any) -> None:
    _, there, far = twins(cloud, HERE, THERE, FAR)
    told = dynamodb.create_global_table(GlobalTableName="old", ReplicationGroup=group(HERE, THERE))["GlobalTableDescription"]
    assert (told["GlobalTableStatus"], told["GlobalTableArn"]) == (
        "CREATING", f"arn:aws:dynamodb::{cloud.account}:global-table/old")
    put(dynamodb, "old", "a", 1)
    put(there, "old", "b", 2)
    put(far, "old", "apart", 3)
    cloud.clock.idle()
    assert items(dynamodb, "old") == items(there, "old") == {"a": "1", "b": "2"}
    assert dynamodb.describe_table(TableName="old")["Table"]["GlobalTableVersion"] == "2017.11.29"
    add = {"GlobalTableName": "old", "ReplicaUpdates": [{"Create": {"RegionName": FAR}}]}
    assert "must be empty" in refused(dynamodb.update_global_table, **add)
    far.delete_item(TableName="old", Key={"id": S("apart")})
    dynamodb.update_global_table(**add)
    refused(dynamodb.update_global_table, "ReplicaAlreadyExistsException", **add)
    cloud.clock.idle()
    assert items(far, "old") == {"a": "1", "b": "2"}
    assert [r["RegionName"] for r in far.describe_global_table(GlobalTableName="old")["GlobalTableDescription"][
        "ReplicationGroup"]] == [HERE, THERE, FAR]
    remove = {"GlobalTableName": "old", "ReplicaUpdates": [{"Delete": {"RegionName": THERE}}]}
    dynamodb.update_global_table(**remove)
    refused(dynamodb.update_global_table, "ReplicaNotFoundException", **remove)
    put(dynamodb, "old", "c", 3)
    cloud.clock.idle()
    assert items(there, "old") == {"a": "1", "b": "2"}
    assert items(far, "old") == {"a": "1", "b": "2", "c": "3"}
    far.delete_table(TableName="old")
    assert dynamodb.list_global_tables()["GlobalTables"] == [{"GlobalTableName": "old", "ReplicationGroup": group(HERE)}]


def test_groups_of_2017_are_listed_and_refused(cloud: Any, dynamodb: Any) -> None:
    for name in ("one", "two"):
        twins(cloud, HERE, THERE, name=name)
        dynamodb.create_global_table(GlobalTableName=name, ReplicationGroup=group(HERE, THERE))
    page = dynamodb.list_global_tables(Limit=1)
    assert page["LastEvaluatedGlobalTableName"] == "one"
    assert [t["GlobalTableName"] for t in dynamodb.list_global_tables(
        ExclusiveStartGlobalTableName="one", RegionName=THERE)["GlobalTables"]] == ["two"]
    assert dynamodb.list_global_tables(RegionName=FAR)["GlobalTables"] == []
    create = dynamodb.create_global_table
    refused(create, "GlobalTableAlreadyExistsException", GlobalTableName="one", ReplicationGroup=group(HERE))
    refused(create, "TableNotFoundException", GlobalTableName="absent", ReplicationGroup=group(HERE))
    refused(dynamodb.describe_global_table, "GlobalTableNotFoundException", GlobalTableName="absent")
    cloud.client("dynamodb").create_table(TableName="bare", BillingMode="PAY_PER_REQUEST", **KEYS)
    assert "needs a stream" in refused(create, GlobalTableName="bare", ReplicationGroup=group(HERE))


def test_settings_of_2017(cloud: Any, dynamodb: Any) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    twins(cloud, HERE, THERE, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    dynamodb.create_global_table(GlobalTableName="old", ReplicationGroup=group(HERE, THERE))

    def told() -> dict[str, Any]:
        found = dynamodb.describe_global_table_settings(GlobalTableName="old")["ReplicaSettings"]
        return {one["RegionName"]: (one["ReplicaBillingModeSummary"]["BillingMode"], one["ReplicaProvisionedReadCapacityUnits"],
                                    one["ReplicaProvisionedWriteCapacityUnits"]) for one in found}

    assert told() == {HERE: ("PROVISIONED", 5, 5), THERE: ("PROVISIONED", 5, 5)}
    update = dynamodb.update_global_table_settings
    update(GlobalTableName="old", GlobalTableProvisionedWriteCapacityUnits=9,
           ReplicaSettingsUpdate=[{"RegionName": THERE, "ReplicaProvisionedReadCapacityUnits": 7}])
    assert told() == {HERE: ("PROVISIONED", 5, 9), THERE: ("PROVISIONED", 7, 9)}
    update(GlobalTableName="old", GlobalTableBillingMode="PAY_PER_REQUEST")
    assert told() == {HERE: ("PAY_PER_REQUEST", 0, 0), THERE: ("PAY_PER_REQUEST", 0, 0)}
    refused(update, "ReplicaNotFoundException", GlobalTableName="old", ReplicaSettingsUpdate=[{"RegionName": FAR}])
    refused(update, "IndexNotFoundException", GlobalTableName="old", GlobalTableGlobalSecondaryIndexSettingsUpdate=[
        {"IndexName": "absent", "ProvisionedWriteCapacityUnits": 1}])


def test_a_replica_leaves_with_its_items(cloud: Any, make: Make, dynamodb: Any, there: Any) -> None:
    make("world", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g")])
    put(dynamodb, "world", "early", 1, g=S("g"))
    leave = [{"Disassociate": {"RegionName": THERE, "DisassociationMode": "WAIT_FOR_REPLICATION"}}]
    refused(dynamodb.update_table, TableName="world", DisassociationProtectionEnabled=False)
    assert "local replica" in refused(dynamodb.update_table, TableName="world", ReplicaUpdates=leave)
    grow(cloud, dynamodb, "world")
    assert there.describe_table(TableName="world")["Table"]["DisassociationProtectionEnabled"]
    assert "protected against disassociation" in refused(there.update_table, TableName="world", ReplicaUpdates=leave)
    assert "cannot be combined" in refused(
        there.update_table, TableName="world", DisassociationProtectionEnabled=False, TableClass="STANDARD")
    there.update_table(TableName="world", DisassociationProtectionEnabled=False)
    assert not there.describe_table(TableName="world")["Table"]["DisassociationProtectionEnabled"]
    put(dynamodb, "world", "late", 2)
    there.update_table(TableName="world", ReplicaUpdates=leave)
    cloud.clock.idle()
    for client in (dynamodb, there):
        told = client.describe_table(TableName="world")["Table"]
        assert (told["TableStatus"], "Replicas" in told, told["ItemCount"]) == ("ACTIVE", False, 2)
    put(dynamodb, "world", "here", 3)
    put(there, "world", "there", 4)
    cloud.clock.idle()
    assert items(dynamodb, "world") == {"early": "1", "late": "2", "here": "3"}
    assert items(there, "world") == {"early": "1", "late": "2", "there": "4"}
    assert there.query(TableName="world", IndexName="by-g", KeyConditionExpression="g = :g", Select="COUNT",
                       ExpressionAttributeValues={":g": S("g")})["Count"] == 1


def test_a_table_with_a_bulk_put_gets_no_replica(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("world", "id")
    bucket = f"world-{cloud.account}"
    cloud.client("s3").create_bucket(Bucket=bucket)
    cloud.client("s3").put_object(Bucket=bucket, Key="in", Body=b"".join(
        b'{"Item":{"id":{"S":"%d"},"fill":{"S":"%s"}}}\n' % (n, b"x" * 9_000) for n in range(200)))
    arn = dynamodb.start_bulk_put_items(
        TableName="world", InputS3Configuration={"S3Bucket": bucket, "InputFormat": "DYNAMODB_JSON", "S3KeyPrefix": "in"},
        OutputS3Configuration={"S3Bucket": bucket, "S3KeyPrefix": "out", "OutputType": ["ERROR"]},
        MaxWriteRequestUnits=1024)["BulkOperationDescription"]["BulkOperationArn"]
    cloud.clock.idle()
    refused(dynamodb.update_table, "ResourceInUseException", TableName="world",
            ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    dynamodb.cancel_bulk_operation(BulkOperationArn=arn)
    cloud.clock.idle()
    grow(cloud, dynamodb, "world")
    assert dynamodb.describe_table(TableName="world")["Table"]["Replicas"][0]["RegionName"] == THERE


def test_who_disassociates_needs_a_right_of_its_own(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("world", "id")
    grow(cloud, dynamodb, "world")
    dynamodb.update_table(TableName="world", DisassociationProtectionEnabled=False)
    iam = cloud.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    user = cloud.client("dynamodb", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()).read()

    def allow(*actions: str) -> None:
        iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": [f"dynamodb:{action}" for action in actions], "Resource": "*"}]}))

    leave = {"TableName": "world", "ReplicaUpdates": [
        {"Disassociate": {"RegionName": HERE, "DisassociationMode": "WAIT_FOR_REPLICATION"}}]}
    allow("UpdateTable")
    assert "dynamodb:DisassociateTableReplica" in refused(user.update_table, "AccessDeniedException", **leave)
    allow("UpdateTable", "DisassociateTableReplica")
    user.update_table(**leave)
    assert "Replicas" not in dynamodb.describe_table(TableName="world")["Table"]
