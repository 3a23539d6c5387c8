"""FIFO topics that keep their messages, and send them once more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import bodies, make, receive, refused

KEPT = json.dumps({"MessageRetentionPeriod": "30"})


class Kept:
    """An archiving topic."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.sns, self.sqs = cloud.client("sns"), cloud.client("sqs")
        self.topic = self.sns.create_topic(Name="t.fifo", Attributes={
            "FifoTopic": "true", "ContentBasedDeduplication": "true", "ArchivePolicy": KEPT})["TopicArn"]
        self.began = cloud.clock.now()

    def publish(self, *texts: str) -> None:
        for text in texts:
            self.sns.publish(TopicArn=self.topic, Message=text, MessageGroupId="g")

    def subscribe(self, name: str, **attributes: Any) -> tuple[str, str]:
        """Its queue's URL and the subscription's ARN."""
        url = make(self.sqs, name, **({"FifoQueue": "true"} if name.endswith(".fifo") else {}))
        arn = self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Attributes=attributes,
                                 Endpoint=f"arn:aws:sqs:us-east-1:{self.cloud.account}:{name}")["SubscriptionArn"]
        return url, arn

    def replay(self, arn: str, **policy: Any) -> None:
        self.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="ReplayPolicy",
                                             AttributeValue=json.dumps(policy) if policy else "{}")

    def texts(self, url: str) -> list[str]:
        self.cloud.clock.idle()
        found = []
        while batch := receive(self.sqs, url):
            found += [json.loads(body)["Message"] for body in bodies(batch)]
            for message in batch:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def attributes(self, arn: str) -> dict[str, str]:
        return dict(self.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"])


@pytest.fixture
def kept(cloud: Cloud) -> Kept:
    return Kept(cloud)


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def since(kept: Kept, end: float | None = None) -> dict[str, str]:
    return {"PointType": "Timestamp", "StartingPoint": iso(kept.began - 1), **({"EndingPoint": iso(end)} if end else {})}


def test_a_late_subscriber_gets_all_that_was_published(kept: Kept) -> None:
    kept.publish("1", "2", "3")
    url, arn = kept.subscribe("late.fifo")
    kept.publish("4")
    assert kept.texts(url) == ["4"]
    kept.replay(arn, **since(kept))
    assert kept.texts(url) == ["1", "2", "3", "4"]
    assert kept.attributes(arn)["ReplayStatus"] == "Completed"
    kept.publish("5")
    assert kept.texts(url) == ["5"]


def test_a_replay_keeps_order_with_what_comes_meanwhile(kept: Kept) -> None:
    kept.publish(*(str(n) for n in range(120)))
    policy = json.dumps(since(kept))
    url, _ = kept.subscribe("q.fifo", ReplayPolicy=policy)
    kept.publish("120")
    assert kept.texts(url) == [str(n) for n in range(121)]


def test_a_replayed_message_says_so(kept: Kept) -> None:
    sent = kept.sns.publish(TopicArn=kept.topic, Message="1", MessageGroupId="g")
    url, _ = kept.subscribe("q", ReplayPolicy=json.dumps(since(kept)))
    raw, _ = kept.subscribe("raw", ReplayPolicy=json.dumps(since(kept)), RawMessageDelivery="true")
    kept.cloud.clock.idle()
    told = json.loads(bodies(receive(kept.sqs, url))[0])
    assert (told["MessageId"], told["Replayed"]) == (sent["MessageId"], "true")
    (got,) = receive(kept.sqs, raw, MessageAttributeNames=["All"])
    assert got["MessageAttributes"]["Replayed"]["StringValue"] == "true"


def test_a_replay_may_end_and_be_filtered(kept: Kept) -> None:
    kept.publish("1")
    kept.sns.publish(TopicArn=kept.topic, Message="2", MessageGroupId="g", MessageAttributes={
        "a": {"DataType": "String", "StringValue": "wanted"}})
    middle = kept.cloud.clock.now()
    kept.cloud.clock.advance(10)
    kept.publish("3")
    url, arn = kept.subscribe("q")
    kept.replay(arn, **since(kept, middle + 1))
    assert sorted(kept.texts(url)) == ["1", "2"]
    kept.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue='{"a":["wanted"]}')
    kept.replay(arn, **since(kept))
    assert kept.texts(url) == ["2"]


