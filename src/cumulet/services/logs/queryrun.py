"""A query at work: batches of events come in one by one, go through its commands, and what is left at the end is the result."""

from __future__ import annotations

from collections.abc import Callable

from .lookups import Lookup
from .queryclusters import COLUMNS, Clusters
from .querygroups import Groups
from .queryparser import Command, Named, Parser
from .queryrows import Batch, Reader, joined, of_json, shown
from .querysorting import by_time, deduplicated, in_order
from .queryvalues import text, truth
from .regexes import Matches

DEFAULT_LIMIT = 10_000
MOST_ROWS = 100_000
_SHOWN = ("@timestamp", "@message")
_ADDING = ("fields", "display", "parse", "lookup")
_ONE_BY_ONE = (*_ADDING, "filter")
_GROUPING: dict[str, Callable[[Command], Groups | Clusters]] = {"stats": Groups, "pattern": Clusters}


class Run:
    """One query. `take` the events, then ask for the `results`. reader: what takes out of JSON what it names.
    wanted: the lookup tables that must be in `tables` before."""

    def __init__(self, query: str, now: float, limit: int | None, matches: Matches) -> None:
        parser = Parser(query, now, matches)
        commands = parser.commands()
        stop = next((i for i, c in enumerate(commands) if c.kind not in _ONE_BY_ONE), len(commands))
        self._limit = min(limit or DEFAULT_LIMIT, MOST_ROWS)
        self._streaming = commands[:stop]
        self._rest = commands[stop:]
        self._columns = _columns(commands)
        self._asked = {*parser.names, *self._columns, "@timestamp", "@ptr"}
        first = self._rest[0].kind if self._rest else ""
        self._groups = _GROUPING[first](self._rest.pop(0)) if first in _GROUPING else None
        self._events = self._groups is None
        self._most = _most(self._rest, self._limit)
        self._held: list[Batch] = []
        self._rows = 0
        self.reader = Reader(of_json(parser.read))
        self.needed = _needed(self._streaming)
        self.wanted = parser.tables
        self.tables: dict[str, Lookup] = {}
        self.matched = 0

    @property
    def counts_only(self) -> bool:
        """Is nothing asked but how many events there are? Then `count` them."""
        return not self._streaming and isinstance(self._groups, Groups) and self._groups.counts_only

    def count(self, events: int) -> None:
        """So many events more."""
        self.matched += events
        if isinstance(self._groups, Groups):
            self._groups.count(events)

    def take(self, batch: Batch) -> None:
        """Some events."""
        for command in self._streaming:
            batch = self._step(command, batch)
            if not batch.size:
                return
        self.matched += batch.size
        if self._groups is not None:
            self._groups.take(batch)
            return
        if self._most is not None:                 # the first ones are enough
            batch = batch.select(self._order(batch)[:self._most])
        self._held.append(joined([batch], self._asked))
        self._rows += batch.size
        if self._most is not None and self._rows > 4 * self._most + 1000:
            whole = joined(self._held, self._asked)
            self._held = [whole.select(self._order(whole)[:self._most])]
            self._rows = self._held[0].size

    def _step(self, command: Command, batch: Batch) -> Batch:
        """A command that looks at one row after the other."""
        if command.kind == "filter":
            assert command.condition is not None
            return batch.select([i for i, value in enumerate(command.condition.column(batch))
                                 if value is True or (value is not False and truth(value))])
        if command.kind == "parse":
            _parse(command, batch)
        elif command.kind == "lookup":
            _look_up(command, self.tables[command.table], batch)
        else:
            _add(command.named, batch)
        return batch

    def _order(self, batch: Batch) -> list[int]:
        """Of the events: as the first command sorts them, or the latest ones first."""
        first = self._rest[0] if self._rest else None
        return in_order(first, batch) if first is not None and first.kind == "sort" else by_time(batch)

    def results(self) -> list[list[dict[str, str]]]:
        """Rows of fields, as GetQueryResults tells them."""
        if self._groups is not None:
            batch = self._groups.batch()
        else:
            batch = joined(self._held, self._asked)
            if not self._rest or self._rest[0].kind not in ("sort", "tail"):
                batch = batch.select(by_time(batch))
        for command in self._rest:
            batch = _WHOLE.get(command.kind, self._step)(command, batch)
        return self._told(batch.select(range(min(batch.size, self._limit))))

    def _told(self, batch: Batch) -> list[list[dict[str, str]]]:
        of_events = self._events and not any(command.kind in _GROUPING for command in self._rest)
        names = [*self._columns, "@ptr"] if of_events and "@ptr" not in self._columns else self._columns
        columns = [(name, batch.column(name)) for name in names]
        return [[{"field": name, "value": shown(name, value, text(value))} for name, values in columns
                 if (value := values[i]) is not None] for i in range(batch.size)]


