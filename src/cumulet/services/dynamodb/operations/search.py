"""Query and Scan."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import items, keys, legacy, pages, search
from ..expressions.paths import Projection
from ..pages import Test, Wanted
from ..shelf import opened
from ..terms import Terms, not_mixed
from ..values import Item

Doc = dict[str, Any]


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
        search.no_keys(schema, test[0], "Filter Expression" if FilterExpression is not None else "QueryFilter")
    behind = search.position(shelf.facts, index, ExclusiveStartKey) if ExclusiveStartKey is not None else None
    if behind is not None and (behind[0] != hash_key or not search.within(bounds, behind[1])):
        raise error.ValidationException(
            "The provided starting key is outside query boundaries based on provided conditions")
    fetch = search.query_rows(shelf, index.number if index else shelf.number, hash_key, bounds, ScanIndexForward)
    wanted = Wanted(Select, projection, ProjectionExpression is not None, index, ConsistentRead, shelf)
    page = pages.read(shelf, index, fetch, behind, Limit, test, wanted, ReturnConsumedCapacity)
    return pages.answer(page, shelf, wanted)


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
    wanted = Wanted(Select, projection, ProjectionExpression is not None, index, ConsistentRead, shelf)
    page = pages.read(shelf, index, fetch, behind, Limit, test, wanted, ReturnConsumedCapacity)
    return pages.answer(page, shelf, wanted)


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
