"""Maximum throughput of on-demand tables, which throttles; and warm throughput, which only rises."""

from typing import Any

from .conftest import Make, N, S, answered, index, refused


def throttled(call: Any, **members: Any) -> list[dict[str, str]]:
    told = answered(call, "ThrottlingException", **members)
    reasons: list[dict[str, str]] = told["throttlingReasons"]
    return reasons


def cancelled(call: Any, **members: Any) -> list[dict[str, str]]:
    """Why a transaction was cancelled."""
    reasons: list[dict[str, str]] = answered(call, "TransactionCanceledException", **members)["CancellationReasons"]
    return reasons


_SLOW_DOWN = [{"Code": "ThrottlingError",
               "Message": "Throughput exceeds the maximum OnDemandThroughput configured on table: limited"}]


def limited(make: Make, reads: int = -1, writes: int = -1, **more: Any) -> str:
    return make("limited", "id", OnDemandThroughput={"MaxReadRequestUnits": reads, "MaxWriteRequestUnits": writes}, **more)


def put(n: int, size: int = 0) -> dict[str, Any]:
    return {"TableName": "limited", "Item": {"id": S(str(n)), "v": S("x" * size)}}


def test_writes_beyond_the_maximum_wait_for_the_clock(cloud: Any, make: Make, client: Any) -> None:
    limited(make, writes=2)
    client.put_item(**put(1))
    client.put_item(**put(2, 3000))                        # takes three units, of which one is left
    reason = {"reason": "TableWriteMaxOnDemandThroughputExceeded",
              "resource": f"arn:aws:dynamodb:us-east-1:{cloud.account}:table/limited"}
    one: dict[str, Any] = {"TableName": "limited", "Key": {"id": S("1")}}
    assert throttled(client.put_item, **put(3)) == [reason]
    assert throttled(client.delete_item, **one) == [reason]
    assert throttled(client.update_item, **one, AttributeUpdates={"v": {"Value": N(1)}}) == [reason]
    assert cancelled(client.transact_write_items, TransactItems=[{"Put": put(3)}]) == _SLOW_DOWN
    assert throttled(client.batch_write_item, RequestItems={"limited": [{"DeleteRequest": {"Key": one["Key"]}}]}) == [reason]
    statement = "DELETE FROM limited WHERE id = '1'"
    assert throttled(client.execute_statement, Statement=statement) == [reason]
    [told] = client.batch_execute_statement(Statements=[{"Statement": statement}])["Responses"]
    assert told["Error"]["Code"] == "ThrottlingError"
    assert client.scan(TableName="limited")["Count"] == 2  # reads are not limited
    cloud.clock.advance(2)
    client.put_item(**put(3))


