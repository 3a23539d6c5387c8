"""Items on their way in slices, each a transaction of its own: from a table into a backup, and back into a new table."""

from __future__ import annotations

from cumulet.kernel import Call, task, timer

from . import background, journal, keys, values, vectors, writes
from .archives import Backup
from .resources import Embedding, Entry, Layout
from .shelf import Shelf

_SLICE = 200


@task()
def into_backup(call: Call, backup: str, after: list[bytes] | None = None) -> None:
    """Copy the items of a table, as they were when the backup was asked for."""
    row = call.table(Backup).get(backup)
    if row is None or row.complete:
        return
    found, following = journal.as_of(call, row.source, row.change, after, _SLICE)
    for entry in found:
        call.put(Entry(row.place, entry.hash, entry.sort, b"", entry.size, entry.body))
    row.items += len(found)
    row.size += sum(entry.size for entry in found)
    if following is not None:
        call.task(into_backup, backup=backup, after=following)
    else:
        row.complete = True
        journal.release(call, row.source, row.id)
    call.put(row)


@timer
def end_backup(call: Call, backup: str) -> None:
    """The backup of a deleted table is kept for 35 days."""
    row = call.table(Backup).get(backup)
    if row is not None and row.readers:
        call.at(call.now + 60, end_backup, name=backup, backup=backup)
    elif row is not None:
        drop_backup(call, row)


def drop_backup(call: Call, backup: Backup) -> None:
    """Forget a backup; its items are swept."""
    call.table(Backup).delete(backup.id)
    call.cancel(end_backup, backup.id)
    call.task(background.drop, place=backup.place)


@task()
def into_table(call: Call, table: str, region: str, place: int, change: int, reader: str,
               after: list[bytes] | None = None) -> None:
    """Bring items of a backup (or of a table as it was) into a new table and its indexes; then it may be used.

    region, place, change: where they lie, and as of which change.  reader: a backup's id, or who holds the table still.
    """
    there = call.elsewhere(region=region)
    layout = call.table(Layout).get(table)
    if layout is None:                                           # only a reset takes it before it is complete
        return
    facts = keys.facts_of(layout.facts)
    found, following = journal.as_of(there, place, change, after, _SLICE)
    bring(Shelf(call, table, layout.number, facts), found)
    if following is not None:
        call.task(into_table, table=table, region=region, place=place, change=change, reader=reader, after=following)
        return
    layout.facts = keys.changed(layout.facts, state="")
    call.put(layout)
    backup = there.table(Backup).get(reader)
    if backup is not None:
        there.table(Backup).change(reader, readers=backup.readers - 1)
    else:
        journal.release(there, place, reader)


def bring(shelf: Shelf, rows: list[Entry]) -> None:
    """Put entries of another place into a table and its indexes."""
    for row in rows:
        shelf.entries.put(Entry(shelf.number, row.hash, row.sort, b"", row.size, row.body))
        for about in shelf.facts.vectors:
            vectors.bring(shelf.call.table(Embedding), shelf.facts, about, row)
        if not shelf.facts.indexes:
            continue
        item, tied = values.decode(row.body), keys.tie((row.hash, row.sort))
        for index in shelf.facts.indexes:
            entry = writes.entry(shelf.facts, index, tied, item, row.body, row.size)
            if entry is not None:
                shelf.entries.put(entry)
