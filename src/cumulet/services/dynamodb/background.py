"""What happens unasked: items expire, stream records and tokens are trimmed, indexes are filled, dead rows are swept.

Everything that may be long goes in batches, each a transaction of its own, from where the one before ended.
"""

from __future__ import annotations

import msgspec

from cumulet.kernel import Call, task, timer

from . import journal, keys, lagging, measuring, policies, replication, streams, values, vectors, writes
from .archives import Journal, Undo
from .resources import Collection, Embedding, Entry, Expiry, Late, Layout, Record, Stream, Tail, Token
from .shelf import Shelf
from .tables import with_index_ready

_BATCH = 200
TOKENS_KEPT = 600.0


def _same(call: Call, table: str, number: int) -> Shelf | None:
    """The table, if it is still the one that was meant."""
    row = call.table(Layout).get(table)
    return Shelf(call, table, number, keys.facts_of(row.facts)) if row is not None and row.number == number else None


@timer
def expire(call: Call, table: str, number: int) -> None:
    """Delete the items whose time to live has ended, and come again for the next."""
    shelf = _same(call, table, number)
    if shelf is None or not shelf.facts.ttl:
        return
    rows, deleted = call.table(Expiry), 0
    for due in rows.scan(number, high=int(call.now), limit=_BATCH):
        rows.delete(number, due.at, due.hash, due.sort)
        key = (due.hash, due.sort)
        old = shelf.get(key)
        if old is not None and (not shelf.facts.regions or replication.ends_here(call, shelf.facts, number, key)):
            writes.change(shelf, key, old, None, b"", 0, expired=True)
            deleted += 1
    if deleted:
        measuring.expired(shelf, deleted)
    left = rows.scan(number, limit=1)
    if left:
        call.at(max(float(left[0].at), call.now), expire, name=str(number), table=table, number=number)


@timer
def catch_up(call: Call, table: str, number: int) -> None:
    """Let global indexes know of the changes that are due, and come again for the next."""
    shelf = _same(call, table, number)
    if shelf is None:
        return
    rows = call.table(Late)
    for late in rows.scan(number, limit=_BATCH):
        if late.at > call.now:
            break
        lagging.apply(shelf, late)
        rows.delete(*msgspec.structs.astuple(late))
    if left := rows.scan(number, limit=1):
        call.at(max(left[0].at, call.now), catch_up, name=f"late-{number}", table=table, number=number)


@timer
def trim(call: Call, stream: int) -> None:
    """Forget the records that are a day old."""
    rows = call.table(Record)
    old = rows.scan(stream, limit=_BATCH)
    gone = [row for row in old if row.at <= call.now - streams.KEPT]
    for row in gone:
        rows.delete(stream, row.sequence)
    if len(gone) == _BATCH:
        call.at(call.now, trim, name=str(stream), stream=stream)
    elif len(gone) < len(old):
        call.at(max(old[len(gone)].at + streams.KEPT, call.now + 60), trim, name=str(stream), stream=stream)
    elif (tail := call.table(Tail).get(stream)) is not None:
        tail.swept = False
        call.table(Tail).put(tail)


@timer
def forget(call: Call, stream: int) -> None:
    """Remove a stream that ended a day ago."""
    row = call.table(Stream).get(stream)
    if row is not None:
        policies.forget(call, streams.resource_of(row))
    call.table(Stream).delete(stream)
    call.table(Tail).delete(stream)
    call.task(drop_records, stream=stream)


@timer
def forget_tokens(call: Call) -> None:
    """Forget the request tokens that are ten minutes old."""
    rows = call.table(Token)
    for row in rows.scan(index="at", high=call.now - TOKENS_KEPT, limit=_BATCH):
        rows.delete(row.token)
    left = rows.scan(index="at", limit=1)
    if left:
        call.at(max(left[0].at + TOKENS_KEPT, call.now), forget_tokens, name="tokens")


@timer
def trim_journal(call: Call, place: int) -> None:
    """Forget the old images that are older than the recovery period and that nobody reads."""
    about = call.table(Journal).get(place)
    if about is None:
        return
    if not about.since and not about.pins:
        journal.unkeep(call, about)
        return
    rows = call.table(Undo)
    horizon = journal.earliest(about, call.now) if about.since else call.now
    first_read = min(about.pins.values(), default=about.last)
    old = rows.scan(place, index="time", limit=_BATCH)
    gone = [row for row in old if row.at < horizon and row.change <= first_read]
    for row in gone:
        rows.delete(place, row.hash, row.sort, row.change)
    if len(gone) == _BATCH:
        call.at(call.now, trim_journal, name=f"journal-{place}", place=place)
    elif about.since and not about.pins:
        begins = old[len(gone)].at if len(old) > len(gone) else call.now
        call.at(max(begins + about.days * journal.DAY, call.now + 60), trim_journal, name=f"journal-{place}", place=place)


