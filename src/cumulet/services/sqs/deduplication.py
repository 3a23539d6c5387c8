"""What FIFO queues remember for five minutes: deduplication ids that were sent, and attempts to receive."""

from __future__ import annotations

from cumulet.kernel import Call

from .resources import Attempt, Message, Queue, Sent

REMEMBERED = 300.0
_PASSING = 4                           # old ids forgotten with each new one, so that they never pile up

_FORGET = ('DELETE FROM {table} WHERE scope = {scope} AND "%s" = ? AND "id" IN (SELECT "id" FROM {table} '
           'WHERE scope = {scope} AND "%s" = ? AND "at" <= ? ORDER BY "at" LIMIT ?) RETURNING "id"')
_FORGET_SENT = _FORGET % ("queue", "queue")
_FORGET_ATTEMPTS = _FORGET % ("box", "box")


def _key(queue: Queue, group: str, deduplication: str) -> str:
    return f"{group}\x1f{deduplication}" if queue.DeduplicationScope == "messageGroup" else deduplication


def remembered(call: Call, queue: Queue, group: str, deduplication: str) -> Sent | None:
    """What was sent with this deduplication id in the last five minutes."""
    sent = call.table(Sent).get(queue.number, _key(queue, group, deduplication))
    return sent if sent is not None and sent.at > call.now - REMEMBERED else None


def remember(call: Call, queue: Queue, deduplication: str, message: Message) -> None:
    call.table(Sent).put(Sent(queue=queue.number, id=_key(queue, message.group or "", deduplication), at=call.now,
                              message=message.id, sequence=message.sequence))
    forget_sent(call, queue.number, call.now - REMEMBERED, _PASSING)


def forget_sent(call: Call, queue: int, before: float, most: int) -> int:
    """Forget up to `most` deduplication ids of a queue (by its number) that are this old; how many there were."""
    return len(call.table(Sent).sql(_FORGET_SENT, queue, queue, before, most))


def attempt(call: Call, queue: Queue, attempt_id: str) -> Attempt | None:
    """An attempt to receive in the last five minutes."""
    found = call.table(Attempt).get(queue.box, attempt_id)
    return found if found is not None and found.at > call.now - REMEMBERED else None


def attempted(call: Call, queue: Queue, attempt_id: str, given: list[Message]) -> None:
    call.table(Attempt).put(Attempt(box=queue.box, id=attempt_id, at=call.now,
                                    given=[(message.sequence, message.receives, message.due) for message in given]))
    forget_attempts(call, queue.box, call.now - REMEMBERED, _PASSING)


def forget_attempts(call: Call, box: int, before: float, most: int) -> int:
    return len(call.table(Attempt).sql(_FORGET_ATTEMPTS, box, box, before, most))
