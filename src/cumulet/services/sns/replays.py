"""The archive of a FIFO topic, and its messages sent once more to one subscription."""

from __future__ import annotations

import msgspec

from cumulet.kernel import Call, task, timer

from . import archives
from .delivery import Delivery, recipient_of
from .messages import Notice
from .resources import Archived, Subscription, Topic
from .sealing import seal, unseal

_SLICE = 100
_OLD = ('DELETE FROM {table} WHERE scope = {scope} AND "topic" = ? AND "sequence" IN (SELECT "sequence" FROM {table} '
        'WHERE scope = {scope} AND "topic" = ? AND "at" <= ? ORDER BY "at" LIMIT 1000) RETURNING "sequence"')


def keep(call: Call, topic: Topic, notice: Notice, number: int) -> None:
    """Into the archive, when the topic has one."""
    if topic.ArchivePolicy is None:
        return
    table = call.table(Archived)
    if not table.scan(topic.TopicName, limit=1):
        call.at(call.now + archives.seconds(topic.ArchivePolicy), expire, name=topic.TopicName, topic=topic.TopicName)
    table.put(Archived(topic=topic.TopicName, sequence=number, at=call.now,
                      notice=seal(call, topic, msgspec.msgpack.encode(notice))))


def change(call: Call, topic: Topic, policy: str | None) -> None:
    """An archive begins, lasts otherwise, or ends with all that is in it."""
    if policy is None:
        call.table(Archived).delete_all(topic.TopicName)
        call.cancel(expire, topic.TopicName)
        topic.archived_since = None
    elif topic.archived_since is None:
        topic.archived_since = call.now
    else:
        call.at(call.now, expire, name=topic.TopicName, topic=topic.TopicName)
    topic.ArchivePolicy = policy


@timer
def expire(call: Call, topic: str) -> None:
    """Throw away what is too old, and look again when the next is."""
    found = call.table(Topic).get(topic)
    if found is None or found.ArchivePolicy is None:
        return
    lasts = archives.seconds(found.ArchivePolicy)
    table = call.table(Archived)
    table.sql(_OLD, topic, topic, call.now - lasts)
    first = table.scan(topic, index="at", limit=1)
    if first:
        call.at(max(call.now, first[0].at + lasts), expire, name=topic, topic=topic)


def check(call: Call, topic: Topic, subscription: Subscription, where: str) -> None:
    """That a subscription's ReplayPolicy can be followed."""
    if subscription.ReplayPolicy is not None:
        archives.window(subscription.ReplayPolicy, where, call.now, topic.archived_since)


def begin(call: Call, topic: Topic, subscription: Subscription) -> None:
    """Start what the subscription's ReplayPolicy asks for; without one, stop. The row is written by the caller."""
    subscription.replay = call.uuid()
    subscription.waiting = None
    subscription.replay_status = ""
    if subscription.ReplayPolicy is None or topic.archived_since is None:
        return
    start, end = archives.window(subscription.ReplayPolicy, "", call.now, topic.archived_since)
    subscription.replay_status = "In progress"
    subscription.waiting = 1 if end is None else None
    call.task(replay, arn=subscription.SubscriptionArn, number=subscription.replay, start=start, end=end, after=0)


@task(retries=5)
def replay(call: Call, arn: str, number: str, start: float, end: float | None, after: int) -> None:
    """The next slice. New messages wait for the end of a replay that has none, because they come in order."""
    subscription = call.table(Subscription).get(arn)
    topic = call.table(Topic).get(subscription.topic) if subscription is not None else None
    if subscription is None or topic is None or subscription.replay != number or subscription.pending is not None:
        return
    found = call.table(Archived).scan(topic.TopicName, after=after, limit=_SLICE)
    for row in found:
        if row.at >= start and (end is None or row.at <= end):
            _again(call, topic, subscription, row)
    if len(found) == _SLICE and (end is None or found[-1].at <= end):
        call.task(replay, arn=arn, number=number, start=start, end=end, after=found[-1].sequence)
    else:
        call.table(Subscription).change(arn, waiting=None, replay_status="Completed")


def _again(call: Call, topic: Topic, subscription: Subscription, row: Archived) -> None:
    notice = msgspec.msgpack.decode(unseal(call, row.notice), type=Notice)
    notice.replayed = True
    notice.deduplication = call.uuid()             # a queue that got it lately takes it again
    delivery = Delivery(call, topic, subscription.TopicArn, notice)
    delivery.to(recipient_of(subscription))
    delivery.end()
