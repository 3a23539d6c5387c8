"""What CloudWatch knows of topics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Cloud
from services.sns.conftest import Web, visit
from services.sns.test_texts import tell
from services.sqs.queues import make, refused

Metric = Callable[..., float]
Subscribe = Callable[..., str]


@pytest.fixture
def metric(cloud: Cloud) -> Metric:
    """A statistic of the topic's metric over the last hour; -1 where there are no data."""
    cloudwatch = cloud.client("cloudwatch")

    def found(name: str, statistic: str = "Sum", topic: str = "news") -> float:
        cloud.clock.advance(0.01)                                      # what was noted is told
        now = cloud.clock.now()
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SNS", MetricName=name, Dimensions=[{"Name": "TopicName", "Value": topic}],
            StartTime=now - 3600, EndTime=now + 60, Period=7200, Statistics=[statistic])["Datapoints"]
        return float(points[0][statistic]) if points else -1.0

    return found


@pytest.fixture
def subscribe(cloud: Cloud, sns: Any, news: str) -> Subscribe:
    """Have a new queue (or one that is not there) get what is published."""
    sqs = cloud.client("sqs")

    def subscribed(queue: str, there: bool = True, **attributes: Any) -> str:
        if there:
            make(sqs, queue, Policy=json.dumps({"Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}))
        given = {name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()}
        return str(sns.subscribe(TopicArn=news, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:{queue}",
                                 Attributes=given)["SubscriptionArn"])

    return subscribed


@pytest.fixture
def sns(cloud: Cloud) -> Any:
    return cloud.client("sns")


@pytest.fixture
def news(sns: Any) -> str:
    return str(sns.create_topic(Name="news")["TopicArn"])


def test_messages_published_and_delivered_are_counted(sns: Any, news: str, subscribe: Subscribe, metric: Metric) -> None:
    sns.publish(TopicArn=news, Message="to nobody")
    assert metric("NumberOfNotificationsDelivered") == -1
    subscribe("one")
    subscribe("two")
    sns.publish(TopicArn=news, Message="abc", MessageAttributes={"k": {"DataType": "String", "StringValue": "v"}})
    sns.publish_batch(TopicArn=news, PublishBatchRequestEntries=[{"Id": "1", "Message": "d"}, {"Id": "2", "Message": ""}])
    with refused("InvalidParameter"):
        sns.publish(TopicArn=news, Message="", Subject="not there")
    assert metric("NumberOfMessagesPublished") == 3
    assert metric("PublishSize") == 9 + 3 + 8 + 1
    assert metric("PublishSize", "SampleCount") == 3
    assert metric("NumberOfNotificationsDelivered") == 4
    assert metric("NumberOfNotificationsFailed") == -1


def test_what_filter_policies_refuse_is_counted(sns: Any, news: str, subscribe: Subscribe, metric: Metric) -> None:
    subscribe("red", FilterPolicy={"color": ["red"]})
    subscribe("body", FilterPolicy={"color": ["red"]}, FilterPolicyScope="MessageBody")
    sns.publish(TopicArn=news, Message='{"color": "red"}')
    sns.publish(TopicArn=news, Message="no json", MessageAttributes={"color": {"DataType": "String", "StringValue": "red"}})
    sns.publish(TopicArn=news, Message="{}", MessageAttributes={"color": {"DataType": "String", "StringValue": "blue"}})
    assert metric("NumberOfNotificationsDelivered") == 2
    assert metric("NumberOfNotificationsFilteredOut") == 4
    assert metric("NumberOfNotificationsFilteredOut-NoMessageAttributes") == 1
    assert metric("NumberOfNotificationsFilteredOut-InvalidMessageBody") == 1


def test_failures_and_what_dead_letter_queues_take_are_counted(cloud: Cloud, sns: Any, news: str, subscribe: Subscribe,
                                                               metric: Metric) -> None:
    subscribe("missing", there=False)
    sns.publish(TopicArn=news, Message="a")
    assert metric("NumberOfNotificationsFailed") == 1
    assert metric("NumberOfNotificationsRedrivenToDlq") == -1
    dead = make(cloud.client("sqs"), "dead", Policy=json.dumps({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}))
    subscribe("missing too", there=False, RedrivePolicy={
        "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{cloud.account}:dead"})
    sns.publish(TopicArn=news, Message="b")
    assert metric("NumberOfNotificationsFailed") == 3
    assert metric("NumberOfNotificationsRedrivenToDlq") == 1
    cloud.client("sqs").delete_queue(QueueUrl=dead)
    sns.publish(TopicArn=news, Message="c")
    assert metric("NumberOfNotificationsFailedToRedriveToDlq") == 1
    assert metric("NumberOfNotificationsDelivered") == -1


def test_every_failed_attempt_of_a_server_counts(cloud: Cloud, sns: Any, news: str, web: Web, metric: Metric) -> None:
    sns.subscribe(TopicArn=news, Protocol="http", Endpoint=web.url, Attributes={"DeliveryPolicy": json.dumps(
        {"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 3}})})
    cloud.clock.idle()
    visit(web.take()[0].json["SubscribeURL"])
    web.answers = [500, 500]
    sns.publish(TopicArn=news, Message="a")
    for _ in range(4):
        cloud.clock.idle()
        cloud.clock.advance(1)
    assert metric("NumberOfNotificationsFailed") == 2
    assert metric("NumberOfNotificationsDelivered") == 1


def test_texts_that_are_not_sent_have_failed(cloud: Cloud, sns: Any, news: str, metric: Metric) -> None:
    sns.subscribe(TopicArn=news, Protocol="sms", Endpoint="+14255550123")
    sns.publish(TopicArn=news, Message="in the sandbox")
    assert metric("NumberOfNotificationsFailed") == 1
    assert tell(cloud, sandbox=False) == {"sandbox": False}
    sns.publish(TopicArn=news, Message="a")
    assert metric("NumberOfNotificationsDelivered") == 1
    assert metric("NumberOfNotificationsFailed") == 1


def test_a_fifo_topic_counts_what_it_takes(sns: Any, metric: Metric) -> None:
    topic = sns.create_topic(Name="news.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    with refused("InvalidParameter"):
        sns.publish(TopicArn=topic, Message="a", MessageGroupId="g")
    sns.publish(TopicArn=topic, Message="b", MessageGroupId="g", MessageDeduplicationId="d")
    assert metric("NumberOfMessagesPublished", topic="news.fifo") == 1