def test_reads_beyond_the_maximum_wait_for_the_clock(cloud: Any, make: Make, client: Any) -> None:
    limited(make, reads=1)
    client.put_item(**put(1, 20_000))
    one: dict[str, Any] = {"TableName": "limited", "Key": {"id": S("1")}}
    assert client.get_item(**one, ConsistentRead=True)["Item"]["id"] == S("1")
    query = {"TableName": "limited", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": S("1")}}
    for call, members in ((client.get_item, one), (client.query, query), (client.scan, {"TableName": "limited"}),
                          (client.batch_get_item, {"RequestItems": {"limited": {"Keys": [one["Key"]]}}}),
                          (client.execute_statement, {"Statement": "SELECT * FROM limited"})):
        assert throttled(call, **members)[0]["reason"] == "TableReadMaxOnDemandThroughputExceeded"
    assert cancelled(client.transact_get_items, TransactItems=[{"Get": one}]) == _SLOW_DOWN
    cloud.clock.advance(6)
    assert client.query(**query)["Count"] == 1


def test_a_batch_says_what_was_not_let_in(cloud: Any, make: Make, client: Any) -> None:
    limited(make, reads=1, writes=2)
    requests = [{"PutRequest": {"Item": put(n)["Item"]}} for n in range(5)]
    told = client.batch_write_item(RequestItems={"limited": requests})
    assert told["UnprocessedItems"] == {"limited": requests[2:]}
    keys: list[dict[str, Any]] = [{"id": S(str(n))} for n in range(5)]
    told = client.batch_get_item(RequestItems={"limited": {"Keys": keys, "ConsistentRead": True}})
    assert told["Responses"]["limited"] == [requests[0]["PutRequest"]["Item"]]
    assert told["UnprocessedKeys"] == {"limited": {"Keys": keys[1:], "ConsistentRead": True}}


def test_an_index_has_a_maximum_of_its_own(cloud: Any, make: Make, client: Any, dynamodb: Any) -> None:
    make("limited", "id", "", "g", GlobalSecondaryIndexes=[
        {**index("by-g", "g"), "OnDemandThroughput": {"MaxWriteRequestUnits": 1, "MaxReadRequestUnits": 1}}])
    write = {"TableName": "limited", "Item": {"id": S("a"), "g": S("g"), "v": S("x" * 40_000)}}
    client.put_item(**write)
    reason = throttled(client.put_item, TableName="limited", Item={"id": S("b"), "g": S("g")})
    assert reason == [{"reason": "IndexWriteMaxOnDemandThroughputExceeded",
                       "resource": f"arn:aws:dynamodb:us-east-1:{cloud.account}:table/limited/index/by-g"}]
    client.put_item(TableName="limited", Item={"id": S("b")})                  # does not reach the index
    client.scan(TableName="limited", IndexName="by-g")
    assert throttled(client.scan, TableName="limited", IndexName="by-g")[0]["reason"] == \
        "IndexReadMaxOnDemandThroughputExceeded"
    client.scan(TableName="limited")
    dynamodb.update_table(TableName="limited", GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "by-g", "OnDemandThroughput": {"MaxReadRequestUnits": -1}}}])
    client.scan(TableName="limited", IndexName="by-g")
    [told] = dynamodb.describe_table(TableName="limited")["Table"]["GlobalSecondaryIndexes"]
    assert told["OnDemandThroughput"] == {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 1}


def test_a_maximum_is_changed_and_taken_away(cloud: Any, make: Make, client: Any) -> None:
    limited(make, reads=5, writes=1)
    client.put_item(**put(1, 9000))
    throttled(client.put_item, **put(1))
    client.update_table(TableName="limited", OnDemandThroughput={"MaxWriteRequestUnits": -1})
    assert client.describe_table(TableName="limited")["Table"]["OnDemandThroughput"] == {
        "MaxReadRequestUnits": 5, "MaxWriteRequestUnits": -1}
    client.put_item(**put(1))


def test_what_is_no_maximum(make: Make, dynamodb: Any) -> None:
    make("plain", "id")

    def says(**wanted: int) -> str:
        return refused(dynamodb.update_table, TableName="plain", OnDemandThroughput=wanted)

    assert "greater than or equal to 1" in says(MaxReadRequestUnits=0)
    assert "At least one of" in says()
    assert "PAY_PER_REQUEST" in refused(
        dynamodb.create_table, TableName="other", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], OnDemandThroughput={"MaxReadRequestUnits": 1},
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})


def test_warm_throughput_only_rises(make: Make, dynamodb: Any) -> None:
    make("warm", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g")], WarmThroughput={"ReadUnitsPerSecond": 15_000})

    def told() -> Any:
        return dynamodb.describe_table(TableName="warm")["Table"]

    assert told()["WarmThroughput"] == {"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
    dynamodb.update_table(TableName="warm", WarmThroughput={"WriteUnitsPerSecond": 5_000}, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "by-g", "WarmThroughput": {"ReadUnitsPerSecond": 20_000}}}])
    assert told()["WarmThroughput"] == {"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 5_000, "Status": "ACTIVE"}
    assert told()["GlobalSecondaryIndexes"][0]["WarmThroughput"] == {
        "ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
    assert "cannot be decreased" in refused(dynamodb.update_table, TableName="warm",
                                            WarmThroughput={"ReadUnitsPerSecond": 12_000})


def test_provisioned_units_take_the_place_of_a_maximum(make: Make, client: Any) -> None:
    limited(make, writes=1)
    client.put_item(**put(1, 5000))
    throttled(client.put_item, **put(1))
    client.update_table(TableName="limited", BillingMode="PROVISIONED",
                        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    assert "OnDemandThroughput" not in client.describe_table(TableName="limited")["Table"]
    client.put_item(**put(1))
