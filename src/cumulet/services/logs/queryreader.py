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
        self.made: set[str] = set()        # those that commands made

    # --- words ---

    def peek(self) -> Token:
        return self._tokens[self._place]

    def next(self) -> Token:
        found = self._tokens[self._place]
        if found.kind != "end":
            self._place += 1
        return found

    def take(self, *words: str) -> bool:
        if self.peek().says(*words):
            self._place += 1
            return True
        return False

    def need(self, word: str) -> None:
        if not self.take(word):
            raise malformed(f"'{word}' expected, found '{self.peek().text}'", self.peek().place)

    def since(self, begin: Token) -> str:
        """What is written from a token to the next one."""
        return self._query[begin.place:self.peek().place].strip()

    def is_last(self, token: Token) -> bool:
        """Was this the token that was taken last?"""
        return self._tokens[self._place - 1] is token

    # --- expressions: or, and, not, comparisons, sums, products, powers ---

    def expression(self) -> Expression:
        first = self._both()
        while self.take("or", "||"):
            first = either(first, self._both())
        return first

    def _both(self) -> Expression:
        first = self._not()
        while self.take("and", "&&"):
            first = both(first, self._not())
        return first

    def _not(self) -> Expression:
        if self.take("not"):
            return negated(self._not())
        return self._compared()

    def _compared(self) -> Expression:
        left = self._sum()
        word = self.peek()
        if word.says("=", "!=", "<", "<=", ">", ">="):
            self._place += 1
            literal = self.peek()
            found = comparison(word.text, left, self._sum())
            plain = word.text == "=" and literal.kind == "text" and self.is_last(literal)
            return needing(found, left, literal.text) if plain else found
        denied = False
        if word.says("not") and self._tokens[self._place + 1].says("like", "in"):
            self._place += 1
            denied = True
        if self.take("like", "=~"):
            found = self._like(left)
        elif self.take("in"):
            found = self._among(left)
        else:
            return left
        return negated(found) if denied else found

    def _like(self, left: Expression) -> Expression:
        said = self.next()
        if said.kind == "text":
            part = said.text
            return needing(mapped(lambda value: part in text(value), left), left, part)
        if said.kind != "regex":
            raise malformed("like takes a text or a regular expression", said.place)
        try:
            holds = searching(said.text, self._matches)
        except re.error as problem:
            raise malformed(f"invalid regular expression: {problem}", said.place) from None
        found = Expression(lambda batch: [holds(value if type(value) is str else text(value)) for value in left.column(batch)])
        return needing(found, left, said.text) if _WORDS.fullmatch(said.text) else found

    def _among(self, left: Expression) -> Expression:
        self.need("[")
        found = equality(left, self._sum())
        while self.take(","):
            found = either(found, equality(left, self._sum()))
        self.need("]")
        return found

    def _sum(self) -> Expression:
        first = self._product()
        while self.peek().says("+", "-"):
            first = arithmetic(self.next().text, first, self._product())
        return first

    def _product(self) -> Expression:
        first = self._power()
        while self.peek().says("*", "/", "%"):
            first = arithmetic(self.next().text, first, self._power())
        return first

    def _power(self) -> Expression:
        first = self._one()
        return arithmetic("^", first, self._power()) if self.take("^") else first

    def _one(self) -> Expression:
        said = self.next()
        if said.says("-"):
            return self._minus(self._one())
        if said.says("("):
            inner = self.expression()
            self.need(")")
            return inner
        if said.kind in ("text", "number", "time"):
            value: Value = float(said.text) if said.kind == "number" else said.text
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            return constant(value)
        if said.kind not in ("name", "quoted"):
            raise malformed(f"unexpected symbol found {said.text or 'the end'}", said.place)
        if said.kind == "name" and self.peek().says("("):
            return self._function(said)
        return self.field(said.text)

    def field(self, name: str) -> Expression:
        self.names.add(name)
        if name not in self.made:
            self.read.add(name)
        return of_field(name)

    @staticmethod
    def _minus(inner: Expression) -> Expression:
        if inner.fixed and (value := number(inner.value)) is not None:
            return constant(-value)
        return mapped(lambda value: None if (found := number(value)) is None else -found, inner)

    def _function(self, said: Token) -> Expression:
        name = said.text.lower()
        self.need("(")
        arguments: list[Expression] = []
        while not self.take(")"):
            if arguments:
                self.need(",")
            arguments.append(self.expression())
        if name == "now":
            return constant(self._now / 1000)
        if name in PERIODS:
            self.names.add("@timestamp")
            return period(said, arguments, PERIODS[name])
        run = FUNCTIONS.get(name)
        if run is None:
            raise malformed(f"unknown function '{said.text}'", said.place)
        return applied(said, run, arguments)
