"""Vector indexes: what may be defined, which items stand in them, and how they are told.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearch.Requirements.html
"""

from __future__ import annotations

import struct
from typing import Any

from cumulet.kernel import AwsError, Table, error, not_implemented

from . import keys
from . import values as av
from .resources import Embedding, Entry, Facts, VectorIndex
from .resources import Table as Definition
from .values import Item, Value

Doc = dict[str, Any]
MOST_DIMENSIONS = 4096
_INVALID = "One or more parameter values were invalid: "
_KEYS = ("S", "N", "B")


def invalid(message: str) -> AwsError:
    return error.ValidationException(_INVALID + message)


# --- definitions ---

def check(table: Definition) -> None:
    """Raise when the vector indexes of a table do not hold together."""
    if not table.vector_indexes:
        return
    if table.BillingMode != "PAY_PER_REQUEST":
        raise invalid("Vector indexes are supported only on tables that use on-demand capacity mode")
    if table.replicas:
        raise not_implemented("A vector index of a global table")
    taken = [index["IndexName"] for index in (*table.LocalSecondaryIndexes, *table.GlobalSecondaryIndexes)]
    dimensions: dict[str, int] = {}
    for index in table.vector_indexes:
        if index["IndexName"] in taken:
            raise invalid(f"Duplicate index name: {index['IndexName']}")
        taken.append(index["IndexName"])
        _check_one(index)
        name = index["VectorAttribute"]["AttributeName"]
        if dimensions.setdefault(name, index["Dimensions"]) != index["Dimensions"]:
            raise invalid(f"Vector indexes of the attribute {name} must have the same number of dimensions")


def _check_one(index: Doc) -> None:
    if index["Dimensions"] > MOST_DIMENSIONS:
        raise invalid(f"Dimensions must be less than or equal to {MOST_DIMENSIONS} for index: {index['IndexName']}")
    schema = index.get("SearchSchema") or []
    named = [element["AttributeName"] for element in schema]
    if len(set(named)) < len(named) or index["VectorAttribute"]["AttributeName"] in named:
        raise invalid(f"Duplicate AttributeName in the SearchSchema of index: {index['IndexName']}")
    if sum(element["SearchSchemaElementType"] == "HASH" for element in schema) > 1:
        raise invalid(f"SearchSchema has more than one HASH element for index: {index['IndexName']}")


def index_of(index: Doc, number: int, ready: bool = True) -> VectorIndex:
    """What items need to know of an index."""
    schema = {kind: [element["AttributeName"] for element in index.get("SearchSchema") or ()
                     if element["SearchSchemaElementType"] == kind] for kind in ("HASH", "INLINE_FILTER")}
    projection = index["Projection"]
    return VectorIndex(index["IndexName"], number, index["VectorAttribute"]["AttributeName"], index["Dimensions"],
                       index["DistanceFunction"], next(iter(schema["HASH"]), ""), tuple(schema["INLINE_FILTER"]),
                       projection["ProjectionType"], tuple(projection.get("NonKeyAttributes") or ()), ready)


def described(index: Doc, facts: VectorIndex, arn: str, counts: dict[int, tuple[int, int]], status: str) -> Doc:
    """VectorIndexDescription."""
    items, size = counts.get(facts.number, (0, 0))
    told = index | {"IndexStatus": (status if status in ("CREATING", "DELETING") else "ACTIVE") if facts.ready else "CREATING",
                    "IndexSizeBytes": size, "ItemCount": items, "IndexArn": f"{arn}/index/{index['IndexName']}"}
    return told if facts.ready else told | {"Backfilling": True}


# --- items ---

def packed(numbers: list[Value], dimensions: int) -> bytes | None:
    """Numbers as 32-bit floats; None when they are no such vector."""
    if len(numbers) != dimensions or any("N" not in number for number in numbers):
        return None
    try:
        return struct.pack(f"<{dimensions}f", *(float(number["N"]) for number in numbers))
    except OverflowError:
        return None


def check_item(facts: Facts, item: Item) -> None:
    """Raise when an item's vector is none, or a partition key of a vector index is no key."""
    for index in facts.vectors:
        value = item.get(index.attribute)
        if value is not None and packed(value.get("L") or [], index.dimensions) is None:
            raise invalid(f"The vector attribute {index.attribute} must be a list of {index.dimensions} numbers that fit "
                          f"into 32-bit floating point. IndexName: {index.name}")
        key = item.get(index.hash)
        if key is not None and not any(key.get(kind) for kind in _KEYS):
            raise invalid(f"Type mismatch for Index Key {index.hash} Actual: {av.kind_of(key)} IndexName: {index.name}")


def change(rows: Table[Embedding], facts: Facts, key: keys.Key, before: Item | None, new: Item | None) -> None:
    """Bring an item's places in the vector indexes up to date."""
    tied = keys.tie(key)
    for index in facts.vectors:
        gone = embedding(facts, index, tied, before) if before is not None else None
        come = embedding(facts, index, tied, new) if new is not None else None
        if gone is not None and (come is None or come.hash != gone.hash):
            rows.delete(index.number, gone.hash, tied)
        if come is not None and come != gone:
            rows.put(come)


def bring(rows: Table[Embedding], facts: Facts, index: VectorIndex, entry: Entry) -> None:
    """Put an item that is there already into an index."""
    found = embedding(facts, index, keys.tie((entry.hash, entry.sort)), av.decode(entry.body))
    if found is not None:
        rows.put(found)


def embedding(facts: Facts, index: VectorIndex, tied: bytes, item: Item) -> Embedding | None:
    """An item as it stands in an index; None when it does not."""
    vector = packed(item.get(index.attribute, {}).get("L") or [], index.dimensions)
    place = hash_key(item.get(index.hash)) if index.hash else b""
    if vector is None or place is None:
        return None
    if index.projection != "ALL":
        kept = (*keys.names(facts), *filter(None, (index.hash,)), *index.filters, index.attribute, *index.attributes)
        item = {name: item[name] for name in kept if name in item}
    return Embedding(index.number, place, tied, vector, av.size_of_item(item) + len(vector), av.encode(item))


def hash_key(value: Value | None) -> bytes | None:
    """A partition key of a vector index, with its type before it; None when it is none."""
    for kind in _KEYS:
        if value and value.get(kind):
            return kind.encode() + keys.encode(kind, value[kind])
    return None
