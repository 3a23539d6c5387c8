"""Items, one at a time: put, get, update, delete."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import capacity, items, keys, measuring, throttling, writes
from .. import values as av
from ..expressions import paths
from ..resources import Entry
from ..shelf import Shelf, opened, picked, shown, shown_item
from ..terms import Guard, Terms, guard, not_mixed
from ..values import Item as Attributes

Doc = dict[str, Any]


@operation
def get_item(
        call: Call, TableName: str, Key: Attributes, ConsistentRead: bool = False, AttributesToGet: list[str] | None = None,
        ProjectionExpression: str | None = None, ExpressionAttributeNames: dict[str, str] | None = None,
        ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html"""
    projection = items.projection(ProjectionExpression, ExpressionAttributeNames, AttributesToGet)
    shelf = opened(call, TableName)
    row = shelf.get(keys.of_key(shelf.facts, Key))
    result: Doc = {}
    if row is not None:
        result["Item"] = shown(call, picked(row, projection))
    units = capacity.read_units(row.size if row else 0, ConsistentRead)
    throttling.spend(shelf, "Read", units)
    if ReturnConsumedCapacity != "NONE":
        result["ConsumedCapacity"] = capacity.consumed(shelf.name, shelf.facts, ReturnConsumedCapacity, units)
    return result


