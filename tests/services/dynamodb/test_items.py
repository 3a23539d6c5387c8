"""Items over the wire: put, get, update, delete; conditions; what they return and consume."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cumulet.kernel import Call
from cumulet.kernel.access.contract import root_of

from .conftest import Make, N, S, index, refused

EVERYTHING: dict[str, Any] = {
    "id": {"S": "all"}, "s": {"S": "Grüße \U0001f600"}, "e": {"S": ""}, "n": {"N": "-12.5"}, "b": {"B": b"\x00\xff"},
    "t": {"BOOL": True}, "f": {"BOOL": False}, "nil": {"NULL": True}, "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["-1", "2.5", "10"]},
    "bs": {"BS": [b"\x01", b"\x02"]}, "l": {"L": [{"S": "x"}, {"L": []}, {"B": b"in"}]},
    "m": {"M": {"deep": {"M": {"n": {"N": "1"}}}, "": {"S": "empty name"}}}}


def test_all_types_come_back(make: Make, dynamodb: Any) -> None:
    make("types", "id")
    assert dynamodb.put_item(TableName="types", Item=EVERYTHING).keys() == {"ResponseMetadata"}
    assert dynamodb.get_item(TableName="types", Key={"id": S("all")}, ConsistentRead=True)["Item"] == EVERYTHING
    assert "Item" not in dynamodb.get_item(TableName="types", Key={"id": S("none")})


def test_numbers_come_back_in_one_form(make: Make, dynamodb: Any) -> None:
    make("numbers", "n:N")
    dynamodb.put_item(TableName="numbers", Item={"n": N("1.50"), "x": {"NS": ["1e3", "0.10", "-0"]}})
    item = dynamodb.get_item(TableName="numbers", Key={"n": N("15e-1")})["Item"]
    assert item == {"n": N("1.5"), "x": {"NS": ["0", "0.1", "1000"]}}


@pytest.mark.parametrize(("item", "says"), [
    ({"sk": N(1)}, "One or more parameter values were invalid: Missing the key pk in the item"),
    ({"pk": S("a")}, "One or more parameter values were invalid: Missing the key sk in the item"),
    ({"pk": N(1), "sk": N(1)}, "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"),
    ({"pk": S("a"), "sk": S("1")}, "One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S"),
    ({"pk": S(""), "sk": N(1)}, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
     "contain an empty string value. Key: pk"),
    ({"pk": S("x" * 2049), "sk": N(1)}, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum "
     "size limit of2048 bytes"),
    ({"pk": S("a"), "sk": N("x")}, "The parameter cannot be converted to a numeric value: x"),
    ({"pk": S("a"), "sk": N(1), "v": {"SS": []}},
     "One or more parameter values were invalid: An string set  may not be empty"),
    ({"pk": S("a"), "sk": N(1), "v": S("x" * 409_600)}, "Item size has exceeded the maximum allowed size"),
    ({"pk": S("a"), "sk": N(1), "g": N(1)}, "One or more parameter values were invalid: Type mismatch for Index Key g "
     "Expected: S Actual: N IndexName: by-g"),
    ({"pk": S("a"), "sk": N(1), "g": S("")}, "One or more parameter values are not valid. A value specified for a secondary "
     "index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. "
     "IndexName: by-g, IndexKey: g"),
])
def test_an_item_that_does_not_fit_is_refused(make: Make, dynamodb: Any, item: dict[str, Any], says: str) -> None:
    make("fit", "pk", "sk:N", "g", GlobalSecondaryIndexes=[index("by-g", "g")])
    assert refused(dynamodb.put_item, TableName="fit", Item=item) == says
    assert dynamodb.scan(TableName="fit")["Count"] == 0


def test_the_largest_item_fits(make: Make, dynamodb: Any) -> None:
    make("large", "id")
    dynamodb.put_item(TableName="large", Item={"id": S("a"), "v": S("x" * (409_600 - 4))})
    assert refused(dynamodb.put_item, TableName="large", Item={"id": S("a"), "v": S("x" * (409_600 - 3))}) == \
        "Item size has exceeded the maximum allowed size"
    assert refused(dynamodb.update_item, TableName="large", Key={"id": S("a")}, UpdateExpression="SET w = :w",
                   ExpressionAttributeValues={":w": S("")}) == "Item size to update has exceeded the maximum allowed size"


@pytest.mark.parametrize("key", [{}, {"pk": S("a")}, {"pk": S("a"), "sk": S("1")}, {"pk": S("a"), "other": N(1)},
                                 {"pk": S("a"), "sk": N(1), "x": N(1)}])
def test_a_key_must_match_the_schema(make: Make, dynamodb: Any, key: dict[str, Any]) -> None:
    make("keyed", "pk", "sk:N")
    for call, more in ((dynamodb.get_item, {}), (dynamodb.delete_item, {}), (dynamodb.update_item, {})):
        says = refused(call, TableName="keyed", Key=key, **more)
        assert says in ("The provided key element does not match the schema",
                        "The number of conditions on the keys is invalid")


def test_put_returns_the_old_item(make: Make, dynamodb: Any) -> None:
    make("olds", "id")
    assert "Attributes" not in dynamodb.put_item(TableName="olds", Item={"id": S("a"), "v": N(1)}, ReturnValues="ALL_OLD")
    assert dynamodb.put_item(TableName="olds", Item={"id": S("a")}, ReturnValues="ALL_OLD")["Attributes"] == \
        {"id": S("a"), "v": N(1)}
    assert refused(dynamodb.put_item, TableName="olds", Item={"id": S("a")}, ReturnValues="ALL_NEW") == \
        "ReturnValues can only be ALL_OLD or NONE"
    assert dynamodb.delete_item(TableName="olds", Key={"id": S("a")}, ReturnValues="ALL_OLD")["Attributes"] == {"id": S("a")}
    assert "Attributes" not in dynamodb.delete_item(TableName="olds", Key={"id": S("a")}, ReturnValues="ALL_OLD")


def test_conditions_guard_writes(make: Make, dynamodb: Any) -> None:
    make("guarded", "id")
    new = {"ConditionExpression": "attribute_not_exists(id)"}
    dynamodb.put_item(TableName="guarded", Item={"id": S("a"), "v": N(1), "b": {"B": b"raw"}}, **new)
    with pytest.raises(ClientError) as caught:
        dynamodb.put_item(TableName="guarded", Item={"id": S("a")}, ReturnValuesOnConditionCheckFailure="ALL_OLD", **new)
    assert caught.value.response["Error"] == {"Code": "ConditionalCheckFailedException",
                                              "Message": "The conditional request failed"}
    assert caught.value.response["Item"] == {"id": S("a"), "v": N(1), "b": {"B": b"raw"}}
    wrong = {"ConditionExpression": "#v = :v", "ExpressionAttributeNames": {"#v": "v"},
             "ExpressionAttributeValues": {":v": N(2)}}
    refused(dynamodb.delete_item, "ConditionalCheckFailedException", TableName="guarded", Key={"id": S("a")}, **wrong)
    refused(dynamodb.update_item, "ConditionalCheckFailedException", TableName="guarded", Key={"id": S("a")}, **wrong)
    assert dynamodb.get_item(TableName="guarded", Key={"id": S("a")})["Item"]["v"] == N(1)
    right = wrong | {"ExpressionAttributeValues": {":v": N("1.0")}}
    dynamodb.delete_item(TableName="guarded", Key={"id": S("a")}, **right)
    assert dynamodb.scan(TableName="guarded")["Count"] == 0


def test_updates_and_what_they_return(make: Make, dynamodb: Any) -> None:
    make("updates", "id")

    def update(expression: str, wanted: str, **values: Any) -> Any:
        given = {"ExpressionAttributeValues": {f":{k}": v for k, v in values.items()}} if values else {}
        return dynamodb.update_item(TableName="updates", Key={"id": S("a")}, UpdateExpression=expression, ReturnValues=wanted,
                                    **given).get("Attributes")

    assert update("SET v = :v, m = :m", "ALL_NEW", v=N(1), m={"M": {"x": S("y")}}) == \
        {"id": S("a"), "v": N(1), "m": {"M": {"x": S("y")}}}
    assert update("SET v = v + :one, m.z = :one", "UPDATED_NEW", one=N("0.5")) == {"v": N("1.5"), "m": {"M": {"z": N("0.5")}}}
    assert update("ADD v :one REMOVE m.x", "UPDATED_OLD", one=N(1)) == {"v": N("1.5"), "m": {"M": {"x": S("y")}}}
    assert update("SET l = :l", "ALL_OLD", l={"L": [{"B": b"1"}]}) == {"id": S("a"), "v": N("2.5"), "m": {"M": {"z": N("0.5")}}}
    assert update("REMOVE m", "UPDATED_NEW") is None
    assert update("SET v = :v", "NONE", v=N(9)) is None
    assert dynamodb.get_item(TableName="updates", Key={"id": S("a")})["Item"] == \
        {"id": S("a"), "v": N(9), "l": {"L": [{"B": b"1"}]}}
    dynamodb.update_item(TableName="updates", Key={"id": S("new")})
    assert dynamodb.get_item(TableName="updates", Key={"id": S("new")})["Item"] == {"id": S("new")}


def test_a_key_is_not_updated(make: Make, dynamodb: Any) -> None:
    make("fixed", "id")
    for text in ("SET id = :v", "SET id.x = :v"):
        assert refused(dynamodb.update_item, TableName="fixed", Key={"id": S("a")}, UpdateExpression=text,
                       ExpressionAttributeValues={":v": S("a")}) == \
            "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"


def test_an_index_key_is_not_updated_to_what_it_cannot_be(make: Make, dynamodb: Any) -> None:
    make("keyed", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g")])
    for value, says in ((N(1), "The update expression attempted to update the secondary index key to unsupported type"),
                        (S(""), "One or more parameter values are not valid. The update expression attempted to update a "
                         "secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot "
                         "contain an empty string value.")):
        assert refused(dynamodb.update_item, TableName="keyed", Key={"id": S("a")}, UpdateExpression="SET g = :g",
                       ExpressionAttributeValues={":g": value}) == says
    assert dynamodb.scan(TableName="keyed")["Count"] == 0


def test_a_failed_update_changes_nothing(make: Make, dynamodb: Any) -> None:
    make("whole", "id")
    dynamodb.put_item(TableName="whole", Item={"id": S("a"), "v": N(1)})
    refused(dynamodb.update_item, TableName="whole", Key={"id": S("a")}, UpdateExpression="SET v = :v, w.x = :v",
            ExpressionAttributeValues={":v": N(2)})
    assert dynamodb.get_item(TableName="whole", Key={"id": S("a")})["Item"]["v"] == N(1)


def test_projections(make: Make, dynamodb: Any) -> None:
    make("parts", "id")
    dynamodb.put_item(TableName="parts", Item=EVERYTHING)
    got = dynamodb.get_item(TableName="parts", Key={"id": S("all")}, ProjectionExpression="#m.deep.n, l[2], nowhere",
                            ExpressionAttributeNames={"#m": "m"})
    assert got["Item"] == {"m": {"M": {"deep": {"M": {"n": N(1)}}}}, "l": {"L": [{"B": b"in"}]}}
    assert dynamodb.get_item(TableName="parts", Key={"id": S("all")}, ProjectionExpression="nowhere")["Item"] == {}


@pytest.mark.parametrize(("members", "says"), [
    ({"ExpressionAttributeNames": {"#a": "a"}}, "ExpressionAttributeNames can only be specified when using expressions"),
    ({"ExpressionAttributeValues": {":a": N(1)}}, "ExpressionAttributeValues can only be specified when using expressions: "
     "ConditionExpression is null"),
    ({"ConditionExpression": "a = :a", "ExpressionAttributeValues": {}}, "ExpressionAttributeValues must not be empty"),
    ({"ConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": N(1), ":b": N(1)}},
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}"),
    ({"ConditionExpression": "attribute_exists(a)", "ExpressionAttributeNames": {"#b": "b"}},
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"),
    ({"ConditionExpression": "a = :a", "ExpressionAttributeValues": {"a": N(1)}},
     'ExpressionAttributeValues contains invalid key: Syntax error; key: "a"'),
    ({"ConditionExpression": "#a = :a", "ExpressionAttributeNames": {"a": "a"}, "ExpressionAttributeValues": {":a": N(1)}},
     'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
    ({"ConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": N("x")}},
     "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :a"),
    ({"ConditionExpression": "a = :a", "Expected": {"a": {"Exists": False}}}, "Can not use both expression and non-expression "
     "parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"),
])
def test_expression_parameters_are_checked(make: Make, dynamodb: Any, members: dict[str, Any], says: str) -> None:
    make("checked", "id")
    assert refused(dynamodb.put_item, TableName="checked", Item={"id": S("a")}, **members) == says


def test_capacity_is_counted(make: Make, dynamodb: Any) -> None:
    make("counted", "id", "", "g", GlobalSecondaryIndexes=[index("by-g", "g", "", "KEYS_ONLY")])

    def consumed(call: Any, **members: Any) -> Any:
        return call(TableName="counted", ReturnConsumedCapacity="TOTAL", **members)["ConsumedCapacity"]["CapacityUnits"]

    assert consumed(dynamodb.put_item, Item={"id": S("a"), "v": S("x" * 1020)}) == 1.0
    assert consumed(dynamodb.put_item, Item={"id": S("a"), "v": S("x" * 1021)}) == 2.0
    assert consumed(dynamodb.put_item, Item={"id": S("a")}) == 2.0                    # the larger of old and new
    told = dynamodb.put_item(TableName="counted", Item={"id": S("a"), "g": S("1"), "v": S("x" * 2000)},
                             ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert told == {"TableName": "counted", "CapacityUnits": 3.0, "Table": {"CapacityUnits": 2.0},
                    "GlobalSecondaryIndexes": {"by-g": {"CapacityUnits": 1.0}}}
    assert consumed(dynamodb.update_item, Key={"id": S("a")}, UpdateExpression="SET g = :g",
                    ExpressionAttributeValues={":g": S("2")}) == 2.0 + 2.0             # out of one place, into another
    assert consumed(dynamodb.get_item, Key={"id": S("a")}) == 0.5
    assert consumed(dynamodb.get_item, Key={"id": S("a")}, ConsistentRead=True) == 1.0
    assert consumed(dynamodb.get_item, Key={"id": S("none")}) == 0.5
    assert consumed(dynamodb.put_item, Item={"id": S("b"), "v": S("x" * 9000)}) == 9.0
    assert consumed(dynamodb.get_item, Key={"id": S("b")}) == 1.5
    assert consumed(dynamodb.delete_item, Key={"id": S("none")}) == 1.0
    assert consumed(dynamodb.delete_item, Key={"id": S("b")}) == 9.0


def test_item_collections_are_measured(make: Make, dynamodb: Any) -> None:
    make("groups", "pk", "sk", "other", LocalSecondaryIndexes=[index("loc", "pk", "other")])
    told = dynamodb.put_item(TableName="groups", Item={"pk": S("a"), "sk": S("b")}, ReturnItemCollectionMetrics="SIZE")
    assert told["ItemCollectionMetrics"] == {"ItemCollectionKey": {"pk": S("a")}, "SizeEstimateRangeGB": [0.0, 1.0]}
    make("alone", "id")
    assert "ItemCollectionMetrics" not in dynamodb.put_item(
        TableName="alone", Item={"id": S("a")}, ReturnItemCollectionMetrics="SIZE")


def test_binary_and_number_keys(make: Make, dynamodb: Any) -> None:
    make("binary", "b:B", "n:N")
    dynamodb.put_item(TableName="binary", Item={"b": {"B": b"\x00\x01"}, "n": N(7), "v": S("here")})
    assert dynamodb.get_item(TableName="binary", Key={"b": {"B": b"\x00\x01"}, "n": N("7.0")})["Item"]["v"] == S("here")
    dynamodb.update_item(TableName="binary", Key={"b": {"B": b"\xff"}, "n": N(1)})
    made = dynamodb.get_item(TableName="binary", Key={"b": {"B": b"\xff"}, "n": N(1)})
    assert made["Item"] == {"b": {"B": b"\xff"}, "n": N(1)}


def test_an_update_does_not_nest_too_deeply(make: Make, dynamodb: Any) -> None:
    make("deep", "id")
    value: dict[str, Any] = {"S": "x"}
    for _ in range(31):
        value = {"M": {"m": value}}
    dynamodb.put_item(TableName="deep", Item={"id": S("a"), "v": value})
    told = refused(dynamodb.update_item, TableName="deep", Key={"id": S("a")}, UpdateExpression="SET v.m.n = :v",
                   ExpressionAttributeValues={":v": value})
    assert told == "Nesting Levels have exceeded supported limits"


def test_peers_inside_the_cloud_see_values(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("inner", "id")

    def work(tx: Any) -> Any:
        call = Call(cloud.kernel, tx, "lambda", "Invoke", cloud.account, "us-east-1", root_of(cloud.account),
                    cloud.kernel.clock.now())
        call.aws.dynamodb.put_item(TableName="inner", Item=EVERYTHING)
        key = {"id": S("all")}
        return (call.aws.dynamodb.get_item(TableName="inner", Key=key)["Item"],
                call.aws.dynamodb.scan(TableName="inner")["Items"],
                call.aws.dynamodb.update_item(TableName="inner", Key=key, UpdateExpression="REMOVE s",
                                              ReturnValues="UPDATED_OLD")["Attributes"])

    item, items, old = cloud.thread.call(cloud.kernel.store.run(work))
    assert item == EVERYTHING
    assert items == [EVERYTHING]
    assert old == {"s": EVERYTHING["s"]}
    assert dynamodb.get_item(TableName="inner", Key={"id": S("all")})["Item"] == \
        {name: value for name, value in EVERYTHING.items() if name != "s"}


def test_conditions_hold_with_names_and_values(make: Make, dynamodb: Any) -> None:
    make("held", "pk", "sk", "o", LocalSecondaryIndexes=[index("loc", "pk", "o")])
    key = {"pk": S("a"), "sk": S("b")}
    guard: Any = {"ConditionExpression": "attribute_not_exists(#v) OR #v < :v", "ExpressionAttributeNames": {"#v": "v"},
                  "ReturnValuesOnConditionCheckFailure": "ALL_OLD", "ReturnItemCollectionMetrics": "SIZE"}
    metrics = {"ItemCollectionKey": {"pk": S("a")}, "SizeEstimateRangeGB": [0.0, 1.0]}
    told = dynamodb.put_item(TableName="held", Item={**key, "v": N(1)}, ExpressionAttributeValues={":v": N(1)}, **guard)
    assert told["ItemCollectionMetrics"] == metrics
    told = dynamodb.update_item(TableName="held", Key=key, UpdateExpression="SET #v = :v",
                                ExpressionAttributeValues={":v": N(2)}, **guard)
    assert told["ItemCollectionMetrics"] == metrics
    with pytest.raises(ClientError) as caught:
        dynamodb.update_item(TableName="held", Key=key, UpdateExpression="SET #v = :v",
                             ExpressionAttributeValues={":v": N(2)}, **guard)
    assert caught.value.response["Item"] == {**key, "v": N(2)}
    told = dynamodb.delete_item(TableName="held", Key=key, ExpressionAttributeValues={":v": N(3)}, **guard)
    assert told["ItemCollectionMetrics"] == metrics
    assert "Item" not in dynamodb.get_item(TableName="held", Key=key)
