"""Message groups of FIFO queues: strictly in order, one batch of a group in flight at a time.

A `Group` row stands for each group that has messages. It is `ready` when its first message is due and none is in flight;
at most ten of a group are in flight, and they are its first ones, so its state is read off its first messages.
"""

from __future__ import annotations

from cumulet.kernel import Table

from . import messages as queue_messages
from .resources import Group, Message

_HEAD = 11
_MOST_SPENT = 100


def line_of(box: int, group: str) -> str:
    return f"{box}\x1f{group}"


def add(groups: Table[Group], message: Message) -> None:
    """A message was put at the end of its group."""
    assert message.line is not None
    if groups.get(message.line) is None:
        groups.insert(Group(line=message.line, box=message.box, ready=message.due, order=message.sequence))


def settle(groups: Table[Group], messages: Table[Message], line: str, now: float) -> float | None:
    """Bring a group up to date after its messages changed; when it is ready, or None when nothing is left of it."""
    head = messages.sql('SELECT "due", "receives", "sequence", "box" FROM {table} WHERE scope = {scope} AND "line" = ? '
                        'ORDER BY "sequence" LIMIT ?', line, _HEAD)
    if not head:
        groups.delete(line)
        return None
    in_flight = [due for due, receives, _, _ in head if receives and due > now]
    first_due, _, sequence, box = head[0]
    ready = max(in_flight) if in_flight else first_due
    groups.put(Group(line=line, box=box, ready=ready, order=sequence))
    return float(ready)


def take(groups: Table[Group], messages: Table[Message], box: int, served: set[str | None], most: int, timeout: int,
         now: float, kept: float, max_receives: int) -> tuple[list[Message], list[Message]]:
    """Receive up to `most` messages, group by group, but for the lines that were served already; (given, spent).

    The spent ones are still there, to be taken away: expired, or received `max_receives` times already.
    """
    given: list[Message] = []
    spent: list[Message] = []
    for group in groups.scan(box, index="ready", high=now, limit=most + len(served)):
        if group.line in served:
            continue
        chosen = _first(messages, group.line, most - len(given), now, kept, max_receives, spent)
        if chosen:
            given += queue_messages.receive(messages, chosen, timeout, now)
            settle(groups, messages, group.line, now)
        if len(given) >= most or len(spent) >= _MOST_SPENT:
            break
    return given, spent


def waiting(groups: Table[Group], messages: Table[Message], box: int, most: int, now: float, kept: float) -> list[Message]:
    """The first messages that could be received, group by group in their order, without receiving them."""
    found: list[Message] = []
    for group in groups.scan(box, index="ready", high=now, limit=most):
        found += _first(messages, group.line, most - len(found), now, kept, 0, [])
        if len(found) >= most:
            break
    return found


def _first(messages: Table[Message], line: str, most: int, now: float, kept: float, max_receives: int,
           spent: list[Message]) -> list[Message]:
    """The first messages of a group that may be received; those spent that lie before them are added to `spent`."""
    chosen: list[Message] = []
    after = 0
    while len(chosen) < most and len(spent) < _MOST_SPENT:
        some = messages.scan(line, index="group", after=after, limit=most)
        for message in some:
            if message.sent <= kept or (message.due <= now and 0 < max_receives <= message.receives):
                spent.append(message)
            elif message.due > now:
                return chosen
            elif len(chosen) < most:
                chosen.append(message)
        if len(some) < most:
            break
        after = some[-1].sequence
    return chosen


def next_ready(groups: Table[Group], box: int, now: float) -> float | None:
    """When the next group becomes ready."""
    following = groups.scan(box, index="ready", after=now, limit=1)
    return following[0].ready if following else None


def clear(groups: Table[Group], box: int, most: int) -> int:
    """Forget up to `most` groups of a box that no queue has any more."""
    gone = groups.sql('DELETE FROM {table} WHERE scope = {scope} AND "line" IN (SELECT "line" FROM {table} '
                      'WHERE scope = {scope} AND "box" = ? LIMIT ?) RETURNING "line"', box, most)
    return len(gone)
