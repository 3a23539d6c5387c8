"""Removing what nobody will receive any more: expired messages, and the contents of purged and deleted queues.

Receivers never see any of it (they pass by it), so sweeping is in slices that hold nobody up.
"""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .. import lines, messages
from ..deduplication import REMEMBERED, forget_attempts, forget_sent
from ..resources import Box, Message, Queue, Sent

SLICE = 500
REST = 60.0                        # seconds for which a deleted queue's name cannot be used


def arm(call: Call, queue: Queue, when: float) -> None:
    """Sweep the queue's box at this moment; 0: not before something enters it again."""
    queue.sweep = when
    call.table(Queue).change(queue.QueueName, sweep=when)
    if when:
        call.at(when, sweep, name=queue.QueueName, queue=queue.QueueName)
    else:
        call.cancel(sweep, queue.QueueName)


@timer
def sweep(call: Call, queue: str) -> None:
    """Remove the expired messages of a queue; come again when the next may be."""
    found = call.table(Queue).get(queue)
    if found is None:
        return
    kept = call.now - found.MessageRetentionPeriod
    table = call.table(Message)
    gone, touched = messages.sweep(table, call.table(Box), found.box, kept, SLICE)
    lines.settle(call, found, touched)
    forgotten = _forget(call, found) if found.FifoQueue else 0
    if gone == SLICE or forgotten == SLICE:
        arm(call, found, call.now)
        return
    first = messages.first_due(table, found.box)
    due = None if first is None else first + found.MessageRetentionPeriod
    if found.FifoQueue and due is None and call.table(Sent).scan(found.number, limit=1):
        due = call.now + REMEMBERED
    arm(call, found, 0.0 if due is None else max(due, call.now))


def _forget(call: Call, queue: Queue) -> int:
    old = call.now - REMEMBERED
    return max(forget_sent(call, queue.number, old, SLICE), forget_attempts(call, queue.box, old, SLICE))


@timer
def clear(call: Call, box: int) -> None:
    """Empty the box of a purged or deleted queue, slice by slice, then forget it."""
    found = call.table(Box).get(box)
    if found is None:
        return
    left = messages.empty(call.table(Message), box, SLICE) == SLICE or lines.clear(call, box, SLICE)
    left = left or forget_attempts(call, box, call.now, SLICE) == SLICE
    if found.deleted:                              # with the queue go the deduplication ids that it remembers
        left = left or forget_sent(call, found.owner or box, call.now, SLICE) == SLICE
    rests_until = found.deleted + REST if found.deleted else 0.0
    if left or rests_until > call.now:
        call.at(call.now if left else rests_until, clear, name=str(box), box=box)
    else:
        call.table(Box).delete(box)
