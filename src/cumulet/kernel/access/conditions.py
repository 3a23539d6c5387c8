"""Condition operators of policies, compiled once: `compile_block(block)` gives tests of a context.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from .patterns import Lookup, fill, matches, plain

Test = Callable[[Lookup], bool]


class Unsupported(ValueError):
    """An operator that AWS does not have."""


def _moment(text: str) -> float:
    """Seconds since 1970, or a date of ISO 8601 (a month is its first day); one without a zone is of UTC."""
    try:
        return float(text)
    except ValueError:
        if len(text) == len("2020-01"):
            text += "-01"
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _binary(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


@lru_cache(4096)
def _network(text: str) -> Any:
    return ipaddress.ip_network(text, strict=False)


def _in_network(value: str, network: str) -> bool:
    address, within = ipaddress.ip_address(value), _network(network)
    return address.version == within.version and address in within


def _arn_like(value: str, pattern: str) -> bool:
    """Each of the six parts of an ARN by itself."""
    left, right = value.split(":", 5), pattern.split(":", 5)
    return len(left) == 6 and len(right) == 6 and all(matches(p, v) for v, p in zip(left, right, strict=True))


def _compared(convert: Callable[[str], Any], relation: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    return lambda value, wanted: relation(convert(value), convert(wanted))


_EQ: Callable[[Any, Any], bool] = lambda a, b: bool(a == b)          # noqa: E731
_LT: Callable[[Any, Any], bool] = lambda a, b: bool(a < b)           # noqa: E731
_LE: Callable[[Any, Any], bool] = lambda a, b: bool(a <= b)          # noqa: E731
_GT: Callable[[Any, Any], bool] = lambda a, b: bool(a > b)           # noqa: E731
_GE: Callable[[Any, Any], bool] = lambda a, b: bool(a >= b)          # noqa: E731

# operator → (does one value fit one wanted text, is it the negated form)
OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "stringequals": (lambda v, w: v == w, False),
    "stringnotequals": (lambda v, w: v == w, True),
    "stringequalsignorecase": (lambda v, w: v.lower() == w.lower(), False),
    "stringnotequalsignorecase": (lambda v, w: v.lower() == w.lower(), True),
    "stringlike": (lambda v, w: matches(w, v), False),
    "stringnotlike": (lambda v, w: matches(w, v), True),
    "numericequals": (_compared(float, _EQ), False),
    "numericnotequals": (_compared(float, _EQ), True),
    "numericlessthan": (_compared(float, _LT), False),
    "numericlessthanequals": (_compared(float, _LE), False),
    "numericgreaterthan": (_compared(float, _GT), False),
    "numericgreaterthanequals": (_compared(float, _GE), False),
    "dateequals": (_compared(_moment, _EQ), False),
    "datenotequals": (_compared(_moment, _EQ), True),
    "datelessthan": (_compared(_moment, _LT), False),
    "datelessthanequals": (_compared(_moment, _LE), False),
    "dategreaterthan": (_compared(_moment, _GT), False),
    "dategreaterthanequals": (_compared(_moment, _GE), False),
    "bool": (lambda v, w: v.lower() == w.lower(), False),
    "binaryequals": (_compared(_binary, _EQ), False),
    "ipaddress": (_in_network, False),
    "notipaddress": (_in_network, True),
    "arnequals": (_arn_like, False),
    "arnlike": (_arn_like, False),
    "arnnotequals": (_arn_like, True),
    "arnnotlike": (_arn_like, True),
}


def compile_block(block: dict[str, Any], variables: bool = True) -> list[tuple[str, Test]]:
    """The tests of a Condition block, each with the words that name it; all must hold.

    variables: False in policies of version 2008-10-17, where `${…}` is plain text.
    """
    tests = []
    for operator, pairs in block.items():
        for key, wanted in pairs.items():
            texts = [_text(w) for w in _listed(wanted)]
            tests.append((f"{operator} {key}", _test(operator, key, texts, variables)))
    return tests


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _test(operator: str, key: str, wanted: list[str], variables: bool) -> Test:
    qualifier, colon, name = operator.rpartition(":")
    name = name.lower()
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    qualifier = qualifier.lower() if colon else ""
    if name == "null" and not qualifier and not optional:
        absent = {w.lower() == "true" for w in wanted}
        return lambda look: (not look(key)) in absent
    if name not in OPERATORS or qualifier not in ("", "foranyvalue", "forallvalues"):
        raise Unsupported(operator)
    fits, negated = OPERATORS[name]
    fills = variables and any("${" in w for w in wanted)
    reads = _pattern if name.endswith("like") or name.startswith("arn") else plain

    def one(value: str, filled: list[str]) -> bool:
        return any(_fits(fits, value, w) for w in filled) != negated

    def test(look: Lookup) -> bool:
        values = look(key)
        if values is None:
            return optional or qualifier == "forallvalues" or (negated and not qualifier)
        filled = [reads(f) for f in (fill(w, look) for w in wanted) if f is not None] if fills else wanted
        if qualifier == "forallvalues":
            return all(one(v, filled) for v in values)
        if qualifier == "foranyvalue" or not negated:
            return any(one(v, filled) for v in values)
        return all(one(v, filled) for v in values)

    return test


def _pattern(text: str) -> str:
    """A filled-in text where wildcards mean something: those of variables stay marked."""
    return text


def _fits(fits: Callable[[str, str], bool], value: str, wanted: str) -> bool:
    """Values that are not of the operator's type fit nothing."""
    try:
        return fits(value, wanted)
    except (ValueError, binascii.Error):
        return False
