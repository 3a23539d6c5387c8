"""Maximum throughput of on-demand tables and their global indexes: a bucket of units for reads and one for writes, refilled by
the clock. A request is let in while units are left, and may take more than are left; the next ones wait for the debt.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, error

from . import tables
from .resources import Bucket, Facts, Limit, Table
from .shelf import Shelf

_MEMBERS = {"Read": "MaxReadRequestUnits", "Write": "MaxWriteRequestUnits"}
_NOTHING: Mapping[str, float] = {}


def check(mode: str, wanted: Mapping[str, int] | None) -> None:
    """Raise when an OnDemandThroughput is none."""
    if wanted is None:
        return
    if mode != "PAY_PER_REQUEST":
        raise tables.invalid("OnDemandThroughput can be specified only when BillingMode is PAY_PER_REQUEST")
    given = [wanted[member] for member in _MEMBERS.values() if wanted.get(member) is not None]
    if not given:
        raise tables.invalid("At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified")
    if any(units != -1 and units < 1 for units in given):
        raise tables.invalid("MaxReadRequestUnits and MaxWriteRequestUnits must be -1, or greater than or equal to 1")


def check_all(table: Table) -> None:
    """The maxima of a new table and its indexes."""
    check(table.BillingMode, table.OnDemandThroughput)
    for index in table.GlobalSecondaryIndexes:
        check(table.BillingMode, index.get("OnDemandThroughput"))


def changed(before: Mapping[str, int] | None, wanted: Mapping[str, int]) -> dict[str, int]:
    """The maximum after a change: what is not named stays."""
    return {**(before or {}), **wanted}


def limits_of(table: Table, facts: Facts) -> tuple[Limit, ...]:
    """What counts on each call on items; nothing when nothing is limited."""
    found = [_limit(table.number, "", table.OnDemandThroughput)]
    settings = {index["IndexName"]: index.get("OnDemandThroughput") for index in table.GlobalSecondaryIndexes}
    found += [_limit(index.number, index.name, settings.get(index.name)) for index in facts.indexes if index.wide]
    if table.BillingMode != "PAY_PER_REQUEST":
        return ()
    return tuple(limit for limit in found if limit.reads > 0 or limit.writes > 0)


def _limit(place: int, index: str, wanted: Mapping[str, int] | None) -> Limit:
    reads, writes = ((wanted or {}).get(member) or -1 for member in _MEMBERS.values())
    return Limit(place, index, reads, writes)


def spend(shelf: Shelf, kind: str, table: float, indexes: Mapping[str, float] = _NOTHING) -> None:
    """Take units, or raise when none are left. kind: Read or Write.  indexes: units of each index."""
    if not shelf.facts.limits:
        return
    for limit, most in _each(shelf, kind):
        units = indexes.get(limit.index, 0.0) if limit.index else table + sum(
            taken for name, taken in indexes.items() if not _has_its_own(shelf.facts, name))
        if units:
            bucket = _bucket(shelf, limit, kind, most)
            if bucket.units <= 0:
                raise _throttled(shelf, limit, kind)
            bucket.units -= units
            shelf.call.put(bucket)


def is_open(shelf: Shelf, kind: str) -> bool:
    """Are units left, of the table and of all its indexes?"""
    return all(_bucket(shelf, limit, kind, most).units > 0 for limit, most in _each(shelf, kind))


def refused(shelves: Sequence[Shelf], kind: str) -> AwsError:
    """What a batch is told of which nothing was let in."""
    shelf, limit = next((shelf, limit) for shelf in shelves for limit, most in _each(shelf, kind)
                        if _bucket(shelf, limit, kind, most).units <= 0)
    return _throttled(shelf, limit, kind)


def _each(shelf: Shelf, kind: str) -> list[tuple[Limit, int]]:
    each = ((limit, limit.reads if kind == "Read" else limit.writes) for limit in shelf.facts.limits)
    return [(limit, most) for limit, most in each if most > 0]


def _has_its_own(facts: Facts, name: str) -> bool:
    """Global indexes have units of their own; local ones take their table's."""
    return any(index.wide for index in facts.indexes if index.name == name)


def _bucket(shelf: Shelf, limit: Limit, kind: str, most: int) -> Bucket:
    now = shelf.call.now
    known = shelf.call.table(Bucket).get(limit.place, kind)
    if known is None:
        return Bucket(limit.place, kind, float(most), now)
    return Bucket(limit.place, kind, min(float(most), known.units + (now - known.at) * most), now)


def _throttled(shelf: Shelf, limit: Limit, kind: str) -> AwsError:
    what = "Index" if limit.index else "Table"
    arn = shelf.call.arn(Table(TableName=shelf.name, KeySchema=[])) + (f"/index/{limit.index}" if limit.index else "")
    reasons: list[dict[str, Any]] = [{"reason": f"{what}{kind}MaxOnDemandThroughputExceeded", "resource": arn}]
    return error.ThrottlingException(
        f"Throughput exceeds the maximum OnDemandThroughput configured on {'index' if limit.index else 'table'}: "
        f"{limit.index or shelf.name}", throttlingReasons=reasons)
