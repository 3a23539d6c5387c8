"""Whatever is asked of a table, the answer is an item or an error of AWS's, never a failure of ours."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Make, N, S, index

names = st.sampled_from(["pk", "sk", "g", "n", "m", "l", "#a", "zzz"])
texts = st.sampled_from(["", "a", "b", "x", "\U0001f600", "1"])
values: Any = st.recursive(
    st.one_of(texts.map(S), st.sampled_from(["0", "-1", "1.50", "1e125", "nan", ""]).map(N), st.just({"B": b"\x00"}),
              st.just({"B": b""}), st.just({"BOOL": True}), st.just({"NULL": True}), st.just({"SS": ["a"]}),
              st.just({"NS": ["1"]}), st.just({"BS": [b"x"]}), st.just({}), st.just({"S": "a", "N": "1"})),
    lambda inner: st.one_of(st.lists(inner, max_size=2).map(lambda v: {"L": v}),
                            st.dictionaries(names, inner, max_size=2).map(lambda v: {"M": v})), max_leaves=4)
items = st.dictionaries(names, values, max_size=4)
good = st.builds(lambda pk, sk, rest: {**rest, "pk": S(pk), "sk": N(sk)}, st.sampled_from("ab"), st.integers(0, 3),
                 st.fixed_dictionaries({}, optional={"g": st.just(S("x")), "n": st.just(N(1)), "m": values, "l": values}))
keys = st.one_of(st.builds(lambda pk, sk: {"pk": S(pk), "sk": N(sk)}, st.sampled_from("ab"), st.integers(0, 3)), items)
conditions = st.sampled_from([
    "attribute_exists(pk)", "n = :v", "NOT n < :v", "m.x = :v", "l[0] = :v", "contains(l, :v)", "size(m) > :v", "#a = :v",
    "n BETWEEN :v AND :w", "n IN (:v, :w)", "begins_with(g, :v)", "attribute_type(m, :v)", "(n = :v", "", "pk = :v",
    "pk = :v AND sk > :w", "pk = :v AND begins_with(sk, :w)", "g = :v", "g = :v AND n >= :w"])
updates = st.sampled_from([
    "SET n = n + :v", "SET m.x = :v", "SET l[0] = :v REMOVE l[1]", "ADD n :v", "ADD l :v", "DELETE l :v", "REMOVE m.x, g",
    "SET l = list_append(l, :v)", "SET g = if_not_exists(m.x, :v)", "SET #a = :v", "SET pk = :v", "SET m = l, l = m",
    "nonsense"])
placeholders = st.fixed_dictionaries({}, optional={":v": values, ":w": values})
aliases = st.sampled_from([{"#a": "m"}, {"#a": "pk"}, {"a": "m"}])
capacity = st.sampled_from(["NONE", "TOTAL", "INDEXES"])


def some(**members: Any) -> Any:
    """A few of these members."""
    members["ReturnConsumedCapacity"] = capacity
    return st.sets(st.sampled_from(sorted(members)), max_size=3).flatmap(
        lambda chosen: st.fixed_dictionaries({name: members[name] for name in sorted(chosen)}))


expressions = {"ExpressionAttributeNames": aliases, "ExpressionAttributeValues": placeholders}
reads = {"Limit": st.integers(1, 3), "ExclusiveStartKey": keys, "FilterExpression": conditions,
         "ProjectionExpression": st.sampled_from(["m.x, l[0]", "#a", "pk, g", "m, m.x"]), "ConsistentRead": st.booleans(),
         "IndexName": st.sampled_from(["by-g", "loc", "keys", "none"]),
         "Select": st.sampled_from(["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"]),
         **expressions}


@st.composite
def tidied(draw: Any, asked: Any) -> Any:
    """Mostly, exactly the placeholders that the expressions use."""
    operation, members = draw(asked)
    if draw(st.integers(0, 4)):
        text = " ".join(v for k, v in members.items() if k.endswith("Expression"))
        for given_, used in (("ExpressionAttributeValues", {v: draw(useful) for v in (":v", ":w") if v in text}),
                             ("ExpressionAttributeNames", {"#a": "m"} if "#a" in text else {})):
            members.pop(given_, None)
            if used:
                members[given_] = used
    return operation, members


useful = st.one_of(st.sampled_from([S("a"), S("x"), N(1), N(0), {"SS": ["a"]}, {"L": [N(1)]}]), values)
requests = tidied(st.one_of(
    st.tuples(st.just("put_item"), st.builds(lambda item, more: {"Item": item, **more}, st.one_of(good, items), some(
        ConditionExpression=conditions, ReturnValues=st.sampled_from(["ALL_OLD", "ALL_NEW"]),
        ReturnItemCollectionMetrics=st.just("SIZE"), **expressions))),
    st.tuples(st.just("update_item"), st.builds(lambda key, more: {"Key": key, **more}, keys, some(
        UpdateExpression=updates, ConditionExpression=conditions, **expressions,
        ReturnValues=st.sampled_from(["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])))),
    st.tuples(st.just("get_item"), st.builds(lambda key, more: {"Key": key, **more}, keys, some(
        ProjectionExpression=reads["ProjectionExpression"], ExpressionAttributeNames=aliases))),
    st.tuples(st.just("delete_item"), st.builds(lambda key, more: {"Key": key, **more}, keys, some(
        ConditionExpression=conditions, **expressions))),
    st.tuples(st.just("query"), st.builds(lambda condition, more: {"KeyConditionExpression": condition, **more}, conditions,
                                          some(ScanIndexForward=st.booleans(), **reads))),
    st.tuples(st.just("scan"), some(Segment=st.integers(0, 2), TotalSegments=st.integers(1, 3), **reads))))


@pytest.fixture
def table(make: Make) -> str:
    return make("any", "pk", "sk:N", "g", "n:N",
                GlobalSecondaryIndexes=[index("by-g", "g", "n"), index("keys", "g", "", "KEYS_ONLY")],
                LocalSecondaryIndexes=[index("loc", "pk", "n", "INCLUDE", ("m",))],
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})


def status(call: Any, members: dict[str, Any]) -> int:
    try:
        told = call(**members)
    except ClientError as problem:
        told = problem.response
    found: int = told["ResponseMetadata"]["HTTPStatusCode"]
    return found


def shown(dynamodb: Any, table: str, keys: set[str], **more: Any) -> list[str]:
    """What a scan finds with all these attributes, and of it only these."""
    found = [item for page in dynamodb.get_paginator("scan").paginate(TableName=table, **more) for item in page["Items"]]
    return sorted(repr(sorted((k, v) for k, v in item.items() if k in keys)) for item in found if item.keys() >= keys)


def test_no_request_makes_the_server_fail_or_the_indexes_differ(dynamodb: Any, table: str) -> None:
    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests)
    def ask(request: tuple[str, dict[str, Any]]) -> None:
        operation, members = request
        assert status(getattr(dynamodb, operation), {"TableName": table, **members}) in (200, 400), request

    ask()
    for name, keys_ in (("by-g", {"pk", "sk", "g", "n"}), ("keys", {"pk", "sk", "g"}), ("loc", {"pk", "sk", "n"})):
        assert shown(dynamodb, table, keys_, IndexName=name) == shown(dynamodb, table, keys_)
