"""What policies say: matching, conditions, variables."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel.access import keys
from cumulet.kernel.access.conditions import compile_block
from cumulet.kernel.access.patterns import arn_glob, glob, matches
from cumulet.kernel.access.policy import compiled

Values = dict[str, list[str]]


def look(values: Values) -> Any:
    folded = {k.lower(): v for k, v in values.items()}
    return lambda key: folded.get(key.lower())


def holds(block: dict[str, Any], values: Values) -> bool:
    return all(test(look(values)) for _, test in compile_block(block))


def covers(statement: dict[str, Any], action: str, resource: str, values: Values | None = None) -> bool:
    policy = compiled(json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}}))
    found, given = policy.statements[0], look(values or {})
    return found.does(action) and found.at(resource, given) and found.holds(given)


@pytest.mark.parametrize(("statement", "action", "resource", "expected"), [
    ({"Action": "s3:GetObject", "Resource": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
    ({"Action": "S3:get*", "Resource": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
    ({"Action": "s3:GetObjec?", "Resource": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
    ({"Action": ["sqs:*", "s3:Put*"], "Resource": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"NotAction": "iam:*", "Resource": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
    ({"Action": "*", "Resource": []}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*", "NotResource": []}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
    ({"NotAction": "s3:*", "Resource": "*"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/*"}, "s3:GetObject", "arn:aws:s3:::b/k/l", True),
    ({"Action": "*", "Resource": "arn:aws:s3:::b"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*", "Resource": "arn:aws:s3:::B/*"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*", "NotResource": "arn:aws:s3:::b/*"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}, "s3:GetObject", "arn:aws:s3:::b/ann/k", True),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}, "s3:GetObject", "arn:aws:s3:::b/ben/k", False),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/${aws:nothing}/*"}, "s3:GetObject", "arn:aws:s3:::b//k", False),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/${aws:nothing, 'x'}/*"}, "s3:GetObject", "arn:aws:s3:::b/x/k", True),
    ({"Action": "*", "Resource": "arn:aws:sqs:us-*-1:1:q"}, "sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q", True),
    ({"Action": "*", "Resource": "arn:aws:sqs:us*1:1:q"}, "sqs:SendMessage", "arn:aws:sqs:us:1:1:q", False),
    ({"Action": "*", "Resource": "arn:aws:sqs:us?1:1:q"}, "sqs:SendMessage", "arn:aws:sqs:us:1:1:q", False),
    ({"Action": "*", "Resource": "arn:aws:sqs:us*:1:q"}, "sqs:SendMessage", "arn:aws:sqs:us:x:1:q", True),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/${*}"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ({"Action": "*", "Resource": "arn:aws:s3:::b/${*}"}, "s3:GetObject", "arn:aws:s3:::b/*", True),
])
def test_statements(statement: dict[str, Any], action: str, resource: str, expected: bool) -> None:
    assert covers(statement, action, resource, {"aws:username": ["ann"]}) == expected


def test_wildcards_in_values_match_only_themselves() -> None:
    statement = {"Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}
    assert not covers(statement, "s3:GetObject", "arn:aws:s3:::b/ann", {"aws:username": ["*"]})
    assert covers(statement, "s3:GetObject", "arn:aws:s3:::b/*", {"aws:username": ["*"]})


@pytest.mark.parametrize(("block", "expected"), [
    ({"StringEquals": {"k": "ann"}}, True), ({"StringEquals": {"k": ["ben", "ann"]}}, True),
    ({"StringEquals": {"k": "Ann"}}, False), ({"StringEqualsIgnoreCase": {"k": "ANN"}}, True),
    ({"StringEquals": {"k": "a*"}}, False), ({"StringLike": {"k": "a*"}}, True), ({"StringNotLike": {"k": "a*"}}, False),
    ({"StringNotEquals": {"k": ["ben", "ann"]}}, False), ({"StringNotEquals": {"k": "ben"}}, True),
    ({"StringEquals": {"none": "ann"}}, False), ({"StringNotEquals": {"none": "ann"}}, True),
    ({"StringEqualsIfExists": {"none": "ann"}}, True), ({"StringEqualsIfExists": {"k": "ben"}}, False),
    ({"Null": {"none": "true"}}, True), ({"Null": {"k": "true"}}, False), ({"Null": {"k": False}}, True),
    ({"NumericLessThan": {"n": "10"}}, True), ({"NumericLessThan": {"n": 9.5}}, True), ({"NumericEquals": {"n": "9.0"}}, True),
    ({"NumericGreaterThanEquals": {"n": 9}}, True), ({"NumericGreaterThan": {"k": 9}}, False),
    ({"NumericNotEquals": {"n": 9}}, False),
    ({"DateLessThan": {"t": "2026-01-02T00:00:00Z"}}, True), ({"DateGreaterThan": {"t": "2026-01-02"}}, False),
    ({"DateEquals": {"t": 1767225600}}, True),
    ({"Bool": {"b": "true"}}, True), ({"Bool": {"b": False}}, False),
    ({"IpAddress": {"ip": "10.0.0.0/8"}}, True), ({"IpAddress": {"ip": ["192.168.0.0/16", "10.1.2.3"]}}, True),
    ({"NotIpAddress": {"ip": "10.0.0.0/8"}}, False), ({"IpAddress": {"ip": "::/0"}}, False),
    ({"ArnLike": {"arn": "arn:aws:sns:*:1:*"}}, True), ({"ArnEquals": {"arn": "arn:aws:sqs:*:1:*"}}, False),
    ({"ArnLike": {"arn": "arn:*"}}, False), ({"ArnNotLike": {"arn": "arn:aws:sns:*:1:t"}}, False),
    ({"BinaryEquals": {"bin": "QUJD"}}, True),
    ({"ForAnyValue:StringEquals": {"many": ["a", "x"]}}, True), ({"ForAllValues:StringEquals": {"many": ["a", "x"]}}, False),
    ({"ForAllValues:StringEquals": {"many": ["a", "b", "c"]}}, True), ({"ForAllValues:StringEquals": {"none": "a"}}, True),
    ({"ForAnyValue:StringEquals": {"none": "a"}}, False), ({"ForAnyValue:StringLike": {"many": "b*"}}, True),
    ({"StringEquals": {"k": "${aws:username}"}}, True), ({"StringEquals": {"k": "ann", "b": "false"}}, False),
    ({"StringEquals": {"k": "ann"}, "Bool": {"b": "true"}}, True),
])
def test_conditions(block: dict[str, Any], expected: bool) -> None:
    values = {"k": ["ann"], "n": ["9"], "t": ["2026-01-01T00:00:00Z"], "b": ["true"], "ip": ["10.1.2.3"], "many": ["a", "b"],
              "arn": ["arn:aws:sns:eu-west-1:1:t"], "bin": ["QUJD"], "aws:username": ["ann"]}
    assert holds(block, values) == expected


@given(st.text(max_size=20), st.text("ab*?", max_size=8))
def test_globs(text: str, pattern: str) -> None:
    def slow(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "*":
            return slow(p[1:], t) or (bool(t) and slow(p, t[1:]))
        return bool(t) and p[0] in ("?", t[0]) and slow(p[1:], t[1:])

    for one in (text, "".join("ab"[ord(c) % 2] for c in text)):
        assert bool(glob(pattern)(one)) == matches(pattern, one) == slow(pattern, one)


@given(st.text("ab:*?", max_size=9), st.text("ab*?:", max_size=6), st.text("ab:", max_size=14))
def test_globs_of_arns(beginning: str, end: str, text: str) -> None:
    """In the first five parts a wildcard stays in its part, but for a star at the end of one."""
    pattern = beginning + ":" * max(0, 5 - beginning.count(":")) + end

    def slow(at: int, t: str) -> bool:
        if at == len(pattern):
            return not t
        free = pattern.count(":", 0, at) >= 5
        within = bool(t) and (free or t[0] != ":")
        if pattern[at] == "*":
            far = free or pattern[at + 1] == ":"
            return slow(at + 1, t) or (bool(t) and (far or within) and slow(at, t[1:]))
        return (within if pattern[at] == "?" else t[:1] == pattern[at]) and slow(at + 1, t[1:])

    assert bool(arn_glob(pattern)(text)) == slow(0, text)


@given(st.integers(0, 10**12 - 1), st.integers(0))
def test_keys_tell_their_account(account: int, number: int) -> None:
    text = f"{account:012}"
    key = keys.make("ASIA", text, number)
    assert len(key) == 20
    assert keys.made_here(key) == keys.account_in(key) == text


def test_strangers_are_not_ours() -> None:
    assert [keys.made_here(k) for k in ("AKIAIOSFODNN7EXAMPLE", "AKIA" + "A" * 16, "AKIA1111111111111111", "test")] == [""] * 4
    assert keys.account_in("ASIAQNZGKIQY56JQ7WML") == "029608264753"
