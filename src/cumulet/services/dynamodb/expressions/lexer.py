"""Text of an expression → tokens, with their places for error messages."""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import AwsError, error

LONGEST = 4096
_TOKEN = re.compile(r"""\s*(?:
    (?P<name>[A-Za-z][A-Za-z0-9_]*) | (?P<alias>\#[A-Za-z0-9_]+) | (?P<value>:[A-Za-z0-9_]+) | (?P<index>[0-9]+)
    | (?P<sign><>|<=|>=|[=<>()\[\].,+-]) | (?P<other>\S))""", re.VERBOSE)
KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})


class Token(NamedTuple):
    """kind: name, alias (#a), value (:v), index, sign, keyword, other (fits nowhere), end."""

    kind: str
    text: str
    start: int
    end: int


class Source:
    """The tokens of one expression. label: how messages call it ("ConditionExpression")."""

    __slots__ = ("label", "text", "tokens")

    def __init__(self, label: str, text: str) -> None:
        self.label = label
        self.text = text
        if not text or text.isspace():
            raise self.invalid("The expression can not be empty;")
        size = len(text.encode())
        if size > LONGEST:
            raise self.invalid(f"Expression size has exceeded the maximum allowed size; expression size: {size}")
        self.tokens: list[Token] = []
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "other"
            found, start, end = match[kind], match.start(kind), match.end(kind)
            if kind == "name" and found.upper() in KEYWORDS:
                kind = "keyword"
            self.tokens.append(Token(kind, found, start, end))
        end = len(text.rstrip())
        self.tokens.append(Token("end", "<EOF>", end, end))

    def invalid(self, message: str) -> AwsError:
        return error.ValidationException(f"Invalid {self.label}: {message}")

    def unexpected(self, at: int) -> AwsError:
        """The syntax error of a token, quoted with its neighbours."""
        token = self.tokens[at]
        first = self.tokens[at - 1] if at else token
        last = self.tokens[at + 1] if at + 1 < len(self.tokens) else token
        near = self.text[first.start:last.end]
        return self.invalid(f'Syntax error; token: "{token.text}", near: "{near}"')
