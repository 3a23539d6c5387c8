"""What follows when messages enter or leave a queue: its groups, its sweep, its dead letters, and who is woken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cumulet.kernel import Call

from . import groups, messages
from .background.sweeps import arm
from .resources import Box, Group, Message, Queue

_MOST_ROUNDS = 100                     # of dead letters that one receive clears away: a thousand messages, some milliseconds
_BURY = ('UPDATE {table} SET "box" = ?, "due" = ?, "earlier" = "earlier" + "receives" - 1, "receives" = 0, "source" = ? '
         'WHERE +scope = {scope} AND "sequence" = ?')


def put(call: Call, queue: Queue, message: Message) -> Message:
    """A message enters a queue; it has its sequence number then."""
    message = call.table(Message).insert(message)
    if message.line is not None:
        groups.add(call.table(Group), message)
    entered(call, queue)
    return message


def entered(call: Call, queue: Queue, count: int = 1) -> None:
    """Messages entered: see that they will be swept, and wake who waits."""
    if not queue.sweep:
        arm(call, queue, call.now + queue.MessageRetentionPeriod)
    call.signal(str(queue.number), count=count)


def take(call: Call, queue: Queue, most: int, timeout: int) -> tuple[list[Message], bool]:
    """Receive up to `most` messages; what has had its receives goes to the dead-letter queue. (given, anything changed)"""
    given: list[Message] = []
    changed = False
    for _ in range(_MOST_ROUNDS):
        more, spent = _take(call, queue, given, most - len(given), timeout)
        messages.hand(call.table(Box), queue.box, sum(1 for message in more if message.receives == 1))
        gone = _retire(call, queue, spent) if spent else set()
        given += [message for message in more if message.sequence not in gone]
        changed = changed or bool(gone)
        if not gone or len(given) == most:     # what was spent made room for nothing: there is no more
            break
    return given, changed or bool(given)


def _take(call: Call, queue: Queue, given: list[Message], most: int, timeout: int) -> tuple[list[Message], list[Message]]:
    """Up to `most` further messages, and those that must leave. (With a timeout of 0, what was given is visible still.)"""
    table, now = call.table(Message), call.now
    kept = now - queue.MessageRetentionPeriod
    if queue.FifoQueue:
        served = {message.line for message in given}
        return groups.take(call.table(Group), table, queue.box, served, most, timeout, now, kept, queue.max_receives)
    before = {message.sequence for message in given}
    visible = messages.visible(table, queue.box, most + len(before), now, kept)
    more = messages.receive(table, [each for each in visible if each.sequence not in before][:most], timeout, now)
    return more, [each for each in more if each.receives > queue.max_receives] if queue.max_receives else []


def _retire(call: Call, queue: Queue, spent: Sequence[Message]) -> set[int]:
    """Remove the expired, bury the dead; the sequences of those that left the queue."""
    kept = call.now - queue.MessageRetentionPeriod
    expired = [message for message in spent if message.sent <= kept]
    dead = [message for message in spent if message.sent > kept]
    grave = call.table(Queue).get(queue.dead_letter) if dead and queue.dead_letter else None
    if grave is None:                              # the dead-letter queue was deleted: they stay and are received on
        dead = []
    table = call.table(Message)
    for message in expired:
        table.delete(message.sequence)
    for message in dead:
        assert grave is not None
        _bury(call, queue, grave, message)
    gone = [*expired, *dead]
    messages.hand(call.table(Box), queue.box, -sum(1 for message in gone if message.receives))
    settle(call, {message.line for message in gone if message.line is not None})
    if grave is not None:
        entered(call, grave, len(dead))
    return {message.sequence for message in gone}


def _bury(call: Call, queue: Queue, grave: Queue, message: Message) -> None:
    """One message goes to the dead-letter queue. In a FIFO one it is enqueued anew; else its age goes with it."""
    table = call.table(Message)
    source = call.arn(queue)
    if message.group is None or not queue.FifoQueue:
        table.sql(_BURY, grave.box, call.now, source, message.sequence)
        return
    table.delete(message.sequence)
    message.earlier += message.receives
    message.receives, message.sequence, message.source = 0, 0, source
    message.box, message.line = grave.box, groups.line_of(grave.box, message.group)
    message.sent = message.due = call.now
    groups.add(call.table(Group), table.insert(message))


def expire(call: Call, queue: Queue) -> None:
    """Remove every message that is past the queue's retention period."""
    kept = call.now - queue.MessageRetentionPeriod
    settle(call, messages.expire(call.table(Message), call.table(Box), queue.box, kept))


def settle(call: Call, lines: Iterable[str]) -> bool:
    """Bring groups up to date; whether one of them is ready now."""
    ready = False
    for line in lines:
        at = groups.settle(call.table(Group), call.table(Message), line, call.now)
        ready = ready or (at is not None and at <= call.now)
    return ready


def next_due(call: Call, queue: Queue) -> float | None:
    """When a receiver that finds nothing should look again."""
    if queue.FifoQueue:
        return groups.next_ready(call.table(Group), queue.box, call.now)
    return messages.next_due(call.table(Message), queue.box, call.now)


def count(call: Call, queue: Queue) -> tuple[int, int, int]:
    """How many messages are visible, in flight, delayed."""
    return messages.count(call.table(Message), queue.box, call.now, call.now - queue.MessageRetentionPeriod)


def full(call: Call, queue: Queue) -> bool:
    """Whether as many messages are in flight as may be."""
    return messages.full(call.table(Message), call.table(Box), queue.box, call.now, call.now - queue.MessageRetentionPeriod)
