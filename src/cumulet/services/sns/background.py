"""What happens unasked in SNS: large topics are served slice by slice, and what nobody confirmed is forgotten."""

from __future__ import annotations

import msgspec

from cumulet.kernel import Call, task, timer

from .delivery import Delivery, recipients
from .messages import Notice
from .resources import Owned, Pace, Subscription, Topic
from .sealing import seal, unseal

SLICE = 100


def deliver(call: Call, topic: Topic, notice: Notice, after: str | None = None) -> None:
    """Deliver to one slice of a topic's subscriptions now, and to the rest by tasks."""
    arn = call.arn(topic)
    found = recipients(call, arn, after, SLICE + 1)
    if not found:
        return
    delivery = Delivery(call, topic, arn, notice)
    for recipient in found[:SLICE]:
        delivery.to(recipient)
    delivery.end()
    if len(found) > SLICE:
        call.task(deliver_rest, topic=topic.TopicName, notice=seal(call, topic, msgspec.msgpack.encode(notice)),
                  after=found[SLICE - 1].arn)


@task(retries=5)
def deliver_rest(call: Call, topic: str, notice: bytes, after: str) -> None:
    """The next slice of a large topic."""
    found = call.table(Topic).get(topic)
    if found is not None:
        deliver(call, found, msgspec.msgpack.decode(unseal(call, notice), type=Notice), after)


def forget(call: Call, subscription: Subscription) -> None:
    """Remove a subscription here, and from its owner's list."""
    call.table(Subscription).delete(subscription.SubscriptionArn)
    call.table(Pace).delete(subscription.SubscriptionArn)
    owner = call.elsewhere(subscription.owner) if subscription.owner != call.account else call
    owner.table(Owned).delete(subscription.SubscriptionArn)


@timer
def lapse(call: Call, arn: str) -> None:
    """A subscription that was not confirmed in time."""
    found = call.table(Subscription).get(arn)
    if found is not None and found.pending is not None:
        forget(call, found)
