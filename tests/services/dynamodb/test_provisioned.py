"""Provisioned units: five minutes of them are kept, and who asks for more waits for the clock.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
"""

from typing import Any

import pytest

from .conftest import N, S, answered, index

KIB = 1024
EXCEEDED = "ProvisionedThroughputExceededException"
MESSAGE = ("The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
           "level with the UpdateTable API.")
INDEX_MESSAGE = ("The level of configured provisioned throughput for one or more global secondary indexes of the table was "
                 "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes "
                 "with the UpdateTable API.")


@pytest.fixture(autouse=True)
def frozen(cloud: Any) -> None:
    """No unit comes back but by the clock that the test moves."""
    cloud.kernel.clock.freeze()


def units(reads: int, writes: int) -> dict[str, int]:
    return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


def table(client: Any, name: str = "small", reads: int = 1, writes: int = 1, index_units: dict[str, int] | None = None) -> str:
    more = {} if index_units is None else {
        "GlobalSecondaryIndexes": [{**index("by-g", "g"), "ProvisionedThroughput": index_units}]}
    keys = ("id",) if index_units is None else ("id", "g")
    client.create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                        ProvisionedThroughput=units(reads, writes), **more)
    return name


def put(key: str, kib: int = 0, table: str = "small", **more: Any) -> dict[str, Any]:
    """A put that takes so many units, at least one."""
    body = {"v": S("x" * (kib * KIB - 100))} if kib else {}
    return {"TableName": table, "Item": {"id": S(key), **body, **more}}


def drain_writes(client: Any, name: str = "small") -> None:
    """Take all that a table of one write unit has kept: 300 units."""
    for _ in range(3):
        client.put_item(**put("large", 100, name))


