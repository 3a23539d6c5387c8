"""Subscriptions: made, confirmed, told, changed, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import attributes as settings
from .. import protocols, replays
from ..addresses import find_subscription, subscription_at, subscriptions_of, topic_at
from ..asking import CONFIRM_WITHIN, ask, cancel
from ..background import forget, lapse
from ..messages import invalid
from ..resources import Cancelled, Owned, Subscription, Topic

_PENDING = "pending confirmation"
_WHERE = "Attributes Reason: "
_TOKEN = 256


@operation
def subscribe(call: Call, TopicArn: str, Protocol: str, Endpoint: str = "", Attributes: Mapping[str, str] = {},
              ReturnSubscriptionArn: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"""
    caller = call
    call, topic = topic_at(call, TopicArn)
    protocols.check_endpoint(topic, Protocol, Endpoint)
    fields = settings.read_subscription(Attributes, _WHERE)
    existing = call.table(Subscription).find("endpoint", TopicArn, Protocol, Endpoint)
    if existing is None:
        existing = _make(call, caller, topic, Protocol, Endpoint, fields)
    elif any(getattr(existing, name) != value for name, value in fields.items()):
        raise invalid("Attributes Reason: Subscription already exists with different attributes")
    elif existing.pending is not None and Protocol != "sqs":
        ask(call, topic, existing)
    return {"SubscriptionArn": _shown(existing, ReturnSubscriptionArn)}


def _make(call: Call, caller: Call, topic: Topic, protocol: str, endpoint: str, fields: Mapping[str, Any]) -> Subscription:
    """A new subscription, in its topic's account; its endpoint is asked when it is not clear that its owner wants it."""
    account = caller.principal.account or call.account
    owner = protocols.owner_of(protocol, endpoint, account)
    # Whoever owns the endpoint need not be asked; when the topic's owner subscribes another's queue, the queue is.
    pending = protocols.must_confirm(protocol) or (owner != account and caller.principal.kind != "service")
    topic_arn, number = call.arn(topic), call.uuid()
    subscription = Subscription(
        SubscriptionArn=f"{topic_arn}:{number}", TopicArn=topic_arn, topic=topic.TopicName, id=number, Protocol=protocol,
        Endpoint=endpoint, owner=owner, created=call.now,
        pending=topic.TopicName if pending else None, token=call.token(_TOKEN) if pending else None,
        authenticated=not pending, principal=caller.principal.arn, **fields)
    settings.check_subscription(subscription, _WHERE)
    replays.check(call, topic, subscription, _WHERE)
    if not pending:
        replays.begin(call, topic, subscription)
    call.table(Subscription).insert(subscription)
    call.elsewhere(owner).put(Owned(arn=subscription.SubscriptionArn))
    if pending:
        call.at(call.now + CONFIRM_WITHIN, lapse, arn=subscription.SubscriptionArn)
        ask(call, topic, subscription)
    return subscription


def _shown(subscription: Subscription, always: bool) -> str:
    return subscription.SubscriptionArn if always or subscription.pending is None else _PENDING


@operation
def confirm_subscription(call: Call, TopicArn: str, Token: str, AuthenticateOnUnsubscribe: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html"""
    signed = call.principal.kind != "anonymous"
    only_owner = AuthenticateOnUnsubscribe.lower() == "true"
    if only_owner and not signed:
        raise error.AuthorizationErrorException("AuthenticateOnUnsubscribe needs a request that is signed.")
    call, topic = topic_at(call, TopicArn)
    found = call.table(Subscription).find("token", Token) or _taken_back(call, Token)
    if found is None or found.topic != topic.TopicName:
        raise invalid("Token")
    if found.pending is not None:
        found.pending, found.authenticated, found.only_owner = None, signed, only_owner
        replays.begin(call, topic, found)
        call.put(found)
    return {"SubscriptionArn": found.SubscriptionArn}


def _taken_back(call: Call, token: str) -> Subscription | None:
    """A subscription that was cancelled, as it was; a replay that ran then has ended."""
    cancelled = call.table(Cancelled).get(token)
    if cancelled is None:
        return None
    call.table(Cancelled).delete(token)
    row = cancelled.row
    row.waiting = None
    call.put(row)
    call.elsewhere(row.owner).put(Owned(arn=row.SubscriptionArn))
    return row


@operation
def unsubscribe(call: Call, SubscriptionArn: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html"""
    principal = call.principal
    call, found = find_subscription(call, SubscriptionArn)
    if found is None:
        return
    owns = principal.account in (found.owner, call.account)
    if found.only_owner and not owns:
        raise error.AuthorizationErrorException("Not authorized to unsubscribe")
    forget(call, found)
    topics = call.table(Topic)
    topic = topics.get(found.topic)
    if topic is None:
        return
    topics.change(found.topic, unsubscribed=topic.unsubscribed + 1)
    if not owns and found.pending is None:
        cancel(call, topic, found)


@operation
def get_subscription_attributes(call: Call, SubscriptionArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html"""
    call, found = subscription_at(call, SubscriptionArn)
    return {"Attributes": settings.write_subscription(found, call.get(Topic, found.topic))}


@operation
def set_subscription_attributes(call: Call, SubscriptionArn: str, AttributeName: str, AttributeValue: str = "") -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html"""
    call, found = subscription_at(call, SubscriptionArn)
    for name, value in settings.read_subscription({AttributeName: AttributeValue}, "").items():
        setattr(found, name, value)
    settings.check_subscription(found, "")
    if AttributeName == "ReplayPolicy":
        topic = call.get(Topic, found.topic)
        replays.check(call, topic, found, "")
        if found.pending is None:
            replays.begin(call, topic, found)
    call.put(found)


def _told(subscription: Subscription) -> dict[str, Any]:
    arn = subscription.SubscriptionArn if subscription.pending is None else "PendingConfirmation"
    return {"SubscriptionArn": arn, "Owner": subscription.owner, "Protocol": subscription.Protocol,
            "Endpoint": subscription.Endpoint, "TopicArn": subscription.TopicArn}


@operation
def list_subscriptions_by_topic(call: Call, TopicArn: str, page: Page[Subscription] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html"""
    call, _ = topic_at(call, TopicArn)
    rows = subscriptions_of(call, TopicArn, page.after, page.limit + 1)
    return {"Subscriptions": [_told(each) for each in page.cut(rows, lambda each: each.SubscriptionArn)]}


@operation
def list_subscriptions(call: Call, page: Page[Owned] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html"""
    rows = page.cut(call.table(Owned).scan(after=page.after, limit=page.limit + 1), lambda each: each.arn)
    found = [find_subscription(call, row.arn) for row in rows]
    return {"Subscriptions": [_told(each) for _, each in found if each is not None]}
