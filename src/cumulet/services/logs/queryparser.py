"""From the text of a query to its commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .queryexpressions import Expression
from .queryreader import TokenReader
from .querytokens import malformed
from .queryvalues import Value, number
from .regexes import Endless, Matches, compiled

AGGREGATES = ("avg", "count", "count_distinct", "max", "min", "pct", "stddev", "sum", "earliest", "latest", "sortsfirst",
              "sortslast")
COMMANDS = ("fields", "display", "filter", "stats", "sort", "limit", "head", "tail", "parse", "dedup", "lookup", "pattern")


class Named(NamedTuple):
    """An expression and the field that it becomes. plain: it is that field already."""

    name: str
    value: Expression
    plain: bool


class Aggregate(NamedTuple):
    """`pct(x, 95) as p`: value is None for count(*); argument is the percentile."""

    name: str
    kind: str
    value: Expression | None
    argument: float = 0.0


Parts = Callable[[str], Sequence[Value] | None]            # what a `parse` finds in a text


class Command(NamedTuple):
    """kind: one of COMMANDS, with what it needs."""

    kind: str
    named: tuple[Named, ...] = ()              # fields, display, sort, dedup; the groups of stats
    condition: Expression | None = None        # filter
    aggregates: tuple[Aggregate, ...] = ()     # stats
    down: tuple[bool, ...] = ()                # sort
    most: int = 0                              # limit, head, tail
    parts: Parts | None = None                 # parse
    names: tuple[str, ...] = ()                # parse: of the groups; lookup: what is added
    table: str = ""                            # lookup
    keys: tuple[str, ...] = ()                 # lookup: the table's fields that `named` are compared with

    @property
    def made(self) -> set[str]:
        """Fields that it makes."""
        return {*(each.name for each in self.named if not each.plain), *(each.name for each in self.aggregates), *self.names}


class Parser:
    """Reads one query. `now` is its time, in milliseconds.  matches: answers expressions that could take long."""

    def __init__(self, query: str, now: float, matches: Matches) -> None:
        self._reader = TokenReader(query, now, matches)
        self.tables: set[str] = set()      # the lookup tables that it names

    @property
    def names(self) -> set[str]:
        """All fields that it reads."""
        return self._reader.names

    @property
    def read(self) -> set[str]:
        """Those of them that no command made before."""
        return self._reader.read

    def commands(self) -> list[Command]:
        found: list[Command] = []
        while self._reader.peek().kind != "end":
            if found:
                self._reader.need("|")
            elif self._reader.take("|"):
                continue
            found.append(self._command())
            self._reader.made |= found[-1].made
        return found

    def _command(self) -> Command:
        word = self._reader.next()
        kind = word.text.lower()
        if word.kind != "name" or kind not in COMMANDS:
            raise malformed(f"unexpected command '{word.text}'", word.place)
        if kind in ("fields", "display", "dedup"):
            return Command(kind, tuple(self._list()))
        if kind == "pattern":
            return Command(kind, (self._named(),))
        if kind == "filter":
            return Command(kind, condition=self._reader.expression())
        if kind == "stats":
            return self._stats()
        if kind == "sort":
            return self._sort()
        if kind == "parse":
            return self._parse()
        if kind == "lookup":
            return self._lookup()
        count = self._reader.next()
        if count.kind != "number" or not count.text.isdigit():
            raise malformed(f"'{kind}' takes a number", count.place)
        return Command("tail" if kind == "tail" else "limit", most=int(count.text))

    def _list(self) -> list[Named]:
        found = [self._named()]
        while self._reader.take(","):
            found.append(self._named())
        return found

    def _named(self) -> Named:
        begin = self._reader.peek()
        value = self._reader.expression()
        written = begin.text if self._reader.is_last(begin) else self._reader.since(begin)
        if self._reader.take("as"):
            return Named(self._name(), value, plain=False)
        return Named(written, value, value.field == written)

    def _name(self) -> str:
        found = self._reader.next()
        if found.kind not in ("name", "quoted"):
            raise malformed(f"a field's name expected, found '{found.text}'", found.place)
        return found.text

    def _sort(self) -> Command:
        named, down = [], []
        while True:
            named.append(self._named())
            down.append(self._reader.take("desc") or not self._reader.take("asc"))
            if not self._reader.take(","):
                return Command("sort", tuple(named), down=tuple(down))

    def _stats(self) -> Command:
        aggregates = [self._aggregate()]
        while self._reader.take(","):
            aggregates.append(self._aggregate())
        groups = self._list() if self._reader.take("by") else []
        return Command("stats", tuple(groups), aggregates=tuple(aggregates))

    def _aggregate(self) -> Aggregate:
        word = self._reader.next()
        kind = word.text.lower()
        if word.kind != "name" or kind not in AGGREGATES:
            raise malformed(f"unknown aggregation '{word.text}'", word.place)
        self._reader.need("(")
        value: Expression | None = None
        argument = 0.0
        if not self._reader.take("*") and not self._reader.peek().says(")"):
            value = self._reader.expression()
        if self._reader.take(","):
            said = self._reader.next()
            argument = number(said.text) or 0.0
        self._reader.need(")")
        if value is None and kind != "count":
            raise malformed(f"{kind} needs a field", word.place)
        written = self._reader.since(word)
        return Aggregate(self._name() if self._reader.take("as") else written, kind, value, argument)

    def _parse(self) -> Command:
        of_message = self._reader.peek().kind in ("text", "regex")
        source = self._reader.field("@message") if of_message else self._reader.expression()
        said = self._reader.next()
        if said.kind == "regex":
            try:
                pattern = compiled(said.text)
            except (re.error, Endless) as problem:
                raise malformed(f"invalid regular expression: {problem}", said.place) from None
            parts, count, names = _groups_of(pattern), pattern.groups, tuple(pattern.groupindex)
        elif said.kind == "text":
            parts, count, names = _between(said.text.split("*")), said.text.count("*"), ()
        else:
            raise malformed("parse takes a pattern", said.place)
        if self._reader.take("as"):
            names = (self._name(), *self._further_names())
        if count != len(names):
            raise malformed("parse needs a name for each part", said.place)
        return Command("parse", condition=source, parts=parts, names=names)

    def _lookup(self) -> Command:
        """`lookup users id as user.id, org as org OUTPUT name, email`"""
        table = self._name()
        keys: list[str] = []
        named: list[Named] = []
        self.tables.add(table)
        while not keys or self._reader.take(","):
            keys.append(self._name())
            self._reader.need("as")
            field = self._name()
            named.append(Named(field, self._reader.field(field), plain=True))
        self._reader.need("output")
        return Command("lookup", tuple(named), names=(self._name(), *self._further_names()), table=table, keys=tuple(keys))

    def _further_names(self) -> list[str]:
        found = []
        while self._reader.take(","):
            found.append(self._name())
        return found


def _groups_of(pattern: re.Pattern[str]) -> Parts:
    def parts(text: str) -> Sequence[Value] | None:
        found = pattern.search(text)
        return found.groups() if found is not None else None

    return parts


def _between(literals: list[str]) -> Parts:
    """What stands where the glob has its stars; a star at its end takes all the rest."""
    first, *rest = literals
    if len(rest) == 1 and rest[0]:
        return _enclosed(first, rest[0])

    def parts(text: str) -> Sequence[Value] | None:
        begin = text.find(first)
        if begin < 0:
            return None
        begin += len(first)
        found = []
        for i, literal in enumerate(rest, 1):
            end = len(text) if not literal and i == len(rest) else text.find(literal, begin)
            if end < 0:
                return None
            found.append(text[begin:end])
            begin = end + len(literal)
        return found

    return parts


def _enclosed(first: str, last: str) -> Parts:
    """What stands between two texts, which is what most globs ask."""
    def parts(text: str) -> Sequence[Value] | None:
        begin = text.find(first)
        if begin < 0:
            return None
        begin += len(first)
        end = text.find(last, begin)
        return (text[begin:end],) if end >= 0 else None

    return parts
