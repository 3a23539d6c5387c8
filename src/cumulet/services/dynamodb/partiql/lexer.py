"""Text of a statement → tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import AwsError, error

from .reserved import RESERVED

_TOKEN = re.compile(r"""\s*(?:
    (?P<word>[A-Za-z_$][A-Za-z0-9_$]*) | (?P<quoted>"(?:[^"]|"")*") | (?P<string>'(?:[^']|'')*')
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<sign><<|>>|<>|!=|<=|>=|[=<>()\[\]{}.,:+*?;-]) | (?P<other>\S))""", re.VERBOSE)

class Token(NamedTuple):
    """kind: keyword, word, quoted, string, number, sign, other (fits nowhere), end.  text: keywords upper, quotes undone."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """The tokens of a statement, and one that is its end."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        part = match[kind]
        if kind == "word" and part.upper() in RESERVED:
            kind, part = "keyword", part.upper()
        elif kind in ("quoted", "string"):
            part = part[1:-1].replace(part[0] * 2, part[0])
        found.append(Token(kind, part))
    return [*found, Token("end", "")]


def malformed(why: str) -> AwsError:
    """What a statement is told that cannot be read."""
    return error.ValidationException(f"Statement wasn't well formed, can't be processed: {why}")
