"""Filter policies: read, checked in AWS's words, and compiled once into a function of a message.

A policy is a tree of property names over lists of conditions. Each property must have a value that meets one of its
conditions; `$or` takes the place of a property where one of several sub-policies is enough.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

MOST_KEYS = 5
MOST_COMBINATIONS = 150
_LARGEST = 1_000_000_000
_MOST_BYTES = 262_144

Scalar = str | int | float | bool | None
Test = Callable[[Scalar], bool]
Match = Callable[[Mapping[str, Any]], bool]


class BadPolicy(Exception):
    """A policy that AWS would refuse; the message is AWS's."""


class TooComplex(BadPolicy):
    """A policy over AWS's limits."""


@lru_cache(maxsize=4096)
def compiled(text: str, nested: bool) -> Match:
    """The test that a policy makes of a message. nested: scope MessageBody. Raises BadPolicy."""
    if len(text) > _MOST_BYTES:
        raise TooComplex("Filter policy is too large.")
    try:
        policy = json.loads(text)
    except ValueError:
        raise BadPolicy("failed to parse JSON.") from None
    if not isinstance(policy, dict):
        raise BadPolicy("failed to parse JSON.")
    if not policy:
        return lambda values: True
    compiler = _Compiler(nested)
    match = compiler.object(policy, 1)
    if len(compiler.keys) > MOST_KEYS:
        raise TooComplex(f"Filter policy can not have more than {MOST_KEYS} keys")
    if compiler.combinations(policy, 1) > MOST_COMBINATIONS:
        raise TooComplex("Filter policy is too complex")
    return match


class _Compiler:
    def __init__(self, nested: bool) -> None:
        self.nested = nested
        self.keys: set[str] = set()

    def object(self, policy: Mapping[str, Any], depth: int, path: str = "") -> Match:
        tests = [self.property(name, rule, depth, path) for name, rule in policy.items()]
        if len(tests) == 1:
            return tests[0]
        return lambda values: all(test(values) for test in tests)

    def property(self, name: str, rule: Any, depth: int, path: str) -> Match:
        if name == "$or" and _is_or(rule):
            options = [self.object(each, depth, path) for each in rule]
            return lambda values: any(option(values) for option in options)
        if isinstance(rule, dict):
            if not self.nested:
                raise BadPolicy("Filter policy scope MessageAttributes does not support nested filter policy")
            if not rule:
                raise BadPolicy("Empty objects are not allowed")
            inner = self.object(rule, depth + 1, f"{path}{name}.")
            return lambda values: any(inner(each) for each in _objects(values.get(name)))
        if not isinstance(rule, list):
            raise BadPolicy(f'"{name}" must be an object or an array')
        if not rule:
            raise BadPolicy("Empty arrays are not allowed")
        self.keys.add(path + name)
        return _leaf(name, rule)

    def combinations(self, policy: Mapping[str, Any], depth: int) -> int:
        """How many ways there are to meet it: values multiplied, each as often as it is deep."""
        product = 1
        for name, rule in policy.items():
            if isinstance(rule, dict):
                product *= self.combinations(rule, depth + 1)
            elif name == "$or" and _is_or(rule):
                product *= sum(self.combinations(each, depth) for each in rule)
            else:
                product *= len(rule) * depth
        return product


def _is_or(rule: Any) -> bool:
    """Alternatives are two policies or more; a list of conditions belongs to a property that is called `$or`."""
    return (isinstance(rule, list) and len(rule) > 1
            and all(isinstance(each, dict) and each and not each.keys() <= _OPERATORS.keys() for each in rule))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """What a nested policy looks into; where there is nothing, an empty object (`exists: false` holds there)."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)
    else:
        yield {}


def _scalars(value: Any) -> list[Scalar]:
    if isinstance(value, list):
        return [scalar for each in value for scalar in _scalars(each)]
    return [] if isinstance(value, dict) else [value]


def _leaf(name: str, rule: list[Any]) -> Match:
    """The test of one property: one of its values meets one of the conditions."""
    if any(isinstance(each, list) for each in rule):
        raise BadPolicy("Match value must be String, number, true, false, or null")
    exact = frozenset(_key(each) for each in rule if not isinstance(each, dict))
    exists: set[bool] = set()
    tests: list[Test] = []
    for each in rule:
        if isinstance(each, dict):
            _condition(each, exists, tests)
        else:
            _check_number(each)

    def match(values: Mapping[str, Any]) -> bool:
        found = _scalars(values[name]) if name in values else []
        if not found:
            return False in exists
        if True in exists:
            return True
        return any(_key(value) in exact for value in found) or any(test(value) for test in tests for value in found)

    return match


def _key(value: Any) -> tuple[str, Any]:
    """Equal for values that a policy takes for equal: 1 is 1.0, but not true and not "1"."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | float):
        return "number", round(float(value), 5)
    return ("null", None) if value is None else ("string", value)


def _condition(rule: Mapping[str, Any], exists: set[bool], tests: list[Test]) -> None:
    if len(rule) != 1:
        raise BadPolicy("Only one key allowed in match expression")
    operator, operand = next(iter(rule.items()))
    if operator == "exists":
        if not isinstance(operand, bool):
            raise BadPolicy("exists match pattern must be either true or false.")
        exists.add(operand)
        return
    make = _OPERATORS.get(operator)
    if make is None:
        raise BadPolicy(f"Unrecognized match type {operator}")
    tests.append(make(operand))


