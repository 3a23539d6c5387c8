"""Lines: what a message group is in its queue: messages in order in a FIFO queue (groups.py), a tenant in a standard one
(tenants.py)."""

from __future__ import annotations

from collections.abc import Iterable

from cumulet.kernel import Call

from . import groups, tenants
from .resources import Group, Message, Queue, Tenant


def line_in(call: Call, queue: Queue, group: str | None) -> str | None:
    """The line of a message that goes into a queue; None in standard queues that never saw a group."""
    if queue.FifoQueue:
        return groups.line_of(queue.box, group or "")
    if not queue.fair:
        if group is None:
            return None
        call.table(Queue).change(queue.QueueName, fair=True)
    return groups.line_of(queue.box, group or "")


def add(call: Call, queue: Queue, message: Message) -> None:
    """A message was put at the end of its line."""
    if queue.FifoQueue:
        groups.add(call.table(Group), message)
    else:
        tenants.add(call.table(Tenant), message)


def settle(call: Call, queue: Queue, lines: Iterable[str]) -> bool:
    """Bring lines up to date after their messages changed; whether a group of a FIFO queue is ready now."""
    ready = False
    for line in lines:
        if not queue.FifoQueue:
            tenants.settle(call.table(Tenant), call.table(Message), line)
        else:
            at = groups.settle(call.table(Group), call.table(Message), line, call.now)
            ready = ready or (at is not None and at <= call.now)
    return ready


def clear(call: Call, box: int, most: int) -> bool:
    """Forget lines of a box that no queue has any more; whether there may be further ones."""
    return groups.clear(call.table(Group), box, most) == most or tenants.clear(call.table(Tenant), box, most) == most
