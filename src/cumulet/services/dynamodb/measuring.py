"""What CloudWatch is told of tables: units consumed, items returned, conditions that failed, requests that were throttled.

Calls note in memory, kept even where they are undone; it is told a moment later.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from cumulet.kernel import Call, task

from .shelf import Shelf

_CONSUMED = {"Read": "ConsumedReadCapacityUnits", "Write": "ConsumedWriteCapacityUnits"}
_EVENTS = {"Read": "ReadThrottleEvents", "Write": "WriteThrottleEvents"}
_BATCHES = ("BatchGetItem", "BatchWriteItem", "BatchExecuteStatement")
_Note = tuple[str, str, str, str, float, float]        # metric, table, index, operation, minute, value


def _note(shelf: Shelf, metric: str, value: float = 1, index: str = "", operation: str = "") -> None:
    call = shelf.call
    call.note(measure, (metric, shelf.name, index, operation, call.now // 60, value))


def consumed(shelf: Shelf, kind: str, table: float, indexes: Mapping[str, float]) -> None:
    """A request took these units. Global indexes have them for themselves, local ones have their table's."""
    if indexes:
        wide = {index.name for index in shelf.facts.indexes if index.wide}
        for name, units in indexes.items():
            if name in wide:
                _note(shelf, _CONSUMED[kind], units, name)
            else:
                table += units
    if table:                                # as _note does: every request comes by here
        call = shelf.call
        call.note(measure, (_CONSUMED[kind], shelf.name, "", "", call.now // 60, table))


def returned(shelf: Shelf, items: int) -> None:
    """A page of so many."""
    _note(shelf, "ReturnedItemCount", items, operation=shelf.call.operation)


def check_failed(shelf: Shelf) -> None:
    _note(shelf, "ConditionalCheckFailedRequests")


def refused(shelf: Shelf, kind: str, index: str) -> None:
    """A read or write was throttled, by its table or this index; its request with it, unless others are in the batch."""
    _note(shelf, _EVENTS[kind], index=index)
    if shelf.call.operation not in _BATCHES:
        throttled(shelf)


def throttled(shelf: Shelf) -> None:
    """A whole request was."""
    _note(shelf, "ThrottledRequests", operation=shelf.call.operation)


def expired(shelf: Shelf, items: int) -> None:
    """So many were deleted because their time to live had ended."""
    _note(shelf, "TimeToLiveDeletedItemCount", items)


@task()
def measure(call: Call, notes: Sequence[_Note]) -> None:
    """Tell CloudWatch."""
    metrics = call.metrics("AWS/DynamoDB")
    for (metric, table, index, operation, minute, value), times in Counter(notes).items():
        named = (("TableName", table), ("GlobalSecondaryIndexName", index), ("Operation", operation))
        metrics.add(metric, tuple([one for one in named if one[1]]), minute * 60, value, times)
    metrics.tell()
