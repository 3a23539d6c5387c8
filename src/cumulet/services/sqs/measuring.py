"""What CloudWatch is told of queues: what was sent, received and deleted, and how many messages they hold.

Calls note in memory; it is told a moment later. How many messages there are is told with the first of it in each minute.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cumulet.kernel import Call, task

from .resources import Box, Message, Queue

SENT, REPEATED, RECEIVED, DELETED = range(4)
_Note = tuple[str, float, int, int]          # queue, minute, one of these, and how many bytes or messages
_Sample = tuple[str, int, str]               # metric, value, unit
_FEW, _ANY = 3, 1_000_000_000                # receives of a message that still counts for the age of the oldest
_STATE = ('SELECT COUNT(*) FILTER (WHERE "due" <= ?), COUNT(*) FILTER (WHERE "due" > ? AND "receives" > 0), '
          'COUNT(*) FILTER (WHERE "due" > ? AND "receives" = 0), MIN("sent") FILTER (WHERE "receives" <= ?) '
          'FROM {table} WHERE scope = {scope} AND "box" = ? AND "due" > ? AND "sent" > ?')


def note(call: Call, queue: Queue, what: int, much: int) -> None:
    """One message of so many bytes was sent (or not, as it was known), or one call received or deleted so many messages."""
    call.note(measure, (queue.QueueName, call.now // 60, what, much))


@task()
def measure(call: Call, notes: Sequence[_Note]) -> None:
    """Tell CloudWatch."""
    metrics = call.metrics("AWS/SQS")
    for (name, minute, what, much), times in Counter(notes).items():
        for metric, value, unit in _samples(what, much):
            metrics.add(metric, (("QueueName", name),), minute * 60, value, times, unit)
    for name in {note[0] for note in notes}:
        queue = call.table(Queue).get(name)
        if queue is not None:
            for metric, value, unit in _state(call, queue):
                metrics.add(metric, (("QueueName", name),), call.now, value, unit=unit)
    metrics.tell()


def _samples(what: int, much: int) -> Iterator[_Sample]:
    if what == SENT:
        yield "NumberOfMessagesSent", 1, "Count"
        yield "SentMessageSize", much, "Bytes"
    elif what == REPEATED:
        yield "NumberOfDeduplicatedSentMessages", 1, "Count"
    elif what == DELETED:
        yield "NumberOfMessagesDeleted", much, "Count"
    elif much:
        yield "NumberOfMessagesReceived", much, "Count"
    else:
        yield "NumberOfEmptyReceives", 1, "Count"


def _state(call: Call, queue: Queue) -> Iterator[_Sample]:
    """What the queue holds, unless that was told in this minute."""
    minute, table = call.now // 60, call.table(Box)
    box = table.get(queue.box)
    if box is None or box.measured == minute:
        return
    table.change(box.number, measured=minute)
    now, kept = call.now, call.now - queue.MessageRetentionPeriod
    receives = _ANY if queue.FifoQueue else _FEW             # only standard queues move others to their back
    row = call.table(Message).sql(_STATE, now, now, now, receives, queue.box, kept, kept)[0]     # one walk through a long queue
    for state, count in zip(("Visible", "NotVisible", "Delayed"), row, strict=False):
        yield f"ApproximateNumberOfMessages{state}", count, "Count"
    if row[3] is not None:
        yield "ApproximateAgeOfOldestMessage", int(now - row[3]), "Seconds"
