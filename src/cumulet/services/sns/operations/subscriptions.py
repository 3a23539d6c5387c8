"""Subscriptions: made, confirmed, told, changed, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, not_implemented, operation, parse_arn

from .. import attributes as settings
from .. import messages
from ..addresses import find_subscription, subscription_at, subscriptions_of, topic_at
from ..background import forget, lapse
from ..messages import invalid
from ..resources import Owned, Subscription, Topic
from ..signing import certificate_url, sign, signing_key

_PROTOCOLS = frozenset({"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"})
_PENDING = "pending confirmation"
_CONFIRM_WITHIN = 2 * 86_400.0
_TOKEN = 256


@operation
def subscribe(call: Call, TopicArn: str, Protocol: str, Endpoint: str = "", Attributes: Mapping[str, str] = {},
              ReturnSubscriptionArn: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"""
    caller = call
    call, topic = topic_at(call, TopicArn)
    _check_endpoint(topic, Protocol, Endpoint)
    where = "Attributes Reason: "
    fields = settings.read_subscription(Attributes, where)
    table = call.table(Subscription)
    existing = table.find("endpoint", TopicArn, Protocol, Endpoint)
    if existing is not None:
        if any(getattr(existing, name) != value for name, value in fields.items()):
            raise invalid("Attributes Reason: Subscription already exists with different attributes")
        return {"SubscriptionArn": _shown(existing, ReturnSubscriptionArn)}
    queue = parse_arn(Endpoint)
    assert queue is not None
    # Whoever owns the queue need not be asked; when the topic's owner subscribes another's queue, the queue is.
    pending = queue.account != caller.principal.account and caller.principal.kind != "service"
    number = call.uuid()
    subscription = Subscription(
        SubscriptionArn=f"{TopicArn}:{number}", TopicArn=TopicArn, topic=topic.TopicName, id=number, Protocol=Protocol,
        Endpoint=Endpoint, owner=queue.account, created=call.now,
        pending=topic.TopicName if pending else None, token=call.token(_TOKEN) if pending else None,
        authenticated=not pending, principal=caller.principal.arn, **fields)
    settings.check_filter(subscription, where)
    table.insert(subscription)
    owner = call.elsewhere(queue.account) if queue.account != call.account else call
    owner.put(Owned(arn=subscription.SubscriptionArn))
    if pending:
        call.at(call.now + _CONFIRM_WITHIN, lapse, arn=subscription.SubscriptionArn)
        _ask(call, topic, subscription)
    return {"SubscriptionArn": _shown(subscription, ReturnSubscriptionArn)}


def _shown(subscription: Subscription, always: bool) -> str:
    return subscription.SubscriptionArn if always or subscription.pending is None else _PENDING


def _check_endpoint(topic: Topic, protocol: str, endpoint: str) -> None:
    if protocol not in _PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if protocol != "sqs":
        raise not_implemented(f"subscribing by the protocol {protocol}")
    queue = parse_arn(endpoint)
    if queue is None or queue.service != "sqs" or not queue.resource or len(queue.account) != 12:
        raise invalid("SQS endpoint ARN")
    if queue.resource.endswith(".fifo") and not topic.FifoTopic:
        raise invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")


def _ask(call: Call, topic: Topic, subscription: Subscription) -> None:
    """Send the queue a token to confirm with."""
    arn = call.arn(topic)
    token = subscription.token or ""
    key = signing_key(call)
    version = topic.SignatureVersion or "1"
    fields = {
        "Type": "SubscriptionConfirmation", "MessageId": call.uuid(), "Token": token, "TopicArn": arn,
        "Message": f"You have chosen to subscribe to the topic {arn}.\nTo confirm the subscription, visit the SubscribeURL "
                   "included in this message.",
        "SubscribeURL": f"{call.endpoint}/?Action=ConfirmSubscription&TopicArn={arn}&Token={token}",
        "Timestamp": messages.timestamp(call.now)}
    body = messages.envelope({**fields, "SignatureVersion": version, "Signature": sign(key, fields, version),
                              "SigningCertURL": certificate_url(call, key)}) + "\n}"
    queue = parse_arn(subscription.Endpoint)
    assert queue is not None
    try:
        call.as_service(arn, queue.account, queue.region).sqs.send_message(
            QueueUrl=f"{call.endpoint}/{queue.account}/{queue.resource}", MessageBody=body)
    except AwsError as problem:
        if problem.code != "AccessDenied":       # the queue does not let us in: it stays unconfirmed, as with AWS
            raise


@operation
def confirm_subscription(call: Call, TopicArn: str, Token: str, AuthenticateOnUnsubscribe: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html"""
    signed = call.principal.kind != "anonymous"
    call, topic = topic_at(call, TopicArn)
    table = call.table(Subscription)
    found = table.find("token", Token)
    if found is None or found.topic != topic.TopicName:
        raise invalid("Token")
    if found.pending is not None:
        table.change(found.SubscriptionArn, pending=None, authenticated=signed,
                     only_owner=signed and AuthenticateOnUnsubscribe.lower() == "true")
    return {"SubscriptionArn": found.SubscriptionArn}


@operation
def unsubscribe(call: Call, SubscriptionArn: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html"""
    principal = call.principal
    call, found = find_subscription(call, SubscriptionArn)
    if found is None:
        return
    if found.only_owner and principal.account not in (found.owner, call.account):
        raise error.AuthorizationErrorException("Not authorized to unsubscribe")
    forget(call, found)
    topics = call.table(Topic)
    topic = topics.get(found.topic)
    if topic is not None:
        topics.change(found.topic, unsubscribed=topic.unsubscribed + 1)


@operation
def get_subscription_attributes(call: Call, SubscriptionArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html"""
    call, found = subscription_at(call, SubscriptionArn)
    return {"Attributes": settings.write_subscription(found)}


@operation
def set_subscription_attributes(call: Call, SubscriptionArn: str, AttributeName: str, AttributeValue: str = "") -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html"""
    call, found = subscription_at(call, SubscriptionArn)
    for name, value in settings.read_subscription({AttributeName: AttributeValue}, "").items():
        setattr(found, name, value)
    settings.check_filter(found, "")
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
