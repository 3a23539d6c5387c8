"""Filter patterns: AWS's own examples, and random ones against a plain evaluation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.logs import patterns

EVENT = json.dumps({
    "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": None, "ThisFlag": True, "off": False,
    "user": {"id": 1, "email": "John.Stiles@example.com"}, "users": [{"id": 2, "email": "jane@example.com"}],
    "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6]], "latency": 0.5, "big": 1e6, "cluster.name": "c",
    "quoted": 'say "hi"', "status": "404"})


def fits(pattern: str, message: str) -> bool:
    said = patterns.compiled(pattern)
    found = said.matches is None or said.matches(message)
    if found and said.within is not None:
        assert said.within(message.encode())
    return found


@pytest.mark.parametrize(("pattern", "fitting", "others"), [
    ("", ["", "anything"], []),
    ("ERROR", ["[ERROR 400] BAD", "an ERROR"], ["error", "ERR"]),
    ("ERROR ARGUMENTS", ["[ERROR] MISSING ARGUMENTS"], ["ERROR", "ARGUMENTS"]),
    ("?ERROR ?ARGUMENTS", ["ERROR", "ARGUMENTS", "ERROR ARGUMENTS"], ["none"]),
    ("ERROR -ARGUMENTS", ["ERROR 401"], ["ERROR ARGUMENTS", "401"]),
    ("?ERROR ?WARN -SKIP", ["ERROR", "WARN"], ["ERROR SKIP", "INFO"]),
    ("-INFO", ["ERROR", ""], ["INFO x"]),
    ('"INTERNAL SERVER ERROR"', ["x INTERNAL SERVER ERROR y"], ["INTERNAL ERROR SERVER"]),
    (r'"say \"hi\""', ['say "hi"'], ["say hi"]),
    ('-"a b" c', ["c a"], ["a b c"]),
    ("%AUTHORIZED%", ["UNAUTHORIZED"], ["authorized"]),
    ("%^ERR[0-9]{2}$%", ["ERR42"], ["ERR4", "xERR42"]),
    (r"%10\.10\.0\.1%", ["at 10.10.0.1"], ["10x10x0x1"]),
    ("%gray|grey%", ["grey"], ["green"]),
])
def test_terms(pattern: str, fitting: list[str], others: list[str]) -> None:
    assert [message for message in fitting if not fits(pattern, message)] == []
    assert [message for message in others if fits(pattern, message)] == []


@pytest.mark.parametrize("pattern", [
    '{ $.eventType = "UpdateTrail" }', '{ $.sourceIPAddress != 123.123.* }', '{ $.arrayKey[0] = "value" }',
    "{ $.objectList[1].id = 2 }", "{ $.SomeObject IS NULL }", "{ $.SomeOtherObject NOT EXISTS }", "{ $.ThisFlag IS TRUE }",
    "{ $.off is false }", '{ ($.user.id = 1) && ($.users[0].email = "jane@example.com") }',
    '{ $.user.email = "John.*" || $.coordinates[0][1] = 7 && $.actions[2] = nonmatch }',
    '{ ($.user.id = 9 || $.user.id = 1) && $.actions[2] = DELETE }', "{ $.latency < 1 }", "{ $.big >= 1e6 }",
    "{ $.latency > -1.5e-3 }", "{ $.user.id != 2 }", "{ $['cluster.name'] = c }", '{ $.["cluster.name"] = "c" }',
    "{$.eventType=UpdateTrail}", '{ $.eventType = "*Trail" }', "{ $.eventType = % ^Update% || $.eventType = %^Up% }",
    r'{ $.quoted = "say \"hi\"" }', "{ $.objectList[*].id = 2 }", "{ $.user.* = 1 }", "{ $.status = 404 }",
    '{ $.status = "4*" }', '{ $.user.id = "1" }', '{ $.eventType = "*" }',
])
def test_json_events_that_fit(pattern: str) -> None:
    assert fits(pattern, EVENT)


@pytest.mark.parametrize("pattern", [
    '{ $.eventType = "updatetrail" }', "{ $.sourceIPAddress != 111.111.* }", '{ $.arrayKey[0] = "another" }',
    "{ $.objectList[2].id = 2 }", "{ $.none IS NULL }", "{ $.SomeObject NOT EXISTS }", "{ $.off IS TRUE }", "{ $.none != 1 }",
    "{ $.latency > 1 }", "{ $.user.id = 1 && $.user.id = 2 }", "{ $.user = 1 }", '{ $.ThisFlag = "true" }',
    "{ $.eventType > 3 }", '{ $.eventType = "Trail" }'])
def test_json_events_that_do_not_fit(pattern: str) -> None:
    assert not fits(pattern, EVENT)


def test_what_is_no_json_fits_no_json_pattern() -> None:
    for message in ("", "text", "{broken", '"text"', "[" * 5000):
        assert not fits("{ $.a NOT EXISTS }", message)
    assert fits('{ $[0] = "a" }', ' ["a"]')


ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(("pattern", "fitting"), [
    ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", True),
    ("[ip, user, username, timestamp, request, status_code, bytes < 1000]", False),
    ("[..., request = *index.html*, status_code = 4*, bytes]", True),
    ("[ip, ...]", True), ("[..., bytes]", True), ("[ip, ..., bytes = 1534]", True), ("[ip, user]", False), ("[...]", True),
    ('[,,, timestamp, request = "GET *", status_code = 404 || status_code = 410, ]', True),
    ("[ip, , , , , status_code >= 400 && status_code < 500, bytes]", True),
    ("[ip = %127\\.0\\.0\\.[1-9]%, ...]", True), ("[ip != 127.*, ...]", False),
    ("[..., status_code != 4*, bytes]", False), ("[a, b, c, d, e, f, g, ..., h]", False),
    ("[a, b, c, d, e, f, g, ...]", True), ("[..., (s = 404 || s = 500) && s > 400, b]", True),
])
def test_columns(pattern: str, fitting: bool) -> None:
    assert fits(pattern, ACCESS) == fitting


@pytest.mark.parametrize("pattern", [
    "a-b", '"open', "%open", "%a(b)%", "{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "{ ($.a = 1 }", "{ $.a = 1 ) }", "{ }",
    "{ $.a IS MAYBE }", '{ $.a > "text" }', "{ $.a > text }", "[a, b", "[a b]", "[..., ...]", "[a = 1 || b = 2]", "[1a]",
    "{ $.a = %a% || $.b = %b% || $.c = %c% }", "[a = %x%, b = %y%, c = %z%]", "{ $.a < %x% }", "{ $.a && $.b }", "%[%"])
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(AwsError) as problem:
        patterns.compiled(pattern)
    assert problem.value.code == "InvalidParameterException"


def test_values_of_events_that_fit() -> None:
    said = patterns.compiled("[ip, user, , timestamp, ..., bytes]")
    assert said.values(ACCESS) == {"$ip": "127.0.0.1", "$user": "Prod", "$3": "frank",
                                   "$timestamp": "10/Oct/2000:13:25:15 -0700",
                                   "$5": "GET /index.html HTTP/1.0", "$6": "404", "$bytes": "1534"}
    assert said.field(ACCESS, "$bytes") == "1534"
    json_said = patterns.compiled("{ $.user.id = 1 && $.latency < 2 && $.none NOT EXISTS }")
    assert json_said.values(EVENT) == {"$.user.id": "1", "$.latency": "0.5"}
    assert json_said.field(EVENT, "$.users[0].id") == "2"


# --- random ones ---

words = st.text("abAB*", min_size=1, max_size=3)
values = st.one_of(st.integers(-3, 3), st.text("abAB", max_size=3), st.booleans(), st.none())
objects = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)


@given(st.lists(st.tuples(st.sampled_from(["", "-", "?"]), st.text("abc", min_size=1, max_size=2)), min_size=1, max_size=4),
       st.text("abc ", max_size=8))
def test_random_terms(terms: list[tuple[str, str]], message: str) -> None:
    have = {mark: [word in message for m, word in terms if m == mark] for mark in ("", "-", "?")}
    wanted = all(have[""]) and not any(have["-"]) and (bool(have[""]) or not have["?"] or any(have["?"]))
    assert fits(" ".join(mark + word for mark, word in terms), message) == wanted


def compared(value: Any, operator: str, wanted: str | int) -> bool:
    if value is None or isinstance(value, bool):
        return False
    if isinstance(wanted, int):
        number = value if isinstance(value, int) else None
        return number is not None and {"=": number == wanted, "!=": number != wanted, "<": number < wanted,
                                       ">": number > wanted, "<=": number <= wanted, ">=": number >= wanted}[operator]
    same = re.fullmatch(wanted.replace("*", ".*"), str(value)) is not None
    return same if operator == "=" else not same


conditions = st.one_of(
    st.tuples(st.sampled_from("xyz"), st.sampled_from(["=", "!="]), words),
    st.tuples(st.sampled_from("xyz"), st.sampled_from(["=", "!=", "<", ">", "<=", ">="]), st.integers(-3, 3)))


@given(st.lists(st.lists(conditions, min_size=1, max_size=3), min_size=1, max_size=3), objects)
def test_random_conditions(either: list[list[tuple[str, str, Any]]], event: dict[str, Any]) -> None:
    def written(condition: tuple[str, str, Any]) -> str:
        key, operator, value = condition
        return f"$.{key} {operator} " + (f'"{value}"' if isinstance(value, str) else str(value))

    pattern = "{ " + " || ".join("(" + " && ".join(map(written, both)) + ")" for both in either) + " }"
    wanted = any(all(key in event and compared(event[key], operator, value) for key, operator, value in both)
                 for both in either)
    assert fits(pattern, json.dumps(event)) == wanted


@given(st.lists(st.text('ab"[]\\ ', max_size=5), max_size=5), st.integers(1, 5))
def test_any_event_is_split_into_columns(parts: list[str], count: int) -> None:
    message = " ".join(parts)
    found = patterns.compiled("[" + ", ".join("c" + str(i) for i in range(count)) + "]")
    assert fits("[" + ", ".join("c" + str(i) for i in range(count)) + "]", message) == (len(found.values(message)) == count)
