"""Event patterns: AWS's own examples, and random ones against a plain evaluation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.events import inputs, patterns
from cumulet.services.events.conditions import BadPattern

EVENT = {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "account": "111122223333",
         "resources": ["arn:aws:ec2:us-west-1:111122223333:instance/i-0", "arn:b"],
         "detail": {"state": "Terminated", "c-count": 5, "d-count": 3.0, "x-limit": 3.018e2, "ip": "10.0.0.17",
                    "v6": "2001:db8::1", "nothing": None, "flag": True, "file": "dir/report-7.PNG", "empty": "",
                    "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}], "tags": ["x", "y"], "deep": {"er": {"est": 1}}}}


def fits(pattern: Any, event: Any = EVENT) -> bool:
    return patterns.compiled(json.dumps(pattern))(patterns.read(json.dumps(event)))


def on(field: str, *conditions: Any) -> Any:
    return {"detail": {field: list(conditions)}}


@pytest.mark.parametrize("pattern", [
    {"source": ["aws.ec2"]}, {"source": ["other", "aws.ec2"], "account": [{"prefix": "1111"}]},
    on("state", {"prefix": "Term"}), on("state", {"prefix": {"equals-ignore-case": "tERM"}}), on("file", {"suffix": ".PNG"}),
    on("file", {"suffix": {"equals-ignore-case": ".png"}}), on("state", {"anything-but": "running"}),
    on("state", {"anything-but": ["running", "pending"]}), on("c-count", {"anything-but": [1, 2]}),
    on("state", {"anything-but": {"prefix": "init"}}), on("state", {"anything-but": {"prefix": ["a", "b"]}}),
    on("file", {"anything-but": {"suffix": ".png"}}), on("state", {"anything-but": {"equals-ignore-case": ["on", "off"]}}),
    on("file", {"anything-but": {"wildcard": "*/lib/*"}}), on("tags", {"anything-but": ["x"]}),
    on("c-count", {"numeric": [">", 0, "<=", 5]}), on("d-count", {"numeric": ["<", 10]}),
    on("x-limit", {"numeric": ["=", 301.8]}),
    on("ip", {"cidr": "10.0.0.0/24"}), on("v6", {"cidr": "2001:db8::/32"}), on("state", {"exists": True}),
    on("none", {"exists": False}), on("deep", {"exists": False}), on("nothing", None), on("flag", True), on("empty", ""),
    on("state", {"equals-ignore-case": "TERMINATED"}), on("file", {"wildcard": "dir/*.PNG"}), on("file", {"wildcard": "*"}),
    on("tags", "y"), {"resources": [{"prefix": "arn:b"}]}, {"detail": {"items": {"sku": ["b"], "n": [2]}}},
    {"detail": {"deep": {"er": {"est": [1]}}}}, {"detail": {"none": {"inner": [{"exists": False}]}}},
    {"$or": [{"source": ["x"]}, {"detail": {"c-count": [5]}}]},
    {"detail": {"$or": [{"state": ["x"]}, {"c-count": [{"numeric": [">", 4]}]}], "flag": [True]}},
    on("state", "other", {"prefix": "T"}), on("nothing", {"exists": True})])
def test_patterns_that_fit(pattern: Any) -> None:
    assert fits(pattern)


@pytest.mark.parametrize("pattern", [
    {"source": ["aws.EC2"]}, {"source": ["aws.ec2"], "account": ["2"]}, on("state", {"prefix": "term"}),
    on("state", {"anything-but": ["Terminated"]}), on("none", {"anything-but": ["x"]}), on("flag", "true"), on("flag", 1),
    on("file", {"anything-but": {"suffix": ".PNG"}}), on("c-count", {"numeric": [">", 5]}), on("c-count", "5"),
    on("ip", {"cidr": "10.0.1.0/24"}), on("state", {"cidr": "10.0.0.0/8"}), on("state", {"exists": False}),
    on("deep", {"exists": True}), on("none", {"exists": True}), on("nothing", "null"), on("state", {"numeric": [">", 0]}),
    {"detail": {"items": {"sku": ["a"], "n": [2]}}}, on("d-count", 3),
    {"$or": [{"source": ["x"]}, {"account": ["x"]}]}, on("file", {"wildcard": "*.png"})])
def test_patterns_that_do_not_fit(pattern: Any) -> None:
    assert not fits(pattern)


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '"x"', '{"a": "b"}', '{"a": []}', '{"a": {}}', '{"a": [[1]]}', '{"a": [{"unknown": 1}]}',
    '{"a": [{"prefix": 1}]}', '{"a": [{"numeric": [">"]}]}', '{"a": [{"numeric": ["!", 1]}]}',
    '{"a": [{"numeric": ["<", 1, ">", 5]}]}',
    '{"a": [{"numeric": [">", 5, "<", 1]}]}', '{"a": [{"numeric": [">", 1e10]}]}', '{"a": [{"cidr": "10.0.0"}]}',
    '{"a": [{"exists": "yes"}]}', '{"a": [{"anything-but": []}]}', '{"a": [{"anything-but": {"numeric": [">", 1]}}]}',
    '{"a": [{"wildcard": "a**b"}]}', '{"a": [{"wildcard": "a\\\\b"}]}', '{"a": [{"prefix": "a", "suffix": "b"}]}',
    '{"a": [{"anything-but": [true]}]}', '{"a": [{}]}'])
def test_patterns_that_are_refused(text: str) -> None:
    with pytest.raises(BadPattern):
        patterns.compiled(text)


def test_stars_that_stand_for_themselves() -> None:
    pattern = on("v", {"wildcard": r"a\*\\*"})
    assert fits(pattern, {"detail": {"v": r"a*\bc"}})
    assert not fits(pattern, {"detail": {"v": r"ax\bc"}})


def test_many_stars_take_no_longer_than_one() -> None:
    pattern = on("v", {"wildcard": "a*" * 20 + "b"})
    assert not fits(pattern, {"detail": {"v": "a" * 5_000}})
    assert fits(pattern, {"detail": {"v": "a" * 5_000 + "b"}})


@given(st.text("ab*", max_size=8).filter(lambda t: "**" not in t), st.text("ab", max_size=8))
def test_stars_stand_for_anything(wildcard: str, text: str) -> None:
    wanted = re.fullmatch(wildcard.replace("*", ".*"), text) is not None
    assert fits(on("v", {"wildcard": wildcard}), {"detail": {"v": text}}) is wanted


# --- random ones ---

scalars = st.one_of(st.integers(-3, 3), st.text("ab", max_size=3), st.booleans(), st.none())
values = st.one_of(scalars, st.lists(scalars, max_size=3))
events = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)
tests = st.one_of(
    scalars, st.text("ab", max_size=2).map(lambda t: {"prefix": t}), st.text("ab", max_size=2).map(lambda t: {"suffix": t}),
    st.booleans().map(lambda b: {"exists": b}), st.lists(st.text("ab", max_size=2), min_size=1, max_size=2).map(
        lambda t: {"anything-but": t}), st.integers(-2, 2).map(lambda n: {"numeric": [">=", n]}))


def meets(test: Any, value: Any) -> bool:
    """One value and one condition, said plainly."""
    if isinstance(test, dict):
        (name, wanted), = test.items()
        if name == "anything-but":
            return value not in wanted
        if name == "numeric":
            return isinstance(value, int) and not isinstance(value, bool) and value >= wanted[1]
        return isinstance(value, str) and (value.startswith(wanted) if name == "prefix" else value.endswith(wanted))
    return type(test) is type(value) and test == value


@given(st.dictionaries(st.sampled_from("xyz"), st.lists(tests, min_size=1, max_size=3), min_size=1, max_size=3), events)
def test_random_patterns(pattern: dict[str, list[Any]], event: dict[str, Any]) -> None:
    def fitting(field: str, conditions: list[Any]) -> bool:
        value = event.get(field, [])
        found = value if isinstance(value, list) else [value]
        return any(test["exists"] == bool(found) if isinstance(test, dict) and "exists" in test
                   else any(meets(test, each) for each in found) for test in conditions)

    assert fits(pattern, event) == all(fitting(*each) for each in pattern.items())


@given(st.recursive(st.one_of(st.integers(), st.text(), st.booleans(), st.none()),
                    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1), inner)),
                    max_leaves=8))
def test_whatever_is_filled_in_stays_json(value: Any) -> None:
    target = {"InputTransformer": {"InputPathsMap": {"v": "$.detail"},
                                   "InputTemplate": '{"plain": <v>, "text": "[<v>]", "event": "<aws.events.event.json>"}'}}
    made = json.loads(inputs.given(json.dumps({"detail": value}), target, {}) or "")
    assert made["plain"] == value
    if isinstance(value, str):
        assert made["text"] == f"[{value}]"
    else:
        assert json.loads(made["text"][1:-1]) == value
    assert json.loads(made["event"]) == {"detail": value}
