"""What follows when messages enter or leave a queue: its groups, its sweep, its dead letters, and who is woken."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Call

from . import groups, lines, messages, tenants
from .background.sweeps import arm
from .resources import Box, Group, Message, Queue, Tenant

_MOST_ROUNDS = 100                     # of dead letters that one receive clears away: a thousand messages, some milliseconds
_BURY = ('UPDATE {table} SET "box" = ?, "due" = ?, "earlier" = "earlier" + "receives" - 1, "receives" = 0, "source" = ?, '
         '"line" = ? WHERE +scope = {scope} AND "sequence" = ?')


def put(call: Call, queue: Queue, message: Message) -> Message:
    """A message enters a queue; it has its sequence number then."""
    message = call.table(Message).insert(message)
    if message.line is not None:
        lines.add(call, queue, message)
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
    wanted = most + len(before)
    visible = tenants.choose(call.table(Tenant), table, queue.box, wanted, now, kept) if queue.fair else \
        messages.visible(table, queue.box, wanted, now, kept)
    more = messages.receive(table, [each for each in visible if each.sequence not in before][:most], timeout, now)
    if queue.fair:
        tenants.given(call.table(Tenant), table, queue.box, more, now, kept)
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
    gone = [*expired, *dead]
    touched = {message.line for message in gone if message.line is not None}
    messages.hand(call.table(Box), queue.box, -sum(1 for message in gone if message.receives))
    for message in expired:
        table.delete(message.sequence)
    for message in dead:
        assert grave is not None
        _bury(call, queue, grave, message)
    lines.settle(call, queue, touched)
    if grave is not None:
        entered(call, grave, len(dead))
    return {message.sequence for message in gone}


def _bury(call: Call, queue: Queue, grave: Queue, message: Message) -> None:
    """One message goes to the dead-letter queue. In a FIFO one it is enqueued anew; else its age goes with it."""
    table = call.table(Message)
    source = call.arn(queue)
    message.box, message.line, message.due = grave.box, lines.line_in(call, grave, message.group), call.now
    if not queue.FifoQueue:
        table.sql(_BURY, message.box, message.due, source, message.line, message.sequence)
    else:
        table.delete(message.sequence)
        message.earlier += message.receives
        message.receives, message.sequence, message.source = 0, 0, source
        message.sent = call.now
        message = table.insert(message)
    if message.line is not None:
        lines.add(call, grave, message)


def expire(call: Call, queue: Queue) -> None:
    """Remove every message that is past the queue's retention period."""
    kept = call.now - queue.MessageRetentionPeriod
    lines.settle(call, queue, messages.expire(call.table(Message), call.table(Box), queue.box, kept))


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
