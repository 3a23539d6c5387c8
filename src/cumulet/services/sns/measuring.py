"""What CloudWatch is told of topics: what was published, and what became of it at each subscription.

Calls note in memory; it is told a moment later.

https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cumulet.kernel import Call, task

PUBLISHED, DELIVERED, FAILED, FILTERED, NO_ATTRIBUTES, INVALID_BODY, REDRIVEN, NOT_REDRIVEN = range(8)
_NAMES = ("NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed",
          "NumberOfNotificationsFilteredOut", "NumberOfNotificationsFilteredOut-NoMessageAttributes",
          "NumberOfNotificationsFilteredOut-InvalidMessageBody", "NumberOfNotificationsRedrivenToDlq",
          "NumberOfNotificationsFailedToRedriveToDlq")
_Note = tuple[str, float, int, int]          # topic, minute, one of these, and how many (of what was published: bytes)


def note(call: Call, topic: str, what: int, much: int = 1) -> None:
    """One of these happened so often; of PUBLISHED, the bytes of one message."""
    call.note(measure, (topic, call.now // 60, what, much))


@task()
def measure(call: Call, notes: Sequence[_Note]) -> None:
    """Tell CloudWatch."""
    metrics = call.metrics("AWS/SNS")
    for (topic, minute, what, much), times in Counter(notes).items():
        topic_name, at = (("TopicName", topic),), minute * 60
        if what == PUBLISHED:
            metrics.add("PublishSize", topic_name, at, much, times, "Bytes")
        metrics.add(_NAMES[what], topic_name, at, 1, times if what == PUBLISHED else times * much)
    metrics.tell()
