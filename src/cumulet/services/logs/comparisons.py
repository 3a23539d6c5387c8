"""What filter patterns compare with: texts with `*`, numbers, addresses, `%regular expressions%`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

from .names import invalid

Test = Callable[[str], bool]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_REGEX_TAKES = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+. ]*")
OPERATORS = ("!=", "<=", ">=", "=", "<", ">")


@lru_cache(maxsize=1024)
def number(text: str) -> float | None:
    """A text as a number, if it is one."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def regex(text: str) -> re.Pattern[str]:
    """What stands between two `%`."""
    if not _REGEX_TAKES.fullmatch(text):
        raise invalid(f"Invalid regular expression in filter pattern: '{text}'")
    try:
        return re.compile(text)
    except re.error:
        raise invalid(f"Invalid regular expression in filter pattern: '{text}'") from None


def wild(text: str) -> Test:
    """Equal to a text in which `*` stands for anything."""
    if "*" not in text:
        return text.__eq__
    if text == "*":
        return lambda value: True
    pattern = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
    return lambda value: pattern.fullmatch(value) is not None


def text_test(operator: str, value: str) -> Test:
    """The test of `= value` and `!= value` for a text."""
    if operator not in ("=", "!="):
        raise invalid(f"Invalid filter pattern: '{operator}' compares numbers only, and '{value}' is none")
    test = wild(value)
    return test if operator == "=" else lambda other: not test(other)


def number_test(operator: str, value: float) -> Callable[[float], bool]:
    """The test of a number."""
    return {"=": value.__eq__, "!=": value.__ne__, "<": lambda n: n < value, "<=": lambda n: n <= value,
            ">": lambda n: n > value, ">=": lambda n: n >= value}[operator]


def regex_test(operator: str, text: str) -> Test:
    """The test of `= %…%` and `!= %…%`."""
    if operator not in ("=", "!="):
        raise invalid(f"Invalid filter pattern: '{operator}' cannot be used with a regular expression")
    found = regex(text).search
    return (lambda value: found(value) is not None) if operator == "=" else (lambda value: found(value) is None)
