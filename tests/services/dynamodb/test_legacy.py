"""The parameters from before expressions, over the wire."""

from typing import Any

import pytest

from .conftest import Make, N, S, index, refused


@pytest.fixture
def table(make: Make, dynamodb: Any) -> str:
    make("legacy", "pk", "sk:N", "g", GlobalSecondaryIndexes=[index("by-g", "g")])
    for n in range(5):
        dynamodb.put_item(TableName="legacy", Item={"pk": S("p"), "sk": N(n), "g": S("g"), "v": S("abc"[: n % 4]),
                                                    "ss": {"SS": ["x", str(n)]}})
    return "legacy"


def condition(operator: str, *values: Any) -> dict[str, Any]:
    return {"ComparisonOperator": operator, **({"AttributeValueList": list(values)} if values else {})}


@pytest.mark.parametrize(("operator", "values", "expected"), [
    ("EQ", [N(2)], [2]), ("LT", [N(2)], [0, 1]), ("LE", [N(2)], [0, 1, 2]), ("GT", [N(2)], [3, 4]), ("GE", [N(2)], [2, 3, 4]),
    ("BETWEEN", [N(1), N(3)], [1, 2, 3])])
def test_key_conditions(table: str, dynamodb: Any, operator: str, values: list[Any], expected: list[int]) -> None:
    found = dynamodb.query(TableName=table, KeyConditions={"pk": condition("EQ", S("p")), "sk": condition(operator, *values)},
                           AttributesToGet=["sk"])
    assert found["Items"] == [{"sk": N(n)} for n in expected]


@pytest.mark.parametrize(("name", "operator", "values", "expected"), [
    ("v", "EQ", [S("a")], [1]), ("v", "NE", [S("a")], [0, 2, 3, 4]), ("v", "BEGINS_WITH", [S("ab")], [2, 3]),
    ("v", "CONTAINS", [S("b")], [2, 3]), ("v", "NOT_CONTAINS", [S("b")], [0, 1, 4]), ("ss", "CONTAINS", [S("3")], [3]),
    ("v", "IN", [S("a"), S("ab")], [1, 2]), ("none", "NULL", [], [0, 1, 2, 3, 4]), ("v", "NOT_NULL", [], [0, 1, 2, 3, 4]),
    ("v", "BETWEEN", [S("a"), S("ab")], [1, 2])])
def test_filters(table: str, dynamodb: Any, name: str, operator: str, values: list[Any], expected: list[int]) -> None:
    given = {name: condition(operator, *values)}
    found = dynamodb.query(TableName=table, KeyConditions={"pk": condition("EQ", S("p"))}, QueryFilter=given)
    assert [int(i["sk"]["N"]) for i in found["Items"]] == expected
    assert sorted(int(i["sk"]["N"]) for i in dynamodb.scan(TableName=table, ScanFilter=given)["Items"]) == expected


def test_filters_are_joined(table: str, dynamodb: Any) -> None:
    given = {"v": condition("EQ", S("a")), "ss": condition("CONTAINS", S("3"))}
    assert dynamodb.scan(TableName=table, ScanFilter=given)["Count"] == 0
    assert dynamodb.scan(TableName=table, ScanFilter=given, ConditionalOperator="OR")["Count"] == 2
    assert dynamodb.query(TableName=table, IndexName="by-g", KeyConditions={"g": condition("EQ", S("g"))})["Count"] == 5


@pytest.mark.parametrize(("members", "says"), [
    ({"KeyConditions": {"pk": {"ComparisonOperator": "EQ"}}},
     "One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator"),
    ({"KeyConditions": {"pk": condition("EQ", S("p")), "sk": condition("NE", N(1))}},
     "Attempted conditional constraint is not an indexable operation"),
    ({"KeyConditions": {"sk": condition("EQ", N(1))}}, "Query condition missed key schema element: pk"),
    ({"KeyConditions": {"pk": condition("EQ", S("p"))}, "QueryFilter": {"sk": condition("EQ", N(1))}},
     "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk"),
    ({"KeyConditions": {"pk": condition("EQ", S("p"))}, "QueryFilter": {"v": condition("LT", {"BOOL": True})}},
     "One or more parameter values were invalid: ComparisonOperator LT is not valid for BOOL AttributeValue type"),
    ({"KeyConditions": {"pk": condition("EQ", S("p"))}, "ProjectionExpression": "v"},
     "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
     "{KeyConditions} Expression parameters: {ProjectionExpression}"),
    ({"KeyConditions": {"pk": condition("EQ", S("p"))}, "ConditionalOperator": "AND"},
     "ConditionalOperator cannot be used without Filter or Expected"),
])
def test_what_a_wrong_query_is_told(table: str, dynamodb: Any, members: dict[str, Any], says: str) -> None:
    assert refused(dynamodb.query, TableName=table, **members) == says


