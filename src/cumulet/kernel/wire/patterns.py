"""The models' regular expressions are Java's; here they become Python's, or None where that cannot be done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

_POSIX = {"Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z", "Blank": " \\t",
          "Space": "\\s", "ASCII": "\\x00-\\x7f", "XDigit": "0-9a-fA-F", "Cntrl": "\\x00-\\x1f\\x7f",
          "Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": " -~"}
_PROPERTY = re.compile(r"\\([pP])(?:\{(?:Is)?(\w+)\}|(\w))")
_SURROGATES = re.compile(r"\\u[dD]800\\u[dD][cC]00-\\u[dD][bB][fF]{2}\\u[dD][fF]{3}")


@cache
def _category(name: str) -> str:
    """The characters of a Unicode category, as ranges of a class. Beyond the basic plane all letters and symbols are in."""
    ranges, start = [], -1
    for code in range(0x10000):
        inside = unicodedata.category(chr(code)).startswith(name)
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            ranges.append(f"\\u{start:04x}-\\u{code - 1:04x}")
            start = -1
    if start >= 0:
        ranges.append(f"\\u{start:04x}-\\uffff")
    return "".join(ranges) + ("\\U00010000-\\U0010ffff" if name[0] in "LSNMC" else "")


def _translate(pattern: str) -> str:
    pattern = _SURROGATES.sub(r"\\U00010000-\\U0010ffff", pattern)
    out, at, depth = [], 0, 0
    while at < len(pattern):
        c = pattern[at]
        found = _PROPERTY.match(pattern, at)
        if found:
            name = found[2] or found[3]
            body = _POSIX.get(name) or _category(name)
            if found[1] == "P":
                if depth:
                    raise ValueError("a negated property within a class")
                out.append(f"[^{body}]")
            else:
                out.append(body if depth else f"[{body}]")
            at = found.end()
            continue
        if c == "\\":
            out.append(pattern[at:at + 2].replace("\\z", "\\Z").replace("\\/", "/"))
            at += 2
            continue
        if c == "[":
            if depth:
                out.append("\\[")
                at += 1
                continue
            depth = 1
        elif c == "]":
            depth = 0
        elif c == "&" and depth and pattern.startswith("&&", at):
            raise ValueError("an intersection of classes")
        out.append(c)
        at += 1
    return "".join(out)


@cache
def matcher(pattern: str) -> Callable[[str], object] | None:
    """A function that says whether a text satisfies the pattern, as a whole; None when Python cannot express it."""
    try:
        compiled = re.compile(_translate(pattern))
    except (re.error, ValueError, OverflowError):
        return None
    # One bare class without quantifier or anchor ("\\S") means "contains one".
    return compiled.search if re.fullmatch(r"\\\w|\[[^\]]*\]", pattern) else compiled.fullmatch
