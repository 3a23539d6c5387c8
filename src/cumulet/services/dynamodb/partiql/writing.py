"""INSERT, UPDATE, DELETE and EXISTS as steps that a transaction takes, or that are taken alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error

from .. import capacity, items, measuring, throttling, writes
from .. import values as av
from ..expressions import paths
from ..expressions.conditions import Condition
from ..shelf import opened
from ..transacting import CHECK_FAILED, Ready, Step, prepared
from ..values import Item, Value
from . import plan
from .binding import Bound
from .syntax import Delete, Insert, Update, Writing

DUPLICATE = ("DuplicateItem", "Duplicate primary key exists in table")


class _Holds:
    """The clause of a write. absent: what it says of an item that is not there."""

    __slots__ = ("absent", "condition", "values")

    def __init__(self, condition: Condition, values: Mapping[str, Value], absent: bool) -> None:
        self.condition = condition
        self.values = values
        self.absent = absent

    def holds(self, item: Item) -> bool:
        return self.condition.test(item, self.values) if item else self.absent


class _IsNew:
    """The condition of INSERT."""

    def holds(self, item: Item) -> bool:
        return not item


def step(call: Call, bound: Bound, statement: Writing, shows_old: bool) -> Step:
    """What a statement is to do."""
    shelf = opened(call, statement.table)
    if isinstance(statement, Insert):
        item, size = bound.item(statement.item)
        return Step("Put", shelf, item, _IsNew(), None, (item, size), shows_old, DUPLICATE)
    statement.where.check(bound.values)
    key = av.for_peers(plan.item_key(shelf.facts, statement.where, bound.values))
    if isinstance(statement, Update):
        statement.change.check(bound.values)
        change = items.Change(statement.change, bound.values, None)
        return Step("Update", shelf, key, _Holds(statement.where, bound.values, False), change, None, shows_old)
    deletes = isinstance(statement, Delete)
    return Step("Delete" if deletes else "ConditionCheck", shelf, key, _Holds(statement.where, bound.values, deletes), None,
                None, shows_old)


class Done:
    """What one write did."""

    __slots__ = ("consumed", "ready")

    def __init__(self, ready: Ready, consumed: dict[str, Any] | None) -> None:
        self.ready = ready
        self.consumed = consumed


def write(one: Step, wanted: str) -> Done:
    """Take a step alone, or raise why not."""
    ready, holds = prepared(one, [], True)
    if not holds:
        throttling.spend(one.shelf, "Write", capacity.write_units(ready.old.size if ready.old is not None else 0))
        old = av.for_peers(av.decode(ready.old.body)) if one.shows_old and ready.old is not None else None
        if one.failed == CHECK_FAILED:
            measuring.check_failed(one.shelf)
            raise error.ConditionalCheckFailedException(CHECK_FAILED[1], Item=old)
        raise error.DuplicateItemException(DUPLICATE[1])
    _, key, old_row, item, body, size = ready
    throttling.must_write(one.shelf, old_row, item)          # before anything is written: a batch goes on with the next
    units = writes.change(one.shelf, key, old_row, item, body, size)
    told = items.told(one.shelf, key, one.key, max(size, old_row.size if old_row else 0), units, wanted, "NONE")
    return Done(ready, told.get("ConsumedCapacity"))


def returned(statement: Writing, ready: Ready) -> Item | None:
    """What RETURNING shows."""
    wanted = statement.returning if isinstance(statement, Update | Delete) else "NONE"
    source = ready.item if wanted.endswith("NEW") else av.decode(ready.old.body) if ready.old is not None else None
    if wanted == "NONE" or source is None:
        return None
    if wanted.startswith("ALL") or not isinstance(statement, Update):
        return source
    return paths.pick(source, statement.change.branches)
