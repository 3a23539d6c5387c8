"""Vector search."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import nearest, search, vectors
from .. import values as av
from ..expressions.conditions import Condition
from ..expressions.paths import Projection
from ..partiql import plan
from ..resources import VectorIndex
from ..shelf import opened, shown_item
from ..terms import Terms
from ..values import Item

Doc = dict[str, Any]
_LABEL = "SearchConditionExpression"
_LARGEST = 16 * 1024 * 1024


@operation
async def search_vectors(
        call: Call, TableName: str, IndexName: str, SearchVector: list[Doc], TopK: int,
        ProjectionExpression: str | None = None, SearchConditionExpression: str | None = None,
        ExpressionAttributeNames: dict[str, str] | None = None, ExpressionAttributeValues: Item | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SearchVectors.html"""
    terms = Terms(ExpressionAttributeNames, ExpressionAttributeValues, _LABEL, ProjectionExpression=ProjectionExpression,
                  SearchConditionExpression=SearchConditionExpression)
    condition = terms.condition(SearchConditionExpression, _LABEL)
    projection = terms.projection(ProjectionExpression)
    terms.finish()
    there, index = await call.run(_index, TableName, IndexName)
    wanted = vectors.packed([av.take(number)[0] for number in SearchVector], index.dimensions)
    if wanted is None:
        raise error.ValidationException(
            f"SearchVector must be a list of {index.dimensions} numbers that fit into 32-bit floating point")
    place = _place(index, condition, terms)
    fits = (lambda item: condition.test(item, terms.values)) if condition is not None else None
    found = await nearest.find(there, index, wanted, place, TopK, fits)
    return {"SearchResults": _results(call, found, projection)}


def _index(call: Call, table: str, name: str) -> tuple[Call, VectorIndex]:
    """The index, and the account where it lies."""
    shelf = opened(call, table)
    index = next((one for one in shelf.facts.vectors if one.name == name), None)
    if index is None or not index.ready:
        raise error.ResourceNotFoundException(f"Requested resource not found: Index: {name} not found")
    return shelf.call, index


def _place(index: VectorIndex, condition: Condition | None, terms: Terms) -> bytes:
    """The partition that is searched: an index with a partition key is searched by it."""
    declared = {*index.filters, index.hash} - {""}
    if condition is not None and (strange := condition.roots - declared):
        raise error.ValidationException(
            f"Invalid {_LABEL}: attributes that are not in the search schema of the index: {', '.join(sorted(strange))}")
    if not index.hash:
        return b""
    found = plan.hash_values(search.Schema(((index.hash, ""),), ()), condition, terms.values) or []
    key = vectors.hash_key(found[0][0]) if len(found) == 1 else None
    if key is None:
        raise error.ValidationException(f"Invalid {_LABEL}: the partition key {index.hash} of the index needs one equality")
    return key


def _results(call: Call, found: list[nearest.Near], projection: Projection | None) -> list[Doc]:
    told, room = [], _LARGEST
    for near in found:
        room -= len(near.body)
        if room < 0:
            raise error.ValidationException("The response exceeds 16 MB: ask for fewer results or fewer attributes")
        item = av.decode(near.body)
        told.append({"Item": shown_item(call, item if projection is None else projection.of(item)), "Score": near.score})
    return told
