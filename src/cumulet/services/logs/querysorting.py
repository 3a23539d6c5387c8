"""The order of rows, and which of them are there twice: places in a batch."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from .queryparser import Command
from .queryrows import Batch
from .queryvalues import Value, before, number, same, text

_NUMBERS = {int, float, type(None)}


def by_time(batch: Batch, up: bool = False) -> list[int]:
    """The latest ones first, or (up) last."""
    times = batch.column("@timestamp")
    return sorted(range(batch.size), key=lambda i: times[i] or 0, reverse=not up)


def in_order(command: Command, batch: Batch) -> list[int]:
    """As a `sort` wants them; what is missing comes last in both directions."""
    places = list(range(batch.size))
    for each, down in reversed(list(zip(command.named, command.down, strict=True))):
        values = each.value.column(batch)
        known = [i for i in places if values[i] is not None]
        known.sort(key=_keys(values).__getitem__, reverse=down)
        places = known + [i for i in places if values[i] is None]
    return places


def _keys(values: list[Value]) -> list[Any]:
    """What puts values into order: numbers as numbers, texts as texts; where both occur, each pair decides for itself."""
    if set(map(type, values)) <= _NUMBERS:
        return values
    numbers = [number(value) for value in values]
    missing = values.count(None)
    if numbers.count(None) == missing:
        return numbers
    if numbers.count(None) == len(values):
        return [text(value) for value in values]
    key = cmp_to_key(_compared)
    return [key(value) for value in values]


def _compared(a: Value, b: Value) -> int:
    return 0 if same(a, b) else -1 if before(a, b) else 1


def deduplicated(command: Command, batch: Batch) -> list[int]:
    """The first of those that are the same in all fields; none where a field is missing."""
    columns = [each.value.column(batch) for each in command.named]
    seen: dict[tuple[str, ...], int] = {}
    for i, values in enumerate(zip(*columns, strict=True)):
        if None not in values:
            seen.setdefault(tuple(map(text, values)), i)
    return list(seen.values())
