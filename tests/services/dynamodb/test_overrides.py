"""What a restored table has otherwise than its source; and members that change little."""

from typing import Any

import pytest

from .conftest import N, S, answered, index


@pytest.fixture
def source(cloud: Any, dynamodb: Any) -> str:
    """A table that keeps its past, with two indexes of each sort; the ARN of a backup of it."""
    local = [{**index(name, "id", name), "Projection": {"ProjectionType": "KEYS_ONLY"}} for name in ("one", "two")]
    dynamodb.create_table(
        TableName="source", BillingMode="PAY_PER_REQUEST", LocalSecondaryIndexes=[
            {**one, "IndexName": f"local-{one['IndexName']}"} for one in local],
        GlobalSecondaryIndexes=[index("wide-one", "one"), index("wide-two", "two")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "one", "two")])
    dynamodb.update_continuous_backups(
        TableName="source", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    dynamodb.put_item(TableName="source", Item={name: S("x") for name in ("id", "at", "one", "two")})
    arn: str = dynamodb.create_backup(TableName="source", BackupName="all")["BackupDetails"]["BackupArn"]
    cloud.clock.idle()
    return arn


def local_one() -> dict[str, Any]:
    return {**index("local-one", "id", "one"), "Projection": {"ProjectionType": "KEYS_ONLY"}}


@pytest.mark.parametrize("kind", ["backup", "moment"])
def test_a_restored_table_may_have_other_indexes_billing_and_key(cloud: Any, dynamodb: Any, source: str, kind: str) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    units = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}

    def restore(name: str, **overrides: Any) -> Any:
        if kind == "backup":
            dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=source, **overrides)
        else:
            dynamodb.restore_table_to_point_in_time(
                SourceTableName="source", TargetTableName=name, UseLatestRestorableTime=True, **overrides)
        cloud.clock.idle()
        return dynamodb.describe_table(TableName=name)["Table"]

    told = restore("less", LocalSecondaryIndexOverride=[local_one()], BillingModeOverride="PROVISIONED",
                   GlobalSecondaryIndexOverride=[index("wide-two", "two") | {"ProvisionedThroughput": units}],
                   ProvisionedThroughputOverride=units,
                   SSESpecificationOverride={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    assert [one["IndexName"] for one in told["LocalSecondaryIndexes"]] == ["local-one"]
    assert [one["IndexName"] for one in told["GlobalSecondaryIndexes"]] == ["wide-two"]
    assert told["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert told["SSEDescription"]["KMSMasterKeyArn"] == key
    for name, attribute, condition in (("local-one", "one", "id = :x AND one = :x"), ("wide-two", "two", "two = :x")):
        found = dynamodb.query(TableName="less", IndexName=name, KeyConditionExpression=condition,
                               ExpressionAttributeValues={":x": S("x")})
        assert [item[attribute] for item in found["Items"]] == [S("x")]
    none = restore("none", LocalSecondaryIndexOverride=[], GlobalSecondaryIndexOverride=[],
                   OnDemandThroughputOverride={"MaxReadRequestUnits": 50})
    assert "LocalSecondaryIndexes" not in none
    assert "GlobalSecondaryIndexes" not in none
    assert none["OnDemandThroughput"]["MaxReadRequestUnits"] == 50


def test_tags_are_told_by_the_page(cloud: Any, dynamodb: Any, source: str) -> None:
    arn = dynamodb.describe_table(TableName="source")["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": f"{n:02}", "Value": "x"} for n in range(30)])
    pages = list(dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn))
    assert [tag["Key"] for page in pages for tag in page["Tags"]] == [f"{n:02}" for n in range(30)]


def test_a_statement_that_fails_shows_the_item_or_not(dynamodb: Any, source: str) -> None:
    said = "UPDATE source SET n = 1 WHERE id = 'x' AND \"at\" = 'x' AND one = 'other'"
    code = "ConditionalCheckFailedException"
    shown = answered(dynamodb.execute_statement, code, Statement=said, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert shown["Item"]["one"] == S("x")
    assert "Item" not in answered(dynamodb.execute_statement, code, Statement=said, ReturnValuesOnConditionCheckFailure="NONE")
    dynamodb.execute_statement(Statement=said.replace("'other'", "'x'"), ReturnValuesOnConditionCheckFailure="ALL_OLD")
    key = {"id": S("x"), "at": S("x")}
    assert dynamodb.get_item(TableName="source", Key=key)["Item"]["n"] == N(1)
