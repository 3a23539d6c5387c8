"""Subscriptions: made, confirmed, told, changed, ended; across accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import bodies, make, receive, refused


@pytest.fixture
def sns(cloud: Cloud) -> Any:
    return cloud.client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name="news")["TopicArn"])


def queue_arn(cloud: Cloud, name: str = "q", region: str = "us-east-1") -> str:
    return f"arn:aws:sqs:{region}:{cloud.account}:{name}"


def test_a_subscription_tells_of_itself(cloud: Cloud, sns: Any, topic: str) -> None:
    policy = json.dumps({"a": ["b"]})
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(cloud), Attributes={
        "RawMessageDelivery": "true", "FilterPolicy": policy})["SubscriptionArn"]
    assert arn.startswith(topic + ":")
    told = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert told.pop("SubscriptionPrincipal") == f"arn:aws:iam::{cloud.account}:root"
    assert told == {"SubscriptionArn": arn, "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn(cloud),
                    "Owner": cloud.account, "PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true",
                    "RawMessageDelivery": "true", "FilterPolicy": policy, "FilterPolicyScope": "MessageAttributes"}
    listed = [{"SubscriptionArn": arn, "Owner": cloud.account, "Protocol": "sqs", "Endpoint": queue_arn(cloud),
               "TopicArn": topic}]
    assert sns.list_subscriptions()["Subscriptions"] == listed
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == listed
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1"


def test_subscribing_again_gives_the_same_one_unless_it_differs(cloud: Cloud, sns: Any, topic: str) -> None:
    def subscribe(**attributes: str) -> str:
        return str(sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(cloud),
                                 Attributes=attributes)["SubscriptionArn"])

    arn = subscribe(RawMessageDelivery="true")
    assert subscribe() == subscribe(RawMessageDelivery="true") == arn
    with refused("InvalidParameter", "Subscription already exists with different attributes"):
        subscribe(RawMessageDelivery="false")


@pytest.mark.parametrize(("members", "code", "words"), [
    ({"Protocol": "pigeon"}, "InvalidParameter", "Amazon SNS does not support this protocol string: pigeon"),
    ({"Endpoint": "nonsense"}, "InvalidParameter", "SQS endpoint ARN"),
    ({"Endpoint": "arn:aws:sns:us-east-1:111111111111:q"}, "InvalidParameter", "SQS endpoint ARN"),
    ({"Endpoint": "arn:aws:sqs:us-east-1:111111111111:q.fifo"}, "InvalidParameter", "FIFO SQS Queues can not be subscribed"),
    ({"Attributes": {"Nonsense": "1"}}, "InvalidParameter", "Attributes"),
    ({"Attributes": {"RawMessageDelivery": "maybe"}}, "InvalidParameter", "RawMessageDelivery"),
    ({"Attributes": {"FilterPolicy": "{"}}, "InvalidParameter", "FilterPolicy: failed to parse JSON."),
    ({"Attributes": {"FilterPolicyScope": "Half"}}, "InvalidParameter", "FilterPolicyScope: Invalid value [Half]"),
    ({"Attributes": {"RedrivePolicy": "{\"a\":1}"}}, "InvalidParameter", "deadLetterTargetArn is a required attribute"),
    ({"Attributes": {"RedrivePolicy": "{\"deadLetterTargetArn\":\"x\"}"}}, "InvalidParameter", "is an invalid arn"),
    ({"Attributes": {"DeliveryPolicy": "{}"}}, "InvalidParameter", "Delivery protocol [sqs] does not support delivery policy"),
    ({"Protocol": "firehose", "Endpoint": "arn:aws:firehose:us-east-1:111111111111:deliverystream/s"}, "NotImplemented",
     "firehose"),
    ({"Protocol": "http", "Endpoint": "https://example.com/"}, "InvalidParameter",
     "Endpoint must match the specified protocol"),
    ({"Protocol": "https", "Endpoint": "https://"}, "InvalidParameter", "Endpoint"),
])
def test_how_not_to_subscribe(cloud: Cloud, sns: Any, topic: str, members: dict[str, Any], code: str, words: str) -> None:
    with refused(code, words):
        sns.subscribe(**{"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn(cloud), **members})
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_unsubscribing_ends_it_and_may_be_repeated(cloud: Cloud, sns: Any, topic: str) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(cloud))["SubscriptionArn"]
    for _ in range(2):
        sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"] == "1"
    with refused("NotFound", "Subscription does not exist"):
        sns.get_subscription_attributes(SubscriptionArn=arn)
    with refused("InvalidParameter", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"):
        sns.unsubscribe(SubscriptionArn="x")


def test_subscriptions_are_listed_in_pages(cloud: Cloud, sns: Any, topic: str) -> None:
    for n in range(103):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(cloud, f"q{n}"))
    for name, members in (("list_subscriptions", {}), ("list_subscriptions_by_topic", {"TopicArn": topic})):
        pages = [[s["Endpoint"] for s in page["Subscriptions"]] for page in sns.get_paginator(name).paginate(**members)]
        assert [len(page) for page in pages] == [100, 3]
        assert len({endpoint for page in pages for endpoint in page}) == 103


def test_a_queues_owner_subscribes_it_to_anothers_topic_at_once(cloud: Cloud, sns: Any, topic: str) -> None:
    other = cloud.other()
    sqs = other.client("sqs")
    url = make(sqs, "q")
    theirs = other.client("sns")
    arn = theirs.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(other))["SubscriptionArn"]
    assert arn.startswith(topic)
    assert [s["SubscriptionArn"] for s in theirs.list_subscriptions()["Subscriptions"]] == [arn]
    assert sns.list_subscriptions()["Subscriptions"] == []
    sns.publish(TopicArn=topic, Message="over the border")
    assert json.loads(bodies(receive(sqs, url))[0])["Message"] == "over the border"
    theirs.unsubscribe(SubscriptionArn=arn)
    assert theirs.list_subscriptions()["Subscriptions"] == []


def test_anothers_queue_must_confirm(cloud: Cloud, sns: Any, topic: str) -> None:
    other = cloud.other()
    sqs = other.client("sqs")
    url = make(sqs, "q")
    members = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn(other)}
    assert sns.subscribe(**members)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(ReturnSubscriptionArn=True, **members)["SubscriptionArn"]
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [s["SubscriptionArn"] for s in listed] == ["PendingConfirmation"]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "1"
    sns.publish(TopicArn=topic, Message="too early")
    (body,) = bodies(receive(sqs, url))
    asked = json.loads(body)
    assert asked["Type"] == "SubscriptionConfirmation"
    assert asked["SubscribeURL"].endswith(f"/?Action=ConfirmSubscription&TopicArn={topic}&Token={asked['Token']}")
    with refused("InvalidParameter", "Token"):
        sns.confirm_subscription(TopicArn=topic, Token="nonsense")
    theirs = other.client("sns")
    told = theirs.confirm_subscription(TopicArn=topic, Token=asked["Token"], AuthenticateOnUnsubscribe="true")
    assert told["SubscriptionArn"] == arn
    sns.publish(TopicArn=topic, Message="now")
    assert json.loads(bodies(receive(sqs, url))[0])["Message"] == "now"
    with refused("AuthorizationError"):
        cloud.other().client("sns").unsubscribe(SubscriptionArn=arn)
    theirs.unsubscribe(SubscriptionArn=arn)


def test_what_is_not_confirmed_in_two_days_lapses(cloud: Cloud, sns: Any, topic: str) -> None:
    other = cloud.other()
    make(other.client("sqs"), "q")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(other))
    cloud.clock.advance(2 * 86_400 - 10)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "1"
    cloud.clock.advance(20)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "0"


def test_a_topic_reaches_queues_in_other_regions(cloud: Cloud, sns: Any, topic: str) -> None:
    sqs = cloud.client("sqs", region="eu-west-1")
    url = make(sqs, "q")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(cloud, "q", "eu-west-1"),
                  Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="far")
    assert bodies(receive(sqs, url)) == ["far"]
