"""Imports on their way (fetching.py): a new table takes records until the last object is read."""

from __future__ import annotations

from cumulet.kernel import Call, task, timer

from . import exporting, fetching, importlogs, keys, records, writes
from .archives import Import
from .resources import Layout
from .shelf import Shelf


@task()
async def bring_in(call: Call, id: str, run: int) -> None:
    """Bring in the next records of an import."""
    await fetching.bring_in(call, _WAY, id, run)


@timer
def forget_import(call: Call, id: str) -> None:
    """Imports are told for 90 days."""
    call.table(Import).delete(id)


def _source(row: Import) -> fetching.Source:
    told, place = row.told, row.told["S3BucketSource"]
    kinds = {d["AttributeName"]: d["AttributeType"] for d in told["TableCreationParameters"]["AttributeDefinitions"]}
    return fetching.Source(place["S3Bucket"], place.get("S3KeyPrefix"), place.get("S3BucketOwner"), told["InputFormat"],
                           told["InputCompressionType"], told.get("InputFormatOptions") or {}, kinds)


def _layout(call: Call, row: Import) -> Layout:
    layout = call.table(Layout).get(row.table.rpartition("/")[2])
    assert layout is not None                                    # it cannot be deleted before the import is complete
    return layout


def _store(call: Call, row: Import, key: str, batch: list[records.Record]) -> None:
    layout = _layout(call, row)
    shelf = Shelf(call, layout.name, layout.number, keys.facts_of(layout.facts))
    wrong = []
    for at, record in enumerate(batch, row.done):
        new = fetching.taken(shelf, record)
        if isinstance(new, str):
            wrong.append((at, new))
        else:
            writes.change(shelf, new.key, shelf.get(new.key), new.item, new.body, new.size)
    importlogs.tell(call, row, key, wrong)
    row.errors += len(wrong)
    row.imported += len(batch) - len(wrong)


def _end(call: Call, row: Import, status: str, failure: fetching.Failure | None) -> None:
    layout = _layout(call, row)
    row.status, row.failure, row.ended = status, failure, call.now
    call.put(row)
    layout.facts = keys.changed(layout.facts, state="")
    call.put(layout)
    call.at(call.now + exporting.KEPT, forget_import, name=row.id, id=row.id)


def _onward(call: Call, id: str, run: int, at: float) -> None:
    call.task(bring_in, id=id, run=run)


_WAY = fetching.Way(Import, _source, _store, _end, _onward)
