"""Global indexes with several attributes in one key: what is defined, what stands in them, and what can be asked of them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.dynamodb import compound

from .conftest import Make, N, S, refused

ROUNDS = ("FINALS", "QUARTERS", "SEMIS")


def several(name: str, hashes: str, sorts: str = "", projection: str = "ALL") -> dict[str, Any]:
    """`several("i", "a b", "c d")` is an index of two partition key attributes and two sort key attributes."""
    keys = [{"AttributeName": one, "KeyType": "HASH"} for one in hashes.split()]
    keys += [{"AttributeName": one, "KeyType": "RANGE"} for one in sorts.split()]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": projection}}


def match(n: int, tournament: str, region: str, stage: str, score: float) -> dict[str, Any]:
    return {"id": S(f"m{n}"), "tournament": S(tournament), "region": S(region), "round": S(stage), "score": N(score)}


INDEX = several("by-place", "tournament region", "round score id")


@pytest.fixture
def matches(make: Make, dynamodb: Any) -> Any:
    """A table of matches: two tournaments, two regions, three rounds, scores -3, 1.5 and 20."""
    make("matches", "id", "", "tournament", "region", "round", "score:N", GlobalSecondaryIndexes=[INDEX])
    places = [(t, r, s, p) for t in ("W24", "W25") for r in ("EAST", "WEST") for s in ROUNDS for p in (20, -3, 1.5)]
    for n, place in enumerate(places):
        dynamodb.put_item(TableName="matches", Item=match(n, *place))
    return dynamodb


def asked(dynamodb: Any, condition: str, **members: Any) -> list[tuple[str, float]]:
    """Rounds and scores of the matches that a query finds in W24, EAST."""
    values = {":t": S("W24"), ":r": S("EAST")} | members.pop("values", {})
    found: list[Any] = dynamodb.query(
        TableName="matches", IndexName="by-place", ExpressionAttributeNames={"#g": "region"} | members.pop("names", {}),
        KeyConditionExpression=f"tournament = :t AND #g = :r{condition}", ExpressionAttributeValues=values, **members)["Items"]
    return [(item["round"]["S"], float(item["score"]["N"])) for item in found]


def test_the_index_is_told_as_it_was_defined(matches: Any) -> None:
    [told] = matches.describe_table(TableName="matches")["Table"]["GlobalSecondaryIndexes"]
    assert (told["KeySchema"], told["IndexStatus"], told["ItemCount"]) == (INDEX["KeySchema"], "ACTIVE", 36)


def test_all_of_a_partition_come_in_the_order_of_their_sort_attributes(matches: Any) -> None:
    every = [(stage, score) for stage in ROUNDS for score in (-3, 1.5, 20)]
    assert asked(matches, "") == every
    assert asked(matches, "", ScanIndexForward=False) == every[::-1]


@pytest.mark.parametrize(("condition", "values", "found"), [
    (" AND #s = :s", {":s": S("SEMIS")}, [("SEMIS", -3), ("SEMIS", 1.5), ("SEMIS", 20)]),
    (" AND #s = :s AND score = :n", {":s": S("SEMIS"), ":n": N(1.5)}, [("SEMIS", 1.5)]),
    (" AND #s = :s AND score > :n", {":s": S("SEMIS"), ":n": N(-3)}, [("SEMIS", 1.5), ("SEMIS", 20)]),
    (" AND #s = :s AND score >= :n", {":s": S("FINALS"), ":n": N(1.5)}, [("FINALS", 1.5), ("FINALS", 20)]),
    (" AND #s = :s AND score < :n", {":s": S("SEMIS"), ":n": N(1.5)}, [("SEMIS", -3)]),
    (" AND #s = :s AND score <= :n", {":s": S("SEMIS"), ":n": N(1.5)}, [("SEMIS", -3), ("SEMIS", 1.5)]),
    (" AND #s = :s AND score BETWEEN :n AND :m", {":s": S("SEMIS"), ":n": N(-5), ":m": N(1.5)},
     [("SEMIS", -3), ("SEMIS", 1.5)]),
    (" AND begins_with(#s, :s)", {":s": S("Q")}, [("QUARTERS", -3), ("QUARTERS", 1.5), ("QUARTERS", 20)]),
    (" AND #s < :s", {":s": S("QUARTERS")}, [("FINALS", -3), ("FINALS", 1.5), ("FINALS", 20)]),
    (" AND #s > :s", {":s": S("QUARTERS")}, [("SEMIS", -3), ("SEMIS", 1.5), ("SEMIS", 20)]),
])
def test_sort_attributes_have_conditions_from_the_left(matches: Any, condition: str, values: Any, found: Any) -> None:
    assert asked(matches, condition, values=values, names={"#s": "round"}) == found


def test_the_last_attribute_may_be_a_range_too(matches: Any) -> None:
    values = {":s": S("SEMIS"), ":n": N(20), ":i": S("m")}
    condition = " AND #s = :s AND score = :n AND begins_with(id, :i)"
    assert asked(matches, condition, values=values, names={"#s": "round"}) == [("SEMIS", 20)]
    assert asked(matches, condition, values=values | {":i": S("x")}, names={"#s": "round"}) == []


@pytest.mark.parametrize(("condition", "message"), [
    ("tournament = :a", "Query condition missed key schema element: region"),
    ("#g = :a", "Query condition missed key schema element: tournament"),
    ("tournament = :a AND begins_with(#g, :b)", "Query key condition not supported"),
    ("tournament = :a AND #g = :b AND score > :n", "Query condition missed key schema element: round"),
    ("tournament = :a AND #g = :b AND #s = :c AND id = :c", "Query condition missed key schema element: score"),
    ("tournament = :a AND #g = :b AND #s > :c AND score = :n", "Query key condition not supported"),
    ("tournament = :a AND #g = :b AND #s = :n",
     "One or more parameter values were invalid: Condition parameter type does not match schema type"),
])
def test_what_cannot_be_asked(matches: Any, condition: str, message: str) -> None:
    values = {":a": S("W24"), ":b": S("EAST"), ":c": S("SEMIS"), ":n": N(1)}
    used = {name: said for name, said in (("#g", "region"), ("#s", "round")) if name in condition}
    assert refused(matches.query, TableName="matches", IndexName="by-place", KeyConditionExpression=condition,
                   **({"ExpressionAttributeNames": used} if used else {}),
                   ExpressionAttributeValues={name: values[name] for name in values if name in condition}) == message


def test_key_attributes_are_no_filter(matches: Any) -> None:
    said = refused(matches.query, TableName="matches", IndexName="by-place", FilterExpression="score > :n",
                   KeyConditionExpression="tournament = :a AND #g = :b", ExpressionAttributeNames={"#g": "region"},
                   ExpressionAttributeValues={":a": S("W24"), ":b": S("EAST"), ":n": N(1)})
    assert said.endswith("can only contain non-primary key attributes: Primary key attribute: score")


def test_pages_go_on_behind_a_key_of_all_attributes(matches: Any) -> None:
    first = matches.query(TableName="matches", IndexName="by-place", KeyConditionExpression="tournament = :a AND #g = :b",
                          ExpressionAttributeNames={"#g": "region"}, Limit=4,
                          ExpressionAttributeValues={":a": S("W24"), ":b": S("EAST")})
    assert first["LastEvaluatedKey"].keys() == {"id", "tournament", "region", "round", "score"}
    rest = asked(matches, "", ExclusiveStartKey=first["LastEvaluatedKey"])
    assert rest == [(stage, score) for stage in ROUNDS for score in (-3, 1.5, 20)][4:]
    every = [item for page in matches.get_paginator("scan").paginate(
        TableName="matches", IndexName="by-place", PaginationConfig={"PageSize": 7}) for item in page["Items"]]
    assert len({item["id"]["S"] for item in every}) == len(every) == 36


def test_only_items_with_all_attributes_stand_in_the_index(matches: Any) -> None:
    matches.update_item(TableName="matches", Key={"id": S("m0")}, UpdateExpression="REMOVE score")
    matches.update_item(TableName="matches", Key={"id": S("m3")}, UpdateExpression="SET #g = :g",
                        ExpressionAttributeNames={"#g": "region"}, ExpressionAttributeValues={":g": S("NORTH")})
    matches.delete_item(TableName="matches", Key={"id": S("m6")})
    assert len(asked(matches, "")) == 6
    assert asked(matches, "", values={":r": S("NORTH")}) == [("QUARTERS", 20)]
    said = refused(matches.put_item, TableName="matches", Item=match(99, "W24", "EAST", "", 1))
    assert "IndexName: by-place, IndexKey: round" in said
    wrong = match(99, "W24", "EAST", "SEMIS", 1) | {"score": S("1")}
    assert "Type mismatch for Index Key score Expected: N Actual: S" in refused(
        matches.put_item, TableName="matches", Item=wrong)
    long = match(99, "W24", "EAST", "x" * 1000, 1) | {"id": S("y" * 30)}
    assert "Aggregated size of all range keys has exceeded the size limit of 1024 bytes" in refused(
        matches.put_item, TableName="matches", Item=long)


def test_an_index_comes_later_and_projects_its_keys(cloud: Any, matches: Any) -> None:
    matches.update_table(TableName="matches", AttributeDefinitions=[
        {"AttributeName": name, "AttributeType": "S"} for name in ("region", "round")],
        GlobalSecondaryIndexUpdates=[{"Create": several("by-round", "round region", projection="KEYS_ONLY")}])
    cloud.clock.idle()
    found = matches.query(TableName="matches", IndexName="by-round", KeyConditionExpression="#s = :s AND #g = :g",
                          ExpressionAttributeNames={"#s": "round", "#g": "region"},
                          ExpressionAttributeValues={":s": S("SEMIS"), ":g": S("WEST")})
    assert found["Count"] == 6
    assert found["Items"][0].keys() == {"id", "round", "region"}
    found = matches.query(TableName="matches", IndexName="by-round", KeyConditions={
        name: {"ComparisonOperator": "EQ", "AttributeValueList": [S(value)]} for name, value in
        (("round", "FINALS"), ("region", "EAST"))})
    assert found["Count"] == 6


def test_partiql_reads_it_by_its_keys(matches: Any) -> None:
    said = 'SELECT id FROM "matches"."by-place" WHERE tournament = \'W24\' AND "region" IN [\'EAST\', \'WEST\']' \
           " AND \"round\" = 'SEMIS' AND score > 0"
    found = matches.execute_statement(Statement=said)
    assert {item["id"]["S"] for item in found["Items"]} == {"m6", "m8", "m15", "m17"}
    ordered = matches.execute_statement(Statement=(
        'SELECT "round" FROM "matches"."by-place" WHERE tournament = \'W24\' AND "region" = \'EAST\' ORDER BY "round" DESC'))
    assert [item["round"]["S"] for item in ordered["Items"]] == sorted(ROUNDS * 3, reverse=True)


@pytest.mark.parametrize(("keys", "message"), [
    (("a b c d e", ""), "Invalid KeySchema: At most 4 HASH key elements are allowed"),
    (("a", "b c d e f"), "Invalid KeySchema: At most 4 RANGE key elements are allowed"),
    (("a b", "a"), "Invalid KeySchema: Some key elements have the same name: a"),
    (("", "a b"), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
])
def test_what_is_no_key(make: Make, keys: tuple[str, str], message: str) -> None:
    assert refused(make, code="ValidationException", name="bad", hash_key="id",
                   GlobalSecondaryIndexes=[several("wrong", *keys)]) == message


def test_hash_elements_come_first_and_tables_have_one_of_each(make: Make, dynamodb: Any) -> None:
    mixed = several("wrong", "a", "b") | {"KeySchema": [
        {"AttributeName": name, "KeyType": kind} for name, kind in (("a", "HASH"), ("b", "RANGE"), ("c", "HASH"))]}
    assert "must come before" in refused(make, name="bad", hash_key="id", GlobalSecondaryIndexes=[mixed])
    said = refused(dynamodb.create_table, TableName="bad", BillingMode="PAY_PER_REQUEST",
                   KeySchema=several("x", "a b")["KeySchema"],
                   AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "ab"])
    assert said == "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"


PART = st.binary(max_size=4).map(lambda data: data.replace(b"\x01", b"\x00").replace(b"\x02", b"\xff"))
PARTS = st.tuples(PART, PART, PART)


@given(PARTS, PARTS)
def test_the_order_of_keys_is_that_of_their_parts(left: Any, right: Any) -> None:
    assert (compound.joined(left) < compound.joined(right)) == (left < right)


@given(PARTS)
def test_keys_are_parted_as_they_were_joined(parts: Any) -> None:
    assert tuple(compound.parted(compound.joined(parts))) == parts


@given(PARTS, PARTS, st.sampled_from(["", "<", "<=", ">", ">=", "BETWEEN", "begins_with"]), st.integers(0, 2), PART)
def test_bounds_hold_what_fits(item: Any, asked: Any, sign: str, equal: int, other: bytes) -> None:
    one, last = asked[equal], sorted((asked[equal], other))
    fits = {"": True, "<": item[equal] < one, "<=": item[equal] <= one, ">": item[equal] > one, ">=": item[equal] >= one,
            "BETWEEN": last[0] <= item[equal] <= last[1], "begins_with": item[equal].startswith(one)}[sign]
    bounds = compound.bounds(list(asked[:equal]), sign, last if sign == "BETWEEN" else [one])
    key = compound.joined(item)
    within = key >= bounds.get("low", b"") and ("before" not in bounds or key < bounds["before"])
    assert within == (item[:equal] == asked[:equal] and fits)
