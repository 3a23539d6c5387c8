"""Asking an endpoint's owner: to confirm a subscription, or to take back its end."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, parse_arn, timer

from . import functions, mails
from .envelopes import asking, confirm_url
from .posting import Letter, post
from .protocols import WEB
from .resources import Cancelled, Subscription, Topic

_NOT_LET_IN = ("AccessDenied", "AccessDeniedException")
CONFIRM_WITHIN = 2 * 86_400.0
_TOKEN = 256


def ask(call: Call, topic: Topic, subscription: Subscription) -> None:
    """Send the endpoint a token to confirm with."""
    arn = subscription.TopicArn
    message = (f"You have chosen to subscribe to the topic {arn}.\nTo confirm the subscription, visit the SubscribeURL "
               "included in this message.")
    body, number = asking(call, topic, arn, subscription.token or "", message, "SubscriptionConfirmation")
    if subscription.Protocol in WEB:
        post(call, topic, _letter(subscription, "SubscriptionConfirmation", number, body))
    elif subscription.Protocol == "email":
        mails.ask(call, topic, arn, subscription.Endpoint, confirm_url(call, arn, subscription.token or ""))
    elif subscription.Protocol == "email-json":
        mails.notify_json(call, topic, subscription.Endpoint, "AWS Notification - Subscription Confirmation", body)
    else:
        try:
            _to_resource(call, subscription, body)
        except AwsError as problem:
            if problem.code not in _NOT_LET_IN:        # it stays unconfirmed, as with AWS
                raise


def _letter(subscription: Subscription, kind: str, number: str, body: str) -> Letter:
    return Letter(subscription=subscription.SubscriptionArn, topic=subscription.topic, url=subscription.Endpoint, kind=kind,
                  id=number, at=subscription.created, body=body)


def _to_resource(call: Call, subscription: Subscription, body: str) -> None:
    """To a queue or function of another account."""
    if subscription.Protocol == "lambda":
        functions.invoke(call, subscription.TopicArn, subscription.Endpoint, subscription.SubscriptionArn, body)
        return
    queue = parse_arn(subscription.Endpoint)
    assert queue is not None
    call.as_service(subscription.TopicArn, queue.account, queue.region).sqs.send_message(
        QueueUrl=f"{call.endpoint}/{queue.account}/{queue.resource}", MessageBody=body)


def cancel(call: Call, topic: Topic, subscription: Subscription) -> None:
    """Tell a web server that somebody unsigned ended its subscription, and how to take that back."""
    if subscription.Protocol not in WEB:
        return
    token = call.token(_TOKEN)
    call.put(Cancelled(token=token, row=subscription))
    call.at(call.now + CONFIRM_WITHIN, forget_cancelled, token=token)
    message = (f"You have chosen to deactivate subscription {subscription.SubscriptionArn}.\nTo cancel this operation and "
               "restore the subscription, visit the SubscribeURL included in this message.")
    body, number = asking(call, topic, subscription.TopicArn, token, message, "UnsubscribeConfirmation")
    post(call, topic, _letter(subscription, "UnsubscribeConfirmation", number, body))


@timer
def forget_cancelled(call: Call, token: str) -> None:
    """It is too late to take it back."""
    call.table(Cancelled).delete(token)
