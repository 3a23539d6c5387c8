"""Query and Scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import capacity, items, keys, legacy, search
from .. import values as av
from ..expressions.conditions import Condition
from ..expressions.paths import Projection
from ..resources import Entry, Index
from ..shelf import Shelf, opened, shown_all, shown_item
from ..terms import Terms, not_mixed
from ..values import Item, Value

Doc = dict[str, Any]
_INVALID = "One or more parameter values were invalid: "


@operation
def query(
        call: Call, TableName: str, IndexName: str | None = None, Select: str | None = None,
        AttributesToGet: list[str] | None = None, Limit: int | None = None, ConsistentRead: bool = False,
        KeyConditions: Doc | None = None, QueryFilter: Doc | None = None, ConditionalOperator: str | None = None,
        ScanIndexForward: bool = True, ExclusiveStartKey: Item | None = None, ReturnConsumedCapacity: str = "NONE",
        ProjectionExpression: str | None = None, FilterExpression: str | None = None,
        KeyConditionExpression: str | None = None, ExpressionAttributeNames: dict[str, str] | None = None,
        ExpressionAttributeValues: Item | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html"""
    not_mixed({"AttributesToGet": AttributesToGet, "QueryFilter": QueryFilter, "ConditionalOperator": ConditionalOperator,
               "KeyConditions": KeyConditions},
              {"ProjectionExpression": ProjectionExpression, "FilterExpression": FilterExpression,
               "KeyConditionExpression": KeyConditionExpression})
    terms = Terms(ExpressionAttributeNames, ExpressionAttributeValues, "FilterExpression and KeyConditionExpression",
                  ProjectionExpression=ProjectionExpression, FilterExpression=FilterExpression,
                  KeyConditionExpression=KeyConditionExpression)
    condition = terms.condition(KeyConditionExpression, "KeyConditionExpression")
    test = _filter(terms, FilterExpression, QueryFilter, ConditionalOperator)
    projection = _projection(terms, ProjectionExpression, AttributesToGet)
    terms.finish()
    if condition is not None:
        parts = search.parts_of(condition, terms.values)
    elif KeyConditions is not None:
        parts = legacy.key_conditions(KeyConditions)
    else:
        raise error.ValidationException(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    shelf = opened(call, TableName)
    index = shelf.index(IndexName) if IndexName is not None else None
    schema = search.schema_of(index or shelf.facts)
    hash_key, bounds = search.key_range(schema, parts)
    if test is not None:
        _no_keys(schema, test[0], FilterExpression is not None)
    behind = search.position(shelf.facts, index, ExclusiveStartKey) if ExclusiveStartKey is not None else None
    if behind is not None and (behind[0] != hash_key or not search.within(bounds, behind[1])):
        raise error.ValidationException(
            "The provided starting key is outside query boundaries based on provided conditions")
    fetch = search.query_rows(shelf, index.number if index else shelf.number, hash_key, bounds, ScanIndexForward)
    wanted = _Wanted(Select, projection, ProjectionExpression is not None, index, ConsistentRead, shelf)
    return _answer(shelf, index, fetch, behind, Limit, test, wanted, ReturnConsumedCapacity)


@operation
def scan(
        call: Call, TableName: str, IndexName: str | None = None, AttributesToGet: list[str] | None = None,
        Limit: int | None = None, Select: str | None = None, ScanFilter: Doc | None = None,
        ConditionalOperator: str | None = None, ExclusiveStartKey: Item | None = None,
        ReturnConsumedCapacity: str = "NONE", TotalSegments: int | None = None, Segment: int | None = None,
        ProjectionExpression: str | None = None, FilterExpression: str | None = None,
        ExpressionAttributeNames: dict[str, str] | None = None, ExpressionAttributeValues: Item | None = None,
        ConsistentRead: bool = False) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html"""
    not_mixed({"AttributesToGet": AttributesToGet, "ScanFilter": ScanFilter, "ConditionalOperator": ConditionalOperator},
              {"ProjectionExpression": ProjectionExpression, "FilterExpression": FilterExpression})
    _check_segments(Segment, TotalSegments)
    terms = Terms(ExpressionAttributeNames, ExpressionAttributeValues, "FilterExpression",
                  ProjectionExpression=ProjectionExpression, FilterExpression=FilterExpression)
    test = _filter(terms, FilterExpression, ScanFilter, ConditionalOperator)
    projection = _projection(terms, ProjectionExpression, AttributesToGet)
    terms.finish()
    shelf = opened(call, TableName)
    index = shelf.index(IndexName) if IndexName is not None else None
    behind = search.position(shelf.facts, index, ExclusiveStartKey) if ExclusiveStartKey is not None else None
    if behind is not None and Segment is not None and TotalSegments is not None and not (
            keys.boundary(Segment, TotalSegments) <= behind[0]
            and (Segment + 1 == TotalSegments or behind[0] < keys.boundary(Segment + 1, TotalSegments))):
        raise error.ValidationException("The provided starting key is outside the boundaries of the segment: "
                                        f"Segment: {Segment}, TotalSegments: {TotalSegments}")
    fetch = search.scan_rows(shelf, index.number if index else shelf.number, Segment, TotalSegments)
    wanted = _Wanted(Select, projection, ProjectionExpression is not None, index, ConsistentRead, shelf)
    return _answer(shelf, index, fetch, behind, Limit, test, wanted, ReturnConsumedCapacity)


Test = tuple[Condition, Mapping[str, Value]]


class _Wanted:
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


def _answer(shelf: Shelf, index: Index | None, fetch: search.Fetch, behind: tuple[bytes, bytes, bytes] | None,
            limit: int | None, test: Test | None, wanted: _Wanted, capacity_wanted: str) -> Doc:
    fetched = _Fetched(shelf, wanted.consistent)
    found = search.collect(fetch, behind, limit, _keep(test, wanted, fetched))
    result: Doc = {"Count": len(found.bodies), "ScannedCount": found.scanned}
    if not wanted.count_only:
        result["Items"] = shown_all(shelf.call, found.bodies)
    if found.last is not None:
        result["LastEvaluatedKey"] = shown_item(shelf.call, keys.part_of(shelf.facts, av.decode(found.last.body), index))
    if capacity_wanted != "NONE":
        units = capacity.read_units(found.size, wanted.consistent)
        result["ConsumedCapacity"] = capacity.consumed(
            shelf.name, shelf.facts, capacity_wanted, units if index is None else fetched.units,
            {index.name: units} if index is not None else None)
    return result


class _Fetched:
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


def _keep(test: Test | None, wanted: _Wanted, fetched: _Fetched) -> search.Keep | None:
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


def _filter(terms: Terms, text: str | None, old_style: Doc | None, operator: str | None) -> Test | None:
    if text is not None:
        condition = terms.condition(text, "FilterExpression")
        assert condition is not None
        return condition, terms.values
    if operator is not None and not old_style:
        raise error.ValidationException("ConditionalOperator cannot be used without Filter or Expected")
    return legacy.filters(old_style, operator or "AND", "Filter") if old_style else None


def _projection(terms: Terms, text: str | None, attributes: list[str] | None) -> Projection | None:
    return items.attributes_to_get(attributes) if attributes is not None else terms.projection(text)


def _no_keys(schema: search.Schema, condition: Condition, expression: bool) -> None:
    for name in (schema.hash, schema.sort):
        if name and name in condition.roots:
            raise error.ValidationException(
                f"{'Filter Expression' if expression else 'QueryFilter'} can only contain non-primary key attributes: "
                f"Primary key attribute: {name}")


def _check_segments(segment: int | None, segments: int | None) -> None:
    if segments is not None and segment is None:
        raise error.ValidationException(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
    if segment is not None:
        if segments is None:
            raise error.ValidationException(
                "The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
        if segment >= segments:
            raise error.ValidationException(
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                f"Segment: {segment} is not less than TotalSegments: {segments}")
