"""`Filters` of Describe operations: names with several values, wildcards, tags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from cumulet.kernel import error

Facts = Mapping[str, str | Sequence[str]]


def matches(filters: Sequence[Mapping[str, Any]] | None, facts: Facts, tags: Mapping[str, str]) -> bool:
    """Do all filters hold? Values of one filter are alternatives. Raises for a filter that the operation has not."""
    for wanted in filters or ():
        name, values = wanted.get("Name", ""), wanted.get("Values", [])
        if name.startswith("tag:"):
            have: Sequence[str] = [tags[name[4:]]] if name[4:] in tags else []
        elif name == "tag-key":
            have = list(tags)
        elif name in facts:
            fact = facts[name]
            have = [fact] if isinstance(fact, str) else fact
        else:
            raise error.InvalidParameterValue(f"The filter '{name}' is invalid")
        if not any(_pattern(value).fullmatch(h) for value in values for h in have):
            return False
    return True


@lru_cache(1024)
def _pattern(value: str) -> re.Pattern[str]:
    """`*` and `?` are wildcards, `\\` takes their meaning away. What stands between two stars is taken where it comes first,
    for good: else a filter of many stars would be tried in more ways than there is time for."""
    parts, i = [""], 0
    while i < len(value):
        c = value[i]
        if c == "\\" and i + 1 < len(value):
            i += 1
            parts[-1] += re.escape(value[i])
        elif c == "*":
            parts.append("")
        else:
            parts[-1] += "." if c == "?" else re.escape(c)
        i += 1
    start, *between = parts
    end = f".*{between.pop()}" if between else ""
    return re.compile(start + "".join(f"(?>.*?{part})" for part in between if part) + end, re.DOTALL)


def flag(value: bool) -> str:
    return "true" if value else "false"