def _most(rest: list[Command], limit: int) -> int | None:
    """So many rows are enough, where those that come first are shown."""
    deciding = [command for command in rest if command.kind not in _ADDING]
    if deciding and deciding[0].kind == "sort" and deciding[0] is rest[0]:
        deciding.pop(0)
    if not deciding:
        return limit
    return deciding[0].most if deciding[0].kind == "limit" else None


def _needed(commands: list[Command]) -> tuple[str, ...]:
    """Texts that the message of each event that gets through holds (unless it writes them with escapes)."""
    found: set[str] = set()
    for command in commands:
        if command.kind == "filter" and command.condition is not None:
            found |= command.condition.needs
        elif command.kind == "lookup" or (command.kind != "parse" and not all(each.plain for each in command.named)):
            break                                      # a field may have been made of something else
    return tuple(sorted(found, key=len, reverse=True))


def _columns(commands: list[Command]) -> list[str]:
    """What is shown: the last display; what the last stats or pattern makes; or all fields that were named."""
    columns: list[str] = []
    display = False
    for command in commands:
        if command.kind == "stats":
            columns = [each.name for each in command.named] + [each.name for each in command.aggregates]
            display = False
        elif command.kind == "pattern":
            columns, display = list(COLUMNS), False
        elif command.kind == "display":
            columns, display = [each.name for each in command.named], True
        elif not display and command.kind == "fields":
            columns += [each.name for each in command.named if each.name not in columns]
        elif not display and command.kind in ("parse", "lookup") and columns:
            columns += [name for name in command.names if name not in columns]
    return columns or [*_SHOWN, *(name for c in commands if c.kind in ("parse", "lookup") for name in c.names)]


# --- commands ---


def _add(named: tuple[Named, ...], batch: Batch) -> None:
    made = [(each.name, each.value.column(batch)) for each in named if not each.plain]
    for name, values in made:
        batch.add(name, values)


def _parse(command: Command, batch: Batch) -> None:
    """What is not found leaves a field as it was."""
    assert command.condition is not None
    parts = command.parts
    assert parts is not None
    found = [parts(value if type(value) is str else text(value)) for value in command.condition.column(batch)]
    for place, name in enumerate(command.names):
        batch.add(name, [part[place] if part is not None else old
                         for part, old in zip(found, batch.column(name), strict=True)])


def _look_up(command: Command, rows: Lookup, batch: Batch) -> None:
    """The first row of the table that is the same in all its keys; fields stay as they were where there is none."""
    index: dict[tuple[str | None, ...], dict[str, str]] = {}
    for row in rows:
        index.setdefault(tuple(row.get(key) for key in command.keys), row)
    columns = [each.value.column(batch) for each in command.named]
    found = [index.get(tuple(map(text, values))) for values in zip(*columns, strict=True)]
    for name in command.names:
        batch.add(name, [row.get(name) if row is not None else old
                         for row, old in zip(found, batch.column(name), strict=True)])


def _grouped(command: Command, batch: Batch) -> Batch:
    groups = _GROUPING[command.kind](command)
    groups.take(batch)
    return groups.batch()


_WHOLE: dict[str, Callable[[Command, Batch], Batch]] = {
    "sort": lambda command, batch: batch.select(in_order(command, batch)),
    "limit": lambda command, batch: batch.select(range(min(command.most, batch.size))),
    "tail": lambda command, batch: batch.select(by_time(batch, up=True)[-command.most:]),
    "dedup": lambda command, batch: batch.select(deduplicated(command, batch)),
    "stats": _grouped, "pattern": _grouped}
