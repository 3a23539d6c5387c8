"""The models' regular expressions are Java's; here they become Python's, or None where that cannot be done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from . import linear

_POSIX = {"Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z", "Blank": " \\t",
          "Space": "\\s", "ASCII": "\\x00-\\x7f", "XDigit": "0-9a-fA-F", "Cntrl": "\\x00-\\x1f\\x7f",
          "Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": " -~", "all": "\\x00-\\U0010ffff"}
_PROPERTY = re.compile(r"\\([pP])(?:\{(?:Is)?(\w+)\}|(\w))")
_CODE = re.compile(r"\\x\{([0-9a-fA-F]+)\}")
_SURROGATES = re.compile(r"\\u[dD]800\\u[dD][cC]00-\\u[dD][bB][fF]{2}\\u[dD][fF]{3}")
_GROUP_REPEATED = re.compile(r"\)[*+{]")
_ANCHOR_REPEATED = re.compile(r"\$\{\d+(?:,\d*)?\}")
# Slips of their writers: no text satisfies these (or none of the length that goes with them), so AWS cannot hold to them; the
# last two, of S3 Control's tags and multi-Region points, leave out the ARNs of buckets and of points, which they are for.
SATISFIED_BY_NONE = frozenset({
    r"/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d\S]{8,64}$/", r".*/^[\d]{12}$/.*", r"^\\d{12}$", r"\P{C}*$}",
    r"^arn:aws([a-z-]+)?:ec2:[a-z\d-]+:\d{12}:placement-group/^.{1,255}$",
    r"arn:[^:]+:s3(express)?:[^:].*", r"^[a-zA-Z0-9\:.-]{3,200}$"})


@cache
def _category(name: str, without: bool = False) -> str:
    """The characters of a Unicode category (or all but those), as ranges of a class. Beyond the basic plane all letters and
    symbols are in."""
    ranges, start = [], -1
    for code in range(0x10000):
        inside = unicodedata.category(chr(code)).startswith(name) != without
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            ranges.append(f"\\u{start:04x}-\\u{code - 1:04x}")
            start = -1
    if start >= 0:
        ranges.append(f"\\u{start:04x}-\\uffff")
    return "".join(ranges) + ("\\U00010000-\\U0010ffff" if without or name[0] in "LSNMC" else "")


def _property(name: str, without: bool, in_class: bool) -> str:
    """`\\p{…}`, `\\P{…}`, as a class or as part of one."""
    body = _POSIX.get(name)
    if body is None:
        body = _category(name, without)
    elif without:
        if in_class:
            raise ValueError("a negated property within a class")
        return f"[^{body}]"
    return body if in_class else f"[{body}]"


def translate(pattern: str) -> str:
    """A Java pattern as Python writes it. Raises ValueError for what Python has no words for."""
    pattern = _SURROGATES.sub(r"\\U00010000-\\U0010ffff", pattern)
    pattern = _CODE.sub(lambda found: f"\\U{int(found[1], 16):08x}", _ANCHOR_REPEATED.sub("$", pattern))
    out: list[str] = []
    at, in_class = 0, False
    flagged: list[int] = []            # how many groups `(?i)` has open at each level of groups
    while at < len(pattern):
        c = pattern[at]
        if found := _PROPERTY.match(pattern, at):
            out.append(_property(found[2] or found[3], found[1] == "P", in_class))
            at = found.end()
        elif c == "\\":
            out.append(pattern[at:at + 2].replace("\\z", "\\Z").replace("\\/", "/"))
            at += 2
        elif in_class:
            in_class = c != "]"
            if c == "&" and pattern.startswith("&&", at):
                raise ValueError("an intersection of classes")
            # A dash behind a class of its own is a dash; a bracket is a bracket.
            dash = c == "-" and _closed(out[-1]) and pattern[at + 1:at + 2] != "]"
            out.append("\\" + c if c == "[" or dash else c)
            at += 1
        elif pattern.startswith("(?i)", at):
            out.append("(?i:")         # for the rest of the group that it stands in
            flagged = flagged or [0]
            flagged[-1] += 1
            at += 4
        else:
            flagged = flagged or [0]
            in_class = c == "["
            if c == "(":
                flagged.append(0)
            elif c == ")" and len(flagged) > 1:
                out.append(")" * flagged.pop())
            out.append(c)
            at += 1
    return "".join(out) + ")" * (flagged[0] if flagged else 0)


def _closed(part: str) -> bool:
    """Is this part of a class a class itself?"""
    return len(part) > 2 or part in ("\\w", "\\W", "\\d", "\\D", "\\s", "\\S")


@cache
def matcher(pattern: str) -> Callable[[str], object] | None:
    """A function that says whether a text satisfies the pattern, as a whole; None where Python cannot, or no text does."""
    if pattern in SATISFIED_BY_NONE:
        return None
    try:
        text = translate(pattern)
        compiled = re.compile(text)
        if _GROUP_REPEATED.search(text) and linear.explodes(tree := linear.parse(text)):
            return linear.Automaton(tree).match
    except (re.error, ValueError, OverflowError):
        return None
    # One bare class without quantifier or anchor ("\\S") means "contains one".
    return compiled.search if re.fullmatch(r"\\\w|\[[^\]]*\]", pattern) else compiled.fullmatch
