"""The journal of a table: old images, by which the table can be read as of an earlier change.

A table keeps one while point-in-time recovery is on, or while somebody (a backup, an export, a restore) reads it as of a
moment in slices: writes go on between the slices, and what they replaced is found here. Nothing is copied at the moment
itself, so a table of any size can be held still at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cumulet.kernel import Call

from . import background, keys
from .archives import Journal, Undo
from .resources import Entry, Layout

DAY = 86_400.0
_LAST = 1 << 62                              # behind every change
_FEW = 50
_ROOM = 4 * 1024 * 1024                      # bytes of items after which a slice ends

Kept = tuple[list[Entry], list[bytes] | None]


def note(call: Call, place: int, key: keys.Key, old: Entry | None) -> None:
    """Write down what a change replaces."""
    journals = call.table(Journal)
    journal = journals.get(place)
    if journal is None:
        return
    journal.last += 1
    journals.put(journal)
    call.put(Undo(place, key[0], key[1], journal.last, call.now, old.size if old else 0, old.body if old else b""))


def pin(call: Call, layout: Layout, reader: str, change: int | None = None) -> int:
    """Hold a table still for a reader, as it is or as it was after a change; the change as of which it is to be read."""
    journal = call.table(Journal).get(layout.number) or Journal(layout.number, layout.name)
    change = journal.last if change is None else change
    journal.pins = {**journal.pins, reader: change}
    call.put(journal)
    _keep(call, layout, True)
    return change


def release(call: Call, place: int, reader: str) -> None:
    """A reader is done."""
    journal = call.table(Journal).get(place)
    if journal is not None:
        journal.pins = {name: change for name, change in journal.pins.items() if name != reader}
        call.put(journal)
        call.at(call.now, background.trim_journal, name=f"journal-{place}", place=place)


def is_read(call: Call, place: int) -> bool:
    """Does somebody read this table as of a moment just now?"""
    journal = call.table(Journal).get(place)
    return journal is not None and bool(journal.pins)


def switch(call: Call, layout: Layout, days: int) -> None:
    """Point-in-time recovery on, for so many days, or off (0)."""
    journal = call.table(Journal).get(layout.number) or Journal(layout.number, layout.name)
    if days:
        journal.since = journal.since or call.now
        journal.days = days
        _keep(call, layout, True)
    else:
        journal.since = 0.0
    call.put(journal)
    call.at(call.now, background.trim_journal, name=f"journal-{layout.number}", place=layout.number)


def earliest(journal: Journal, now: float) -> float:
    """The first moment to which the table can go back."""
    return max(journal.since, now - journal.days * DAY)


def close(call: Call, place: int) -> None:
    """The table is gone."""
    call.table(Journal).delete(place)
    call.cancel(background.trim_journal, f"journal-{place}")
    call.task(background.drop_journal, place=place, until=_LAST)


def unkeep(call: Call, journal: Journal) -> None:
    """Nobody needs the table's old images any more. The row stays: changes are never numbered twice."""
    layout = call.table(Layout).get(journal.table)
    if layout is not None and layout.number == journal.place:
        _keep(call, layout, False)
    call.task(background.drop_journal, place=journal.place, until=journal.last)


def _keep(call: Call, layout: Layout, kept: bool) -> None:
    layout.facts = keys.changed(layout.facts, kept=kept)
    call.put(layout)


def change_at(call: Call, place: int, moment: float, including: bool = True) -> int:
    """The last change that was made until a moment, with or without those of the moment itself."""
    rows = call.table(Undo)
    later = rows.scan(place, index="time", after=moment, limit=1) if including else \
        rows.scan(place, index="time", low=moment, limit=1)
    if later:
        return later[0].change - 1
    journal = call.table(Journal).get(place)
    return journal.last if journal is not None else 0


def known(call: Call, place: int) -> Journal | None:
    """The journal of a table whose point-in-time recovery is on."""
    journal = call.table(Journal).get(place)
    return journal if journal is not None and journal.since else None


class Changed(NamedTuple):
    """What became of an item between two changes; None where there was none."""

    key: keys.Key
    at: float
    old: Undo | None
    new: Undo | Entry | None


def between(call: Call, place: int, base: int, change: int, after: list[bytes] | None,
            limit: int) -> tuple[list[Changed], list[bytes] | None]:
    """The next items that changed after one change and until another, by at most so many steps; and where to go on."""
    rows, entries = call.table(Undo), call.table(Entry)
    at = (after[0], after[1]) if after else (b"", b"")
    found: list[Changed] = []
    size = 0
    for _ in range(limit):
        key = _changed(call, place, at)
        if key is None:
            return found, None
        at = key
        first = rows.scan(place, *key, after=base, limit=1)
        if not first or first[0].change > change:
            continue
        last = rows.scan(place, *key, high=change, reverse=True, limit=1)
        later = rows.scan(place, *key, after=change, limit=1)
        new = later[0] if later else entries.get(place, *key, b"")
        found.append(Changed(key, last[0].at, first[0] if first[0].body else None,
                             new if new is not None and new.body else None))
        size += first[0].size + (new.size if new is not None else 0)
        if size >= _ROOM:
            break
    return found, list(at)


def as_of(call: Call, place: int, change: int, after: list[bytes] | None, limit: int) -> Kept:
    """The next items of a table as they were after a change, by at most so many steps; and where to go on, None at the end."""
    journal = call.table(Journal).get(place)
    at = (after[0], after[1]) if after else (b"", b"")
    rows = _entries(call, place, (*at, b"") if after else None)
    row = next(rows, None)
    coming = _changed(call, place, at) if journal is not None and journal.last > change else None
    found: list[Entry] = []
    size = 0
    for _ in range(limit):
        if row is None and coming is None:
            return found, None
        current = (row.hash, row.sort) if row is not None else None
        at = min(key for key in (current, coming) if key is not None)
        entry = row if current == at else None
        if coming == at:
            entry = _undone(call, place, at, change, entry)
            coming = _changed(call, place, at)
        if current == at:
            row = next(rows, None)
        if entry is not None:
            found.append(entry)
            size += entry.size
        if size >= _ROOM:
            break
    return found, list(at)


def _entries(call: Call, place: int, after: tuple[bytes, bytes, bytes] | None) -> Iterator[Entry]:
    """A table's items in order, a few at a time: they may be large."""
    table = call.table(Entry)
    while rows := table.scan(place, after=after, limit=_FEW):
        yield from rows
        if len(rows) < _FEW:
            return
        after = (rows[-1].hash, rows[-1].sort, b"")


def _undone(call: Call, place: int, key: keys.Key, change: int, entry: Entry | None) -> Entry | None:
    """An item as it was after a change."""
    old = call.table(Undo).scan(place, *key, after=change, limit=1)
    if not old:
        return entry
    return Entry(place, *key, b"", old[0].size, old[0].body) if old[0].body else None


def _changed(call: Call, place: int, after: keys.Key) -> keys.Key | None:
    """The next key with old images."""
    rows = call.table(Undo).scan(place, after=(*after, _LAST), limit=1)
    return (rows[0].hash, rows[0].sort) if rows else None
