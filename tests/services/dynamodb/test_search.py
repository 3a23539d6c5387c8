"""Query and scan over the wire: ranges, order, pages, filters, segments, indexes."""

from typing import Any

import pytest

from .conftest import Make, N, S, index, refused


def fill(dynamodb: Any, table: str, items: list[dict[str, Any]]) -> None:
    for at in range(0, len(items), 25):
        dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items[at:at + 25]]})


def numbers(result: Any, name: str = "sk") -> list[float]:
    return [float(item[name]["N"]) for item in result["Items"]]


@pytest.fixture
def sorted_table(make: Make, dynamodb: Any) -> str:
    table = make("sorted", "pk", "sk:N")
    fill(dynamodb, table, [{"pk": S("a"), "sk": N(n), "odd": {"BOOL": n % 2 == 1}} for n in
                           (-1000, -10, -1.5, -1, 0, 0.001, 1, 2, 10, 1e20)] + [{"pk": S("b"), "sk": N(1)}])
    return table


@pytest.mark.parametrize(("condition", "values", "expected"), [
    ("pk = :p", {}, [-1000, -10, -1.5, -1, 0, 0.001, 1, 2, 10, 1e20]),
    ("pk = :p AND sk = :a", {":a": 0}, [0]),
    ("pk = :p AND sk < :a", {":a": -1}, [-1000, -10, -1.5]),
    ("pk = :p AND sk <= :a", {":a": -1}, [-1000, -10, -1.5, -1]),
    ("sk > :a AND pk = :p", {":a": 2}, [10, 1e20]),
    ("(pk = :p) AND (sk >= :a)", {":a": 2}, [2, 10, 1e20]),
    ("pk = :p AND sk BETWEEN :a AND :b", {":a": -1.5, ":b": 1}, [-1.5, -1, 0, 0.001, 1]),
    (":p = pk AND :a > sk", {":a": -10}, [-1000]),
])
def test_key_conditions(sorted_table: str, dynamodb: Any, condition: str, values: dict[str, float],
                        expected: list[float]) -> None:
    asked = {"TableName": sorted_table, "KeyConditionExpression": condition,
             "ExpressionAttributeValues": {":p": S("a"), **{k: N(v) for k, v in values.items()}}}
    assert numbers(dynamodb.query(**asked)) == expected
    assert numbers(dynamodb.query(ScanIndexForward=False, **asked)) == expected[::-1]
    for limit in (1, 2, 3):
        for forward in (True, False):
            found: list[float] = []
            for page in dynamodb.get_paginator("query").paginate(ScanIndexForward=forward, Limit=limit, **asked):
                assert page["Count"] == page["ScannedCount"] <= limit
                found += numbers(page)
            assert found == (expected if forward else expected[::-1])


def test_strings_are_ordered_by_bytes_and_found_by_their_beginning(make: Make, dynamodb: Any) -> None:
    make("words", "pk", "sk")
    words = ["a", "aa", "ab", "b", "é", "ﬀ", "\U0001f600", "Z", "a\U0010ffff"]
    fill(dynamodb, "words", [{"pk": S("p"), "sk": S(w)} for w in words])

    def query(start: str = "", **more: Any) -> list[str]:
        condition = "pk = :p AND begins_with(sk, :s)" if start else "pk = :p"
        values = {":p": S("p"), **({":s": S(start)} if start else {})}
        return [i["sk"]["S"] for i in dynamodb.query(TableName="words", KeyConditionExpression=condition,
                                                     ExpressionAttributeValues=values, **more)["Items"]]

    assert query() == sorted(words, key=str.encode)
    assert query("a") == ["a", "aa", "ab", "a\U0010ffff"]
    assert query("a", ScanIndexForward=False) == ["a\U0010ffff", "ab", "aa", "a"]
    assert query("a", Limit=2) == ["a", "aa"]
    assert query("c") == []


