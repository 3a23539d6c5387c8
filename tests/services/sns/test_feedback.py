"""Delivery status logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sns.conftest import Web, visit
from services.sqs.queues import make

ROLE = "arn:aws:iam::123456789012:role/logs"


def lines(cloud: Cloud, group: str) -> list[dict[str, Any]]:
    logs = cloud.client("logs")
    name = f"sns/us-east-1/{cloud.account}/{group}"
    if name not in [found["logGroupName"] for found in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]]:
        return []
    return [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=name)["events"]]


def watch(sns: Any, topic: str, prefix: str, rate: str = "100") -> None:
    wanted = {"SuccessFeedbackRoleArn": ROLE, "SuccessFeedbackSampleRate": rate, "FailureFeedbackRoleArn": ROLE}
    for name, value in wanted.items():
        sns.set_topic_attributes(TopicArn=topic, AttributeName=f"{prefix}{name}", AttributeValue=value)


@pytest.mark.parametrize(("rate", "count"), [("100", 3), ("0", 0)])
def test_deliveries_to_queues_are_noted(cloud: Cloud, sns: Any, topic: str, rate: str, count: int) -> None:
    make(cloud.client("sqs"), "q")
    watch(sns, topic, "SQS", rate)
    endpoint = f"arn:aws:sqs:us-east-1:{cloud.account}:q"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{endpoint}-missing")
    sent = [sns.publish(TopicArn=topic, Message="x")["MessageId"] for _ in range(3)]
    good, bad = lines(cloud, "news"), lines(cloud, "news/Failure")
    assert [line["notification"]["messageId"] for line in good] == sent[:count]
    assert [line["notification"]["messageId"] for line in bad] == sent
    for line in good:
        assert (line["delivery"]["destination"], line["delivery"]["statusCode"], line["notification"]["topicArn"]) == (
            endpoint, 200, topic)
    assert bad[0]["delivery"]["providerResponse"] == "The specified queue does not exist."
    told = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (told["SQSSuccessFeedbackSampleRate"], told["SQSFailureFeedbackRoleArn"]) == (rate, ROLE)


def test_deliveries_to_servers_are_noted_with_their_attempts(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    watch(sns, topic, "HTTP")
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
    cloud.clock.idle()
    visit(web.take()[0].json["SubscribeURL"])
    web.answers = [500, 200, 404]
    sns.publish(TopicArn=topic, Message="x")
    cloud.clock.idle()
    cloud.clock.advance(21)
    (line,) = lines(cloud, "news")
    assert (line["delivery"]["attempts"], line["delivery"]["statusCode"], line["status"]) == (2, 200, "SUCCESS")
    assert line["delivery"]["dwellTimeMs"] >= 20_000
    sns.publish(TopicArn=topic, Message="x")
    cloud.clock.idle()
    (line,) = lines(cloud, "news/Failure")
    assert (line["delivery"]["attempts"], line["delivery"]["statusCode"], line["status"]) == (1, 404, "FAILURE")


def test_texts_and_pushes_are_noted(cloud: Cloud, sns: Any) -> None:
    sns.set_sms_attributes(attributes={"DeliveryStatusIAMRole": ROLE, "DeliveryStatusSuccessSamplingRate": "100"})
    sent = sns.publish(PhoneNumber="+14155550100", Message="x" * 200)
    (line,) = lines(cloud, "DirectPublishToPhoneNumber/Failure")
    assert line["notification"]["messageId"] == sent["MessageId"]
    assert line["delivery"]["providerResponse"] == "Phone number is not verified in the SMS sandbox"
    assert (line["delivery"]["priceInUSD"], line["delivery"]["numberOfMessageParts"]) == (0.0129, 2)
    attributes = {"PlatformCredential": "k", "SuccessFeedbackRoleArn": ROLE, "SuccessFeedbackSampleRate": "100"}
    app = sns.create_platform_application(Name="a", Platform="GCM", Attributes=attributes)["PlatformApplicationArn"]
    arn = sns.create_platform_endpoint(PlatformApplicationArn=app, Token="t")["EndpointArn"]
    sent = sns.publish(TargetArn=arn, Message="x")
    (line,) = lines(cloud, "app/GCM/a")
    assert (line["notification"]["messageId"], line["delivery"]["destination"]) == (sent["MessageId"], arn)