@task()
def drop_journal(call: Call, place: int, until: int) -> None:
    """Remove the old images of a table that keeps none any more, or is gone."""
    rows = call.table(Undo)
    found = rows.scan(place, index="time", limit=_BATCH)
    gone = [row for row in found if row.change <= until]
    for row in gone:
        rows.delete(place, row.hash, row.sort, row.change)
    if len(gone) == _BATCH:
        call.task(drop_journal, place=place, until=until)


@task()
def drop(call: Call, place: int) -> None:
    """Remove the rows of a table or index that is gone."""
    rows = call.table(Entry)
    found = rows.scan(place, limit=_BATCH)
    for row in found:
        rows.delete(place, row.hash, row.sort, row.tie)
    if len(found) == _BATCH:
        call.task(drop, place=place)
    else:
        call.table(Expiry).delete_all(place)
        call.table(Late).delete_all(place)
        call.table(Collection).delete_all(place)


@task()
def drop_records(call: Call, stream: int) -> None:
    """Remove the records of a stream that is gone."""
    rows = call.table(Record)
    found = rows.scan(stream, limit=_BATCH)
    for row in found:
        rows.delete(stream, row.sequence)
    if len(found) == _BATCH:
        call.task(drop_records, stream=stream)


@task()
def fill(call: Call, table: str, number: int, index: int, after: list[bytes] | None = None) -> None:
    """Bring the items of a table into a new index; then it may be read. Items written meanwhile bring themselves."""
    shelf = _same(call, table, number)
    about = next((i for i in shelf.facts.indexes if i.number == index), None) if shelf else None
    if shelf is None or about is None:
        return
    rows = shelf.entries.scan(number, after=tuple(after) if after else None, limit=_BATCH)
    for row in rows:
        item = values.decode(row.body)
        entry = writes.entry(shelf.facts, about, keys.tie((row.hash, row.sort)), item, row.body, row.size)
        if entry is not None:
            shelf.entries.put(entry)
    if len(rows) == _BATCH:
        last = rows[-1]
        call.task(fill, table=table, number=number, index=index, after=[last.hash, last.sort, b""])
        return
    layout = call.table(Layout).get(table)
    assert layout is not None
    layout.facts = keys.pack(with_index_ready(shelf.facts, index))
    call.put(layout)


@task()
def fill_vectors(call: Call, table: str, number: int, index: int, after: list[bytes] | None = None) -> None:
    """Bring the items of a table into a new vector index; then it may be searched."""
    shelf = _same(call, table, number)
    about = next((one for one in shelf.facts.vectors if one.number == index), None) if shelf else None
    if shelf is None or about is None:
        return
    rows = shelf.entries.scan(number, after=tuple(after) if after else None, limit=_BATCH)
    for row in rows:
        vectors.bring(call.table(Embedding), shelf.facts, about, row)
    if len(rows) == _BATCH:
        call.task(fill_vectors, table=table, number=number, index=index, after=[rows[-1].hash, rows[-1].sort, b""])
        return
    layout = call.table(Layout).get(table)
    assert layout is not None
    layout.facts = keys.changed(layout.facts, vectors=tuple(
        msgspec.structs.replace(one, ready=True) if one.number == index else one for one in shelf.facts.vectors))
    call.put(layout)


@task()
def drop_vectors(call: Call, place: int) -> None:
    """Remove what stood in a vector index that is gone."""
    rows = call.table(Embedding)
    found = rows.scan(place, limit=_BATCH)
    for row in found:
        rows.delete(place, row.hash, row.tie)
    if len(found) == _BATCH:
        call.task(drop_vectors, place=place)


@task()
def mark(call: Call, table: str, number: int, after: list[bytes] | None = None) -> None:
    """Note when the items end that were there before time to live was switched on."""
    shelf = _same(call, table, number)
    if shelf is None or not shelf.facts.ttl:
        return
    rows = shelf.entries.scan(number, after=tuple(after) if after else None, limit=_BATCH)
    for row in rows:
        writes.note_expiry(shelf, row)
    if len(rows) == _BATCH:
        call.task(mark, table=table, number=number, after=[rows[-1].hash, rows[-1].sort, b""])
