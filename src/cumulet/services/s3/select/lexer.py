"""The words and signs of an S3 Select expression."""

from __future__ import annotations

import re
from typing import NamedTuple

from .faults import refused

_LARGEST = 262_144
_TOKENS = re.compile(r"""
    (?P<space>\s+|--[^\n]*)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
  | (?P<name>"(?:[^"]|"")*")
  | (?P<text>'(?:[^']|'')*')
  | (?P<ion>`[^`]*`)
  | (?P<sign><=|>=|<>|!=|\|\||[-+*/%=<>()\[\],.])
""", re.VERBOSE)


class Token(NamedTuple):
    """kind: number, word, name (in double quotes), text, ion (in backquotes), sign, or end.  upper: a word as keywords are."""

    kind: str
    text: str
    upper: str = ""


END = Token("end", "")


def tokens(expression: str) -> list[Token]:
    """What the expression is made of, with an end."""
    if len(expression.encode()) > _LARGEST:
        raise refused("ExpressionTooLong")
    found, at = [], 0
    while at < len(expression):
        match = _TOKENS.match(expression, at)
        if match is None:
            raise refused("LexerInvalidLiteral" if expression[at] in "'\"`" else "LexerInvalidChar")
        at, kind, text = match.end(), match.lastgroup or "", match.group()
        if kind == "space":
            continue
        if kind in ("name", "text", "ion"):
            text = text[1:-1].replace(text[0] * 2, text[0])
        found.append(Token(kind, text, text.upper() if kind in ("word", "sign") else ""))
    return [*found, END]
