"""Reads the tokens of a query; expressions become functions of a batch's columns at once."""

from __future__ import annotations

import re

from .queryexpressions import (
    Expression,
    applied,
    arithmetic,
    both,
    comparison,
    constant,
    either,
    equality,
    mapped,
    needing,
    negated,
    of_field,
    period,
)
from .querytokens import Token, malformed, tokens
from .queryvalues import FUNCTIONS, PERIODS, Value, number, text
from .regexes import Matches, searching

_WORDS = re.compile(r"[A-Za-z0-9_ ]+")


class TokenReader:
    """Reads one query. `now` is the time of the query, in milliseconds.  matches: answers expressions that could take long."""

    def __init__(self, query: str, now: float, matches: Matches) -> None:
        self._query = query
        self._matches = matches
        self._tokens = tokens(query)
        self._place = 0
        self._now = now
        self.names: set[str] = set()       # all fields that it reads
        self.read: set[str] = set()        # those that no command made before
        self.tables: set[str] = set()      # the lookup tables that it names
        self._made: set[str] = set()

    # --- words ---

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        found = self._tokens[self._place]
        if found.kind != "end":
            self._place += 1
        return found

    def _take(self, *words: str) -> bool:
        if self._peek().says(*words):
            self._place += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise malformed(f"'{word}' expected, found '{self._peek().text}'", self._peek().place)

    # --- expressions: or, and, not, comparisons, sums, products, powers ---

    def _either(self) -> Expression:
        first = self._both()
        while self._take("or", "||"):
            first = either(first, self._both())
        return first

    def _both(self) -> Expression:
        first = self._not()
        while self._take("and", "&&"):
            first = both(first, self._not())
        return first

    def _not(self) -> Expression:
        if self._take("not"):
            return negated(self._not())
        return self._compared()

    def _compared(self) -> Expression:
        left = self._sum()
        word = self._peek()
        if word.says("=", "!=", "<", "<=", ">", ">="):
            self._place += 1
            literal = self._peek()
            found = comparison(word.text, left, self._sum())
            plain = word.text == "=" and literal.kind == "text" and self._tokens[self._place - 1] is literal
            return needing(found, left, literal.text) if plain else found
        denied = False
        if word.says("not") and self._tokens[self._place + 1].says("like", "in"):
            self._place += 1
            denied = True
        if self._take("like", "=~"):
            found = self._like(left)
        elif self._take("in"):
            found = self._among(left)
        else:
            return left
        return negated(found) if denied else found

    def _like(self, left: Expression) -> Expression:
        said = self._next()
        if said.kind == "text":
            part = said.text
            return needing(mapped(lambda value: part in text(value), left), left, part)
        if said.kind != "regex":
            raise malformed("like takes a text or a regular expression", said.place)
        try:
            holds = searching(said.text, self._matches)
        except re.error as problem:
            raise malformed(f"invalid regular expression: {problem}", said.place) from None
        found = mapped(lambda value: holds(text(value)), left)
        return needing(found, left, said.text) if _WORDS.fullmatch(said.text) else found

    def _among(self, left: Expression) -> Expression:
        self._need("[")
        found = equality(left, self._sum())
        while self._take(","):
            found = either(found, equality(left, self._sum()))
        self._need("]")
        return found

    def _sum(self) -> Expression:
        first = self._product()
        while self._peek().says("+", "-"):
            first = arithmetic(self._next().text, first, self._product())
        return first

    def _product(self) -> Expression:
        first = self._power()
        while self._peek().says("*", "/", "%"):
            first = arithmetic(self._next().text, first, self._power())
        return first

    def _power(self) -> Expression:
        first = self._one()
        return arithmetic("^", first, self._power()) if self._take("^") else first

    def _one(self) -> Expression:
        said = self._next()
        if said.says("-"):
            return self._minus(self._one())
        if said.says("("):
            inner = self._either()
            self._need(")")
            return inner
        if said.kind in ("text", "number", "time"):
            value: Value = float(said.text) if said.kind == "number" else said.text
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            return constant(value)
        if said.kind not in ("name", "quoted"):
            raise malformed(f"unexpected symbol found {said.text or 'the end'}", said.place)
        if said.kind == "name" and self._peek().says("("):
            return self._function(said)
        return self._field(said.text)

    def _field(self, name: str) -> Expression:
        self.names.add(name)
        if name not in self._made:
            self.read.add(name)
        return of_field(name)

    @staticmethod
    def _minus(inner: Expression) -> Expression:
        if inner.fixed and (value := number(inner.value)) is not None:
            return constant(-value)
        return mapped(lambda value: None if (found := number(value)) is None else -found, inner)

    def _function(self, said: Token) -> Expression:
        name = said.text.lower()
        self._need("(")
        arguments: list[Expression] = []
        while not self._take(")"):
            if arguments:
                self._need(",")
            arguments.append(self._either())
        if name == "now":
            return constant(self._now / 1000)
        if name in PERIODS:
            self.names.add("@timestamp")
            return period(said, arguments, PERIODS[name])
        run = FUNCTIONS.get(name)
        if run is None:
            raise malformed(f"unknown function '{said.text}'", said.place)
        return applied(said, run, arguments)