def test_writes_take_five_minutes_of_units_and_then_wait(cloud: Any, client: Any) -> None:
    table(client)
    drain_writes(client)
    one: dict[str, Any] = {"TableName": "small", "Key": {"id": S("a")}}
    told = answered(client.put_item, EXCEEDED, **put("a"))
    assert told["Error"]["Message"] == MESSAGE
    assert told["ThrottlingReasons"] == [{"reason": "TableWriteProvisionedThroughputExceeded",
                                          "resource": f"arn:aws:dynamodb:us-east-1:{cloud.account}:table/small"}]
    answered(client.delete_item, EXCEEDED, **one)
    answered(client.update_item, EXCEEDED, **one, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": N(1)})
    answered(client.execute_statement, EXCEEDED, Statement="INSERT INTO small VALUE {'id': 'a'}")
    [told] = client.batch_execute_statement(Statements=[{"Statement": "DELETE FROM small WHERE id = 'a'"}])["Responses"]
    assert told["Error"]["Code"] == "ProvisionedThroughputExceeded"
    assert client.get_item(**one).get("Item") is None          # nothing was written, and reads have units of their own
    cloud.clock.advance(2)
    client.put_item(**put("a"))
    client.put_item(**put("b"))
    answered(client.put_item, EXCEEDED, **put("c"))


def test_reads_take_five_minutes_of_units_and_then_wait(cloud: Any, client: Any) -> None:
    table(client, reads=1, writes=10)
    client.put_item(**put("large", 400 - 1))
    key: dict[str, Any] = {"TableName": "small", "Key": {"id": S("large")}}
    query = {"TableName": "small", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": S("large")}}
    for _ in range(3):
        client.get_item(**key, ConsistentRead=True)            # 100 units each
    for call, members in ((client.get_item, key), (client.query, query), (client.scan, {"TableName": "small"}),
                          (client.batch_get_item, {"RequestItems": {"small": {"Keys": [key["Key"]]}}}),
                          (client.execute_statement, {"Statement": "SELECT * FROM small"})):
        told = answered(call, EXCEEDED, **members)
        assert told["ThrottlingReasons"][0]["reason"] == "TableReadProvisionedThroughputExceeded"
        assert told["Error"]["Message"] == MESSAGE
    cloud.clock.advance(1)
    assert client.query(**query)["Count"] == 1                 # there was a unit, so it may take fifty
    answered(client.query, EXCEEDED, **query)
    cloud.clock.advance(48)
    answered(client.query, EXCEEDED, **query)                  # the debt is paid first
    cloud.clock.advance(2)
    assert client.query(**query)["Count"] == 1


def test_no_more_than_five_minutes_are_kept(cloud: Any, client: Any) -> None:
    table(client)
    drain_writes(client)
    cloud.clock.advance(3600)
    drain_writes(client)
    answered(client.put_item, EXCEEDED, **put("a"))


def test_a_failed_condition_takes_units_as_a_write_does(client: Any) -> None:
    table(client)
    drain_writes(client)
    table(client, "other")
    client.put_item(**put("large", 100, "other"))
    only_new = {**put("large", 0, "other"), "ConditionExpression": "attribute_not_exists(id)"}
    for _ in range(2):
        answered(client.put_item, "ConditionalCheckFailedException", **only_new)
    answered(client.put_item, EXCEEDED, **only_new)


def test_a_batch_tells_what_was_not_let_in(client: Any) -> None:
    table(client, reads=1, writes=1)
    table(client, "wide", 100, 100)
    client.put_item(**put("large", 200))
    writes = [{"PutRequest": {"Item": put(key, 60)["Item"]}} for key in "abcd"]
    other = [{"PutRequest": {"Item": put("e", 0, "wide")["Item"]}}]
    told = client.batch_write_item(RequestItems={"small": writes, "wide": other})
    assert told["UnprocessedItems"] == {"small": writes[2:]}
    told = client.batch_write_item(RequestItems={"small": writes[2:], "wide": other})
    assert told["UnprocessedItems"] == {"small": writes[2:]}
    assert answered(client.batch_write_item, EXCEEDED, RequestItems={"small": writes[2:]})["Error"]["Message"] == MESSAGE
    assert client.get_item(TableName="wide", Key={"id": S("e")})["Item"] == {"id": S("e")}

    large = {"TableName": "small", "Key": {"id": S("large")}, "ConsistentRead": True}
    for _ in range(6):
        client.get_item(**large)
    found = client.batch_get_item(RequestItems={"small": {"Keys": [{"id": S("a")}]}, "wide": {"Keys": [{"id": S("e")}]}})
    assert found["Responses"]["wide"] == [{"id": S("e")}]
    assert found["UnprocessedKeys"] == {"small": {"Keys": [{"id": S("a")}]}}


def test_a_transaction_is_cancelled_with_the_reason_beside_each_item(cloud: Any, client: Any) -> None:
    table(client)
    table(client, "wide", 100, 100)
    drain_writes(client)
    steps = [{"Put": put("a", 0, "wide")}, {"Put": put("a")}, {"Delete": {"TableName": "wide", "Key": {"id": S("b")}}}]
    told = answered(client.transact_write_items, "TransactionCanceledException", TransactItems=steps)
    assert told["Error"]["Message"].endswith("[None, ProvisionedThroughputExceeded, None]")
    assert told["CancellationReasons"] == [
        {"Code": "None"}, {"Code": "ProvisionedThroughputExceeded", "Message": MESSAGE}, {"Code": "None"}]
    assert "Item" not in client.get_item(TableName="wide", Key={"id": S("a")})

    for _ in range(6):
        client.transact_get_items(TransactItems=[{"Get": {"TableName": "small", "Key": {"id": S("large")}}}])
    gets = [{"Get": {"TableName": name, "Key": {"id": S("a")}}} for name in ("small", "wide")]
    told = answered(client.transact_get_items, "TransactionCanceledException", TransactItems=gets)
    assert [reason["Code"] for reason in told["CancellationReasons"]] == ["ProvisionedThroughputExceeded", "None"]
    cloud.clock.advance(300)
    client.transact_write_items(TransactItems=steps)


def test_an_index_without_units_holds_up_what_reaches_it(cloud: Any, client: Any) -> None:
    table(client, "small", 100, 100, units(1, 1))
    client.put_item(**put("large", 200, g=S("x")))
    client.delete_item(TableName="small", Key={"id": S("large")})              # 400 units, of which 300 were there
    told = answered(client.put_item, EXCEEDED, **put("a", g=S("g")))
    assert told["Error"]["Message"] == INDEX_MESSAGE
    assert told["ThrottlingReasons"] == [{"reason": "IndexWriteProvisionedThroughputExceeded",
                                          "resource": f"arn:aws:dynamodb:us-east-1:{cloud.account}:table/small/index/by-g"}]
    client.put_item(**put("b"))                                # does not reach the index
    requests = [{"PutRequest": {"Item": put("c", g=S("g"))["Item"]}}, {"PutRequest": {"Item": put("d")["Item"]}}]
    assert client.batch_write_item(RequestItems={"small": requests})["UnprocessedItems"] == {"small": requests[:1]}
    assert client.scan(TableName="small", Select="COUNT")["Count"] == 2
    client.scan(TableName="small", IndexName="by-g")           # its reads have units of their own
    cloud.clock.advance(101)
    client.put_item(**put("a", g=S("g")))


@pytest.mark.parametrize("raised", [False, True])
def test_more_units_are_there_from_the_moment_they_are_provisioned(cloud: Any, client: Any, raised: bool) -> None:
    table(client)
    drain_writes(client)
    answered(client.put_item, EXCEEDED, **put("a"))
    if raised:
        client.update_table(TableName="small", ProvisionedThroughput=units(1, 50))
    cloud.clock.advance(1)
    client.put_item(**put("b", 20))
    if raised:
        client.put_item(**put("c", 20))
    else:
        answered(client.put_item, EXCEEDED, **put("a"))


def test_on_demand_takes_the_place_of_provisioned_units(client: Any) -> None:
    table(client)
    drain_writes(client)
    answered(client.put_item, EXCEEDED, **put("a"))
    client.update_table(TableName="small", BillingMode="PAY_PER_REQUEST")
    for _ in range(5):
        client.put_item(**put("large", 100))
