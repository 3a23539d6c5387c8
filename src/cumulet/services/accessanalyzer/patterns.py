"""One pattern within another, both as texts."""

from __future__ import annotations

import re
from functools import lru_cache


def match(pattern: str, text: str, fold: bool) -> bool:
    """Is all that the text means within the pattern?"""
    return _compiled(pattern, fold).fullmatch(text) is not None


@lru_cache(4096)
def _compiled(pattern: str, fold: bool) -> re.Pattern[str]:
    """What stands between two stars is looked for once, where it comes first: to try every place takes time without end."""
    # One character is not any number of them.
    first, *rest = (re.escape(part).replace(r"\?", "[^*]") for part in pattern.split("*"))
    found = first + "".join(f"(?>.*?{part})" for part in rest[:-1]) + "".join(f".*{part}" for part in rest[-1:])
    return re.compile(found, re.I | re.S if fold else re.S)
