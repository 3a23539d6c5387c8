"""Topics and subscriptions by their ARNs, in whichever account they are."""

from __future__ import annotations

from cumulet.kernel import Call

from .attributes import not_found, parse_subscription_arn, parse_topic_arn
from .messages import invalid
from .resources import Subscription, Topic

# The text after all ARNs of subscriptions of a topic: ";" follows ":".
_OF_TOPIC = ('SELECT {columns} FROM {table} WHERE scope = {scope} AND "SubscriptionArn" > ? AND "SubscriptionArn" < ? '
             'ORDER BY "SubscriptionArn" LIMIT ?')


def _at(call: Call, region: str, account: str, parameter: str) -> Call:
    if len(account) != 12:
        raise invalid(parameter)
    if region != call.region:
        if call.principal.kind != "anonymous":        # who follows a link signs for no region
            raise invalid(parameter)
        call = call.elsewhere(region=region)
    return call.elsewhere(account) if account != call.account else call


def topic_at(call: Call, arn: str) -> tuple[Call, Topic]:
    """The topic of an ARN, and the call as seen from its account."""
    region, account, name = parse_topic_arn(arn)
    call = _at(call, region, account, "TopicArn")
    return call, call.get(Topic, name)


def topic_in_use(call: Call, arn: str) -> tuple[Call, Topic]:
    """The same for those who publish and change nothing of the topic itself: the row is shared."""
    region, account, name = parse_topic_arn(arn)
    call = _at(call, region, account, "TopicArn")
    return call, call.table(Topic).known(name) or call.get(Topic, name)


def find_subscription(call: Call, arn: str) -> tuple[Call, Subscription | None]:
    """The subscription of an ARN if there is one, and the call as seen from its topic's account."""
    region, account = parse_subscription_arn(arn)
    call = _at(call, region, account, "SubscriptionArn")
    return call, call.table(Subscription).get(arn)


def subscriptions_of(call: Call, topic_arn: str, after: str | None, limit: int) -> list[Subscription]:
    """Some subscriptions of a topic, in order of their ARNs, which begin with the topic's."""
    return call.table(Subscription).rows(_OF_TOPIC, after or f"{topic_arn}:", f"{topic_arn};", limit)


def subscription_at(call: Call, arn: str) -> tuple[Call, Subscription]:
    call, found = find_subscription(call, arn)
    if found is None:
        raise not_found("Subscription")
    return call, found
