"""Who is subscribed, and what arrived."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def _topic(room: Room, name: str = "orders") -> str:
    return f"arn:aws:sns:us-east-1:{room.account}:{name}"


def _subscriptions(room: Room, protocol: str, name: str = "orders") -> list[dict[str, str]]:
    """Attributes of a topic's confirmed subscriptions by this protocol."""
    sns = room.client("sns")
    found = sns.list_subscriptions_by_topic(TopicArn=_topic(room, name))["Subscriptions"]
    return [sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"] for each in found
            if each["Protocol"] == protocol and each["SubscriptionArn"] != "PendingConfirmation"]


def _look(room: Room, name: str) -> list[str]:
    """The messages of a queue, which stay there."""
    sqs = room.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: list[dict[str, Any]] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in reversed(found):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    bodies = [message["Body"] for message in found]
    return [json.loads(body)["MessageId"] if body.startswith("{") else body for body in bodies]


def fanout(room: Room) -> None:
    """Both queues, and a message that is in both."""
    on = {each["Endpoint"].rpartition(":")[2] for each in _subscriptions(room, "sqs")}
    if not {"billing", "shipping"} <= on:
        raise Wrong(f"the queues on orders are {sorted(on)}")
    if not set(_look(room, "billing")) & set(_look(room, "shipping")):
        raise Wrong("no message is in both queues")


def filters(room: Room) -> None:
    """The policy, and that it works."""
    for each in _subscriptions(room, "sqs"):
        policy = json.loads(each.get("FilterPolicy", "{}"))
        if each["Endpoint"].endswith(":shipping") and policy != {"kind": ["goods"]}:
            raise Wrong(f"shipping is filtered by {policy}")
        if each["Endpoint"].endswith(":billing") and policy:
            raise Wrong(f"billing is filtered by {policy}")
    if not set(_look(room, "shipping")) < set(_look(room, "billing")):
        raise Wrong("billing should have messages that shipping has not, and not the other way round")


def mail(room: Room) -> None:
    """It is confirmed."""
    if not any(each["Endpoint"] == "office@example.com" for each in _subscriptions(room, "email")):
        raise Wrong("office@example.com is not subscribed, or has not confirmed")


def web(room: Room) -> None:
    """It is confirmed."""
    if not _subscriptions(room, "http"):
        raise Wrong("no web server is subscribed to orders, or none has confirmed")


def order(room: Room) -> None:
    """The order of the queue."""
    if not _subscriptions(room, "sqs", "steps.fifo"):
        raise Wrong("no queue is on steps.fifo")
    if (found := _look(room, "steps.fifo")) != ["one", "two", "three"]:
        raise Wrong(f"the queue steps.fifo has {found} (subscribe it with RawMessageDelivery)")
