"""Patterns of policies: `*` and `?`, policy variables, and ARNs, whose wildcards keep to their part.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

# A context gives the values of a key (always a list), or None when the key is not there.
Lookup = Callable[[str], "list[str] | None"]
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_PARTS = 5                    # colons of an ARN before its last part
# Characters that came from a variable stand for themselves: they travel as these two, of the private use area.
_STAR, _MARK = "\ue000", "\ue001"


@lru_cache(8192)
def glob(pattern: str, fold: bool = False) -> Callable[[str], Any]:
    """`*` any text, `?` one character. Nothing else has a meaning."""
    return re.compile("".join(map(_piece, pattern)), re.DOTALL | (re.IGNORECASE if fold else 0)).fullmatch


def _piece(character: str, star: str = ".*", mark: str = ".") -> str:
    if character == "*":
        return star
    if character == "?":
        return mark
    return re.escape({_STAR: "*", _MARK: "?"}.get(character, character))


def any_of(patterns: tuple[str, ...], fold: bool = False) -> Callable[[str], Any]:
    """One matcher of several patterns without variables."""
    if "*" in patterns:
        return lambda text: True
    flags = re.DOTALL | (re.IGNORECASE if fold else 0)
    return re.compile("|".join("".join(map(_piece, p)) for p in patterns), flags).fullmatch


@lru_cache(8192)
def arn_glob(pattern: str) -> Callable[[str], Any]:
    """As glob, but in an ARN a wildcard stays within its part, unless it is a `*` at the part's end: that one goes on beyond
    the colon. The last part may hold further colons.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if pattern.count(":") < _PARTS:
        return glob(pattern)
    out, colons = [], 0
    for character, following in zip(pattern, pattern[1:] + ":", strict=True):
        colons += character == ":"
        if colons >= _PARTS:
            out.append(_piece(character))
        else:
            out.append(_piece(character, ".*" if following == ":" else "[^:]*", "[^:]"))
    return re.compile("".join(out), re.DOTALL).fullmatch


def fill(text: str, look: Lookup) -> str | None:
    """Policy variables filled in; None when one has no value and no default. Filled-in text keeps no wildcards."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, comma, rest = found[1].partition(",")
        name = name.strip()
        if name in ("*", "?", "$"):
            return {"*": _STAR, "?": _MARK, "$": "$"}[name]
        got = look(name)
        if got:
            return got[0].replace("*", _STAR).replace("?", _MARK)
        if comma:
            return rest.strip().strip("'")
        missing = True
        return ""

    filled = _VARIABLE.sub(value, text)
    return None if missing else filled


def matches(pattern: str, text: str, fold: bool = False) -> bool:
    """A filled-in pattern against a text; characters that came from variables match themselves only."""
    return glob(pattern, fold)(text) is not None


def plain(text: str) -> str:
    """A filled-in text as it reads."""
    return text.replace(_STAR, "*").replace(_MARK, "?")
