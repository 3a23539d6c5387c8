"""Throughput of tables and their global indexes, as far as it is limited: units that are provisioned, and the maximum of those
that are on demand. Reads and writes have a bucket each, refilled by the clock. A request is let in while units are left, and
may take more than are left; the next ones wait for the debt.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from cumulet.kernel import AwsError, Call, error

from . import keys, measuring, tables
from . import values as av
from .resources import Entry, Facts, Limit, Table
from .shelf import Shelf
from .values import Item

Kind = Literal["Read", "Write"]
_MEMBERS: dict[Kind, str] = {"Read": "MaxReadRequestUnits", "Write": "MaxWriteRequestUnits"}
_UNITS: dict[Kind, str] = {"Read": "ReadCapacityUnits", "Write": "WriteCapacityUnits"}
_BURST = 300                             # seconds of unused units that are kept where they are provisioned
_NOTHING: Mapping[str, float] = {}
_TABLE_EXCEEDED = ("The level of configured provisioned throughput for the table was exceeded. Consider increasing your "
                   "provisioning level with the UpdateTable API.")
_INDEX_EXCEEDED = ("The level of configured provisioned throughput for one or more global secondary indexes of the table was "
                   "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes "
                   "with the UpdateTable API.")
# What transactions and statements of batches call these errors.
CODES = {"ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded", "ThrottlingException": "ThrottlingError"}


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
    provisioned = table.BillingMode == "PROVISIONED"
    member, units = ("ProvisionedThroughput", _UNITS) if provisioned else ("OnDemandThroughput", _MEMBERS)

    def limit(place: int, index: str, wanted: Mapping[str, int] | None) -> Limit:
        reads, writes = ((wanted or {}).get(name) or -1 for name in units.values())
        return Limit(place, index, reads, writes, provisioned)

    settings = {index["IndexName"]: index.get(member) for index in table.GlobalSecondaryIndexes}
    found = [limit(table.number, "", getattr(table, member))]
    found += [limit(index.number, index.name, settings.get(index.name)) for index in facts.indexes if index.wide]
    return tuple(one for one in found if one.reads > 0 or one.writes > 0)


def begin(call: Call, limits: Iterable[Limit]) -> None:
    """From now on units come at this rate."""
    for limit in limits:
        for kind in _UNITS:
            if _most(limit, kind) > 0:
                _take(call, limit, kind, 0)


def spend(shelf: Shelf, kind: Kind, table: float, indexes: Mapping[str, float] = _NOTHING) -> None:
    """Take units, or none and raise when none are left of one of them; and count them. indexes: units of each index."""
    if shelf.facts.limits:
        _take_all(shelf, kind, table, indexes)
    measuring.consumed(shelf, kind, table, indexes)


def _take_all(shelf: Shelf, kind: Kind, table: float, indexes: Mapping[str, float]) -> None:
    asked = []
    for limit in shelf.facts.limits:
        units = indexes.get(limit.index, 0.0) if limit.index else table + sum(
            taken for name, taken in indexes.items() if not _has_its_own(shelf.facts, name))
        if units and _most(limit, kind) > 0:
            asked.append((limit, units))
    _must_be_open(shelf, kind, [limit for limit, _ in asked])
    for limit, units in asked:
        _take(shelf.call, limit, kind, units)


def must_read(shelf: Shelf) -> None:
    """Raise when the table has no units for any read of a batch."""
    for limit in _each(shelf, "Read", {""}):
        if not _take(shelf.call, limit, "Read", 0):
            measuring.throttled(shelf)
            raise _throttled(shelf, limit, "Read")


def must_write(shelf: Shelf, old: Entry | None, new: Item | None) -> None:
    """Raise when the table, or an index that the change reaches, has no units for it."""
    if not shelf.facts.limits:
        return
    before = av.decode(old.body) if old is not None else None
    reached = {""} | {index.name for index in shelf.facts.indexes for item in (before, new)
                      if item is not None and keys.of_index(index, item) is not None}
    _must_be_open(shelf, "Write", _each(shelf, "Write", reached))


def _each(shelf: Shelf, kind: Kind, names: set[str]) -> Iterator[Limit]:
    return (limit for limit in shelf.facts.limits if limit.index in names and _most(limit, kind) > 0)


def _must_be_open(shelf: Shelf, kind: Kind, limits: Iterable[Limit]) -> None:
    for limit in limits:
        if not _take(shelf.call, limit, kind, 0):
            shelf.refused(limit.place)
            measuring.refused(shelf, kind, limit.index)
            raise _throttled(shelf, limit, kind)


def _most(limit: Limit, kind: Kind) -> int:
    return limit.reads if kind == "Read" else limit.writes


def _has_its_own(facts: Facts, name: str) -> bool:
    """Global indexes have units of their own; local ones take their table's."""
    return any(index.wide for index in facts.indexes if index.name == name)


def _take(call: Call, limit: Limit, kind: Kind, units: float) -> bool:
    """Take units from a bucket, unless it is empty."""
    rate = _most(limit, kind)
    mode, seconds = ("provisioned", _BURST) if limit.provisioned else ("on-demand", 1)
    return call.bucket(mode, str(limit.place), kind, rate=rate, most=rate * seconds).spend(units)


def _throttled(shelf: Shelf, limit: Limit, kind: Kind) -> AwsError:
    what = "Index" if limit.index else "Table"
    arn = shelf.call.arn(Table(TableName=shelf.name, KeySchema=[])) + (f"/index/{limit.index}" if limit.index else "")

    def reasons(why: str) -> list[dict[str, Any]]:
        return [{"reason": f"{what}{kind}{why}", "resource": arn}]

    if limit.provisioned:
        return error.ProvisionedThroughputExceededException(
            _INDEX_EXCEEDED if limit.index else _TABLE_EXCEEDED, ThrottlingReasons=reasons("ProvisionedThroughputExceeded"))
    return error.ThrottlingException(
        f"Throughput exceeds the maximum OnDemandThroughput configured on {what.lower()}: {limit.index or shelf.name}",
        throttlingReasons=reasons("MaxOnDemandThroughputExceeded"))
