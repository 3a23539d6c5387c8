"""Filter policies: every operator, on attributes and on bodies, and every refusal."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.sns import filters


def passes(policy: dict[str, Any], seen: dict[str, Any], *, nested: bool = True) -> bool:
    return filters.compiled(json.dumps(policy), nested)(seen)


@pytest.mark.parametrize(("conditions", "yes", "no"), [
    (["rugby", "tennis"], ["rugby", "tennis", ["rugby", "chess"]], ["baseball", ["baseball"], 1, None, True]),
    ([100], [100, 100.0, 1e2, [1, 100]], ["100", 101, True]),
    ([1], [1, 1.000001], [True, "1"]),
    ([True], [True, [False, True]], [1, "true", False]),
    ([None], [None], ["null", 0, ""]),
    ([{"prefix": "bas"}], ["baseball", "bas"], ["rugby", 5, "Bas"]),
    ([{"suffix": "ball"}], ["baseball", "ball"], ["rugby", "Ball"]),
    ([{"equals-ignore-case": "Tennis"}], ["tennis", "TENNIS"], ["tenniss", 1]),
    ([{"wildcard": "*ba*l"}], ["baseball", "bal", "football bal"], ["ball games", "rugby"]),
    ([{"wildcard": "a.c"}], ["a.c"], ["abc"]),
    ([{"cidr": "10.0.0.0/24"}], ["10.0.0.1", "10.0.0.255"], ["10.1.1.0", "ten", 10, "::1"]),
    ([{"cidr": "2001:db8::/32"}], ["2001:db8::1"], ["2002::", "10.0.0.1"]),
    ([{"anything-but": ["rugby", "tennis"]}], ["baseball", ["rugby", "baseball"], 5], ["rugby", ["rugby", "tennis"]]),
    ([{"anything-but": "rugby"}], ["tennis"], ["rugby"]),
    ([{"anything-but": [100, 500]}], [101, "100"], [100, 500.0]),
    ([{"anything-but": {"prefix": "order-"}}], ["data-entry", 5], ["order-cancelled"]),
    ([{"numeric": ["=", 301.5]}], [301.5, 3.015e2], [301, "301.5"]),
    ([{"numeric": ["<", 0]}], [-1, -0.5], [0, 1, "-1"]),
    ([{"numeric": [">", 0, "<=", 150]}], [0.1, 150], [0, 150.1, None]),
    ([{"numeric": [">=", -5, "<", 5]}], [-5, 0], [5, -6, True]),
    (["plain", {"prefix": "x"}, {"numeric": [">", 9]}], ["plain", "xy", 10], ["plainer", 9]),
])
def test_operators(conditions: list[Any], yes: list[Any], no: list[Any]) -> None:
    for value in yes:
        assert passes({"key": conditions}, {"key": value}), value
    for value in no:
        assert not passes({"key": conditions}, {"key": value}), value


def test_exists() -> None:
    assert passes({"k": [{"exists": True}]}, {"k": "x"})
    assert not passes({"k": [{"exists": True}]}, {"other": "x"})
    assert passes({"k": [{"exists": False}]}, {"other": "x"})
    assert not passes({"k": [{"exists": False}]}, {"k": "x"})
    assert passes({"k": ["y", {"exists": False}]}, {"other": "x"})
    assert passes({"k": ["y", {"exists": False}]}, {"k": "y"})
    assert passes({"a": {"b": [{"exists": False}]}}, {})
    assert not passes({"a": {"b": [{"exists": True}]}}, {"a": {"b": {"c": 1}}})


def test_all_properties_must_match() -> None:
    policy = {"store": ["example"], "price": [{"numeric": [">=", 100]}]}
    assert passes(policy, {"store": "example", "price": 100, "more": 1})
    assert not passes(policy, {"store": "example", "price": 99})
    assert not passes(policy, {"store": "example"})


def test_or_takes_the_place_of_a_property() -> None:
    policy = {"source": ["cloudwatch"], "$or": [{"metric": ["cpu"]}, {"namespace": ["ec2", "es"]}]}
    assert passes(policy, {"source": "cloudwatch", "metric": "cpu"})
    assert passes(policy, {"source": "cloudwatch", "namespace": "es"})
    assert not passes(policy, {"source": "cloudwatch", "namespace": "rds"})
    assert not passes(policy, {"metric": "cpu"})
    assert passes({"$or": ["a", "b"]}, {"$or": "a"})       # not of objects: a property of that name


def test_nested_policies_look_into_objects_and_arrays() -> None:
    policy = {"person": {"name": ["ann"], "home": {"city": [{"prefix": "B"}]}}}
    assert passes(policy, {"person": {"name": "ann", "home": {"city": "Bern"}}})
    assert passes(policy, {"person": [{"name": "bob"}, {"name": "ann", "home": [{"city": "Basel"}]}]})
    assert not passes(policy, {"person": [{"name": "ann"}, {"name": "bob", "home": {"city": "Bern"}}]})
    assert not passes(policy, {"person": "ann"})


def test_attributes_as_a_policy_sees_them() -> None:
    seen = filters.attributes_seen({
        "text": {"DataType": "String", "StringValue": "100"}, "number": {"DataType": "Number", "StringValue": "1e2"},
        "array": {"DataType": "String.Array", "StringValue": '["a", 1, true, null]'},
        "broken": {"DataType": "String.Array", "StringValue": "[oops"}, "bytes": {"DataType": "Binary", "BinaryValue": b"a"}})
    assert seen == {"text": "100", "number": 100.0, "array": ["a", 1, True, None], "broken": "[oops"}
    assert passes({"array": [None]}, seen, nested=False)
    assert not passes({"bytes": [{"exists": True}]}, seen, nested=False)


def test_a_body_that_is_no_object_is_not_seen() -> None:
    assert filters.body_seen("plain text") is None
    assert filters.body_seen("[1]") is None
    assert filters.body_seen('{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(("policy", "nested", "words"), [
    ("{", True, "failed to parse JSON"), ("[]", True, "failed to parse JSON"),
    ({"k": "v"}, True, "must be an object or an array"), ({"k": []}, True, "Empty arrays"), ({"k": {}}, True, "Empty objects"),
    ({"k": [["v"]]}, True, "Match value must be String"), ({"k": [{"wrong": 1}]}, True, "Unrecognized match type wrong"),
    ({"k": [{"prefix": "a", "suffix": "b"}]}, True, "Only one key"), ({"k": [{"exists": "yes"}]}, True, "exists match pattern"),
    ({"k": [{"prefix": 5}]}, True, "prefix match pattern must be a string"),
    ({"k": [{"wildcard": "a**"}]}, True, "Consecutive wildcard"), ({"k": [{"cidr": "10.0.0.0"}]}, True, "one '/' required"),
    ({"k": [{"cidr": "10.0.0.0/99"}]}, True, "Malformed CIDR"), ({"k": [{"anything-but": []}]}, True, "anything but"),
    ({"k": [{"anything-but": {"suffix": "x"}}]}, True, "Unsupported anything-but"),
    ({"k": [{"numeric": []}]}, True, "Invalid member"), ({"k": [{"numeric": [5]}]}, True, "Invalid member"),
    ({"k": [{"numeric": ["!", 5]}]}, True, "Unrecognized numeric range operator"),
    ({"k": [{"numeric": ["<", "5"]}]}, True, "must be numeric"), ({"k": [{"numeric": ["<"]}]}, True, "must be numeric"),
    ({"k": [{"numeric": ["<", 5, ">", 1]}]}, True, "Too many elements"),
    ({"k": [{"numeric": [">", 5, "<", 5]}]}, True, "Bottom must be less than top"),
    ({"k": [{"numeric": [">", 5, ">", 7]}]}, True, "Bad numeric range operator"),
    ({"k": [{"numeric": [">", 5, "<", 7, "<", 8]}]}, True, "Too many terms"),
    ({"k": [1e10]}, True, "Numeric values must be between"), ({"k": {"n": ["v"]}}, False, "does not support nested"),
    ({str(n): ["v"] for n in range(6)}, True, "more than 5 keys"),
    ({"a": list("abcdef"), "b": list("abcdef"), "c": list("abcde")}, True, "too complex"),
    ({"a": {"b": {"c": [str(n) for n in range(51)]}}}, True, "too complex"),
])
def test_bad_policies_are_refused_in_words(policy: Any, nested: bool, words: str) -> None:
    with pytest.raises(filters.BadPolicy, match=words):
        filters.compiled(policy if isinstance(policy, str) else json.dumps(policy), nested)


def test_what_is_just_within_the_limits() -> None:
    filters.compiled(json.dumps({"a": {"b": {"c": [str(n) for n in range(50)]}}}), True)
    filters.compiled(json.dumps({str(n): ["v"] for n in range(5)}), False)


JSON = st.recursive(st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3) | st.floats(-9, 9),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3))
OPERATORS = st.one_of(
    st.builds(lambda op, v: {op: v}, st.sampled_from(["prefix", "suffix", "wildcard", "equals-ignore-case"]),
              st.text("ab*", max_size=3).filter(lambda t: "**" not in t)),
    st.builds(lambda v: {"exists": v}, st.booleans()),
    st.builds(lambda op, v: {"numeric": [op, v]}, st.sampled_from(["=", "<", "<=", ">", ">="]), st.integers(-5, 5)),
    st.builds(lambda v: {"anything-but": v}, st.lists(st.integers(-5, 5) | st.text("ab", max_size=2), min_size=1, max_size=3)),
    st.none(), st.booleans(), st.integers(-5, 5), st.text("ab", max_size=3))
LEAVES = st.lists(OPERATORS, min_size=1, max_size=3)


@given(st.dictionaries(st.sampled_from("abc"), LEAVES, min_size=1, max_size=2),
       st.dictionaries(st.sampled_from("abc"), JSON, max_size=3))
def test_conditions_of_a_property_are_alternatives_and_properties_add_up(policy: dict[str, Any], seen: dict[str, Any]) -> None:
    each = [any(passes({name: [condition]}, seen) for condition in rule) for name, rule in policy.items()]
    assert passes(policy, seen) == all(each)
    if len(policy) == 2:
        assert passes({"$or": [{name: rule} for name, rule in policy.items()]}, seen) == any(each)


@given(JSON | st.dictionaries(st.sampled_from(["a", "$or", "b"]), JSON, max_size=3))
def test_any_json_is_either_a_policy_or_refused(policy: Any) -> None:
    try:
        match = filters.compiled(json.dumps(policy), True)
    except filters.BadPolicy:
        return
    assert match({"a": "a"}) in (True, False)


def test_a_wildcard_is_as_quick_as_the_text_is_long() -> None:
    assert not passes({"k": [{"wildcard": "*a" * 40 + "*b"}]}, {"k": "a" * 20_000})


@given(st.text("ab*", max_size=8).filter(lambda text: "**" not in text), st.text("ab", max_size=10))
def test_wildcards_are_as_regular_expressions_say(pattern: str, text: str) -> None:
    wanted = re.fullmatch(pattern.replace("*", ".*"), text) is not None
    assert passes({"k": [{"wildcard": pattern}]}, {"k": text}) is wanted
