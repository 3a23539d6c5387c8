"""What follows from a write: the entry, its places in the indexes, its expiry and its record in the stream."""

from __future__ import annotations

from collections.abc import Mapping

from . import background, capacity, collections, feeds, journal, keys, lagging, replication, streams, vectors
from . import values as av
from .resources import Embedding, Entry, Expiry, Facts, Index
from .shelf import Shelf
from .values import Item

_FIVE_YEARS = 157_680_000                    # what expired longer ago stays
NO_UNITS: Mapping[str, float] = {}


def change(shelf: Shelf, key: keys.Key, old: Entry | None, new: Item | None, body: bytes, size: int,
           expired: bool = False, arrived: bool = False) -> Mapping[str, float]:
    """Put a new item (or none) where the old one is, and all that follows; the units that the indexes took.

    expired: its time to live has ended.  arrived: it comes from another region of a global table.
    """
    facts = shelf.facts
    if new is not None:
        shelf.entries.put(Entry(shelf.number, key[0], key[1], b"", size, body))
    elif old is not None:
        shelf.entries.delete(shelf.number, key[0], key[1], b"")
    if shelf.plain:
        return NO_UNITS
    if facts.regions and not arrived and (new is not None or old is not None):
        replication.note(shelf, key, new is None)
    before = av.decode(old.body) if old is not None else None
    if before == new:
        return NO_UNITS
    if facts.kept:
        journal.note(shelf.call, shelf.number, key, old)
    if facts.ttl:
        expire_at(shelf, key, _expiry(shelf, before), _expiry(shelf, new))
    if facts.stream:
        streams.record(shelf, before, new, (old.size if old else 0) + (size if new is not None else 0), expired)
    if facts.feeds:
        feeds.note(shelf, before, new, (old.size if old else 0) + (size if new is not None else 0), expired)
    if facts.vectors:
        vectors.change(shelf.call.table(Embedding), facts, key, before, new)
    return _reindex(shelf, key, old, before, new, body, size) if facts.indexes else NO_UNITS


def _reindex(shelf: Shelf, key: keys.Key, old: Entry | None, before: Item | None, new: Item | None, body: bytes,
             size: int) -> Mapping[str, float]:
    units: dict[str, float] = {}
    tied = keys.tie(key)
    grown = (size if new is not None else 0) - (old.size if old is not None else 0)
    for index in shelf.facts.indexes:
        gone = entry(shelf.facts, index, tied, before, old.body, old.size) if before is not None and old else None
        come = entry(shelf.facts, index, tied, new, body, size) if new is not None else None
        if gone == come:
            continue
        if not index.wide:
            grown += (come.size if come else 0) - (gone.size if gone else 0)
        moved = gone is not None and (come is None or (gone.hash, gone.sort) != (come.hash, come.sort))
        if seconds := lagging.delay(shelf, index):
            lagging.note(shelf, index, key, gone, seconds)
        else:
            if gone is not None and moved:
                shelf.entries.delete(gone.place, gone.hash, gone.sort, gone.tie)
            if come is not None:
                shelf.entries.put(come)
        if shelf.facts.counted:
            shelf.saw(one for one in (come or gone,) if one is not None)
        units[index.name] = (capacity.write_units(gone.size) if gone is not None and moved else 0.0) + (
            capacity.write_units(come.size) if come is not None else 0.0)
    if collections.counted(shelf.facts):
        collections.grow(shelf, key[0], grown)
    return units


def entry(facts: Facts, index: Index, tied: bytes, item: Item, body: bytes, size: int) -> Entry | None:
    """An item as it stands in an index; None when it does not."""
    key = keys.of_index(index, item)
    if key is None:
        return None
    if index.projection != "ALL":
        item = projected(facts, index, item)
        body, size = av.encode(item), av.size_of_item(item)
    return Entry(index.number, key[0], key[1], tied, size, body)


def projected(facts: Facts, index: Index, item: Item) -> Item:
    """What an index keeps of an item."""
    kept = (*keys.names(facts, index), *index.attributes)
    return {name: item[name] for name in dict.fromkeys(kept) if name in item}


def _expiry(shelf: Shelf, item: Item | None) -> int | None:
    """When the item's time to live ends, if it has one."""
    value = item.get(shelf.facts.ttl) if item is not None else None
    if value is None or "N" not in value:
        return None
    at = int(value["N"].partition(".")[0])
    return at if shelf.call.now - _FIVE_YEARS < at < 1 << 53 else None


def expire_at(shelf: Shelf, key: keys.Key, before: int | None, after: int | None) -> None:
    """Note when an item ends; the table's timer runs at the first of them."""
    if before == after:
        return
    call = shelf.call
    rows = call.table(Expiry)
    if before is not None:
        rows.delete(shelf.number, before, key[0], key[1])
    if after is not None:
        first = rows.scan(shelf.number, limit=1)
        rows.put(Expiry(shelf.number, after, key[0], key[1]))
        if not first or after < first[0].at:
            call.at(max(float(after), call.now), background.expire, name=str(shelf.number), table=shelf.name,
                    number=shelf.number)


def note_expiry(shelf: Shelf, row: Entry) -> None:
    """Note when an item ends that was there before time to live was switched on."""
    expire_at(shelf, (row.hash, row.sort), None, _expiry(shelf, av.decode(row.body)))