@operation
def put_item(
        call: Call, TableName: str, Item: Attributes, ConditionExpression: str | None = None, Expected: Doc | None = None,
        ConditionalOperator: str | None = None, ExpressionAttributeNames: dict[str, str] | None = None,
        ExpressionAttributeValues: Attributes | None = None, ReturnValues: str = "NONE",
        ReturnConsumedCapacity: str = "NONE", ReturnItemCollectionMetrics: str = "NONE",
        ReturnValuesOnConditionCheckFailure: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html"""
    test = None
    if ConditionExpression is not None or Expected is not None or ExpressionAttributeNames is not None \
            or ExpressionAttributeValues is not None or ConditionalOperator is not None:
        test = _test(ConditionExpression, Expected, ConditionalOperator, ExpressionAttributeNames, ExpressionAttributeValues)
    shelf = opened(call, TableName)
    item, size = av.take_item(Item)
    key = items.checked(shelf.facts, item, size)
    body = av.encode(item)
    if test is None and ReturnValues == ReturnConsumedCapacity == ReturnItemCollectionMetrics == "NONE" and shelf.plain:
        shelf.entries.put(Entry(shelf.number, key[0], key[1], b"", size, body))
        throttling.spend(shelf, "Write", capacity.write_units(size))
        return {}
    _old_or_none(ReturnValues)
    old = shelf.get(key)
    _must_hold(shelf, test, old, ReturnValuesOnConditionCheckFailure)
    units = writes.change(shelf, key, old, item, body, size)
    result: Doc = {}
    if ReturnValues == "ALL_OLD" and old is not None:
        result["Attributes"] = shown(call, old.body)
    return result | items.told(shelf, key, item, max(size, old.size if old else 0), units, ReturnConsumedCapacity,
                               ReturnItemCollectionMetrics)


@operation
def delete_item(
        call: Call, TableName: str, Key: Attributes, ConditionExpression: str | None = None, Expected: Doc | None = None,
        ConditionalOperator: str | None = None, ExpressionAttributeNames: dict[str, str] | None = None,
        ExpressionAttributeValues: Attributes | None = None, ReturnValues: str = "NONE",
        ReturnConsumedCapacity: str = "NONE", ReturnItemCollectionMetrics: str = "NONE",
        ReturnValuesOnConditionCheckFailure: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html"""
    test = _test(ConditionExpression, Expected, ConditionalOperator, ExpressionAttributeNames, ExpressionAttributeValues)
    _old_or_none(ReturnValues)
    shelf = opened(call, TableName)
    key = keys.of_key(shelf.facts, Key)
    old = shelf.get(key)
    _must_hold(shelf, test, old, ReturnValuesOnConditionCheckFailure)
    units = writes.change(shelf, key, old, None, b"", 0)
    result: Doc = {}
    if ReturnValues == "ALL_OLD" and old is not None:
        result["Attributes"] = shown(call, old.body)
    return result | items.told(shelf, key, Key, old.size if old else 0, units, ReturnConsumedCapacity,
                               ReturnItemCollectionMetrics)


@operation
def update_item(
        call: Call, TableName: str, Key: Attributes, UpdateExpression: str | None = None,
        AttributeUpdates: Doc | None = None, ConditionExpression: str | None = None, Expected: Doc | None = None,
        ConditionalOperator: str | None = None, ExpressionAttributeNames: dict[str, str] | None = None,
        ExpressionAttributeValues: Attributes | None = None, ReturnValues: str = "NONE",
        ReturnConsumedCapacity: str = "NONE", ReturnItemCollectionMetrics: str = "NONE",
        ReturnValuesOnConditionCheckFailure: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html"""
    not_mixed({"AttributeUpdates": AttributeUpdates, "Expected": Expected, "ConditionalOperator": ConditionalOperator},
              {"UpdateExpression": UpdateExpression, "ConditionExpression": ConditionExpression})
    terms = Terms(ExpressionAttributeNames, ExpressionAttributeValues, "UpdateExpression and ConditionExpression",
                  UpdateExpression=UpdateExpression, ConditionExpression=ConditionExpression)
    update = items.Change(terms.update(UpdateExpression), terms.values, AttributeUpdates)
    test = guard(terms, ConditionExpression, Expected, ConditionalOperator)
    terms.finish()
    shelf = opened(call, TableName)
    key = keys.of_key(shelf.facts, Key)
    update.check_keys(shelf.facts)
    old = shelf.get(key)
    _must_hold(shelf, test, old, ReturnValuesOnConditionCheckFailure)
    item, body, size = update.apply(shelf.facts, Key, old)
    units = writes.change(shelf, key, old, item, body, size)
    result = _returned(call, ReturnValues, update, old, item, body)
    return result | items.told(shelf, key, Key, max(size, old.size if old else 0), units, ReturnConsumedCapacity,
                               ReturnItemCollectionMetrics)


def _returned(call: Call, wanted: str, update: items.Change, old: Entry | None, item: Attributes, body: bytes) -> Doc:
    if wanted == "ALL_NEW":
        return {"Attributes": shown(call, body)}
    if wanted == "ALL_OLD":
        return {"Attributes": shown(call, old.body)} if old is not None else {}
    if wanted in ("UPDATED_OLD", "UPDATED_NEW"):
        source = item if wanted == "UPDATED_NEW" else av.decode(old.body) if old is not None else {}
        found = paths.pick(source, update.branches)
        return {"Attributes": shown_item(call, found)} if found else {}
    return {}


def _test(text: str | None, expected: Doc | None, operator: str | None, names: dict[str, str] | None,
          values: Attributes | None) -> Guard | None:
    """The condition of a put or a delete."""
    not_mixed({"Expected": expected, "ConditionalOperator": operator}, {"ConditionExpression": text})
    terms = Terms(names, values, "ConditionExpression", ConditionExpression=text)
    found = guard(terms, text, expected, operator)
    terms.finish()
    return found


def _old_or_none(wanted: str) -> None:
    if wanted not in ("NONE", "ALL_OLD"):
        raise error.ValidationException("ReturnValues can only be ALL_OLD or NONE")


def _must_hold(shelf: Shelf, test: Guard | None, old: Entry | None, on_failure: str) -> None:
    if test is None:
        return
    item = av.decode(old.body) if old is not None else {}
    if not test.holds(item):
        throttling.spend(shelf, "Write", capacity.write_units(old.size if old is not None else 0))
        measuring.check_failed(shelf)
        shown = av.for_peers(item) if on_failure == "ALL_OLD" and old is not None else None
        raise error.ConditionalCheckFailedException("The conditional request failed", Item=shown)
