"""Message move tasks: dead letters go back where they came from, or elsewhere, slice by slice."""

from __future__ import annotations

from cumulet.kernel import Call, parse_arn, timer

from .. import boxes, groups, lines, messages
from ..resources import Box, Group, Message, Move, Queue

SLICE = 200
RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED = "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"


@timer
def move(call: Call, queue: str, started: float, task: str) -> None:
    """Move one slice: a second's worth of messages when a rate was asked for."""
    found = call.table(Move).get(queue, started, task)
    source = call.table(Queue).get(queue)
    if found is None or source is None or found.status not in (RUNNING, CANCELLING):
        return
    if found.status == CANCELLING:
        found.status = CANCELLED
        call.put(found)
        return
    most = found.rate or SLICE
    waiting = _waiting(call, source, most)
    for message in waiting:
        target, why = _target(call, found, message)
        if target is None:
            found.status, found.failure = FAILED, why
            break
        _put_back(call, source, target, message)
        found.moved += 1
    else:
        if len(waiting) < most:
            found.status = COMPLETED
    call.put(found)
    if found.status == RUNNING:
        call.at(call.now + 1 if found.rate else call.now, move, name=task, queue=queue, started=started, task=task)


def _waiting(call: Call, source: Queue, most: int) -> list[Message]:
    kept = call.now - source.MessageRetentionPeriod
    if source.FifoQueue:                                     # whoever looked into the queue has changed what is due first
        return groups.waiting(call.table(Group), call.table(Message), source.box, most, call.now, kept)
    return messages.visible(call.table(Message), source.box, most, call.now, kept)


def _target(call: Call, task: Move, message: Message) -> tuple[Queue | None, str]:
    name = task.destination
    if name is None:
        if message.source is None:
            return None, "CouldNotDetermineMessageSource"
        parts = parse_arn(message.source)
        name = parts.resource if parts else ""
    return call.table(Queue).get(name), "AWS.SimpleQueueService.NonExistentQueue"


def _put_back(call: Call, source: Queue, target: Queue, message: Message) -> None:
    """Enqueue it as a new message: new id, new age, no receives."""
    table = call.table(Message)
    table.delete(message.sequence)
    messages.hand(call.table(Box), source.box, -1 if message.receives else 0)
    if message.line is not None:
        lines.settle(call, source, [message.line])
    line = lines.line_in(call, target, message.group)
    boxes.put(call, target, Message(
        box=target.box, due=call.now, sent=call.now, line=line, group=message.group, deduplication=message.deduplication,
        id=call.uuid(), sender=message.sender, md5=message.md5, attributes=message.attributes, trace=message.trace,
        body=message.body, finisher=message.finisher, sealed=message.sealed))
