"""Where the statements of a policy's text begin and end, as the simulator tells it.

Lines are counted from one. A column is that of the sign behind the brace, counted from one, as AWS's answers show it.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Span(NamedTuple):
    """(line, column) of the braces of one statement."""

    start: tuple[int, int]
    end: tuple[int, int]


def statements(text: str) -> list[Span]:
    """One span a statement, in their order. The text is a policy that was checked."""
    at = _skip(text, 0) + 1
    while text[at := _skip(text, at)] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if key == "Statement":
            return _objects(text, at)
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        at += text[at] == ","
    return []


def _objects(text: str, at: int) -> list[Span]:
    if text[at] == "{":
        return [_span(text, at, _DECODER.raw_decode(text, at)[1])]
    found, at = [], at + 1
    while text[at := _skip(text, at)] != "]":
        _, end = _DECODER.raw_decode(text, at)
        found.append(_span(text, at, end))
        at = _skip(text, end)
        at += text[at] == ","
    return found


def _span(text: str, start: int, end: int) -> Span:
    return Span(_place(text, start), _place(text, end - 1))


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