def _text(operand: Any, operator: str) -> str:
    if not isinstance(operand, str):
        raise BadPolicy(f"{operator} match pattern must be a string")
    return operand


def _prefix(operand: Any) -> Test:
    start = _text(operand, "prefix")
    return lambda value: isinstance(value, str) and value.startswith(start)


def _suffix(operand: Any) -> Test:
    end = _text(operand, "suffix")
    return lambda value: isinstance(value, str) and value.endswith(end)


def _equals_ignore_case(operand: Any) -> Test:
    text = _text(operand, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == text


def _wildcard(operand: Any) -> Test:
    text = _text(operand, "wildcard")
    if "**" in text:
        raise BadPolicy("Consecutive wildcard characters are not allowed")
    start, *between = text.split("*")
    if not between:
        return lambda value: value == text
    end = between.pop()
    return lambda value: isinstance(value, str) and _holds(value, start, between, end)


def _holds(value: str, start: str, between: list[str], end: str) -> bool:
    """Part after part, each at its first place: it takes no longer than the text is long, whatever the policy says."""
    if len(value) < len(start) + len(end) or not value.startswith(start) or not value.endswith(end):
        return False
    at, last = len(start), len(value) - len(end)
    for part in between:
        at = value.find(part, at, last)
        if at < 0:
            return False
        at += len(part)
    return True


def _cidr(operand: Any) -> Test:
    text = _text(operand, "cidr")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadPolicy(f"Malformed CIDR, one '/' required: {text}" if text.count("/") != 1
                        else f"Malformed CIDR: {text}") from None
    if "/" not in text:
        raise BadPolicy("Malformed CIDR, one '/' required")

    def test(value: Scalar) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _anything_but(operand: Any) -> Test:
    if isinstance(operand, dict):
        if len(operand) != 1 or "prefix" not in operand:
            raise BadPolicy(f"Unsupported anything-but pattern: {next(iter(operand), '')}")
        start = _text(operand["prefix"], "prefix")
        return lambda value: not (isinstance(value, str) and value.startswith(start))
    values = operand if isinstance(operand, list) else [operand]
    if not values or not all(isinstance(each, str | int | float) and not isinstance(each, bool) for each in values):
        raise BadPolicy("Inside anything but list, start|null|boolean is not supported.")
    for each in values:
        _check_number(each)
    excluded = frozenset(_key(each) for each in values)
    return lambda value: _key(value) not in excluded


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: round(a - b, 5) == 0, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}


def _numeric(operand: Any) -> Test:
    """`["=", 5]`, `[">", 0]`, `[">=", 0, "<", 100]`."""
    if not isinstance(operand, list) or not operand:
        raise BadPolicy("Value of numeric must be an array" if operand != [] else "Invalid member in numeric match: ]")
    first = operand[0]
    if not isinstance(first, str):
        raise BadPolicy(f"Invalid member in numeric match: {json.dumps(first)}")
    if first not in _COMPARISONS:
        raise BadPolicy(f"Unrecognized numeric range operator: {first}")
    if len(operand) == 1 or not _is_number(operand[1]):
        raise BadPolicy(f"Value of {first} must be numeric")
    bounds: list[tuple[Callable[[float, float], bool], float]] = [(_COMPARISONS[first], _check_number(operand[1]))]
    if len(operand) > 2:
        bounds.append(_upper(operand, first))
        if operand[3] <= operand[1]:
            raise BadPolicy("Bottom must be less than top")
    return lambda value: _is_number(value) and all(holds(float(value), bound) for holds, bound in bounds)  # type: ignore[arg-type]


def _upper(operand: list[Any], first: str) -> tuple[Callable[[float, float], bool], float]:
    second = operand[2]
    if first not in (">", ">="):
        raise BadPolicy("Too many elements in numeric expression")
    if second not in ("<", "<="):
        raise BadPolicy(f"Bad numeric range operator: {second}")
    if len(operand) == 3 or not _is_number(operand[3]):
        raise BadPolicy(f"Value of {second} must be numeric")
    if len(operand) > 4:
        raise BadPolicy("Too many terms in numeric range expression")
    return _COMPARISONS[second], _check_number(operand[3])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_number(value: Any) -> float:
    if _is_number(value) and not -_LARGEST <= value <= _LARGEST:
        raise BadPolicy(f"Numeric values must be between -{_LARGEST} and {_LARGEST}")
    return float(value) if _is_number(value) else 0.0


_OPERATORS: dict[str, Callable[[Any], Test]] = {
    "prefix": _prefix, "suffix": _suffix, "equals-ignore-case": _equals_ignore_case, "wildcard": _wildcard, "cidr": _cidr,
    "anything-but": _anything_but, "numeric": _numeric, "exists": lambda operand: lambda value: False,
}


def attributes_seen(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Message attributes as a policy sees them: texts, numbers and the elements of arrays; binary ones are not seen."""
    seen: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, text = attribute["DataType"], attribute.get("StringValue")
        if text is None:
            continue
        if kind == "String.Array":
            try:
                value = json.loads(text)
            except ValueError:
                value = text
            seen[name] = value
        elif kind.startswith("Number"):
            number = float(text)
            seen[name] = number
        else:
            seen[name] = text
    return seen


def body_seen(message: str) -> dict[str, Any] | None:
    """A message's body as a policy sees it; None when it is no JSON object (no policy matches that)."""
    try:
        body = json.loads(message)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
