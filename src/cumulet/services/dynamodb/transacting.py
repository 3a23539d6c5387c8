"""Transactions: all conditions first, then all writes, or none; whichever language asked for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import orjson

from cumulet.kernel import AwsError, Call, error

from . import background, capacity, items, keys, throttling, writes
from . import values as av
from .resources import Entry, Token
from .shelf import Projection, Shelf, picked, shown_responses

Doc = dict[str, Any]
_LARGEST = 4 * 1024 * 1024
_NO_REASON = {"Code": "None"}
_Named = tuple[int, keys.Key]                                 # an item: the number of its table, its key
_TWICE = "Transaction request cannot include multiple operations on one item"
# What AWS finds before a transaction begins: the request is wrong, not the transaction cancelled.
_AT_ONCE = (_TWICE, "One or more parameter values are not valid. ")
CHECK_FAILED = ("ConditionalCheckFailed", "The conditional request failed")


class Test(Protocol):
    """The condition of a write."""

    def holds(self, item: av.Item) -> bool: ...


class Step(NamedTuple):
    """One write of a transaction, ready: whose expressions compile and whose table exists."""

    kind: str                                # ConditionCheck, Put, Delete, Update
    shelf: Shelf
    key: av.Item                             # as asked for; of a Put, its item
    test: Test | None
    update: items.Change | None = None
    put: tuple[av.Item, int] | None = None   # the item and its size
    shows_old: bool = False                  # in the reason, when its condition fails
    failed: tuple[str, str] = CHECK_FAILED   # code and message of that reason


class Ready(NamedTuple):
    """A step whose condition holds, and what it will write. old: None also where nothing depends on it."""

    step: Step
    key: keys.Key
    old: Entry | None
    item: av.Item | None
    body: bytes
    size: int


class Wish(NamedTuple):
    """One read of a transaction."""

    shelf: Shelf
    key: av.Item
    projection: Projection | None


class _Spent:
    """The units that a transaction takes of a table, and of its indexes."""

    __slots__ = ("indexes", "shelf", "units")

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.units = 0.0
        self.indexes: dict[str, float] = {}


# --- writes ---

def write(steps: list[Step], wanted: str, metrics: str) -> Doc:
    """Do them all, or raise why not."""
    ready: list[Ready] = []
    reasons: list[Doc] = []
    named: list[_Named] = []
    for step in steps:
        one, reason = _tried(step, named, wanted != "NONE")
        reasons.append(reason)
        if one is not None:
            ready.append(one)
    _must_be_distinct(named)
    if len(ready) < len(steps):
        raise _cancelled(reasons)
    if sum([one.size for one in ready]) > _LARGEST:
        raise error.ValidationException("Transaction request size has exceeded the limit of 4194304 bytes")
    return _written(ready, wanted, metrics)


def _tried(step: Step, named: list[_Named], measured: bool) -> tuple[Ready | None, Doc]:
    """What a step will write, or why the transaction is cancelled."""
    try:
        found, holds = prepared(step, named, measured)
    except AwsError as problem:
        if problem.code != "ValidationException" or problem.message.startswith(_AT_ONCE):
            raise
        return None, {"Code": "ValidationError", "Message": problem.message}
    if holds:
        return found, _NO_REASON
    reason: Doc = dict(zip(("Code", "Message"), step.failed, strict=True))
    if found.old is not None and step.shows_old:
        reason["Item"] = av.for_peers(av.decode(found.old.body))
    return None, reason


def prepared(step: Step, named: list[_Named], measured: bool) -> tuple[Ready, bool]:
    """What a step would write, and whether its condition holds. named: gets its item.  measured: its units will be told."""
    shelf = step.shelf
    item: av.Item | None = None
    body, size = b"", 0
    if step.put is not None:
        item, size = step.put
        key = items.checked(shelf.facts, item, size)
        body = av.encode(item)
    else:
        key = keys.of_key(shelf.facts, step.key)
    named.append((shelf.number, key))
    if step.update is not None:
        step.update.check_keys(shelf.facts)
    blind = step.put is not None and step.test is None and shelf.plain and not measured
    old = None if blind else shelf.get(key)
    holds = step.test is None or step.test.holds(av.decode(old.body) if old is not None else {})
    if holds and step.update is not None:
        item, body, size = step.update.apply(shelf.facts, step.key, old)
    return Ready(step, key, old, item, body, size), holds


def _written(ready: list[Ready], wanted: str, metrics: str) -> Doc:
    tables: dict[str, _Spent] = {}
    collections: dict[str, list[Doc]] = {}
    for at, (step, key, old, item, body, size) in enumerate(ready):
        shelf = step.shelf
        changed = writes.NO_UNITS
        if step.kind != "ConditionCheck":
            try:
                changed = writes.change(shelf, key, old, item, body, size)
            except AwsError as problem:
                raise _cancelled([_NO_REASON] * at + [_reason(problem)] + [_NO_REASON] * (len(ready) - at - 1)) from None
            if metrics == "SIZE" and (found := items.collection(shelf, key, step.key)) is not None:
                collections.setdefault(shelf.name, []).append(found)
        _count(tables, shelf, capacity.write_units(max(size, old.size if old else 0)), changed)
    _spend("Write", tables, [one.step.shelf for one in ready])
    result: Doc = {}
    if wanted != "NONE":
        result["ConsumedCapacity"] = _consumed("Write", tables, wanted)
    if collections:
        result["ItemCollectionMetrics"] = collections
    return result


# --- request tokens ---

def done_before(call: Call, token: str, asked: Any) -> bool:
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


def repeated(steps: list[Step], wanted: str) -> Doc:
    """The answer to a request that was done before: nothing is written, the items are only read."""
    if wanted == "NONE":
        return {}
    tables: dict[str, _Spent] = {}
    for step in steps:
        shelf = step.shelf
        key = keys.of_item(shelf.facts, step.put[0]) if step.put is not None else keys.of_key(shelf.facts, step.key)
        _count_read(tables, shelf, shelf.get(key))
    return {"ConsumedCapacity": _consumed("Read", tables, wanted)}


# --- reads ---

def read(call: Call, wishes: list[Wish], wanted: str) -> Doc:
    """Read them all at one moment."""
    reasons: list[Doc] = []
    named: list[_Named] = []
    for shelf, asked, _ in wishes:
        try:
            named.append((shelf.number, keys.of_key(shelf.facts, asked)))
            reasons.append(_NO_REASON)
        except AwsError as problem:
            reasons.append({"Code": "ValidationError", "Message": problem.message})
    _must_be_distinct(named)
    if len(named) < len(wishes):
        raise _cancelled(reasons)
    found: list[bytes | None] = []
    tables: dict[str, _Spent] = {}
    for (shelf, _, projection), row in zip(wishes, _rows(wishes, named), strict=True):
        found.append(picked(row, projection) if row is not None else None)
        _count_read(tables, shelf, row)
    _spend("Read", tables, [wish.shelf for wish in wishes])
    result: Doc = {"Responses": shown_responses(call, found)}
    if wanted != "NONE":
        result["ConsumedCapacity"] = _consumed("Read", tables, wanted)
    return result


def _rows(wishes: list[Wish], named: list[_Named]) -> list[Entry | None]:
    """What each wish finds; most transactions are about one table."""
    first = wishes[0].shelf
    if all(wish.shelf is first for wish in wishes):
        return first.get_many([key for _, key in named])
    return [wish.shelf.get(key) for wish, (_, key) in zip(wishes, named, strict=True)]


def _count_read(tables: dict[str, _Spent], shelf: Shelf, row: Entry | None) -> None:
    _count(tables, shelf, capacity.read_units(row.size if row else 0, True), writes.NO_UNITS)


def _count(tables: dict[str, _Spent], shelf: Shelf, units: float, of_indexes: Mapping[str, float]) -> None:
    """Add units, of which transactions take twice as many."""
    spent = tables.get(shelf.name)
    if spent is None:
        spent = tables[shelf.name] = _Spent(shelf)
    spent.units += 2 * units
    if of_indexes:
        for index, taken in of_indexes.items():
            spent.indexes[index] = spent.indexes.get(index, 0.0) + 2 * taken


def _consumed(kind: throttling.Kind, tables: dict[str, _Spent], wanted: str) -> list[Doc | None]:
    return [capacity.consumed(name, spent.shelf.facts, wanted, spent.units, spent.indexes, kind)
            for name, spent in tables.items()]


def _must_be_distinct(named: list[_Named]) -> None:
    """Raise when a transaction names an item twice."""
    if len(set(named)) < len(named):
        raise error.ValidationException(_TWICE)


def _spend(kind: throttling.Kind, tables: dict[str, _Spent], asked: list[Shelf]) -> None:
    """Take the units of each table, or raise which items were asked of a table that has none left."""
    reasons: dict[str, Doc] = {}
    for name, spent in tables.items():
        try:
            throttling.spend(spent.shelf, kind, spent.units, spent.indexes)
        except AwsError as problem:
            reasons[name] = _reason(problem)
    if reasons:
        raise _cancelled([reasons.get(shelf.name, _NO_REASON) for shelf in asked])


def _reason(problem: AwsError) -> Doc:
    code = throttling.CODES.get(problem.code) or problem.code.removesuffix("Exception")
    return {"Code": code, "Message": problem.message}


def _cancelled(reasons: list[Doc]) -> AwsError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return error.TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons)
