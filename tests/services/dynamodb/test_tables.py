"""Tables over the wire: defined, described, changed, deleted; tags, limits."""

from typing import Any

import pytest

from .conftest import Make, N, S, index, refused

KEYS = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}


def test_a_table_is_created_described_and_deleted(cloud: Any, dynamodb: Any) -> None:
    made = dynamodb.create_table(TableName="people", ProvisionedThroughput=UNITS, **KEYS)["TableDescription"]
    assert made["TableStatus"] == "CREATING"
    dynamodb.get_waiter("table_exists").wait(TableName="people")
    told = dynamodb.describe_table(TableName="people")["Table"]
    assert told["TableStatus"] == "ACTIVE"
    assert told["TableArn"] == f"arn:aws:dynamodb:us-east-1:{cloud.account}:table/people"
    assert told["TableId"] == made["TableId"]
    assert told["KeySchema"] == KEYS["KeySchema"]
    assert told["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **UNITS}
    assert told["ItemCount"] == told["TableSizeBytes"] == 0
    assert "BillingModeSummary" not in told
    dynamodb.put_item(TableName="people", Item={"id": S("a"), "age": N(30)})
    told = dynamodb.describe_table(TableName=told["TableArn"])["Table"]
    assert (told["ItemCount"], told["TableSizeBytes"]) == (1, 2 + 1 + 3 + 2)
    assert dynamodb.delete_table(TableName="people")["TableDescription"]["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName="people")
    says = refused(dynamodb.describe_table, "ResourceNotFoundException", TableName="people")
    assert says == "Requested resource not found: Table: people not found"
    assert refused(dynamodb.get_item, "ResourceNotFoundException", TableName="people", Key={"id": S("a")}) == \
        "Requested resource not found"
    dynamodb.create_table(TableName="people", BillingMode="PAY_PER_REQUEST", **KEYS)
    assert dynamodb.scan(TableName="people")["Items"] == []
    assert dynamodb.describe_table(TableName="people")["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_a_name_is_taken_once(make: Make, dynamodb: Any) -> None:
    make("one", "id")
    assert refused(dynamodb.create_table, "ResourceInUseException", TableName="one", BillingMode="PAY_PER_REQUEST", **KEYS) == \
        "Table already exists: one"


def test_tables_of_another_account_are_not_seen(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("mine", "id")
    other = cloud.other().client("dynamodb")
    assert other.list_tables()["TableNames"] == []
    refused(other.put_item, "ResourceNotFoundException", TableName="mine", Item={"id": S("a")})
    arn = dynamodb.describe_table(TableName="mine")["Table"]["TableArn"]
    assert "no resource-based policy allows the dynamodb:GetItem action" in refused(
        other.get_item, "AccessDeniedException", TableName=arn, Key={"id": S("a")})
    assert cloud.client("dynamodb", region="eu-west-1").list_tables()["TableNames"] == []


def test_tables_are_listed_in_pages(make: Make, dynamodb: Any) -> None:
    for name in ("ccc", "aaa", "bbb"):
        make(name, "id")
    first = dynamodb.list_tables(Limit=2)
    assert (first["TableNames"], first["LastEvaluatedTableName"]) == (["aaa", "bbb"], "bbb")
    rest = dynamodb.list_tables(Limit=2, ExclusiveStartTableName="bbb")
    assert rest["TableNames"] == ["ccc"]
    assert "LastEvaluatedTableName" not in rest


@pytest.mark.parametrize(("members", "says"), [
    ({"ProvisionedThroughput": None}, "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits "
     "must both be specified when BillingMode is PROVISIONED"),
    ({"BillingMode": "PAY_PER_REQUEST"}, "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
     "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"),
    ({"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
     "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ({"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}] * 2},
     "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
    ({"KeySchema": [{"AttributeName": "no", "KeyType": "HASH"}]}, "One or more parameter values were invalid: Some index key "
     "attributes are not defined in AttributeDefinitions. Keys: [no], AttributeDefinitions: [id]"),
    ({"AttributeDefinitions": [*KEYS["AttributeDefinitions"], {"AttributeName": "x", "AttributeType": "N"}]},
     "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes "
     "defined in AttributeDefinitions"),
    ({"LocalSecondaryIndexes": [index("loc", "id")]}, "One or more parameter values were invalid: Table KeySchema does not "
     "have a range key, which is required when specifying a LocalSecondaryIndex"),
    ({"GlobalSecondaryIndexes": []}, "One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty"),
    ({"GlobalSecondaryIndexes": [index("gsi", "id")]},
     "One or more parameter values were invalid: ProvisionedThroughput is not specified for index: gsi"),
    ({"GlobalSecondaryIndexes": [index("gsi", "id", "", "INCLUDE")]}, "One or more parameter values were invalid: "
     "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
    ({"GlobalSecondaryIndexes": [index("gsi", "id", "", "ALL", ("x",))]}, "One or more parameter values were invalid: "
     "ProjectionType is ALL, but NonKeyAttributes is specified"),
    ({"StreamSpecification": {"StreamEnabled": True}},
     "One or more parameter values were invalid: StreamViewType is required when StreamEnabled is true"),
])
def test_a_definition_that_does_not_hold_together_is_refused(dynamodb: Any, members: dict[str, Any], says: str) -> None:
    wanted = {"TableName": "wrong", "ProvisionedThroughput": UNITS, **KEYS} | members
    assert refused(dynamodb.create_table, **{k: v for k, v in wanted.items() if v is not None}) == says
    assert dynamodb.list_tables()["TableNames"] == []


def test_a_protected_table_is_not_deleted(make: Make, dynamodb: Any) -> None:
    make("kept", "id", DeletionProtectionEnabled=True)
    says = refused(dynamodb.delete_table, TableName="kept")
    assert says.startswith("Resource cannot be deleted as it is currently protected")
    dynamodb.update_table(TableName="kept", DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName="kept")
    assert dynamodb.list_tables()["TableNames"] == []


def test_billing_and_class_are_changed(dynamodb: Any) -> None:
    dynamodb.create_table(TableName="bill", ProvisionedThroughput=UNITS, TableClass="STANDARD_INFREQUENT_ACCESS", **KEYS)
    assert dynamodb.describe_table(TableName="bill")["Table"]["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert "The provisioned throughput for the table will not change" in refused(
        dynamodb.update_table, TableName="bill", ProvisionedThroughput=UNITS)
    assert "You cannot modify stream status while updating table IOPS" in refused(
        dynamodb.update_table, TableName="bill", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    assert refused(dynamodb.update_table, TableName="bill").startswith("At least one of ProvisionedThroughput, BillingMode")
    more = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 20}
    dynamodb.update_table(TableName="bill", ProvisionedThroughput=more)
    assert dynamodb.describe_table(TableName="bill")["Table"]["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **more}
    dynamodb.update_table(TableName="bill", BillingMode="PAY_PER_REQUEST", TableClass="STANDARD")
    told = dynamodb.describe_table(TableName="bill")["Table"]
    assert told["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert told["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert "TableClassSummary" not in told
    refused(dynamodb.update_table, TableName="bill", BillingMode="PROVISIONED")
    assert dynamodb.describe_table(TableName="bill")["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_tags(make: Make, dynamodb: Any) -> None:
    make("tagged", "id", Tags=[{"Key": "team", "Value": "blue"}])
    arn = dynamodb.describe_table(TableName="tagged")["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "red"}, {"Key": "env", "Value": "test"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["env", "none"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "red"}]
    refused(dynamodb.list_tags_of_resource, "ResourceNotFoundException", ResourceArn=arn + "x")
    more = [{"Key": f"k{i}", "Value": ""} for i in range(50)]
    assert refused(dynamodb.tag_resource, ResourceArn=arn, Tags=more).startswith("Too many tags")
    assert len(dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]) == 1


def test_limits_endpoints_and_backups_are_described(make: Make, dynamodb: Any) -> None:
    make("plain", "id")
    assert dynamodb.describe_limits()["TableMaxReadCapacityUnits"] == 40_000
    [endpoint] = dynamodb.describe_endpoints()["Endpoints"]
    assert endpoint["Address"] in dynamodb.meta.endpoint_url
    told = dynamodb.describe_continuous_backups(TableName="plain")["ContinuousBackupsDescription"]
    assert told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    refused(dynamodb.describe_continuous_backups, "TableNotFoundException", TableName="none")


def test_what_is_not_there_says_so(make: Make, dynamodb: Any) -> None:
    make("plain", "id")
    assert "GlobalTableWitnessUpdates" in refused(dynamodb.update_table, "NotImplemented", TableName="plain",
                                                  GlobalTableWitnessUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
