"""What a page of Query, Scan or SELECT answers: what of each row, and what it took to read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cumulet.kernel import error

from . import capacity, keys, measuring, search, throttling
from . import values as av
from .expressions.conditions import Condition
from .resources import Entry, Index
from .shelf import Projection, Shelf, shown_all, shown_item
from .values import Item, Value

Doc = dict[str, Any]
_INVALID = "One or more parameter values were invalid: "


Test = tuple[Condition, Mapping[str, Value]]


class Wanted:
    """What of each item the request wants, checked against what there is."""

    __slots__ = ("consistent", "count_only", "from_table", "projection")

    def __init__(self, select: str | None, projection: Projection | None, expression: bool, index: Index | None,
                 consistent: bool, shelf: Shelf) -> None:
        if consistent and index is not None and index.wide:
            raise error.ValidationException("Consistent reads are not supported on global secondary indexes")
        if select == "ALL_PROJECTED_ATTRIBUTES" and index is None:
            raise error.ValidationException("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
        if select == "SPECIFIC_ATTRIBUTES" and projection is None:
            raise error.ValidationException(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
        if projection is not None and select not in (None, "SPECIFIC_ATTRIBUTES"):
            what = "only the Count" if select == "COUNT" else select
            member = "ProjectionExpression" if expression else "AttributesToGet"
            raise error.ValidationException(f"Cannot specify the {member} when choosing to get {what}")
        self.count_only = select == "COUNT"
        self.projection = projection
        self.consistent = consistent
        self.from_table = False
        if index is not None and index.projection != "ALL":
            self._beyond(select, index, shelf)

    def _beyond(self, select: str | None, index: Index, shelf: Shelf) -> None:
        """May the index answer it alone? A local one goes to its table for the rest."""
        there = {*keys.names(shelf.facts, index), *index.attributes}
        missing = self.projection.roots - there if self.projection is not None else frozenset()
        if not index.wide:
            self.from_table = bool(missing) or select == "ALL_ATTRIBUTES"
        elif missing:
            raise error.ValidationException(
                _INVALID + f"Global secondary index {index.name} does not project [{', '.join(sorted(missing))}]")
        elif select == "ALL_ATTRIBUTES":
            raise error.ValidationException(
                _INVALID + f"Select type ALL_ATTRIBUTES is not supported for global secondary index {index.name} because its "
                "projection type is not ALL")


class Answer(NamedTuple):
    """A page. last: the key that it ended with, None when nothing is left."""

    found: search.Found
    last: Item | None
    consumed: Doc | None


def read(shelf: Shelf, index: Index | None, fetch: search.Fetch, behind: tuple[bytes, bytes, bytes] | None,
         limit: int | None, test: Test | None, wanted: Wanted, capacity_wanted: str) -> Answer:
    """One page of rows from behind a place on."""
    fetched = Fetched(shelf, wanted.consistent)
    keep = keeping(test, wanted, fetched)
    seen: list[Entry] = []
    found = search.collect(fetch, behind, limit, _seeing(keep, seen) if shelf.facts.counted else keep)
    units = capacity.read_units(found.size, wanted.consistent)
    of_table, of_index = (units, {}) if index is None else (fetched.units, {index.name: units})
    shelf.saw(seen[:1])                                      # of which it is said when the page is refused
    throttling.spend(shelf, "Read", of_table, of_index)
    measuring.returned(shelf, len(found.bodies))
    shelf.saw(seen[1:])
    return Answer(
        found, keys.part_of(shelf.facts, av.decode(found.last.body), index) if found.last is not None else None,
        capacity.consumed(shelf.name, shelf.facts, capacity_wanted, of_table, of_index))


def answer(page: Answer, shelf: Shelf, wanted: Wanted) -> Doc:
    """A page as Query and Scan tell it."""
    found, last, consumed = page
    result: Doc = {"Count": len(found.bodies), "ScannedCount": found.scanned, "ConsumedCapacity": consumed}
    if not wanted.count_only:
        result["Items"] = shown_all(shelf.call, found.bodies)
    if last is not None:
        result["LastEvaluatedKey"] = shown_item(shelf.call, last)
    return result


class Fetched:
    """Items fetched from the table for a local index that does not hold all that is wanted."""

    __slots__ = ("consistent", "shelf", "units")

    def __init__(self, shelf: Shelf, consistent: bool) -> None:
        self.shelf = shelf
        self.consistent = consistent
        self.units = 0.0

    def body(self, row: Entry) -> bytes:
        whole = self.shelf.get(keys.untie(row.tie))
        assert whole is not None
        self.units += capacity.read_units(whole.size, self.consistent)
        return whole.body


def _seeing(keep: search.Keep | None, seen: list[Entry]) -> search.Keep:
    """As keep, but remembers the rows."""

    def see(row: Entry) -> bytes | None:
        seen.append(row)
        return row.body if keep is None else keep(row)

    return see


def keeping(test: Test | None, wanted: Wanted, fetched: Fetched) -> search.Keep | None:
    """What to answer for a row; None when it is simply its body."""
    projection = wanted.projection
    if test is None and projection is None and not wanted.from_table:
        return None
    holds, values = (test[0].test, test[1]) if test is not None else (None, {})

    def keep(row: Entry) -> bytes | None:
        body = fetched.body(row) if wanted.from_table else row.body
        item = av.decode(body)
        if holds is not None and not holds(item, values):
            return None
        return body if projection is None else av.encode(projection.of(item))

    return keep
