"""Storage Lens groups: which objects belong together, by prefix, suffix, tags, age and size.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3LensErrorCodeList
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .lens import bad

OPERATORS = ("And", "Or")
_LISTS = {"MatchAnyPrefix": "Prefix", "MatchAnySuffix": "Suffix", "MatchAnyTag": "Tag"}
_RANGES = {"MatchObjectAge": "Days", "MatchObjectSize": "Bytes"}
_MOST = 10
_LONGEST = 1024
_LARGEST = 50 << 40                              # bytes of an object


def check(condition: Mapping[str, Any]) -> None:
    """The filter of a group, or an error."""
    given = [name for name in (*OPERATORS, *_LISTS, *_RANGES) if condition.get(name) is not None]
    if not given:
        raise bad("InvalidFilter", "A filter must include one of the following elements: And, Or, MatchAnyTag, MatchAnyPrefix, "
                  "MatchAnySuffix, MatchObjectAge, MatchObjectSize.")
    if len(given) > 1:
        raise bad("InvalidFilter", "A filter with more than one condition must join them with And or Or.")
    inner = condition[given[0]] if given[0] in OPERATORS else condition
    parts = [name for name in (*_LISTS, *_RANGES) if inner.get(name) is not None]
    if given[0] in OPERATORS and len(parts) < 2:
        raise bad("InvalidLogicalOperator", "At least two sub elements must be present in the logical operators And or Or.")
    for name in parts:
        if name in _LISTS:
            _check_list(name, inner[name])
        else:
            _check_range(name, inner[name])


def _check_list(name: str, values: Sequence[Any]) -> None:
    kind = _LISTS[name]
    if not values:
        raise bad(f"Invalid{name}", f"The {name} parameter can't be empty.")
    if len(values) > _MOST:
        raise bad("TooManyElements", f"The {name} exceeds the maximum number of elements allowed within a logical operator. "
                  "Only 10 prefixes, suffixes, or tags are allowed.")
    if len({str(one) for one in values}) < len(values):
        raise bad("DuplicateElement", f"{name} includes duplicate elements.")
    if kind != "Tag" and not all(1 <= len(one) <= _LONGEST for one in values):
        raise bad(f"Invalid{kind}", f"The maximum length of a {kind.lower()} is 1,024 characters. The {kind.lower()} string "
                  "can't be empty.")


def _check_range(name: str, said: Mapping[str, Any]) -> None:
    unit = _RANGES[name]
    least, most = said.get(f"{unit}GreaterThan"), said.get(f"{unit}LessThan")
    if least is None and most is None:
        raise bad(f"Invalid{name}", f"The {name} parameter can't be empty.")
    numbers = [one for one in (least, most) if one is not None]
    if unit == "Days" and min(numbers) <= 0:
        raise bad("InvalidAge", "DaysLessThan and DaysGreaterThan must be positive numbers.")
    if unit == "Bytes" and (min(numbers) <= 0 or max(numbers) > _LARGEST):
        raise bad("InvalidSize", "BytesLessThan and BytesGreaterThan must be positive numbers. The maximum object size can't "
                  "exceed 50 TB.")
    if least is not None and most is not None and least >= most:
        raise bad("InvalidNumericCombination", "This object age or object size combination isn't valid.")