@pytest.mark.parametrize(("members", "says"), [
    ({}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
    ({"KeyConditionExpression": "sk = :n"}, "Query condition missed key schema element: pk"),
    ({"KeyConditionExpression": "pk > :s"}, "Query key condition not supported"),
    ({"KeyConditionExpression": "pk = :n"},
     "One or more parameter values were invalid: Condition parameter type does not match schema type"),
    ({"KeyConditionExpression": "pk = :s AND sk = :n AND pk = :s"},
     "KeyConditionExpressions must only contain one condition per key"),
    ({"KeyConditionExpression": "pk = :s AND extra = :n"}, "Query condition missed key schema element: sk"),
    ({"KeyConditionExpression": "pk = :s OR sk = :n"},
     "Invalid operator used in KeyConditionExpression: OR"),
    ({"KeyConditionExpression": "pk = :s AND sk <> :n"},
     "Invalid operator used in KeyConditionExpression: <>"),
    ({"KeyConditionExpression": "pk = :s AND sk = extra"},
     "Invalid condition in KeyConditionExpression: multiple attribute names used in one condition"),
    ({"KeyConditionExpression": "pk = :s", "Select": "COUNT", "ProjectionExpression": "extra"},
     "Cannot specify the ProjectionExpression when choosing to get only the Count"),
    ({"KeyConditionExpression": "pk.x = :s"}, "KeyConditionExpressions cannot have conditions on nested attributes"),
    ({"KeyConditionExpression": "pk = :s", "FilterExpression": "sk = :n"},
     "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"),
    ({"KeyConditionExpression": "pk = :s", "IndexName": "none"}, "The table does not have the specified index: none"),
    ({"KeyConditionExpression": "pk = :s", "Select": "SPECIFIC_ATTRIBUTES"},
     "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"),
    ({"KeyConditionExpression": "pk = :s", "Select": "ALL_PROJECTED_ATTRIBUTES"},
     "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
    ({"KeyConditionExpression": "pk = :s", "ExclusiveStartKey": {"pk": S("a")}}, "The provided starting key is invalid"),
    ({"KeyConditionExpression": "pk = :s", "ExclusiveStartKey": {"pk": S("b"), "sk": N(1)}},
     "The provided starting key is outside query boundaries based on provided conditions"),
    ({"KeyConditionExpression": "pk = :s AND sk > :n", "ExclusiveStartKey": {"pk": S("a"), "sk": N(0)}},
     "The provided starting key is outside query boundaries based on provided conditions"),
])
def test_what_a_wrong_query_is_told(sorted_table: str, dynamodb: Any, members: dict[str, Any], says: str) -> None:
    text = members.get("KeyConditionExpression", "") + members.get("FilterExpression", "")
    values = {k: v for k, v in {":s": S("a"), ":n": N(1)}.items() if k in text}
    given = {"ExpressionAttributeValues": values} if values else {}
    assert refused(dynamodb.query, TableName=sorted_table, **given, **members) == says


def test_filters_count_what_they_leave_out(sorted_table: str, dynamodb: Any) -> None:
    asked = {"TableName": sorted_table, "KeyConditionExpression": "pk = :p", "FilterExpression": "odd = :t",
             "ExpressionAttributeValues": {":p": S("a"), ":t": {"BOOL": True}}}
    found = dynamodb.query(**asked)
    assert (numbers(found), found["Count"], found["ScannedCount"]) == ([-1, 1], 2, 10)
    first = dynamodb.query(Limit=2, **asked)
    assert (first["Items"], first["ScannedCount"], first["LastEvaluatedKey"]) == ([], 2, {"pk": S("a"), "sk": N(-10)})
    counted = dynamodb.query(Select="COUNT", ReturnConsumedCapacity="TOTAL", **asked)
    assert "Items" not in counted
    assert (counted["Count"], counted["ConsumedCapacity"]["CapacityUnits"]) == (2, 0.5)


def test_a_page_ends_after_one_mebibyte(make: Make, dynamodb: Any) -> None:
    make("heavy", "pk", "sk:N")
    for at in range(0, 30, 5):
        fill(dynamodb, "heavy", [{"pk": S("a"), "sk": N(n), "v": S("x" * 100_000)} for n in range(at, at + 5)])
    asked = {"TableName": "heavy", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": S("a")}}
    first = dynamodb.query(ReturnConsumedCapacity="TOTAL", **asked)
    assert first["Count"] == 11
    assert first["ConsumedCapacity"]["CapacityUnits"] == -(-11 * 100_008 // 4096) / 2
    assert first["LastEvaluatedKey"] == {"pk": S("a"), "sk": N(10)}
    assert [p["Count"] for p in dynamodb.get_paginator("query").paginate(**asked)] == [11, 11, 8]
    assert [p["Count"] for p in dynamodb.get_paginator("scan").paginate(TableName="heavy")] == [11, 11, 8]


def test_scan_reads_all_in_pages_and_segments(make: Make, dynamodb: Any) -> None:
    make("scanned", "id")
    fill(dynamodb, "scanned", [{"id": S(f"item-{n}"), "n": N(n)} for n in range(120)])
    everything = {i["id"]["S"] for i in dynamodb.scan(TableName="scanned")["Items"]}
    assert len(everything) == 120
    paged = [i["id"]["S"] for p in dynamodb.get_paginator("scan").paginate(TableName="scanned", Limit=7) for i in p["Items"]]
    assert len(paged) == 120
    assert set(paged) == everything
    split = [[i["id"]["S"] for p in dynamodb.get_paginator("scan").paginate(
        TableName="scanned", Segment=s, TotalSegments=4, Limit=9) for i in p["Items"]] for s in range(4)]
    assert sorted(key for part in split for key in part) == sorted(everything)
    assert all(15 <= len(part) <= 50 for part in split)
    found = dynamodb.scan(TableName="scanned", FilterExpression="n < :n", ExpressionAttributeValues={":n": N(3)},
                          ProjectionExpression="n")
    assert sorted(numbers(found, "n")) == [0, 1, 2]
    assert all(item.keys() == {"n"} for item in found["Items"])


def test_names_stand_for_attributes(sorted_table: str, dynamodb: Any) -> None:
    names = {"#p": "pk", "#o": "odd"}
    found = dynamodb.query(TableName=sorted_table, KeyConditionExpression="#p = :p", FilterExpression="#o = :t",
                           ExpressionAttributeNames=names, ExpressionAttributeValues={":p": S("a"), ":t": {"BOOL": True}})
    assert found["Count"] == 2
    found = dynamodb.scan(TableName=sorted_table, FilterExpression="#p = :p AND attribute_exists(#o)", ConsistentRead=True,
                          ExpressionAttributeNames=names, ExpressionAttributeValues={":p": S("a")},
                          ReturnConsumedCapacity="TOTAL")
    assert (found["Count"], found["ScannedCount"], found["ConsumedCapacity"]["CapacityUnits"]) == (10, 11, 1.0)


@pytest.mark.parametrize(("members", "says"), [
    ({"Segment": 0}, "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
     "present"),
    ({"TotalSegments": 2}, "The Segment parameter is required but was not present in the request when parameter TotalSegments "
     "is present"),
    ({"Segment": 2, "TotalSegments": 2}, "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
     "Segment: 2 is not less than TotalSegments: 2"),
])
def test_what_wrong_segments_are_told(sorted_table: str, dynamodb: Any, members: dict[str, Any], says: str) -> None:
    assert refused(dynamodb.scan, TableName=sorted_table, **members) == says


@pytest.fixture
def indexed(make: Make, dynamodb: Any) -> str:
    table = make("indexed", "pk", "sk", "g", "n:N",
                 GlobalSecondaryIndexes=[index("all", "g", "n"), index("keys", "g", "", "KEYS_ONLY"),
                                         index("some", "g", "n", "INCLUDE", ("v",))],
                 LocalSecondaryIndexes=[index("loc", "pk", "n", "KEYS_ONLY")])
    fill(dynamodb, table, [
        {"pk": S("p"), "sk": S("1"), "g": S("x"), "n": N(3), "v": S("one"), "w": N(1)},
        {"pk": S("p"), "sk": S("2"), "g": S("x"), "n": N(2), "v": S("two"), "w": N(2)},
        {"pk": S("q"), "sk": S("1"), "g": S("x"), "n": N(2), "v": S("three"), "w": N(3)},
        {"pk": S("q"), "sk": S("2"), "g": S("x"), "v": S("without n")},
        {"pk": S("q"), "sk": S("3"), "n": N(9), "v": S("without g")}])
    return table


def by_g(dynamodb: Any, name: str, **more: Any) -> Any:
    return dynamodb.query(TableName="indexed", IndexName=name, KeyConditionExpression="g = :g",
                          ExpressionAttributeValues={":g": S("x")}, **more)


def test_indexes_hold_what_has_their_keys_and_show_what_they_project(indexed: str, dynamodb: Any) -> None:
    assert by_g(dynamodb, "all")["Items"][2]["v"] == S("one")
    assert {i["v"]["S"] for i in by_g(dynamodb, "all")["Items"]} == {"one", "two", "three"}
    assert len(by_g(dynamodb, "keys")["Items"]) == 4
    assert all(item.keys() == {"pk", "sk", "g"} for item in by_g(dynamodb, "keys")["Items"])
    assert all(item.keys() == {"pk", "sk", "g", "n", "v"} for item in by_g(dynamodb, "some")["Items"])
    assert dynamodb.scan(TableName=indexed, IndexName="all")["Count"] == 3
    told = dynamodb.describe_table(TableName=indexed)["Table"]
    assert {i["IndexName"]: (i["ItemCount"], i["IndexStatus"]) for i in told["GlobalSecondaryIndexes"]} == \
        {"all": (3, "ACTIVE"), "keys": (4, "ACTIVE"), "some": (3, "ACTIVE")}
    assert told["LocalSecondaryIndexes"][0]["IndexArn"] == told["TableArn"] + "/index/loc"


def test_indexes_are_paged_through_items_with_equal_keys(indexed: str, dynamodb: Any) -> None:
    for name in ("all", "keys"):
        for forward in (True, False):
            pages = list(dynamodb.get_paginator("query").paginate(
                TableName=indexed, IndexName=name, KeyConditionExpression="g = :g", ScanIndexForward=forward,
                ExpressionAttributeValues={":g": S("x")}, PaginationConfig={"PageSize": 1}))
            seen = [(p["Items"][0]["pk"]["S"], p["Items"][0]["sk"]["S"]) for p in pages if p["Items"]]
            assert len(seen) == len(set(seen)) == (3 if name == "all" else 4)
    assert set(by_g(dynamodb, "all", Limit=1)["LastEvaluatedKey"]) == {"pk", "sk", "g", "n"}
    total = sum(p["Count"] for p in dynamodb.get_paginator("scan").paginate(TableName=indexed, IndexName="keys", Limit=1))
    assert total == 4


def test_indexes_follow_writes(indexed: str, dynamodb: Any) -> None:
    key = {"pk": S("p"), "sk": S("1")}
    dynamodb.update_item(TableName=indexed, Key=key, UpdateExpression="SET n = :n, v = :v",
                         ExpressionAttributeValues={":n": N(-5), ":v": S("moved")})
    assert by_g(dynamodb, "some")["Items"][0]["v"] == S("moved")
    dynamodb.update_item(TableName=indexed, Key=key, UpdateExpression="REMOVE g")
    assert by_g(dynamodb, "all")["Count"] == 2
    dynamodb.put_item(TableName=indexed, Item={**key, "g": S("x"), "n": N(1)})
    assert by_g(dynamodb, "all")["Count"] == 3
    dynamodb.delete_item(TableName=indexed, Key=key)
    assert by_g(dynamodb, "all")["Count"] == 2
    assert dynamodb.scan(TableName=indexed, IndexName="loc")["Count"] == 3 - 1 + 1


def test_local_indexes_fetch_what_they_do_not_hold(indexed: str, dynamodb: Any) -> None:
    asked = {"TableName": indexed, "IndexName": "loc", "KeyConditionExpression": "pk = :p",
             "ExpressionAttributeValues": {":p": S("p")}, "ConsistentRead": True, "ReturnConsumedCapacity": "INDEXES"}
    only = dynamodb.query(**asked)
    assert [i["sk"]["S"] for i in only["Items"]] == ["2", "1"]
    assert all(item.keys() == {"pk", "sk", "n"} for item in only["Items"])
    whole = dynamodb.query(Select="ALL_ATTRIBUTES", **asked)
    assert [i["w"] for i in whole["Items"]] == [N(2), N(1)]
    assert whole["ConsumedCapacity"] == {
        "TableName": indexed, "CapacityUnits": 3.0, "Table": {"CapacityUnits": 2.0},
        "LocalSecondaryIndexes": {"loc": {"CapacityUnits": 1.0}}}
    part = dynamodb.query(ProjectionExpression="w", **asked)
    assert part["Items"] == [{"w": N(2)}, {"w": N(1)}]


def test_what_a_wrong_index_query_is_told(indexed: str, dynamodb: Any) -> None:
    def query(name: str, **more: Any) -> str:
        return refused(dynamodb.query, TableName="indexed", IndexName=name, KeyConditionExpression="g = :g",
                       ExpressionAttributeValues={":g": S("x")}, **more)

    assert query("all", ConsistentRead=True) == "Consistent reads are not supported on global secondary indexes"
    assert query("keys", Select="ALL_ATTRIBUTES") == (
        "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index "
        "keys because its projection type is not ALL")
    assert query("some", ProjectionExpression="v, w") == \
        "One or more parameter values were invalid: Global secondary index some does not project [w]"
    assert query("loc") == "Query condition missed key schema element: pk"


def test_an_index_is_added_filled_and_removed(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("grown", "id", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    fill(dynamodb, "grown", [{"id": S(f"i{n}"), **({"g": S("odd" if n % 2 else "even")} if n else {})} for n in range(450)])
    create = {"Create": index("by-g", "g", "", "KEYS_ONLY")}
    definitions = [{"AttributeName": "g", "AttributeType": "S"}]
    says = refused(dynamodb.update_table, TableName="grown", GlobalSecondaryIndexUpdates=[create])
    assert "Some index key attributes are not defined in AttributeDefinitions" in says
    told = dynamodb.update_table(TableName="grown", AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=[create])
    [making] = told["TableDescription"]["GlobalSecondaryIndexes"]
    assert (making["IndexStatus"], making["Backfilling"]) == ("CREATING", True)
    cloud.clock.idle()
    told = dynamodb.describe_table(TableName="grown")["Table"]
    assert told["TableStatus"] == "ACTIVE"
    assert [(i["IndexStatus"], i["ItemCount"]) for i in told["GlobalSecondaryIndexes"]] == [("ACTIVE", 449)]
    found = dynamodb.query(TableName="grown", IndexName="by-g", KeyConditionExpression="g = :g",
                           ExpressionAttributeValues={":g": S("odd")})
    assert found["Count"] == 225
    assert refused(dynamodb.update_table, TableName="grown", GlobalSecondaryIndexUpdates=[create]) == \
        "Attempting to create an index which already exists"
    dynamodb.update_table(TableName="grown", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}])
    cloud.clock.idle()
    told = dynamodb.describe_table(TableName="grown")["Table"]
    assert "GlobalSecondaryIndexes" not in told
    assert told["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    refused(dynamodb.update_table, "ResourceNotFoundException", TableName="grown",
            GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}])
