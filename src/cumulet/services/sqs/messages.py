"""What any queue does with its messages: take, give back, remove, count. Tables and time are parameters.

A message may be received when it is `due`. It is in flight while it has been received and is not due again. Retention is
exact without a timer a message: whoever reads passes by what was sent before `kept` (now less the retention period), and
what is *due* before it is expired for certain, so a sweep needs the index alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Table

from .handles import Receipt
from .resources import Box, Message

MOST_IN_FLIGHT = 120_000
_BATCH = 10

# Where rows are known by their sequence, "+scope" keeps SQLite on the primary key instead of an index over the scope.
_ORDER = '"due", "sent", "receives", "sequence"'
_VISIBLE = 'scope = {scope} AND "box" = ? AND "due" > ? AND "due" <= ? AND "sent" > ?'
_RECEIVE = ('UPDATE {table} SET "due" = ?, "receives" = "receives" + 1, "received" = ?, '
            '"first" = CASE WHEN "first" = 0 THEN ? ELSE "first" END WHERE +scope = {scope} AND "sequence" IN (%s)')
_LOOK = f'SELECT {{columns}} FROM {{table}} WHERE {_VISIBLE} ORDER BY {_ORDER} LIMIT ?'
_NEXT = 'SELECT MIN("due") FROM {table} WHERE scope = {scope} AND "box" = ? AND "due" > ?'
_FIRST = 'SELECT MIN("due") FROM {table} WHERE scope = {scope} AND "box" = ?'
_VISIBLE_COUNT = f'SELECT COUNT(*) FROM {{table}} WHERE {_VISIBLE}'
_HIDDEN_COUNT = ('SELECT COUNT(*), COALESCE(SUM(CASE WHEN "receives" > 0 THEN 1 ELSE 0 END), 0) FROM {table} '
                 'WHERE scope = {scope} AND "box" = ? AND "due" > ? AND "sent" > ?')
_IN_FLIGHT = ('SELECT COUNT(*) FROM {table} WHERE scope = {scope} AND "box" = ? AND "due" > ? AND "sent" > ? '
              'AND "receives" > 0')
_SWEEP = ('DELETE FROM {table} WHERE +scope = {scope} AND "sequence" IN (SELECT "sequence" FROM {table} '
          'WHERE scope = {scope} AND "box" = ? AND "due" <= ? ORDER BY "due" LIMIT ?) RETURNING "receives", "line"')
_EXPIRE = ('DELETE FROM {table} WHERE +scope = {scope} AND "sequence" IN (SELECT "sequence" FROM {table} '
           'WHERE scope = {scope} AND "box" = ? AND "sent" <= ?) RETURNING "receives", "line"')
_EMPTY = ('DELETE FROM {table} WHERE +scope = {scope} AND "sequence" IN (SELECT "sequence" FROM {table} '
          'WHERE scope = {scope} AND "box" = ? LIMIT ?) RETURNING "sequence"')
_HOLD = ('SELECT "due", "received", "line" FROM {table} WHERE +scope = {scope} AND "sequence" = ? AND "box" = ? AND "id" = ? '
         'AND "receives" = ? AND "sent" > ?')
_HAND = 'UPDATE {table} SET "handed" = "handed" + ? WHERE scope = {scope} AND "number" = ?'


def _marks(count: int) -> str:
    return ", ".join("?" * count)


_TAKE = [_RECEIVE % _marks(n) for n in range(_BATCH + 1)]
_DUE = [f'UPDATE {{table}} SET "due" = ? WHERE +scope = {{scope}} AND "sequence" IN ({_marks(n)})' for n in range(_BATCH + 1)]
_FACTS = [f'SELECT "sequence", "id", "receives", "line" FROM {{table}} WHERE +scope = {{scope}} AND "box" = ? '
          f'AND "sequence" IN ({_marks(n)})' for n in range(_BATCH + 1)]
_DELETE = [f'DELETE FROM {{table}} WHERE +scope = {{scope}} AND "sequence" IN ({_marks(n)})' for n in range(_BATCH + 1)]


def receive(messages: Table[Message], chosen: list[Message], timeout: int, now: float) -> list[Message]:
    """Receive these messages (ten at most): hidden for `timeout` seconds, and counted."""
    if chosen:
        due = now + timeout
        messages.sql(_TAKE[len(chosen)], due, now, now, *[message.sequence for message in chosen])
        for message in chosen:
            message.due, message.received, message.first = due, now, message.first or now
            message.receives += 1
    return chosen


def visible(messages: Table[Message], box: int, most: int, now: float, kept: float) -> list[Message]:
    """The first visible messages, without receiving them."""
    return messages.rows(_LOOK, box, kept, now, kept, most)


def hide(messages: Table[Message], sequences: Sequence[int], until: float) -> None:
    """Make up to ten messages due at a moment."""
    messages.sql(_DUE[len(sequences)], until, *sequences)


def remove(messages: Table[Message], box: int, receipts: Sequence[Receipt]) -> list[tuple[int, str | None]]:
    """Delete what up to ten receipts stand for, unless it was received anew or lies elsewhere (a dead letter keeps its
    number and begins to be counted anew); (sequence, line) of what was there."""
    wanted = {(receipt.sequence, receipt.id, receipt.receives) for receipt in receipts}
    there = messages.sql(_FACTS[len(receipts)], box, *[receipt.sequence for receipt in receipts])
    gone: list[tuple[int, str | None]] = [(row[0], row[3]) for row in there if row[:3] in wanted]
    if gone:
        messages.sql(_DELETE[len(gone)], *[sequence for sequence, _ in gone])
    return gone


def held(messages: Table[Message], box: int, receipt: Receipt, kept: float) -> tuple[float, float, str | None] | None:
    """When the message of a receipt is due, when it was received, and its line; None when it is gone,
    expired, or received anew."""
    rows = messages.sql(_HOLD, receipt.sequence, box, receipt.id, receipt.receives, kept)
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def next_due(messages: Table[Message], box: int, now: float) -> float | None:
    """When the next hidden or delayed message becomes visible."""
    due: float | None = messages.sql(_NEXT, box, now)[0][0]
    return due


def first_due(messages: Table[Message], box: int) -> float | None:
    due: float | None = messages.sql(_FIRST, box)[0][0]
    return due


def count(messages: Table[Message], box: int, now: float, kept: float) -> tuple[int, int, int]:
    """How many are visible, in flight, delayed."""
    visible = messages.sql(_VISIBLE_COUNT, box, kept, now, kept)[0][0]
    hidden, in_flight = messages.sql(_HIDDEN_COUNT, box, now, kept)[0]
    return int(visible), int(in_flight), int(hidden) - int(in_flight)


def full(messages: Table[Message], boxes: Table[Box], box: int, now: float, kept: float) -> bool:
    """Whether the limit of messages in flight is reached. `handed` bounds it, so they are rarely counted."""
    row = boxes.get(box)
    if row is None or row.handed < MOST_IN_FLIGHT:
        return False
    return in_flight(messages, box, now, kept) >= MOST_IN_FLIGHT


def in_flight(messages: Table[Message], box: int, now: float, kept: float) -> int:
    """How many messages are in flight."""
    count: int = messages.sql(_IN_FLIGHT, box, now, kept)[0][0]
    return count


def hand(boxes: Table[Box], box: int, more: int) -> None:
    """So many more (or fewer) of a box's messages have been received at least once."""
    if more:
        boxes.sql(_HAND, more, box)


def sweep(messages: Table[Message], boxes: Table[Box], box: int, kept: float, most: int) -> tuple[int, set[str]]:
    """Remove up to `most` expired messages; how many there were, and the lines that lost some."""
    gone = messages.sql(_SWEEP, box, kept, most)
    return len(gone), _swept(boxes, box, gone)


def expire(messages: Table[Message], boxes: Table[Box], box: int, kept: float) -> set[str]:
    """Remove all expired messages, in flight or not; the lines that lost some. It looks at every message of the box."""
    return _swept(boxes, box, messages.sql(_EXPIRE, box, kept))


def _swept(boxes: Table[Box], box: int, gone: list[tuple[Any, ...]]) -> set[str]:
    hand(boxes, box, -sum(1 for receives, _ in gone if receives))
    return {line for _, line in gone if line is not None}


def empty(messages: Table[Message], box: int, most: int) -> int:
    """Remove up to `most` messages of a box that no queue has any more."""
    return len(messages.sql(_EMPTY, box, most))
