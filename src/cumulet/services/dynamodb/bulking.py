"""Bulk puts on their way (fetching.py): each record is put under its own condition; what could not be is reported.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/BulkPutItems.Format.html
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, task, timer

from . import bulkreports, capacity, exporting, fetching, keys, records, vectors, writes
from . import values as av
from .archives import Bulk, ExportFile
from .resources import Entry
from .shelf import Shelf, opened
from .terms import Guard, Terms, guard

_LISTED = 1000
_SAID = {"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
_AHEAD = 1.0                                 # seconds' worth of units that may be taken at once


@task()
async def put_next(call: Call, id: str, run: int) -> None:
    """Put the next records of a bulk put; first of all, weigh what there is."""
    if run == 0:
        await _weigh(call, id)
    await fetching.bring_in(call, _WAY, id, run)


@timer
def go_on_bulk(call: Call, id: str, run: int) -> None:
    """There are units again."""
    call.task(put_next, id=id, run=run)


@task()
def stop_bulk(call: Call, id: str) -> None:
    """End a bulk put that was cancelled."""
    row = call.table(Bulk).get(id)
    if row is not None and row.status == "CANCELLING":
        _end(call, row, "CANCELLED", ("Cancelled", "The operation was cancelled by a CancelBulkOperation request"))


@timer
def forget_bulk(call: Call, id: str) -> None:
    """Bulk operations are told for 90 days."""
    call.table(Bulk).delete(id)


async def _weigh(call: Call, id: str) -> None:
    total, after = 0, ""
    while True:
        try:
            found = await call.run(_listed, id, after)
        except AwsError:
            return                                               # whoever reads the objects fails, and says why
        total += sum(size for _, size in found)
        if len(found) < _LISTED:
            break
        after = found[-1][0]
    await call.run(_weighed, id, total)


def _listed(call: Call, id: str, after: str) -> list[tuple[str, int]]:
    row = call.table(Bulk).get(id)
    if row is None:
        return []
    found = fetching.listed(exporting.as_caller(call, row.caller).s3, _source(row), after, _LISTED)
    return [(one["Key"], one["Size"]) for one in found]


def _weighed(call: Call, id: str, total: int) -> None:
    call.table(Bulk).change(id, total=total)


def _source(row: Bulk) -> fetching.Source:
    said = row.told["InputS3Configuration"]
    return fetching.Source(said["S3Bucket"], said.get("S3KeyPrefix"), said.get("S3BucketOwner"), said["InputFormat"],
                           said.get("InputCompressionType") or "NONE", {}, {})


# --- a hundred records ---

def _store(call: Call, row: Bulk, key: str, batch: list[records.Record]) -> float | None:
    shelf = _shelf(call, row)
    wrong: list[dict[str, Any]] = []
    unmet: list[dict[str, Any]] = []
    units = 0.0
    for at, record in enumerate(batch, row.done):
        where = {"itemS3Pointer": {"bucket": _source(row).bucket, "key": key, "itemIndex": at}}
        new, test = _understood(shelf, record)
        if isinstance(new, str):
            wrong.append(where | {"errorMessages": [new]})
            continue
        old = shelf.get(new.key)
        item = av.decode(old.body) if old is not None and test is not None else None
        if test is not None and not test.holds(item or {}):
            unmet.append(where | {"Item": new.item} | ({"ExistingItem": item} if item is not None else {}))
        else:
            units += _put(shelf, row, new, old)
    row.errors += len(wrong)
    row.unmet += len(unmet)
    try:
        bulkreports.tell(call, row, "ERROR", wrong)
        bulkreports.tell(call, row, "CONDITION_CHECK_FAILURE", unmet)
    except AwsError as problem:
        raise fetching.Failed("S3" + problem.code, problem.message) from None
    return _due(call, row, units)


def _shelf(call: Call, row: Bulk) -> Shelf:
    try:
        shelf = opened(call, row.table)
    except AwsError as problem:
        raise fetching.Failed(problem.code, problem.message) from None
    if shelf.number != row.place:
        raise fetching.Failed("ResourceNotFoundException", "Requested resource not found")
    return shelf


def _understood(shelf: Shelf, record: records.Record) -> tuple[fetching.Taken | str, Guard | None]:
    """A record's item and condition, or what is wrong with them."""
    new = fetching.taken(shelf, record)
    if isinstance(new, str) or isinstance(record, ValueError) or not record.said:
        return new, None
    said = record.said
    if strange := said.keys() - _SAID:
        return f"a record holds {', '.join(sorted(strange))}", None
    text = said.get("ConditionExpression")
    if not isinstance(text, str | None):
        return "ConditionExpression is no text", None
    try:
        terms = Terms(said.get("ExpressionAttributeNames"), said.get("ExpressionAttributeValues"), "ConditionExpression",
                      ConditionExpression=text)
        test = guard(terms, text, None, None)
        terms.finish()
    except AwsError as problem:
        return problem.message, None
    return new, test


def _put(shelf: Shelf, row: Bulk, new: fetching.Taken, old: Entry | None) -> float:
    """Put an item, and count its bytes; the write units that it took."""
    reached = writes.change(shelf, new.key, old, new.item, new.body, new.size)
    row.usage[""] = row.usage.get("", 0) + new.size
    for index in shelf.facts.indexes:
        entry = writes.entry(shelf.facts, index, keys.tie(new.key), new.item, new.body, new.size) \
            if index.name in reached else None
        if entry is not None:
            row.usage[index.name] = row.usage.get(index.name, 0) + entry.size
    for about in shelf.facts.vectors:
        if (found := vectors.embedding(shelf.facts, about, keys.tie(new.key), new.item)) is not None:
            row.vectors[about.name] = row.vectors.get(about.name, 0) + len(found.vector)
    return capacity.write_units(max(new.size, old.size if old is not None else 0)) + sum(reached.values())


def _due(call: Call, row: Bulk, units: float) -> float | None:
    """When the next records may be put, if not now."""
    rate = row.told.get("MaxWriteRequestUnits")
    if not rate:
        return None
    row.due = max(row.due, call.now) + units / rate
    return row.due if row.due - call.now >= _AHEAD else None


# --- the end ---

def _end(call: Call, row: Bulk, status: str, failure: fetching.Failure | None) -> None:
    row.status = "COMPLETED_WITH_ERRORS" if status == "COMPLETED" and row.errors else status
    row.failure, row.ended = failure, call.now
    try:
        bulkreports.finish(call, row)
    except AwsError:
        if status == "COMPLETED":
            raise                                                # who cannot write the report fails, and says why
    call.put(row)
    call.table(ExportFile).delete_all(row.id)
    call.at(call.now + exporting.KEPT, forget_bulk, name=row.id, id=row.id)


def _onward(call: Call, id: str, run: int, at: float) -> None:
    if at <= call.now:
        call.task(put_next, id=id, run=run)
    else:
        call.at(at, go_on_bulk, name=f"bulk-{id}", id=id, run=run)


_WAY = fetching.Way(Bulk, _source, _store, _end, _onward)
