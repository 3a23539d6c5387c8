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
    return re.compile(_regex("", pattern), re.DOTALL | (re.IGNORECASE if fold else 0)).fullmatch


def any_of(patterns: tuple[str, ...], fold: bool = False) -> Callable[[str], Any]:
    """One matcher of several patterns without variables."""
    if "*" in patterns:
        return lambda text: True
    return re.compile("|".join(_regex("", p) for p in patterns), re.DOTALL | (re.IGNORECASE if fold else 0)).fullmatch


@lru_cache(8192)
def arn_glob(pattern: str) -> Callable[[str], Any]:
    """As glob, but in an ARN a wildcard stays within its part, unless it is a `*` at the part's end: that one goes on beyond
    the colon. The last part may hold further colons.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    *parts, last = pattern.split(":", _PARTS)
    if len(parts) < _PARTS:
        return glob(pattern)
    return re.compile(_regex(":".join(parts) + ":", last), re.DOTALL).fullmatch


def _regex(parts: str, rest: str) -> str:
    """A pattern as a regular expression. In `parts` (of an ARN, each with its colon) wildcards stay within their part, in
    `rest` they are free.

    What stands between two stars is looked for once, where it comes first: what follows fits behind that if it fits at all,
    and to try the later places as well takes time without end (`*a*a*a*a*b`).
    """
    runs = [[""]]                         # divided by stars that go anywhere, and each by stars that stay in their part
    for at, character in enumerate(parts + rest):
        free = at >= len(parts)
        if character == "*" and (free or parts[at + 1] == ":"):
            runs.append([""])
        elif character == "*":
            runs[-1].append("")
        else:
            runs[-1][-1] += _piece(character, "." if free else "[^:]")
    *before, (start, *near) = runs
    out = ""
    for number, (head, *following) in enumerate(before):
        run = head + "".join(f"(?>[^:]*?{text})" for text in following)
        out += f"(?>.*?{run})" if number else run
    out += (".*" if before else "") + start + "".join(f"(?>[^:]*?{text})" for text in near[:-1])
    return f"{out}[^:]*{near[-1]}" if near else out


def _piece(character: str, mark: str) -> str:
    if character == "?":
        return mark
    return re.escape({_STAR: "*", _MARK: "?"}.get(character, character))


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
