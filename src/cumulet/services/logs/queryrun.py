"""A query at work: rows come in one by one, go through its commands, and what is left at the end is the result."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from .queryexpressions import needs
from .queryparser import Aggregate, Command, Named, Parser
from .queryrows import TIMES, Row, shown
from .queryvalues import Value, before, moment, number, same, text, truth

DEFAULT_LIMIT = 10_000
MOST_ROWS = 100_000
_SHOWN = ("@timestamp", "@message")
_ONE_BY_ONE = ("fields", "display", "filter", "parse")


class Run:
    """One query. `take` each event, then ask for the `results`."""

    def __init__(self, query: str, now: float, limit: int | None) -> None:
        commands = Parser(query, now).commands()
        self._limit = min(limit or DEFAULT_LIMIT, MOST_ROWS)
        self._streaming: list[Callable[[Row], bool]] = []
        self._held: list[Row] = []
        self.matched = 0
        stop = next((i for i, c in enumerate(commands) if c.kind not in _ONE_BY_ONE), len(commands))
        self._streaming = [_step(command) for command in commands[:stop]]
        self.needed = _needed(commands[:stop])
        self._rest = commands[stop:]
        self._columns = _columns(commands)
        self._plain = not any(c.kind in ("stats", "sort", "dedup", "tail", "limit") for c in commands)
        self._groups: _Groups | None = None
        if self._rest and self._rest[0].kind == "stats":
            self._groups = _Groups(self._rest.pop(0))
        self._newest: list[tuple[int, int, Row]] = []
        # Sorted and cut, nothing else: then no more rows are held than can be shown.
        self._sorted = [each.kind for each in self._rest] in (["sort"], ["sort", "limit"])

    @property
    def counts_only(self) -> bool:
        """Is nothing asked but how many events there are? Then `count` them."""
        return not self._streaming and self._groups is not None and self._groups.counts_only

    def count(self, events: int) -> None:
        """So many events more."""
        self.matched += events
        if self._groups is not None:
            self._groups.count(events)

    def take(self, row: Row) -> None:
        """One event."""
        for step in self._streaming:
            if not step(row):
                return
        self.matched += 1
        if self._groups is not None:
            self._groups.take(row)
        elif self._plain:                              # the latest ones are enough
            entry = (row.time, -self.matched, row)
            if len(self._newest) < self._limit:
                heapq.heappush(self._newest, entry)
            elif entry > self._newest[0]:
                heapq.heapreplace(self._newest, entry)
        else:
            self._held.append(row)
            if self._sorted and len(self._held) > 4 * self._limit + 1000:
                self._held = _whole(self._rest[0], self._held)[:self._limit]

    def results(self) -> list[list[dict[str, str]]]:
        """Rows of fields, as GetQueryResults tells them."""
        rows = [entry[2] for entry in sorted(self._newest, reverse=True)] if self._plain else self._held
        if self._groups is not None:
            rows = self._groups.rows()
        elif not self._plain and not any(command.kind in ("sort", "tail") for command in self._rest):
            rows.sort(key=lambda row: -row.time)
        for command in self._rest:
            rows = _whole(command, rows)
        return [self._told(row) for row in rows[:self._limit]]

    def _told(self, row: Row) -> list[dict[str, str]]:
        out = [{"field": name, "value": shown(name, value, text(value))} for name in self._columns
               if (value := row.get(name)) is not None]
        if row.source is not None:
            out.append({"field": "@ptr", "value": row.pointer})
        return out


def _needed(commands: list[Command]) -> tuple[str, ...]:
    """Texts that the message of each event that gets through holds (unless it writes them with escapes)."""
    found: set[str] = set()
    for command in commands:
        if command.kind == "filter" and command.condition is not None:
            found |= needs(command.condition)
        elif command.kind != "parse" and not all(each.plain for each in command.named):
            break                                      # a field may have been made of something else
    return tuple(sorted(found, key=len, reverse=True))


def _columns(commands: list[Command]) -> list[str]:
    """What is shown: the last display; what the last stats makes; or all fields that were named."""
    columns: list[str] = []
    display = False
    for command in commands:
        if command.kind == "stats":
            columns = [each.name for each in command.named] + [each.name for each in command.aggregates]
            display = False
        elif command.kind == "display":
            columns, display = [each.name for each in command.named], True
        elif not display and command.kind == "fields":
            columns += [each.name for each in command.named if each.name not in columns]
        elif not display and command.kind == "parse" and columns:
            columns += [name for name in command.names if name not in columns]
    return columns or [*_SHOWN, *(name for c in commands if c.kind == "parse" for name in c.names)]


def _step(command: Command) -> Callable[[Row], bool]:
    """A command that looks at one row alone: does the row stay?"""
    if command.kind == "filter":
        condition = command.condition
        assert condition is not None
        return lambda row: truth(condition(row))
    if command.kind == "parse":
        return lambda row: _parse(command, row)
    return lambda row: _add(command.named, row)


def _add(named: tuple[Named, ...], row: Row) -> bool:
    for each in named:
        value = each.value(row)
        if not each.plain:
            row.add(each.name, value)
    return True


def _parse(command: Command, row: Row) -> bool:
    assert command.condition is not None
    assert command.pattern is not None
    found = command.pattern.search(text(command.condition(row)))
    if found is not None:
        for name, value in zip(command.names, found.groups(), strict=True):
            row.add(name, value)
    return True


def _whole(command: Command, rows: list[Row]) -> list[Row]:
    """A command that looks at all rows."""
    if command.kind == "sort":
        def order(a: Row, b: Row) -> int:
            return _order(command, a, b)

        return sorted(rows, key=cmp_to_key(order))
    if command.kind == "limit":
        return rows[:command.most]
    if command.kind == "tail":
        return sorted(rows, key=lambda row: row.time)[-command.most:]
    if command.kind == "dedup":
        seen: dict[tuple[str, ...], Row] = {}
        for row in rows:
            values = [each.value(row) for each in command.named]
            if all(value is not None for value in values):
                seen.setdefault(tuple(map(text, values)), row)
        return list(seen.values())
    if command.kind == "stats":
        groups = _Groups(command)
        for row in rows:
            groups.take(row)
        return groups.rows()
    step = _step(command)
    return [row for row in rows if step(row)]


def _order(command: Command, a: Row, b: Row) -> int:
    for each, down in zip(command.named, command.down, strict=True):
        left, right = each.value(a), each.value(b)
        if (left is None and right is None) or same(left, right):
            continue
        if left is None or right is None:
            return 1 if left is None else -1
        return -1 if (before(left, right) is True) != down else 1
    return 0


class _Groups:
    """The statistics of a `stats` command."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._groups: dict[tuple[str, ...], tuple[list[Value], list[_Sum]]] = {}

    @property
    def counts_only(self) -> bool:
        return not self._command.named and all(each.value is None for each in self._command.aggregates)

    def count(self, events: int) -> None:
        """So many events more, where nothing else is asked."""
        self._groups.setdefault((), ([], [_Sum(each) for each in self._command.aggregates]))
        for total in self._groups[()][1]:
            total.more(events)

    def take(self, row: Row) -> None:
        values = [_floored(each, each.value(row)) for each in self._command.named]
        key = tuple(map(text, values))
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = (values, [_Sum(each) for each in self._command.aggregates])
        for total in group[1]:
            total.take(row)

    def rows(self) -> list[Row]:
        found = []
        if not self._groups and not self._command.named:
            self._groups[()] = ([], [_Sum(each) for each in self._command.aggregates])
        for values, totals in self._groups.values():
            row = Row(0, "", 0, 0, None)
            row.added = {each.name: value for each, value in zip(self._command.named, values, strict=True)}
            row.added |= {each.name: total.value() for each, total in zip(self._command.aggregates, totals, strict=True)}
            found.append(row)
        return found


