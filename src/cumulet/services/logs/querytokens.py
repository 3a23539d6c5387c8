"""The words of a query of Logs Insights."""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import AwsError, error


class Token(NamedTuple):
    """kind: "name", "quoted" (a name in backticks), "text", "number", "time" (5m), "regex", "op", "end"."""

    kind: str
    text: str
    place: int

    def says(self, *words: str) -> bool:
        return self.kind in ("name", "op") and self.text.lower() in words


_TOKEN = re.compile(r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|`(?P<quoted>[^`]+)`
    |(?P<time>\d+(?:ms|mo|min|qtr|[smhdwqy]|minutes?|hours?|days?|weeks?|seconds?|sec|hr)\b)|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[@A-Za-z_][\w@.:]*)|(?P<op>=~|!=|<=|>=|\|\||&&|[|,()\[\]=<>+*/%^-])""", re.VERBOSE)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/")


def malformed(message: str, place: int = 0) -> AwsError:
    return error.MalformedQueryException(f"{message} (line 1, char {place + 1})" if place else message)


def tokens(query: str) -> list[Token]:
    """All words; a slash begins a regular expression where a value is expected."""
    found: list[Token] = []
    place = 0
    while place < len(query):
        if query[place] == "/" and _value_follows(found):
            part = _REGEX.match(query, place)
            if part is None:
                raise malformed("mismatched regular expression", place)
            found.append(Token("regex", part[1].replace("\\/", "/"), place))
            place = part.end()
            continue
        part = _TOKEN.match(query, place)
        if part is None:
            raise malformed(f"unexpected symbol found {query[place]}", place)
        if part.lastgroup:
            text = part[part.lastgroup]
            found.append(Token(part.lastgroup, _unquoted(text) if part.lastgroup == "text" else text, place))
        place = part.end()
    found.append(Token("end", "", len(query)))
    return found


def _value_follows(found: list[Token]) -> bool:
    """After `like`, `=~`, a comma or a field to parse a slash divides nothing."""
    if not found:
        return False
    last = found[-1]
    if last.says("like", "=~", "parse", ",", "(", "=", "!="):
        return True
    return len(found) > 1 and last.kind in ("name", "quoted") and found[-2].says("parse")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: m[1] if m[1] in "\"'\\" else m[0], text[1:-1])