def test_expected_guards_writes(table: str, dynamodb: Any) -> None:
    key = {"pk": S("p"), "sk": N(1)}

    def put(expected: Any, fails: bool = False, **more: Any) -> None:
        asked = {"TableName": table, "Item": {**key, "v": S("a")}, "Expected": expected, **more}
        if fails:
            refused(dynamodb.put_item, "ConditionalCheckFailedException", **asked)
        else:
            dynamodb.put_item(**asked)

    put({"v": {"Value": S("a")}})
    put({"v": {"Value": S("b")}}, fails=True)
    put({"none": {"Exists": False}})
    put({"v": {"Exists": False}}, fails=True)
    put({"v": condition("GE", S("a")), "sk": condition("IN", N(1), N(2))})
    put({"v": condition("EQ", S("z")), "sk": condition("EQ", N(1))}, fails=True)
    put({"v": condition("EQ", S("z")), "sk": condition("EQ", N(1))}, ConditionalOperator="OR")
    refused(dynamodb.delete_item, "ConditionalCheckFailedException", TableName=table, Key=key,
            Expected={"v": {"Value": S("b")}})
    for expected in ({"v": {"Exists": True}}, {"v": {"Exists": False, "Value": S("a")}}, {"v": {}},
                     {"v": {"Value": S("a"), "AttributeValueList": [S("a")], "ComparisonOperator": "EQ"}}):
        refused(dynamodb.delete_item, TableName=table, Key=key, Expected=expected)
    dynamodb.delete_item(TableName=table, Key=key, Expected={"v": {"Value": S("a")}})


def test_attribute_updates(table: str, dynamodb: Any) -> None:
    key = {"pk": S("p"), "sk": N(0)}

    def update(**updates: Any) -> Any:
        return dynamodb.update_item(TableName=table, Key=key, AttributeUpdates=updates, ReturnValues="ALL_NEW")["Attributes"]

    item = update(v={"Action": "PUT", "Value": S("new")}, n={"Action": "ADD", "Value": N(5)},
                  ss={"Action": "DELETE", "Value": {"SS": ["x"]}}, g={"Action": "DELETE"})
    assert item == {**key, "v": S("new"), "n": N(5), "ss": {"SS": ["0"]}}
    item = update(n={"Action": "ADD", "Value": N(-7)}, ss={"Action": "ADD", "Value": {"SS": ["y"]}},
                  l={"Action": "ADD", "Value": {"L": [N(1)]}}, v={"Value": S("put is the default")})
    assert item == {**key, "v": S("put is the default"), "n": N(-2), "ss": {"SS": ["0", "y"]}, "l": {"L": [N(1)]}}
    assert update(l={"Action": "ADD", "Value": {"L": [N(2)]}})["l"] == {"L": [N(1), N(2)]}
    old = dynamodb.update_item(TableName=table, Key=key, AttributeUpdates={"n": {"Value": N(1)}}, ReturnValues="UPDATED_OLD")
    assert old["Attributes"] == {"n": N(-2)}
    for wrong in ({"v": {"Action": "ADD", "Value": S("x")}}, {"v": {"Action": "PUT"}},
                  {"v": {"Action": "DELETE", "Value": S("x")}}, {"sk": {"Value": N(1)}}):
        refused(dynamodb.update_item, TableName=table, Key=key, AttributeUpdates=wrong)
    assert dynamodb.get_item(TableName=table, Key=key, AttributesToGet=["n", "none"])["Item"] == {"n": N(1)}
    assert "Duplicate value in attribute name: n" in refused(
        dynamodb.get_item, TableName=table, Key=key, AttributesToGet=["n", "n"])


def test_expectations_are_joined(table: str, dynamodb: Any) -> None:
    key = {"pk": S("p"), "sk": N(1)}
    either: Any = {"Expected": {"v": condition("EQ", S("z")), "sk": condition("EQ", N(1))}, "ConditionalOperator": "OR"}
    both: Any = either | {"ConditionalOperator": "AND"}
    update = {"AttributeUpdates": {"w": {"Value": N(1)}}}
    refused(dynamodb.update_item, "ConditionalCheckFailedException", TableName=table, Key=key, **update, **both)
    dynamodb.update_item(TableName=table, Key=key, **update, **either)
    refused(dynamodb.delete_item, "ConditionalCheckFailedException", TableName=table, Key=key, **both)
    assert dynamodb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD", **either)["Attributes"]["w"] == N(1)
    found = dynamodb.query(TableName=table, KeyConditions={"pk": condition("EQ", S("p"))}, ConditionalOperator="OR",
                           QueryFilter={"v": condition("EQ", S("ab")), "ss": condition("CONTAINS", S("0"))})
    assert [i["sk"] for i in found["Items"]] == [N(0), N(2)]
    assert dynamodb.scan(TableName=table, AttributesToGet=["sk"], Limit=1)["Items"][0].keys() == {"sk"}
