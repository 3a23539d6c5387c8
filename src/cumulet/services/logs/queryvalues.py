"""The values and functions of Logs Insights.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

Value = Any                            # None where there is none

_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
          "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800}
_MONTHS = {"mo": 1, "q": 3, "qtr": 3, "y": 12}
_PERIOD = re.compile(r"(\d+)\s*([a-z]+)")


def number(value: Value) -> float | None:
    """A value as a number, if it is one."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            found = float(value)
        except ValueError:
            return None
        return found if math.isfinite(found) else None
    return None


def text(value: Value) -> str:
    """A value as results show it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(round(value, 4))
    return str(value) if isinstance(value, int) else msgspec.json.encode(value).decode()


def moment(milliseconds: float) -> str:
    """A time as Insights shows it."""
    whole = datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{whole}.{int(milliseconds % 1000):03d}"


def truth(value: Value) -> bool:
    return value is not None and value is not False and value not in (0, "", "false", "0")


def same(a: Value, b: Value) -> bool:
    if type(a) is str and type(b) is str:
        return a == b
    left, right = number(a), number(b)
    if left is not None and right is not None:
        return left == right
    return a is not None and b is not None and text(a) == text(b)


def before(a: Value, b: Value) -> bool | None:
    """Is one less than the other? None when one is missing."""
    if a is None or b is None:
        return None
    left, right = number(a), number(b)
    if left is not None and right is not None:
        return left < right
    return text(a) < text(b)


def floors(period: str, up: bool = False) -> Callable[[list[Value]], list[Value]]:
    """What gives the beginning (or the end) of the periods that times are in."""
    found = _PERIOD.fullmatch(period.lower())
    unit = found[2] if found else ""
    unit = unit if unit in _UNITS or unit in _MONTHS else unit.rstrip("s")
    if found is None or (unit not in _UNITS and unit not in _MONTHS) or int(found[1]) < 1:
        raise ValueError(period)
    count = int(found[1])
    if unit in _MONTHS:
        return lambda values: [None if at is None else _month(at, count * _MONTHS[unit], up) for at in map(number, values)]
    step = int(count * _UNITS[unit] * 1000)

    def floor(values: list[Value]) -> list[Value]:
        if up:
            return [None if at is None else int(-(-at // step) * step) for at in map(number, values)]
        if set(map(type, values)) == {int}:
            return [at // step * step for at in values]
        return [None if at is None else int(at // step * step) for at in map(number, values)]

    return floor


def _month(milliseconds: float, months: int, up: bool) -> int:
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    first = (at.year * 12 + at.month - 1) // months * months + (months if up else 0)
    return int(datetime(first // 12, first % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)


def _numeric(fn: Callable[..., float]) -> Callable[..., Value]:
    def run(*values: Value) -> Value:
        found = [number(value) for value in values]
        if any(value is None for value in found):
            return None
        try:
            return fn(*found)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
    return run


def _texts(fn: Callable[..., Value]) -> Callable[..., Value]:
    def run(*values: Value) -> Value:
        return None if any(value is None for value in values) else fn(*map(text, values))
    return run


def _substring(value: str, start: str, length: str = "") -> str:
    begin = int(float(start))
    return value[begin:begin + int(float(length))] if length else value[begin:]


def _strip(side: str) -> Callable[..., str]:
    return lambda value, letters="": getattr(value, side)(letters or None)


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _within(value: str, network: str) -> bool:
    address = _address(value)
    try:
        net = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
    return address is not None and address.version == net.version and address in net


def _version(value: str) -> int:
    address = _address(value)
    return address.version if address is not None else 0


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": _numeric(abs), "ceil": _numeric(math.ceil), "floor": _numeric(math.floor), "log": _numeric(math.log),
    "sqrt": _numeric(math.sqrt), "greatest": _numeric(max), "least": _numeric(min),
    "strlen": _texts(len), "concat": lambda *values: "".join(map(text, values)), "toupper": _texts(str.upper),
    "tolower": _texts(str.lower), "trim": _texts(_strip("strip")), "ltrim": _texts(_strip("lstrip")),
    "rtrim": _texts(_strip("rstrip")), "substr": _texts(_substring), "replace": _texts(str.replace),
    "strcontains": _texts(lambda value, part: int(part in value)),
    "isempty": lambda value: value is None or value == "", "isblank": lambda value: value is None or not text(value).strip(),
    "ispresent": lambda value: value is not None,
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "frommillis": _numeric(lambda value: value), "tomillis": _numeric(lambda value: value),
    "isvalidip": _texts(lambda value: _version(value) != 0), "isvalidipv4": _texts(lambda value: _version(value) == 4),
    "isvalidipv6": _texts(lambda value: _version(value) == 6), "isipinsubnet": _texts(_within),
    "isipv4insubnet": _texts(lambda value, net: _version(value) == 4 and _within(value, net)),
    "isipv6insubnet": _texts(lambda value, net: _version(value) == 6 and _within(value, net))}
PERIODS = {"bin": False, "datefloor": False, "dateceil": True}
