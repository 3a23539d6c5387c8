"""Filter patterns of events in columns: `[ip, user, ..., request = "GET *", status = 4* || status = 5*, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from .comparisons import Test, number, number_test, regex_test, text_test
from .names import invalid

_FIELD = re.compile(r'\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)')
_TOKEN = re.compile(r"""\s*(?:(?P<op>&&|\|\||!=|<=|>=|=|<|>|\(|\)|,)|(?P<text>"(?:[^"\\]|\\.)*")|%(?P<regex>[^%]*)%"""
                    r"""|(?P<rest>\.\.\.)|(?P<word>[^\s"%(),&|=<>!]+))""")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PLAIN = re.compile(r"[A-Za-z0-9_ .:\-]+")


class ColumnPattern(NamedTuple):
    """See `patterns.Pattern`."""

    matches: Callable[[str], bool]
    needed: tuple[str, ...]
    values: Callable[[str], dict[str, str]]
    field: Callable[[str, str], str | None]
    regexes: int


class _Column(NamedTuple):
    """name: "" when it has none.  test: None when anything fits.  rest: it is the ellipsis."""

    name: str
    test: Test | None
    rest: bool = False


def split(message: str) -> list[str]:
    """The columns of an event: words, and what stands in brackets or quotes."""
    return [next(part for part in found if part is not None) for found in
            ((m[1], m[2], m[3]) for m in _FIELD.finditer(message))]


def parse(text: str) -> ColumnPattern:
    """A pattern with its brackets."""
    if not text.endswith("]"):
        raise invalid(f"Invalid filter pattern: '{text}'")
    reader = _Reader(text[1:-1])
    columns = reader.columns()
    place = next((i for i, column in enumerate(columns) if column.rest), None)
    if sum(column.rest for column in columns) > 1:
        raise invalid("Invalid filter pattern: there can be one ellipsis")

    def aligned(message: str) -> list[tuple[_Column, str]] | None:
        """Columns beside their texts; None when their numbers differ."""
        found = split(message)
        if place is None:
            return list(zip(columns, found, strict=True)) if len(found) == len(columns) else None
        behind = len(columns) - place - 1
        skipped = len(found) - place - behind
        if skipped < 0:
            return None
        unnamed = [_Column("", None)] * skipped
        return list(zip([*columns[:place], *unnamed, *columns[place + 1:]], found, strict=True))

    def matches(message: str) -> bool:
        pairs = aligned(message)
        return pairs is not None and all(column.test is None or column.test(value) for column, value in pairs)

    def values(message: str) -> dict[str, str]:
        return {f"${column.name or i}": value for i, (column, value) in enumerate(aligned(message) or (), 1)}

    def field(message: str, selector: str) -> str | None:
        return values(message).get(selector)

    return ColumnPattern(matches, tuple(reader.needed), values, field, reader.regexes)


class _Reader:
    """Reads the columns one by one."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        self.needed: list[str] = []
        self.regexes = 0
        place = 0
        while text[place:].strip():
            part = _TOKEN.match(text, place)
            if part is None:
                raise invalid(f"Invalid filter pattern: '[{text}]'")
            kind = part.lastgroup or ""
            self._tokens.append((kind, part[kind]))
            place = part.end()

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._place += 1
        return found

    def columns(self) -> list[_Column]:
        found = [self._column()]
        while self._peek() == ("op", ","):
            self._place += 1
            found.append(self._column())
        if self._peek()[0] != "end":
            raise invalid(f"Invalid filter pattern: '{self._peek()[1]}' is not expected")
        return found

    def _column(self) -> _Column:
        kind, text = self._peek()
        if kind == "rest":
            self._place += 1
            return _Column("", None, rest=True)
        if kind == "end" or (kind, text) == ("op", ","):
            return _Column("", None)
        names: list[str] = []
        test = self._either(names)
        if len(set(names)) != 1:
            raise invalid("Invalid filter pattern: the conditions of one column name different ones")
        return _Column(names[0], test)

    def _either(self, names: list[str]) -> Test | None:
        first = self._both(names)
        while self._peek() == ("op", "||"):
            self._place += 1
            a, b = first, self._both(names)
            self.needed.clear()
            first = None if a is None or b is None else (lambda value, a=a, b=b: a(value) or b(value))
        return first

    def _both(self, names: list[str]) -> Test | None:
        first = self._one(names)
        while self._peek() == ("op", "&&"):
            self._place += 1
            a, b = first, self._one(names)
            first = (lambda value, a=a, b=b: a(value) and b(value)) if a is not None and b is not None else a or b
        return first

    def _one(self, names: list[str]) -> Test | None:
        kind, text = self._next()
        if (kind, text) == ("op", "("):
            inner = self._either(names)
            if self._next() != ("op", ")"):
                raise invalid("Invalid filter pattern: a parenthesis is not closed")
            return inner
        if kind != "word" or not _NAME.fullmatch(text):
            raise invalid(f"Invalid filter pattern: '{text}' cannot name a column")
        names.append(text)
        kind, operator = self._peek()
        if kind != "op" or operator in (",", ")", "&&", "||"):
            return None
        self._place += 1
        return self._test(operator, *self._next())

    def _test(self, operator: str, kind: str, text: str) -> Test:
        if kind == "regex":
            self.regexes += 1
            return regex_test(operator, text)
        if kind == "text":
            value = re.sub(r"\\(.)", r"\1", text[1:-1])
            if operator == "=":
                self.needed += [part for part in value.split("*") if _PLAIN.fullmatch(part)]
            return text_test(operator, value)
        if kind != "word" or operator == "(":
            raise invalid(f"Invalid filter pattern: '{text}' where a value should be")
        amount = number(text)
        if amount is None:
            return text_test(operator, text)
        right = number_test(operator, amount)
        return lambda value: (n := number(value)) is not None and right(n)
