"""Items of global tables on their way to the other regions; the last writer wins.

Each write of a replicated table leaves its moment and region beside the item (`Version`), also of an item that is gone, and a
note (`Pending`) of its key, in the same transaction. A task takes the notes and brings each item, as it is then, to the other
regions, where it counts if its version is later. So a crash loses nothing, and all regions end with the same items.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cumulet.kernel import Call, task, timer

from . import keys, measuring, writes
from . import values as av
from .capacity import write_units
from .resources import Entry, Facts, Layout, Pending, Table, Version
from .shelf import Shelf

_BATCH = 100
_AGAIN = 60.0                                # seconds until replication that is halted is tried again
_GONE_KEPT = 86_400.0                        # how long the version of a deleted item is kept
_TICK = 1e-6
_NEVER = (0.0, "")


def note(shelf: Shelf, key: keys.Key, gone: bool) -> None:
    """A write of this region: its version, and that it must be told."""
    call = shelf.call
    here = call.table(Version).get(shelf.number, *key)
    at = call.now if here is None or here.at < call.now else here.at + _TICK         # what it replaces was earlier
    _mark(call, shelf.number, key, (at, call.region), gone)
    rows = call.table(Pending)
    if not rows.scan(shelf.number, limit=1):
        call.task(deliver, table=shelf.name, place=shelf.number)
    rows.put(Pending(shelf.number, *key))


def _mark(call: Call, place: int, key: keys.Key, version: tuple[float, str], gone: bool) -> None:
    rows = call.table(Version)
    if gone and not rows.scan(index="gone", limit=1):
        call.at(call.now + _GONE_KEPT, forget_gone, name="gone")
    rows.put(Version(place, *key, *version, call.now if gone else None))


@task()
def deliver(call: Call, table: str, place: int, after: list[bytes] | None = None) -> None:
    """Tell the other regions what was written here; those that it cannot reach now, a minute later."""
    layout = call.table(Layout).get(table)
    if layout is None or layout.number != place:
        call.table(Pending).delete_all(place)
        return
    regions = keys.facts_of(layout.facts).regions
    reached = [region for region in regions if not _halted(call, table, region)]
    whole = len(reached) == len(regions)
    if not whole:
        call.at(call.now + _AGAIN, again, name=f"again-{place}", table=table, place=place)
    found = _deliver(call, table, place, reached, () if whole else tuple(after or ()), whole) if reached else []
    if len(found) == _BATCH:
        call.task(deliver, table=table, place=place, after=[found[-1].hash, found[-1].sort])


@timer
def again(call: Call, table: str, place: int) -> None:
    """Another attempt at what was halted."""
    call.task(deliver, table=table, place=place)


def _halted(call: Call, table: str, region: str) -> bool:
    if not call.cloud.faults.active:
        return False
    both = call, call.elsewhere(region=region)
    rows = [(one, one.table(Table).get(table)) for one in both]
    return call.cloud.faults.halted(call, [one.region for one in both], [one.arn(row) for one, row in rows if row is not None])


def deliver_all(call: Call, table: str, place: int) -> None:
    """Everything, whatever is halted: the regions part."""
    layout = call.table(Layout).get(table)
    while layout is not None and _deliver(call, table, place, keys.facts_of(layout.facts).regions, (), True):
        pass


def _deliver(call: Call, table: str, place: int, regions: Sequence[str], after: tuple[bytes, ...],
             forget: bool) -> list[Pending]:
    """The next hundred items to these regions; forget: no other region must be told of them."""
    others = [there for region in regions if (there := _shelf(call.elsewhere(region=region), table)) is not None]
    rows, entries, versions = call.table(Pending), call.table(Entry), call.table(Version)
    found = rows.scan(place, after=after or None, limit=_BATCH)
    for row in found:
        key = (row.hash, row.sort)
        version = versions.get(place, *key)
        for there in others:
            arrive(there, key, (version.at, version.region) if version else _NEVER, entries.get(place, *key, b""), counts=True)
        if forget:
            rows.delete(place, *key)
    return found


def _shelf(there: Call, table: str) -> Shelf | None:
    """A replica, also while it is being filled."""
    layout = there.table(Layout).get(table)
    return Shelf(there, table, layout.number, keys.facts_of(layout.facts)) if layout is not None else None


def arrive(shelf: Shelf, key: keys.Key, version: tuple[float, str], entry: Entry | None, counts: bool = False) -> None:
    """An item of another region (or that it is gone there): it counts unless what is here was written later.

    counts: in units consumed, once (a delivery may be run again before it is committed).
    """
    here = shelf.call.table(Version).get(shelf.number, *key)
    if here is not None and (here.at, here.region) >= version:
        return
    old = shelf.get(key)
    if entry is not None or old is not None:
        item, body, size = (av.decode(entry.body), entry.body, entry.size) if entry is not None else (None, b"", 0)
        indexes = writes.change(shelf, key, old, item, body, size, arrived=True)
        if counts:
            units = write_units(max(size, old.size if old is not None else 0))
            shelf.call.tx.after_commit(partial(measuring.consumed, shelf, "Write", units, indexes))
    _mark(shelf.call, shelf.number, key, version, entry is None)


@task()
def backfill(call: Call, table: str, place: int, region: str, after: list[bytes] | None = None) -> None:
    """Bring the items of this region's table into a new replica; writes on the way bring themselves."""
    layout = call.table(Layout).get(table)
    target = _shelf(call.elsewhere(region=region), table)
    if layout is None or layout.number != place or target is None:
        return
    versions = call.table(Version)
    found = call.table(Entry).scan(place, after=(*after, b"") if after else None, limit=_BATCH)
    for entry in found:
        key = (entry.hash, entry.sort)
        version = versions.get(place, *key)
        arrive(target, key, (version.at, version.region) if version else _NEVER, entry)
    if len(found) == _BATCH:
        call.task(backfill, table=table, place=place, region=region, after=[found[-1].hash, found[-1].sort])
        return
    there = target.call
    complete = there.table(Layout).get(table)
    assert complete is not None
    complete.facts = keys.changed(complete.facts, state="")
    there.put(complete)


@task()
def forget_versions(call: Call, table: str, place: int) -> None:
    """Remove the versions of a table that is gone, or is no global table any more."""
    layout = call.table(Layout).get(table)
    if layout is not None and layout.number == place and keys.facts_of(layout.facts).regions:
        return                                                   # it is one again: what the versions say is true
    rows = call.table(Version)
    found = rows.scan(place, limit=_BATCH)
    for row in found:
        rows.delete(place, row.hash, row.sort)
    if len(found) == _BATCH:
        call.task(forget_versions, table=table, place=place)


@timer
def forget_gone(call: Call) -> None:
    """Forget the versions of items that are gone for a day."""
    rows = call.table(Version)
    for row in rows.scan(index="gone", high=call.now - _GONE_KEPT, limit=_BATCH):
        rows.delete(row.place, row.hash, row.sort)
    left = rows.scan(index="gone", limit=1)
    if left and left[0].gone is not None:
        call.at(max(left[0].gone + _GONE_KEPT, call.now), forget_gone, name="gone")


def ends_here(call: Call, facts: Facts, place: int, key: keys.Key) -> bool:
    """Does the time to live of an item of a global table end in this region? It does where the item was written last."""
    version = call.table(Version).get(place, *key)
    if version is not None and (version.region in facts.regions or version.region == call.region):
        return version.region == call.region
    return call.region < min(facts.regions)
