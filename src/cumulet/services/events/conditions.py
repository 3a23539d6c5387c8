"""The conditions of event patterns: `"x"`, `{"prefix": "x"}`, `{"numeric": [">", 0]}`, and their like."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Scalar = str | int | Decimal | float | bool | None
Test = Callable[[Scalar], bool]
Condition = Callable[[list[Scalar]], bool]

_LARGEST = 5_000_000_000
_RELATIONS = ("=", "<", "<=", ">", ">=")


class BadPattern(Exception):
    """A pattern that EventBridge would refuse; the message says why."""


def is_condition(rule: Any) -> bool:
    """Is this object a condition, rather than a pattern?"""
    return isinstance(rule, dict) and len(rule) == 1 and next(iter(rule)) in _READERS


def condition(rule: Any) -> Condition:
    """A test of all values of a field: one must meet it."""
    if isinstance(rule, dict):
        if not is_condition(rule):
            raise BadPattern(f"Unrecognized match type {next(iter(rule), '')}")
        name, value = next(iter(rule.items()))
        if name == "exists":
            return _exists(value)
        test = _READERS[name](value)
    elif isinstance(rule, list):
        raise BadPattern("Match value must be String, number, true, false, or null")
    else:
        test = _same(rule)
    return lambda values: any(test(value) for value in values)


def _exists(value: Any) -> Condition:
    if not isinstance(value, bool):
        raise BadPattern("exists match pattern must be either true or false.")
    return lambda values: bool(values) == value


def _same(wanted: Scalar) -> Test:
    """Equal as it is written."""
    if isinstance(wanted, (bool, str)) or wanted is None:
        return lambda value: type(value) is type(wanted) and value == wanted
    text = str(wanted)
    return lambda value: isinstance(value, (int, Decimal, float)) and not isinstance(value, bool) and str(value) == text


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadPattern(f"{name} match pattern must be a string")
    return value


def _affix(name: str, value: Any, fits: Callable[[str, str], bool]) -> Test:
    """A prefix or suffix, perhaps whatever its case."""
    if isinstance(value, dict):
        if list(value) != ["equals-ignore-case"]:
            raise BadPattern(f"Unsupported anything-but pattern: {name}")
        folded = _text(name, value["equals-ignore-case"]).casefold()
        return lambda other: isinstance(other, str) and fits(other.casefold(), folded)
    text = _text(name, value)
    return lambda other: isinstance(other, str) and fits(other, text)


def _prefix(value: Any) -> Test:
    return _affix("prefix", value, str.startswith)


def _suffix(value: Any) -> Test:
    return _affix("suffix", value, str.endswith)


def _ignoring_case(value: Any) -> Test:
    folded = _text("equals-ignore-case", value).casefold()
    return lambda other: isinstance(other, str) and other.casefold() == folded


def _wildcard(value: Any) -> Test:
    r"""`*` stands for anything; `\*` and `\\` for themselves."""
    text = _text("wildcard", value)
    if re.search(r"(?<!\\)(?:\\\\)*\*\*", text):
        raise BadPattern("Consecutive wildcard characters at pos " + str(text.find("**")))
    parts, place = [""], 0
    while place < len(text):
        if text[place] == "\\":
            if text[place + 1:place + 2] not in ("*", "\\"):
                raise BadPattern("Invalid escape character at pos " + str(place))
            place += 1
        elif text[place] == "*":
            parts.append("")
            place += 1
            continue
        parts[-1] += re.escape(text[place])
        place += 1
    start, *between = parts
    # What stands between two stars is looked for once, where it comes first: later places need no trial.
    end = ".*" + between.pop() if between else ""
    pattern = re.compile(start + "".join(f"(?>.*?{part})" for part in between) + end, re.DOTALL)
    return lambda other: isinstance(other, str) and pattern.fullmatch(other) is not None


def _cidr(value: Any) -> Test:
    try:
        network = ipaddress.ip_network(_text("cidr", value), strict=False)
    except ValueError:
        raise BadPattern(f"Malformed CIDR, one '/' required: {value}") from None

    def fits(other: Scalar) -> bool:
        if not isinstance(other, str):
            return False
        try:
            address = ipaddress.ip_address(other)
        except ValueError:
            return False
        return address.version == network.version and address in network

    return fits


def _numeric(value: Any) -> Test:
    if not isinstance(value, list) or len(value) not in (2, 4):
        raise BadPattern("Invalid member in numeric match: " + str(value))
    pairs: list[tuple[Any, Any]] = [(value[i], value[i + 1]) for i in range(0, len(value), 2)]
    for relation, bound in pairs:
        if relation not in _RELATIONS:
            raise BadPattern(f"Unrecognized numeric range operator: {relation}")
        if isinstance(bound, bool) or not isinstance(bound, (int, Decimal)) or abs(Decimal(bound)) > _LARGEST:
            raise BadPattern(f"Value must be between -5.0E9 and 5.0E9: {bound}")
    if len(pairs) == 2:
        (first, low), (second, high) = pairs
        if first not in (">", ">=") or second not in ("<", "<="):
            raise BadPattern("Bad numeric range operator: " + str(value))
        if Decimal(low) >= Decimal(high):
            raise BadPattern("Bottom must be less than top")

    def fits(other: Scalar) -> bool:
        return (isinstance(other, (int, Decimal, float)) and not isinstance(other, bool)
                and all(_stands(other, relation, bound) for relation, bound in pairs))

    return fits


def _stands(value: Any, relation: str, bound: Any) -> bool:
    if isinstance(value, float):
        bound = float(bound)
    if relation == "=":
        return bool(value == bound)
    if relation[0] == "<":
        return bool(value <= bound if relation == "<=" else value < bound)
    return bool(value >= bound if relation == ">=" else value > bound)


def _anything_but(value: Any) -> Test:
    """Whatever meets none of these."""
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            raise BadPattern(f"Unsupported anything-but pattern: {next(iter(value), '')}")
        name, inner = next(iter(value.items()))
        each = inner if isinstance(inner, list) else [inner]
        if not each:
            raise BadPattern("Empty arrays are not allowed")
        tests = [_READERS[name](one) for one in each]
    else:
        each = value if isinstance(value, list) else [value]
        if not each or any(isinstance(one, (dict, list, bool)) or one is None for one in each):
            raise BadPattern("Inside anything-but list, start|null|boolean is not supported.")
        tests = [_same(one) for one in each]
    return lambda other: not any(test(other) for test in tests)


_READERS: dict[str, Callable[[Any], Test]] = {
    "exists": lambda value: lambda other: True, "prefix": _prefix, "suffix": _suffix, "wildcard": _wildcard, "cidr": _cidr,
    "equals-ignore-case": _ignoring_case, "numeric": _numeric, "anything-but": _anything_but}
