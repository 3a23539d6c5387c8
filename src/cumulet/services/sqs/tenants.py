"""Fair queues: the message groups of a standard queue are tenants, and while quiet ones have messages the noisy ones wait.

A `Tenant` row stands for each tenant that has messages. It is noisy with thirty messages in flight at least, and more than a
tenth of all; no more, when fewer are, when nothing of it is left, or when it has sent nothing for five minutes. Once a queue
has seen a group, messages without one are those of a tenant that is never noisy. In-flight messages are counted seldom: after
so many receives that a share can have changed.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cumulet.kernel import Table

from . import messages as queue_messages
from .resources import Message, Tenant

_LEAST = 30                            # messages in flight that make noise
_SHARES = 10                           # and one part of so many of all that are in flight
_SILENCE = 300.0
_NOTED = 30.0                          # how exactly it is known when a tenant has last sent something
_LOOKS = 50                            # a share is looked at again after a fiftieth of all in flight was given
_COUNTED = 1000                        # noisy tenants are compared up to so many messages in flight
_FIRST = 'SELECT MIN("due") FROM {table} WHERE scope = {scope} AND "line" = ?'
_VISIBLE = ('SELECT {columns} FROM {table} WHERE scope = {scope} AND "line" = ? AND "due" <= ? AND "sent" > ? '
            'ORDER BY "due", "sequence" LIMIT ?')
_FLYING = ('SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE scope = {scope} AND "line" = ? AND "due" > ? AND "receives" > 0 '
           'LIMIT ?) AS flying')


def add(tenants: Table[Tenant], message: Message) -> None:
    """A message has come."""
    assert message.line is not None
    row = tenants.get(message.line)
    if row is None:
        tenants.insert(Tenant(line=message.line, box=message.box, ready=message.due, sent=message.sent, look=_LEAST))
    elif message.due < row.ready or message.sent >= row.sent + _NOTED:
        tenants.change(message.line, ready=min(row.ready, message.due), sent=message.sent)


def settle(tenants: Table[Tenant], messages: Table[Message], line: str) -> None:
    """Bring a tenant up to date after messages were changed or went."""
    first = messages.sql(_FIRST, line)[0][0]
    if first is None:
        tenants.delete(line)
    else:
        tenants.change(line, ready=first)


def choose(tenants: Table[Tenant], messages: Table[Message], box: int, most: int, now: float, kept: float) -> list[Message]:
    """The first visible messages of the quiet, then those of the noisy, the one with the fewest in flight first."""
    noisy = _noisy(tenants, messages, box, now)
    front = queue_messages.visible(messages, box, most, now, kept)
    if not noisy:
        return front
    found = [message for message in front if message.line is None]       # sent before the queue knew of tenants
    for tenant in tenants.scan(box, 0, index="ready", high=now, limit=most):
        found += messages.rows(_VISIBLE, tenant.line, now, kept, most)
    found = sorted(found, key=lambda message: (message.due, message.sequence))[:most]
    for line in sorted(noisy, key=lambda one: noisy[one]):
        if len(found) < most:
            found += messages.rows(_VISIBLE, line, now, kept, most - len(found))
    return found


def _noisy(tenants: Table[Tenant], messages: Table[Message], box: int, now: float) -> dict[str, int]:
    """Who is noisy still, with how many in flight."""
    found = {}
    for tenant in tenants.scan(box, 1, index="ready"):
        flying = _flying(messages, tenant.line, now, _COUNTED)
        if flying < _LEAST or tenant.sent <= now - _SILENCE:
            tenants.change(tenant.line, noisy=0, look=tenant.given + _LEAST)
        else:
            found[tenant.line] = flying
    return found


def given(tenants: Table[Tenant], messages: Table[Message], box: int, received: Sequence[Message], now: float,
          kept: float) -> None:
    """These messages were received just now: whose they are may have become noisy."""
    for line, count in Counter(message.line for message in received if message.line is not None).items():
        row = tenants.get(line)
        if row is None:
            continue
        row.given += count
        row.ready = messages.sql(_FIRST, line)[0][0]
        if row.given >= row.look and not row.noisy and line[-1] != "\x1f":
            own = _flying(messages, line, now, queue_messages.MOST_IN_FLIGHT)
            everybody = queue_messages.in_flight(messages, box, now, kept) if own >= _LEAST else 0
            row.look = row.given + max(_LEAST - own, everybody // _LOOKS, 1)
            row.noisy = int(own >= _LEAST and own * _SHARES > everybody and row.sent > now - _SILENCE)
        tenants.put(row)


def _flying(messages: Table[Message], line: str, now: float, most: int) -> int:
    """How many of a tenant's messages are in flight, counted up to `most`."""
    count: int = messages.sql(_FLYING, line, now, most)[0][0]
    return count


def clear(tenants: Table[Tenant], box: int, most: int) -> int:
    """Forget up to `most` tenants of a box that no queue has any more."""
    gone = tenants.sql('DELETE FROM {table} WHERE scope = {scope} AND "line" IN (SELECT "line" FROM {table} '
                       'WHERE scope = {scope} AND "box" = ? LIMIT ?) RETURNING "line"', box, most)
    return len(gone)
