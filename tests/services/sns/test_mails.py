"""Subscriptions by mail: confirmed by the link in it, read by people and by programs."""

from __future__ import annotations

import json
import re
from email import message_from_string, policy
from typing import Any

import pytest

from conftest import Cloud
from services.sns.conftest import Mailbox, visit
from services.sqs.queues import refused

WHO = "reader@example.com"


def confirmed(sns: Any, topic: str, mailbox: Mailbox, **members: Any) -> str:
    """A confirmed subscription's ARN."""
    said = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=WHO, **members)
    assert said["SubscriptionArn"] == "pending confirmation"
    mail = mailbox.all()[-1]
    (link,) = re.findall(r"http\S+ConfirmSubscription\S+", mail["text"])
    return re.findall(r"<SubscriptionArn>(.*)</SubscriptionArn>", visit(link))[0]


def test_a_mail_asks_and_its_link_confirms(sns: Any, topic: str, mailbox: Mailbox) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Daily News")
    arn = confirmed(sns, topic, mailbox)
    (mail,) = mailbox.all()
    assert (mail["kind"], mail["service"], mail["to"], mail["subject"]) == (
        "mail", "sns", [WHO], "AWS Notification - Subscription Confirmation")
    assert topic in mail["text"]
    assert re.findall(r'href="([^"]+)"', mail["html"])[0].replace("&amp;", "&") in mail["text"]
    source = message_from_string(mail["raw"], policy=policy.default)
    assert (source["From"], source["To"]) == ("Daily News <no-reply@sns.amazonaws.com>", WHO)
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"


def test_notifications_come_as_mails_and_end_by_their_link(sns: Any, topic: str, mailbox: Mailbox) -> None:
    confirmed(sns, topic, mailbox, Attributes={"FilterPolicy": '{"kind":["wanted"]}'})
    wanted = {"kind": {"DataType": "String", "StringValue": "wanted"}}
    sns.publish(TopicArn=topic, Message="Grüße 🐝", Subject="Hello", MessageAttributes=wanted)
    sns.publish(TopicArn=topic, Message="filtered away")
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "x", "email": "for mails"}), MessageStructure="json",
                MessageAttributes=wanted)
    first, second = mailbox.all()[1:]
    assert (first["subject"], first["text"].splitlines()[0]) == ("Hello", "Grüße 🐝")
    assert (second["subject"], second["text"].splitlines()[0]) == ("AWS Notification Message", "for mails")
    visit(first["text"].split()[-1])
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_programs_get_json(sns: Any, topic: str, mailbox: Mailbox) -> None:
    sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=WHO)
    visit(json.loads(mailbox.all()[0]["text"])["SubscribeURL"])
    sent = sns.publish(TopicArn=topic, Message="x" * 2000, Subject="S")
    told = json.loads(mailbox.all()[1]["text"])
    assert (told["MessageId"], told["Message"], told["Type"]) == (sent["MessageId"], "x" * 2000, "Notification")


@pytest.mark.parametrize("address", ["", "nobody", "a@", "@b", "a b@c.example", "a@b..example",
                                     "a@b.example\r\nBcc: x@y.example"])
def test_what_is_no_address(sns: Any, topic: str, address: str) -> None:
    with refused("InvalidParameter", "Invalid parameter: Email address"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)


def test_mails_have_no_raw_delivery(sns: Any, topic: str) -> None:
    with refused("InvalidParameter", "Delivery protocol [email] does not support raw message delivery."):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=WHO, Attributes={"RawMessageDelivery": "true"})


def test_a_mail_is_there_only_when_its_call_succeeded(cloud: Cloud, sns: Any, topic: str, mailbox: Mailbox) -> None:
    with refused("InvalidParameter"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=WHO, Attributes={"FilterPolicy": "{"})
    assert mailbox.list() == []
