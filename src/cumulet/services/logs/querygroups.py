"""The statistics of a `stats` command: groups of events, and their totals."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from .queryparser import Aggregate, Command, Named
from .queryrows import TIMES, Batch
from .queryvalues import Value, before, moment, number, text

_FIGURES = ("avg", "sum", "stddev", "pct")
_NUMBERS = {int, float}
_MANY, _SAMPLE = 20_000, 2_000         # figures from which on not all are sorted, and how many stand for them


class Groups:
    """The groups of one command."""

    def __init__(self, command: Command) -> None:
        self._named, self._aggregates = command.named, command.aggregates
        self._counting = all(each.value is None for each in self._aggregates)
        self._groups: dict[tuple[str, ...], tuple[list[Value], list[_Total]]] = {}
        self._known: dict[tuple[Value, ...], list[_Total]] = {}      # by the values themselves, not yet made texts
        if not self._named:
            self._group(())

    @property
    def counts_only(self) -> bool:
        return not self._named and self._counting

    def count(self, events: int) -> None:
        """So many events more, where nothing else is asked."""
        for total in self._group(()):
            total.count += events

    def _group(self, values: tuple[Value, ...]) -> list[_Total]:
        totals = self._known.get(values)
        if totals is None:
            totals = self._known[values] = self._begun(values)
        return totals

    def _begun(self, values: tuple[Value, ...]) -> list[_Total]:
        """Values that look alike are of one group."""
        key = tuple(map(text, values))
        found = self._groups.get(key)
        if found is None:
            told = [_floored(each, value) for each, value in zip(self._named, values, strict=True)]
            found = self._groups[key] = (told, [_Total(each) for each in self._aggregates])
        return found[1]

    def take(self, batch: Batch) -> None:
        if self._counting and self._named:
            for values, events in self._counted(batch):
                for total in self._group(values):
                    total.count += events
            return
        columns = [each.value.column(batch) if each.value is not None else None for each in self._aggregates]
        times = batch.column("@timestamp")
        for values, places in self._places(batch):
            for total, column in zip(self._group(values), columns, strict=True):
                if column is None:
                    total.count += batch.size if places is None else len(places)
                else:
                    total.take(column if places is None else [column[i] for i in places],
                               times if places is None or not total.by_time else [times[i] for i in places])

    def _places(self, batch: Batch) -> list[tuple[tuple[Value, ...], list[int] | None]]:
        """Which events are in which group; None for all of them."""
        if not self._named:
            return [((), None)]
        columns = [each.value.column(batch) for each in self._named]
        if batch.size and all(column.count(column[0]) == batch.size for column in columns):      # as within one period of time
            return [(tuple(column[0] for column in columns), None)]
        alone = len(columns) == 1      # then no tuple is made for each event
        places: defaultdict[Any, list[int]] = defaultdict(list)
        for i, key in enumerate(columns[0] if alone else zip(*columns, strict=True)):
            places[key].append(i)
        return [((key,) if alone else key, found) for key, found in places.items()]

    def _counted(self, batch: Batch) -> Iterable[tuple[tuple[Value, ...], int]]:
        """How many events are in which group."""
        columns = [each.value.column(batch) for each in self._named]
        return Counter(zip(*columns, strict=True)).items()

    def batch(self) -> Batch:
        """A row each group."""
        rows = list(self._groups.values())
        columns: dict[str, list[Value]] = {each.name: [row[0][i] for row in rows] for i, each in enumerate(self._named)}
        columns |= {each.name: [row[1][i].value() for row in rows] for i, each in enumerate(self._aggregates)}
        return Batch(len(rows), columns)


def _floored(each: Named, value: Value) -> Value:
    """Times that are grouped by are shown as times."""
    of_time = each.name in TIMES or each.name.lower().startswith(("bin(", "datefloor(", "dateceil("))
    return moment(value) if of_time and isinstance(value, (int, float)) else value


class _Total:
    """One aggregate of one group."""

    __slots__ = ("_best", "_figures", "_said", "_seen", "_squares", "_sum", "_when", "count")

    def __init__(self, said: Aggregate) -> None:
        self._said = said
        self.count = 0
        self._sum = self._squares = 0.0
        self._best: Value = None
        self._when: float | None = None
        self._seen: set[str] = set()
        self._figures: list[float] = []

    @property
    def by_time(self) -> bool:
        return self._said.kind in ("earliest", "latest")

    def take(self, values: Sequence[Value], times: Sequence[Value]) -> None:
        """More values; None where an event has none."""
        kind = self._said.kind
        if kind in _FIGURES:
            self._add(values)
        elif self.by_time:
            self._place(values, times)
        else:
            known = [value for value in values if value is not None]
            self.count += len(known)
            if kind == "count_distinct":
                self._seen.update(known if set(map(type, known)) <= {str} else map(text, known))
            elif kind != "count" and known:
                self._compare(known)

    def _add(self, values: Sequence[Value]) -> None:
        figures: Sequence[Any] = values
        if not set(map(type, values)) <= _NUMBERS:
            figures = [found for value in values if (found := number(value)) is not None]
        self.count += len(figures)
        self._sum += sum(figures)
        if self._said.kind == "stddev":
            self._squares += sum(value * value for value in figures)
        elif self._said.kind == "pct":
            self._figures += figures

    def _place(self, values: Sequence[Value], times: Sequence[Value]) -> None:
        latest = self._said.kind == "latest"
        for value, time in zip(values, times, strict=True):
            if value is not None and (self._when is None or (time > self._when) == latest):
                self._best, self._when = value, time

    def _compare(self, known: list[Value]) -> None:
        kind = self._said.kind
        if set(map(type, known)) <= _NUMBERS and kind in ("min", "max"):
            known = [min(known) if kind == "min" else max(known)]
        for value in known:
            if self._best is None:
                self._best = value
            elif kind == "min" or kind == "max":
                smaller = before(value, self._best) if kind == "min" else before(self._best, value)
                self._best = value if smaller else self._best
            elif (text(value) < text(self._best)) == (kind == "sortsfirst"):
                self._best = value

    def value(self) -> Value:
        kind = self._said.kind
        if kind == "count":
            return self.count
        if kind == "count_distinct":
            return len(self._seen)
        return self._figure(kind) if kind in _FIGURES else self._best

    def _figure(self, kind: str) -> Value:
        if not self.count:
            return None
        if kind == "sum":
            return self._sum
        mean = self._sum / self.count
        if kind == "avg":
            return mean
        if kind == "stddev":
            return math.sqrt(max(0.0, self._squares / self.count - mean * mean))
        figures = self._figures
        place = max(0, math.ceil(self._said.argument / 100 * len(figures)) - 1)
        return ranked(figures, min(place, len(figures) - 1))


def ranked(figures: list[float], place: int) -> float:
    """The figure that stands at a place once they are sorted. Of many only those near it are sorted: a sample says between
    which bounds it must be."""
    count = len(figures)
    if count > _MANY:
        sample = sorted(figures[::count // _SAMPLE])
        near = place * len(sample) // count
        low, high = sample[max(0, near - _SAMPLE // 20)], sample[min(len(sample) - 1, near + _SAMPLE // 20)]
        between = sorted(figure for figure in figures if low <= figure <= high)
        below = sum(figure < low for figure in figures)
        if below <= place < below + len(between):
            return between[place - below]
    return sorted(figures)[place]