def _floored(each: Named, value: Value) -> Value:
    """Times that are grouped by are shown as times."""
    if isinstance(value, int) and each.name.lower().startswith(("bin(", "datefloor(", "dateceil(")):
        return moment(value)
    return moment(value) if each.name in TIMES and isinstance(value, (int, float)) else value


class _Sum:
    """One aggregate of one group."""

    __slots__ = ("_best", "_count", "_said", "_seen", "_squares", "_sum", "_when")

    def __init__(self, said: Aggregate) -> None:
        self._said = said
        self._count = 0
        self._sum = self._squares = 0.0
        self._best: Value = None
        self._when: float | None = None
        self._seen: Any = set() if said.kind == "count_distinct" else []

    def more(self, events: int) -> None:
        self._count += events

    def take(self, row: Row) -> None:
        said = self._said
        if said.value is None:
            self._count += 1
            return
        value = said.value(row)
        if value is None:
            return
        self._count += 1
        if said.kind in ("avg", "sum", "stddev", "pct"):
            self._add(number(value))
        elif said.kind == "count_distinct":
            self._seen.add(text(value))
        elif said.kind in ("earliest", "latest"):
            later = self._when is None or (row.time > self._when) == (said.kind == "latest")
            if later:
                self._best, self._when = value, row.time
        elif said.kind in ("min", "max", "sortsfirst", "sortslast"):
            self._compare(value)

    def _add(self, value: float | None) -> None:
        if value is None:
            self._count -= 1
            return
        self._sum += value
        self._squares += value * value
        if self._said.kind == "pct":
            self._seen.append(value)

    def _compare(self, value: Value) -> None:
        if self._best is None:
            self._best = value
        elif self._said.kind in ("min", "max"):
            smaller = before(value, self._best)
            if (smaller is True) if self._said.kind == "min" else (before(self._best, value) is True):
                self._best = value
        elif (text(value) < text(self._best)) == (self._said.kind == "sortsfirst"):
            self._best = value

    def value(self) -> Value:
        kind = self._said.kind
        if kind == "count":
            return self._count
        if kind == "count_distinct":
            return len(self._seen)
        if kind in ("avg", "sum", "stddev", "pct"):
            return self._figure(kind)
        return self._best

    def _figure(self, kind: str) -> Value:
        if not self._count:
            return None
        if kind == "sum":
            return self._sum
        mean = self._sum / self._count
        if kind == "avg":
            return mean
        if kind == "stddev":
            return math.sqrt(max(0.0, self._squares / self._count - mean * mean))
        values = sorted(self._seen)
        place = max(0, math.ceil(self._said.argument / 100 * len(values)) - 1)
        return values[min(place, len(values) - 1)]
