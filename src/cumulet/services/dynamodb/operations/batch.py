"""BatchGetItem and BatchWriteItem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from .. import capacity, items, keys, measuring, throttling, writes
from .. import values as av
from ..resources import Entry
from ..shelf import Shelf, opened, picked, shown_all

Doc = dict[str, Any]
_MOST_READ, _MOST_WRITTEN = 100, 25
_LARGEST_RESPONSE = 16 * 1024 * 1024
_READ_AHEAD = 25                             # items of 400 KB at most


@operation
def batch_get_item(call: Call, RequestItems: dict[str, Doc], ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
    if sum(len(asked["Keys"]) for asked in RequestItems.values()) > _MOST_READ:
        raise error.ValidationException("Too many items requested for the BatchGetItem call")
    result: Doc = {"Responses": {}, "UnprocessedKeys": {}}
    consumed = []
    room = _LARGEST_RESPONSE
    shelves = []
    for name, asked in RequestItems.items():
        shelf = opened(call, name)
        shelves.append(shelf)
        bodies, size, units, left = _read(shelf, asked, room)
        if not shelf.facts.limits:
            throttling.spend(shelf, "Read", units)
        room -= size
        result["Responses"][name] = shown_all(call, bodies)
        if left:
            result["UnprocessedKeys"][name] = asked | {"Keys": left}
        consumed.append(capacity.consumed(shelf.name, shelf.facts, ReturnConsumedCapacity, units))
    if sum(len(asked["Keys"]) for asked in RequestItems.values()) == \
            sum(len(asked["Keys"]) for asked in result["UnprocessedKeys"].values()):
        for shelf in shelves:
            throttling.must_read(shelf)
    return result | ({"ConsumedCapacity": consumed} if ReturnConsumedCapacity != "NONE" else {})


def _read(shelf: Shelf, asked: Doc, room: int) -> tuple[list[bytes], int, float, list[Doc]]:
    """What is found in one table, its size, the units that it took, and the keys that are left when no room is. Where units
    are limited they are spent one by one."""
    consistent = asked.get("ConsistentRead", False)
    projection = items.projection(asked.get("ProjectionExpression"), asked.get("ExpressionAttributeNames"),
                                  asked.get("AttributesToGet"))
    places = _distinct([keys.of_key(shelf.facts, key) for key in asked["Keys"]])
    bodies: list[bytes] = []
    size, units = 0, 0.0
    for at, row in enumerate(_rows(shelf, places)):
        if row is not None and size + row.size > room:
            return bodies, room, units, asked["Keys"][at:]
        taken = capacity.read_units(row.size if row else 0, consistent)
        if shelf.facts.limits:
            try:
                throttling.spend(shelf, "Read", taken)
            except AwsError:
                return bodies, size, units, asked["Keys"][at:]
        units += taken
        if row is not None:
            size += row.size
            bodies.append(picked(row, projection))
    return bodies, size, units, []


def _rows(shelf: Shelf, places: list[keys.Key]) -> Iterator[Entry | None]:
    """One after the other; some are read ahead where nothing depends on which are reached."""
    ahead = 1 if shelf.facts.limits or shelf.facts.counted else _READ_AHEAD
    for start in range(0, len(places), ahead):
        yield from shelf.get_many(places[start:start + ahead])


@operation
def batch_write_item(call: Call, RequestItems: dict[str, list[Doc]], ReturnConsumedCapacity: str = "NONE",
                     ReturnItemCollectionMetrics: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
    if sum(map(len, RequestItems.values())) > _MOST_WRITTEN:
        raise error.ValidationException("Too many items requested for the BatchWriteItem call")
    result: Doc = {"UnprocessedItems": {}}
    consumed = []
    metrics: dict[str, list[Doc]] = {}
    refused: list[AwsError] = []
    for name, requests in RequestItems.items():
        shelf = opened(call, name)
        work = [_prepared(shelf, request) for request in requests]
        _distinct([key for key, *_ in work])
        units, of_indexes = 0.0, dict[str, float]()
        blind = shelf.plain and ReturnConsumedCapacity == "NONE"         # nobody looks at what was there before
        for at, (key, wire, item, body, size) in enumerate(work):
            if blind and item is not None:
                writes.change(shelf, key, None, item, body, size)
                units += capacity.write_units(size)
                continue
            old = shelf.get(key)
            try:
                throttling.must_write(shelf, old, item)
            except AwsError as problem:
                refused.append(problem)
                result["UnprocessedItems"].setdefault(name, []).append(requests[at])
                continue
            taken = writes.change(shelf, key, old, item, body, size)
            one = capacity.write_units(max(size, old.size if old else 0))
            if shelf.facts.limits:
                throttling.spend(shelf, "Write", one, taken)
            for index, more in taken.items():
                of_indexes[index] = of_indexes.get(index, 0.0) + more
            units += one
            if ReturnItemCollectionMetrics == "SIZE" and (found := items.collection(shelf, key, wire)) is not None:
                metrics.setdefault(name, []).append(found)
        if not shelf.facts.limits:
            throttling.spend(shelf, "Write", units, of_indexes)
        consumed.append(capacity.consumed(shelf.name, shelf.facts, ReturnConsumedCapacity, units, of_indexes))
    if len(refused) == sum(map(len, RequestItems.values())):
        for name in RequestItems:
            measuring.throttled(opened(call, name))
        raise refused[0]
    if ReturnConsumedCapacity != "NONE":
        result["ConsumedCapacity"] = consumed
    if metrics:
        result["ItemCollectionMetrics"] = metrics
    return result


def _prepared(shelf: Shelf, request: Doc) -> tuple[keys.Key, av.Item, av.Item | None, bytes, int]:
    """One put (key, what names it, item, JSON, size) or delete (no item)."""
    put, delete = request.get("PutRequest"), request.get("DeleteRequest")
    if (put is None) == (delete is None):
        raise error.ValidationException(
            "Supplied WriteRequest must contain exactly one of PutRequest or DeleteRequest")
    if put is not None:
        item, size = av.take_item(put["Item"])
        for name, kind in ((shelf.facts.hash, shelf.facts.hash_kind), (shelf.facts.sort, shelf.facts.sort_kind)):
            if name and kind not in item.get(name, {}):
                raise error.ValidationException("The provided key element does not match the schema")
        return items.checked(shelf.facts, item, size), item, item, av.encode(item), size
    assert delete is not None
    return keys.of_key(shelf.facts, delete["Key"]), delete["Key"], None, b"", 0


def _distinct(places: list[keys.Key]) -> list[keys.Key]:
    if len(set(places)) < len(places):
        raise error.ValidationException("Provided list of item keys contains duplicates")
    return places
