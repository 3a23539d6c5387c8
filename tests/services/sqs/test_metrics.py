"""What CloudWatch knows of queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conftest import Cloud

from .queues import make, receive, send

Metric = Callable[..., float]


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


@pytest.fixture
def metric(cloud: Cloud) -> Metric:
    """A statistic of a queue's metric over the last hour; -1 where there are no data."""
    cloudwatch = cloud.client("cloudwatch")

    def found(name: str, statistic: str = "Sum", queue: str = "jobs") -> float:
        cloud.clock.advance(0.01)                                      # what was noted is told
        now = cloud.clock.now()
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SQS", MetricName=name, Dimensions=[{"Name": "QueueName", "Value": queue}],
            StartTime=now - 3600, EndTime=now + 60, Period=7200, Statistics=[statistic])["Datapoints"]
        return float(points[0][statistic]) if points else -1.0

    return found


def test_messages_sent_received_and_deleted_are_counted(sqs: Any, metric: Metric) -> None:
    url = make(sqs)
    assert receive(sqs, url) == []
    send(sqs, url, "a", "bcd")
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "ef"}, {"Id": "2", "MessageBody": ""}])
    assert metric("NumberOfMessagesSent") == 3, "an empty one is refused"
    assert metric("SentMessageSize") == 6
    assert metric("SentMessageSize", "Maximum") == 3
    assert metric("SentMessageSize", "SampleCount") == 3
    assert metric("NumberOfEmptyReceives") == 1
    assert metric("NumberOfMessagesReceived") == -1
    first, second, third = receive(sqs, url)
    assert metric("NumberOfMessagesReceived") == 3
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    sqs.delete_message_batch(QueueUrl=url, Entries=[
        {"Id": str(i), "ReceiptHandle": each["ReceiptHandle"]} for i, each in enumerate((second, third))])
    assert metric("NumberOfMessagesDeleted") == 4, "deletions of what is gone count"
    assert metric("NumberOfEmptyReceives") == 1


def test_messages_that_other_services_send_are_counted(cloud: Cloud, sqs: Any, metric: Metric) -> None:
    url, sns = make(sqs), cloud.client("sns")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": (
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}')})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="four")
    assert metric("NumberOfMessagesSent") == 1
    assert metric("SentMessageSize") == 4


def test_what_a_fifo_queue_knows_already_is_counted_apart(sqs: Any, metric: Metric) -> None:
    url = make(sqs, "jobs.fifo", FifoQueue="true")
    for _ in range(3):
        send(sqs, url, "once", MessageGroupId="g", MessageDeduplicationId="d")
    assert metric("NumberOfMessagesSent", queue="jobs.fifo") == 1
    assert metric("NumberOfDeduplicatedSentMessages", queue="jobs.fifo") == 2


def test_how_many_messages_there_are_is_told_once_in_each_minute_of_use(cloud: Cloud, sqs: Any, metric: Metric) -> None:
    url = make(sqs)
    cloud.clock.advance(60 - cloud.clock.now() % 60)
    send(sqs, url, "in flight")
    sqs.send_message_batch(QueueUrl=url, Entries=[
        {"Id": "now", "MessageBody": "now"}, {"Id": "later", "MessageBody": "later", "DelaySeconds": 900}])
    cloud.clock.advance(130)
    assert len(receive(sqs, url, 1, VisibilityTimeout=600)) == 1
    send(sqs, url, "another")
    assert metric("ApproximateNumberOfMessagesVisible", "SampleCount") == 2, "two minutes"
    assert metric("ApproximateNumberOfMessagesNotVisible", "Maximum") == 1
    assert metric("ApproximateNumberOfMessagesDelayed", "Maximum") == 1
    assert metric("ApproximateNumberOfMessagesVisible", "Maximum") == 2
    assert metric("ApproximateAgeOfOldestMessage", "Maximum") == 130
    cloud.clock.advance(3 * 86_400)
    assert metric("ApproximateNumberOfMessagesVisible") == -1, "nothing happened"


def test_messages_that_come_back_too_often_do_not_count_for_the_oldest(cloud: Cloud, sqs: Any, metric: Metric) -> None:
    url = make(sqs)
    send(sqs, url, "poison")
    for _ in range(4):
        receive(sqs, url, VisibilityTimeout=0)
    cloud.clock.advance(120)
    receive(sqs, url, VisibilityTimeout=0)
    assert metric("ApproximateAgeOfOldestMessage", "Maximum") <= 0


def test_queues_are_listed_among_the_metrics(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "a")
    cloud.clock.advance(0.01)
    listed = cloud.client("cloudwatch").list_metrics(Namespace="AWS/SQS", Dimensions=[{"Name": "QueueName", "Value": "jobs"}])
    assert {metric["MetricName"] for metric in listed["Metrics"]} == {
        "NumberOfMessagesSent", "SentMessageSize", "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"}
    told = [entry.operation for entry in cloud.kernel.recorder.ring if entry.account == cloud.account]
    assert told == ["CreateQueue", "SendMessage", "ListMetrics"], "what tells CloudWatch is nobody's call"
