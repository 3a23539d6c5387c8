"""TransactWriteItems and TransactGetItems: all conditions first, then all writes, or none."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import orjson

from cumulet.kernel import AwsError, Call, error, operation

from .. import background, capacity, items, keys, writes
from .. import values as av
from ..expressions.paths import Projection
from ..resources import Entry, Token
from ..shelf import Shelf, opened, shown, shown_item
from ..terms import Guard, Terms, guard

Doc = dict[str, Any]
_LARGEST = 4 * 1024 * 1024
TWICE = "Transaction request cannot include multiple operations on one item"
# What AWS finds before a transaction begins: the request is wrong, not the transaction cancelled.
_AT_ONCE = (TWICE, "One or more parameter values are not valid. ")
_KINDS = ("ConditionCheck", "Put", "Delete", "Update")


class Step(NamedTuple):
    """One item of a transaction, ready: whose expressions compile and whose table exists."""

    kind: str
    asked: Doc
    shelf: Shelf
    test: Guard | None
    update: items.Change | None
    put: tuple[av.Item, int] | None          # the item and its size


class Ready(NamedTuple):
    """A step whose condition holds, and what it will write."""

    step: Step
    key: keys.Key
    old: Entry | None
    item: av.Item | None
    body: bytes
    size: int


@operation
def transact_write_items(call: Call, TransactItems: list[Doc], ReturnConsumedCapacity: str = "NONE",
                         ReturnItemCollectionMetrics: str = "NONE", ClientRequestToken: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
    steps = [_step(call, asked) for asked in TransactItems]
    if ClientRequestToken is not None and _done_before(call, ClientRequestToken, TransactItems):
        return _repeated(steps, ReturnConsumedCapacity)
    ready: list[Ready] = []
    reasons: list[Doc] = []
    seen: set[tuple[int, bytes, bytes]] = set()
    for step in steps:
        one, reason = _tried(step, seen)
        reasons.append(reason)
        if one is not None:
            ready.append(one)
    if len(ready) < len(steps):
        raise _cancelled(reasons)
    if sum(one.size for one in ready) > _LARGEST:
        raise error.ValidationException("Transaction request size has exceeded the limit of 4194304 bytes")
    return _written(ready, ReturnConsumedCapacity, ReturnItemCollectionMetrics)


def _step(call: Call, asked: Doc) -> Step:
    kinds = [kind for kind in _KINDS if asked.get(kind) is not None]
    if len(kinds) != 1:
        raise error.ValidationException("TransactItems can only contain one of Check, Put, Update or Delete")
    kind = kinds[0]
    one: Doc = asked[kind]
    needs = "UpdateExpression and ConditionExpression" if kind == "Update" else "ConditionExpression"
    terms = Terms(one.get("ExpressionAttributeNames"), one.get("ExpressionAttributeValues"), needs,
                  UpdateExpression=one.get("UpdateExpression"), ConditionExpression=one.get("ConditionExpression"))
    update = items.Change(terms.update(one["UpdateExpression"]), terms.values, None) if kind == "Update" else None
    test = guard(terms, one.get("ConditionExpression"), None, None)
    terms.finish()
    put = av.take_item(one["Item"]) if kind == "Put" else None
    return Step(kind, one, opened(call, one["TableName"]), test, update, put)


def _tried(step: Step, seen: set[tuple[int, bytes, bytes]]) -> tuple[Ready | None, Doc]:
    """What a step will write, or why the transaction is cancelled."""
    try:
        found, holds = _prepared(step, seen)
    except AwsError as problem:
        if problem.code != "ValidationException" or problem.message.startswith(_AT_ONCE):
            raise
        return None, {"Code": "ValidationError", "Message": problem.message}
    if holds:
        return found, {"Code": "None"}
    reason: Doc = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    if found.old is not None and step.asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
        reason["Item"] = av.for_peers(av.decode(found.old.body))
    return None, reason


def _prepared(step: Step, seen: set[tuple[int, bytes, bytes]]) -> tuple[Ready, bool]:
    shelf, asked = step.shelf, step.asked
    item: av.Item | None = None
    body, size = b"", 0
    if step.put is not None:
        item, size = step.put
        key = items.checked(shelf.facts, item, size)
        body = av.encode(item)
    else:
        key = keys.of_key(shelf.facts, asked["Key"])
    _once(shelf, key, seen)
    if step.update is not None:
        step.update.check_keys(shelf.facts)
    old = shelf.get(key)
    holds = step.test is None or step.test.holds(av.decode(old.body) if old is not None else {})
    if holds and step.update is not None:
        item, body, size = step.update.apply(shelf.facts, asked["Key"], old)
    return Ready(step, key, old, item, body, size), holds


def _written(ready: list[Ready], wanted: str, metrics: str) -> Doc:
    tables: dict[str, tuple[Shelf, float, dict[str, float]]] = {}
    collections: dict[str, list[Doc]] = {}
    for step, key, old, item, body, size in ready:
        shelf = step.shelf
        _, units, of_indexes = tables.get(shelf.name, (shelf, 0.0, {}))
        if step.kind != "ConditionCheck":
            for index, taken in writes.change(shelf, key, old, item, body, size).items():
                of_indexes[index] = of_indexes.get(index, 0.0) + 2 * taken
            asked = step.asked.get("Key") or item or {}
            if metrics == "SIZE" and (found := items.collection(shelf, key, asked)) is not None:
                collections.setdefault(shelf.name, []).append(found)
        units += 2 * capacity.write_units(max(size, old.size if old else 0))
        tables[shelf.name] = (shelf, units, of_indexes)
    result: Doc = {}
    if wanted != "NONE":
        result["ConsumedCapacity"] = [capacity.consumed(name, shelf.facts, wanted, units, of_indexes, "Write")
                                      for name, (shelf, units, of_indexes) in tables.items()]
    if collections:
        result["ItemCollectionMetrics"] = collections
    return result


def _done_before(call: Call, token: str, asked: list[Doc]) -> bool:
    """Was this very request done in the last ten minutes? Notes it when not."""
    rows = call.table(Token)
    digest = hashlib.sha256(orjson.dumps(asked, default=bytes.hex, option=orjson.OPT_SORT_KEYS)).digest()
    known = rows.get(token)
    if known is not None and known.at > call.now - background.TOKENS_KEPT:
        if known.request != digest:
            raise error.IdempotentParameterMismatchException(
                "The request uses the same client token as a previous, but non-identical request. Do not reuse a client "
                "token with different requests, unless the requests are identical.")
        return True
    if not rows.scan(index="at", limit=1):
        call.at(call.now + background.TOKENS_KEPT, background.forget_tokens, name="tokens")
    rows.put(Token(token, call.now, digest))
    return False


def _repeated(steps: list[Step], wanted: str) -> Doc:
    """The answer to a request that was done before: nothing is written, the items are only read."""
    if wanted == "NONE":
        return {}
    tables: dict[str, tuple[Shelf, float]] = {}
    for step in steps:
        shelf = step.shelf
        key = keys.of_key(shelf.facts, step.asked["Key"]) if "Key" in step.asked else \
            keys.of_item(shelf.facts, av.take_item(step.asked["Item"])[0])
        old = shelf.get(key)
        units = 2 * capacity.read_units(old.size if old else 0, True)
        tables[shelf.name] = (shelf, tables.get(shelf.name, (shelf, 0.0))[1] + units)
    return {"ConsumedCapacity": [capacity.consumed(name, shelf.facts, wanted, units, None, "Read")
                                 for name, (shelf, units) in tables.items()]}


@operation
def transact_get_items(call: Call, TransactItems: list[Doc], ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html"""
    responses: list[Doc] = []
    reasons: list[Doc] = []
    tables: dict[str, tuple[Shelf, float]] = {}
    seen: set[tuple[int, bytes, bytes]] = set()
    for asked in TransactItems:
        get = asked["Get"]
        projection = items.projection(get.get("ProjectionExpression"), get.get("ExpressionAttributeNames"), None)
        shelf = opened(call, get["TableName"])
        try:
            key = keys.of_key(shelf.facts, get["Key"])
        except AwsError as problem:
            reasons.append({"Code": "ValidationError", "Message": problem.message})
            continue
        _once(shelf, key, seen)
        row = shelf.get(key)
        reasons.append({"Code": "None"})
        responses.append(_got(call, row, projection))
        units = 2 * capacity.read_units(row.size if row else 0, True)
        tables[shelf.name] = (shelf, tables.get(shelf.name, (shelf, 0.0))[1] + units)
    if len(responses) < len(TransactItems):
        raise _cancelled(reasons)
    result: Doc = {"Responses": responses}
    if ReturnConsumedCapacity != "NONE":
        result["ConsumedCapacity"] = [
            capacity.consumed(name, shelf.facts, ReturnConsumedCapacity, units, None, "Read")
            for name, (shelf, units) in tables.items()]
    return result


def _got(call: Call, row: Entry | None, projection: Projection | None) -> Doc:
    if row is None:
        return {}
    return {"Item": shown(call, row.body) if projection is None else
            shown_item(call, projection.of(av.decode(row.body)))}


def _once(shelf: Shelf, key: keys.Key, seen: set[tuple[int, bytes, bytes]]) -> None:
    """Raise when a transaction names an item twice."""
    if (shelf.number, *key) in seen:
        raise error.ValidationException(TWICE)
    seen.add((shelf.number, *key))


def _cancelled(reasons: list[Doc]) -> AwsError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return error.TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons)
