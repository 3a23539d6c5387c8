"""Which events a filter looks at, by where they came from: `@aws.region = "us-east-1" AND @aws.account NOT IN ["1", "2"]`.

Here all events of a group are of its own account and region, so a criterion is true of all of them or of none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .names import invalid

ACCOUNT, REGION = "@aws.account", "@aws.region"
_TOKEN = re.compile(r"""\s*(?:(?P<field>@[\w.]+)|(?P<text>"[^"]*"|'[^']*')|(?P<op>!=|[=()\[\],])|(?P<word>[A-Za-z]+))\s*""")


def holds(text: str, account: str, region: str) -> bool:
    """Is it true of what comes from here? Nothing said is true. Raises InvalidParameterException."""
    if not text.strip():
        return True
    reader = _Reader(text, {ACCOUNT: account, REGION: region})
    try:
        found = reader.either()
    except RecursionError:             # of so many parentheses
        raise reader.wrong() from None
    reader.end()
    return found


class _Reader:
    """Answers while it reads: OR binds least."""

    def __init__(self, text: str, known: Mapping[str, str]) -> None:
        self._text, self._known = text, known
        self._tokens: list[tuple[str, str]] = []
        self._place = place = 0
        while place < len(text):
            part = _TOKEN.match(text, place)
            if part is None:
                raise self.wrong()
            kind = part.lastgroup or ""
            self._tokens.append((kind, part[kind].upper() if kind == "word" else part[kind]))
            place = part.end()

    def wrong(self) -> Exception:
        return invalid(f"Invalid field selection criteria: '{self._text}'")

    def _next(self, kind: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] != kind:
            raise self.wrong()
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _takes(self, text: str) -> bool:
        found = self._place < len(self._tokens) and self._tokens[self._place] in (("word", text), ("op", text))
        self._place += found
        return found

    def _needs(self, text: str) -> None:
        if not self._takes(text):
            raise self.wrong()

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise self.wrong()

    def either(self) -> bool:
        found = self._both()
        while self._takes("OR"):
            found = self._both() or found
        return found

    def _both(self) -> bool:
        found = self._one()
        while self._takes("AND"):
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if self._takes("("):
            found = self.either()
            self._needs(")")
            return found
        field = self._next("field")
        if field not in self._known:
            raise self.wrong()
        value = self._known[field]
        if self._takes("="):
            return value == self._literal()
        if self._takes("!="):
            return value != self._literal()
        denied = self._takes("NOT")
        self._needs("IN")
        return (value in self._list()) != denied

    def _literal(self) -> str:
        return self._next("text")[1:-1]

    def _list(self) -> list[str]:
        self._needs("[")
        found = [self._literal()]
        while self._takes(","):
            found.append(self._literal())
        self._needs("]")
        return found
