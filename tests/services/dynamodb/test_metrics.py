"""What CloudWatch knows of tables."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Make, N, S, answered, index

Metric = Callable[..., float]
ITEM = {"id": S("a"), "text": S("x" * 5000)}


@pytest.fixture
def metric(cloud: Any) -> Metric:
    """A statistic of the table's metric over the last hour; -1 where there are no data."""
    cloudwatch = cloud.client("cloudwatch")

    def found(name: str, statistic: str = "Sum", **dimensions: str) -> float:
        cloud.clock.advance(0.01)                                      # what was noted is told
        now = cloud.clock.now()
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/DynamoDB", MetricName=name, StartTime=now - 3600, EndTime=now + 60, Period=7200,
            Dimensions=[{"Name": key, "Value": value} for key, value in {"TableName": "things", **dimensions}.items()],
            Statistics=[statistic])["Datapoints"]
        return float(points[0][statistic]) if points else -1.0

    return found


@pytest.fixture
def things(make: Make, dynamodb: Any) -> Any:
    make("things", "id")
    return dynamodb


def test_units_of_single_items_are_counted(things: Any, metric: Metric) -> None:
    things.put_item(TableName="things", Item=ITEM)
    assert metric("ConsumedWriteCapacityUnits") == 5
    assert metric("ConsumedReadCapacityUnits") == -1
    things.get_item(TableName="things", Key={"id": S("a")})
    assert metric("ConsumedReadCapacityUnits") == 1
    things.get_item(TableName="things", Key={"id": S("a")}, ConsistentRead=True)
    things.get_item(TableName="things", Key={"id": S("not there")}, ConsistentRead=True)
    assert metric("ConsumedReadCapacityUnits") == 4
    assert metric("ConsumedReadCapacityUnits", "SampleCount") == 3
    things.update_item(TableName="things", Key={"id": S("a")}, UpdateExpression="REMOVE #t",
                       ExpressionAttributeNames={"#t": "text"})
    assert metric("ConsumedWriteCapacityUnits") == 10, "the larger one of before and after"
    things.delete_item(TableName="things", Key={"id": S("a")})
    assert metric("ConsumedWriteCapacityUnits") == 11


def test_units_of_batches_and_transactions_are_counted(things: Any, metric: Metric) -> None:
    small = {"id": S("b")}
    things.batch_write_item(RequestItems={"things": [{"PutRequest": {"Item": ITEM}}, {"PutRequest": {"Item": small}}]})
    assert metric("ConsumedWriteCapacityUnits") == 6
    things.batch_get_item(RequestItems={"things": {"Keys": [{"id": S("a")}, {"id": S("b")}, {"id": S("c")}]}})
    assert metric("ConsumedReadCapacityUnits") == 2
    things.transact_write_items(TransactItems=[{"Put": {"TableName": "things", "Item": ITEM}},
                                               {"Put": {"TableName": "things", "Item": small}}])
    assert metric("ConsumedWriteCapacityUnits") == 18, "twice as many"
    things.transact_get_items(TransactItems=[{"Get": {"TableName": "things", "Key": {"id": S(name)}}} for name in "ab"])
    assert metric("ConsumedReadCapacityUnits") == 8


def test_indexes_have_units_of_their_own(make: Make, dynamodb: Any, metric: Metric) -> None:
    make("things", "id", "", "city", GlobalSecondaryIndexes=[index("by-city", "city")])
    dynamodb.put_item(TableName="things", Item={"id": S("a"), "city": S("Bonn")})
    dynamodb.query(TableName="things", IndexName="by-city", KeyConditionExpression="city = :c",
                   ExpressionAttributeValues={":c": S("Bonn")})
    assert metric("ConsumedWriteCapacityUnits") == 1
    assert metric("ConsumedWriteCapacityUnits", GlobalSecondaryIndexName="by-city") == 1
    assert metric("ConsumedReadCapacityUnits", GlobalSecondaryIndexName="by-city") == 0.5
    assert metric("ConsumedReadCapacityUnits") == -1


def test_items_that_queries_scans_and_statements_return_are_counted(things: Any, metric: Metric) -> None:
    for name in "abc":
        things.put_item(TableName="things", Item={"id": S(name), "n": N(1)})
    things.scan(TableName="things", FilterExpression="id > :a", ExpressionAttributeValues={":a": S("a")})
    things.query(TableName="things", KeyConditionExpression="id = :a", ExpressionAttributeValues={":a": S("a")})
    things.execute_statement(Statement='SELECT * FROM "things"')
    assert metric("ReturnedItemCount", Operation="Scan") == 2
    assert metric("ReturnedItemCount", Operation="Query") == 1
    assert metric("ReturnedItemCount", Operation="ExecuteStatement") == 3


def test_conditions_that_fail_are_counted(things: Any, metric: Metric) -> None:
    missing = {"TableName": "things", "Item": {"id": S("a")}, "ConditionExpression": "attribute_exists(id)"}
    answered(things.put_item, "ConditionalCheckFailedException", **missing)
    answered(things.execute_statement, "ConditionalCheckFailedException",
             Statement='UPDATE "things" SET n = 1 WHERE id = \'a\'')
    assert metric("ConditionalCheckFailedRequests") == 2
    assert metric("ConsumedWriteCapacityUnits") == 2
    assert metric("ThrottledRequests", Operation="PutItem") == -1


def test_what_is_throttled_is_counted(make: Make, client: Any, metric: Metric) -> None:
    make("things", "id", OnDemandThroughput={"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 1})
    large = {"id": S("a"), "text": S("x" * 400_000)}                  # takes more than minutes bring
    client.put_item(TableName="things", Item=large)
    answered(client.put_item, "ThrottlingException", TableName="things", Item=ITEM)
    answered(client.batch_write_item, "ThrottlingException", RequestItems={"things": [
        {"PutRequest": {"Item": {"id": S(name)}}} for name in "bc"]})
    assert metric("WriteThrottleEvents") == 3
    assert metric("ThrottledRequests", Operation="PutItem") == 1
    assert metric("ThrottledRequests", Operation="BatchWriteItem") == 1
    assert metric("ConsumedWriteCapacityUnits") == 391
    left = client.batch_get_item(RequestItems={"things": {"ConsistentRead": True, "Keys": [
        {"id": S(name)} for name in "abc"]}})["UnprocessedKeys"]
    assert len(left["things"]["Keys"]) == 2
    assert metric("ReadThrottleEvents") == 1
    assert metric("ThrottledRequests", Operation="BatchGetItem") == -1, "one of them was read"
    answered(client.batch_get_item, "ThrottlingException", RequestItems=left)
    assert metric("ThrottledRequests", Operation="BatchGetItem") == 1
    assert metric("ReadThrottleEvents") == 2
    assert metric("ConsumedReadCapacityUnits") == 98


def test_items_that_expire_are_counted(things: Any, cloud: Any, metric: Metric) -> None:
    things.update_time_to_live(TableName="things", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    for name in "ab":
        things.put_item(TableName="things", Item={"id": S(name), "until": N(int(cloud.clock.now()) + 60)})
    cloud.clock.advance(1200)
    assert metric("TimeToLiveDeletedItemCount") == 2
    assert metric("ConsumedWriteCapacityUnits") == 2, "expiry takes none"