def test_a_replay_may_be_stopped(kept: Kept) -> None:
    kept.publish("1")
    url, arn = kept.subscribe("q")
    kept.replay(arn, **since(kept))
    kept.replay(arn)
    assert "ReplayPolicy" not in kept.attributes(arn)
    kept.texts(url)
    kept.publish("2")
    assert kept.texts(url) == ["2"]


def test_a_replay_waits_for_a_confirmation(kept: Kept) -> None:
    other = kept.cloud.other()
    sqs = other.client("sqs")
    url = make(sqs, "theirs")
    kept.publish("1")
    kept.sns.subscribe(TopicArn=kept.topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{other.account}:theirs",
                       Attributes={"ReplayPolicy": json.dumps(since(kept))})
    kept.cloud.clock.idle()
    asked = json.loads(bodies(receive(sqs, url))[0])
    assert asked["Type"] == "SubscriptionConfirmation"
    other.client("sns").confirm_subscription(TopicArn=kept.topic, Token=asked["Token"])
    kept.publish("2")
    kept.cloud.clock.idle()
    assert [json.loads(body)["Message"] for body in bodies(receive(sqs, url))] == ["1", "2"]


def test_archived_messages_end_with_their_time(kept: Kept) -> None:
    kept.publish("old")
    kept.cloud.clock.advance(20 * 86_400)
    kept.publish("young")
    kept.cloud.clock.advance(11 * 86_400)
    url, arn = kept.subscribe("q")
    kept.replay(arn, **since(kept))
    assert kept.texts(url) == ["young"]
    kept.sns.set_topic_attributes(TopicArn=kept.topic, AttributeName="ArchivePolicy", AttributeValue=json.dumps(
        {"MessageRetentionPeriod": "1"}))
    kept.cloud.clock.idle()
    kept.replay(arn, **since(kept))
    assert kept.texts(url) == []


def test_an_archive_is_told_and_ended(kept: Kept) -> None:
    told = kept.sns.get_topic_attributes(TopicArn=kept.topic)["Attributes"]
    assert told["ArchivePolicy"] == KEPT
    assert abs(datetime.fromisoformat(told["BeginningArchiveTime"]).timestamp() - kept.began) < 5
    with refused("InvalidParameter", "ArchivePolicy"):
        kept.sns.delete_topic(TopicArn=kept.topic)
    kept.publish("1")
    kept.sns.set_topic_attributes(TopicArn=kept.topic, AttributeName="ArchivePolicy", AttributeValue="{}")
    told = kept.sns.get_topic_attributes(TopicArn=kept.topic)["Attributes"]
    assert "ArchivePolicy" not in told
    assert "BeginningArchiveTime" not in told
    _, arn = kept.subscribe("q")
    with refused("InvalidParameter", "no active ArchivePolicy"):
        kept.replay(arn, **since(kept))
    kept.sns.delete_topic(TopicArn=kept.topic)


@pytest.mark.parametrize(("policy", "words"), [
    ({"PointType": "Sequence", "StartingPoint": "2020-01-01T00:00:00Z"}, "PointType must be Timestamp"),
    ({"PointType": "Timestamp", "StartingPoint": "yesterday"}, "StartingPoint must be a timestamp"),
    ({"PointType": "Timestamp", "StartingPoint": "2999-01-01T00:00:00Z"}, "must not be in the future"),
    ({"PointType": "Timestamp", "StartingPoint": "2020-01-02T00:00:00Z", "EndingPoint": "2020-01-01T00:00:00Z"}, "EndingPoint"),
    ({"PointType": "Timestamp", "StartingPoint": "2020-01-02T00:00:00Z", "Nonsense": 1}, "Unexpected JSON member: Nonsense"),
])
def test_how_not_to_replay(kept: Kept, policy: dict[str, Any], words: str) -> None:
    _, arn = kept.subscribe("q")
    with refused("InvalidParameter", words):
        kept.replay(arn, **policy)


def test_how_not_to_archive(kept: Kept) -> None:
    for value in ('{"MessageRetentionPeriod":"0"}', '{"MessageRetentionPeriod":"366"}', "[]", '{"Days":"1"}'):
        with refused("InvalidParameter", "ArchivePolicy"):
            kept.sns.set_topic_attributes(TopicArn=kept.topic, AttributeName="ArchivePolicy", AttributeValue=value)
    with refused("InvalidParameter"):
        kept.sns.create_topic(Name="standard", Attributes={"ArchivePolicy": KEPT})
