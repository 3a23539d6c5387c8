"""Condition operators of policies, compiled once: `compile_block(block)` gives tests of a context."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

# A context gives the values of a key (always a list), or None when the key is not there.
Lookup = Callable[[str], "list[str] | None"]
Test = Callable[[Lookup], bool]
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Unsupported(ValueError):
    """An operator that AWS does not have."""


@lru_cache(8192)
def glob(pattern: str, fold: bool = False) -> Callable[[str], Any]:
    """`*` any text, `?` one character. Nothing else has a meaning."""
    text = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0)).fullmatch


def fill(text: str, look: Lookup) -> str | None:
    """Policy variables filled in; None when one has no value and no default. Filled-in text keeps no wildcards."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, comma, rest = found[1].partition(",")
        name = name.strip()
        if name in ("*", "?", "$"):
            return {"*": "\ue000", "?": "\ue001", "$": "$"}[name]
        got = look(name)
        if got:
            return got[0].replace("*", "\ue000").replace("?", "\ue001")
        if comma:
            return rest.strip().strip("'")
        missing = True
        return ""

    filled = _VARIABLE.sub(value, text)
    return None if missing else filled


def matches(pattern: str, text: str, fold: bool = False) -> bool:
    """A filled-in pattern against a text; characters that came from variables match themselves only."""
    if "\ue000" in pattern or "\ue001" in pattern:
        out = "".join(".*" if c == "*" else "." if c == "?" else re.escape({"\ue000": "*", "\ue001": "?"}.get(c, c))
                      for c in pattern)
        return re.fullmatch(out, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None
    return glob(pattern, fold)(text) is not None


def _plain(text: str) -> str:
    return text.replace("\ue000", "*").replace("\ue001", "?")


def _number(text: str) -> float:
    return float(text)


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _binary(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _in_network(value: str, network: str) -> bool:
    address, within = ipaddress.ip_address(value), ipaddress.ip_network(network, strict=False)
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
    "stringequals": (lambda v, w: v == _plain(w), False),
    "stringnotequals": (lambda v, w: v == _plain(w), True),
    "stringequalsignorecase": (lambda v, w: v.lower() == _plain(w).lower(), False),
    "stringnotequalsignorecase": (lambda v, w: v.lower() == _plain(w).lower(), True),
    "stringlike": (lambda v, w: matches(w, v), False),
    "stringnotlike": (lambda v, w: matches(w, v), True),
    "numericequals": (_compared(_number, _EQ), False),
    "numericnotequals": (_compared(_number, _EQ), True),
    "numericlessthan": (_compared(_number, _LT), False),
    "numericlessthanequals": (_compared(_number, _LE), False),
    "numericgreaterthan": (_compared(_number, _GT), False),
    "numericgreaterthanequals": (_compared(_number, _GE), False),
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


def compile_block(block: dict[str, Any]) -> list[tuple[str, Test]]:
    """The tests of a Condition block, each with the words that name it; all must hold."""
    tests = []
    for operator, pairs in block.items():
        for key, wanted in pairs.items():
            tests.append((f"{operator} {key}", _test(operator, key, [_text(w) for w in _listed(wanted)])))
    return tests


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _test(operator: str, key: str, wanted: list[str]) -> Test:
    qualifier, colon, name = operator.rpartition(":")
    name = name.lower()
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    qualifier = qualifier.lower() if colon else ""
    if name == "null" and not qualifier and not optional:
        return lambda look: (look(key) is None) in {w.lower() == "true" for w in wanted}
    if name not in OPERATORS or qualifier not in ("", "foranyvalue", "forallvalues"):
        raise Unsupported(operator)
    fits, negated = OPERATORS[name]

    def one(value: str, filled: list[str]) -> bool:
        return any(_fits(fits, value, w) for w in filled) != negated

    def test(look: Lookup) -> bool:
        values = look(key)
        if values is None:
            return optional or qualifier == "forallvalues" or (negated and not qualifier)
        filled = [f for f in (fill(w, look) if "${" in w else w for w in wanted) if f is not None]
        if qualifier == "forallvalues":
            return all(one(v, filled) for v in values)
        if qualifier == "foranyvalue" or not negated:
            return any(one(v, filled) for v in values)
        return all(one(v, filled) for v in values)

    return test


def _fits(fits: Callable[[str, str], bool], value: str, wanted: str) -> bool:
    """Values that are not of the operator's type fit nothing."""
    try:
        return fits(value, wanted)
    except (ValueError, binascii.Error):
        return False


__all__ = ["Lookup", "Test", "Unsupported", "compile_block", "fill", "glob", "matches"]
