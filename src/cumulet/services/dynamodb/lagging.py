"""Global indexes that follow their table later, as on AWS: a setting of the server says by how many seconds (`index_delay`).

A change is noted with the place that the item left in the index. When it is due, the item is put where it belongs by then,
so changes that are noted and changes that are done at once may follow each other in any order.
"""

from __future__ import annotations

from . import background, keys, writes
from . import values as av
from .resources import Entry, Index, Late
from .shelf import Shelf


def delay(shelf: Shelf, index: Index) -> float:
    """How many seconds later the index is to know of a change; 0 is at once."""
    return shelf.call.cloud.settings.index_delay if index.wide else 0.0


def note(shelf: Shelf, index: Index, key: keys.Key, gone: Entry | None, seconds: float) -> None:
    """The index will know in so many seconds."""
    call = shelf.call
    rows = call.table(Late)
    at = call.now + seconds
    first = rows.scan(shelf.number, limit=1)
    if not first or at < first[0].at:
        call.at(at, background.catch_up, name=f"late-{shelf.number}", table=shelf.name, number=shelf.number)
    rows.put(Late(shelf.number, at, index.number, *key, *((gone.hash, gone.sort) if gone is not None else (b"", b""))))


def apply(shelf: Shelf, due: Late) -> None:
    """The item stands in the index as it is now, and not where it stood."""
    index = next((one for one in shelf.facts.indexes if one.number == due.index), None)
    if index is None:
        return
    key = due.hash, due.sort
    tied = keys.tie(key)
    if due.gone_hash:
        shelf.entries.delete(due.index, due.gone_hash, due.gone_sort, tied)
    row = shelf.get(key)
    come = writes.entry(shelf.facts, index, tied, av.decode(row.body), row.body, row.size) if row is not None else None
    if come is not None:
        shelf.entries.put(come)
