"""Topics and their attributes, permissions and tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused


@pytest.fixture
def sns(cloud: Cloud) -> Any:
    return cloud.client("sns")


def make(sns: Any, name: str = "news", **attributes: str) -> str:
    return str(sns.create_topic(Name=name, Attributes=attributes)["TopicArn"])


def attributes_of(sns: Any, arn: str) -> dict[str, str]:
    return dict(sns.get_topic_attributes(TopicArn=arn)["Attributes"])


def test_a_new_topic_belongs_to_its_maker(cloud: Cloud, sns: Any) -> None:
    arn = make(sns)
    assert arn == f"arn:aws:sns:us-east-1:{cloud.account}:news"
    told = attributes_of(sns, arn)
    policy = json.loads(told.pop("Policy"))
    assert json.loads(told.pop("EffectiveDeliveryPolicy"))["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceOwner": cloud.account}}
    assert told == {"TopicArn": arn, "Owner": cloud.account, "DisplayName": "", "SubscriptionsConfirmed": "0",
                    "SubscriptionsPending": "0", "SubscriptionsDeleted": "0"}


def test_making_a_topic_again_gives_the_same_one_unless_it_differs(sns: Any) -> None:
    arn = make(sns, DisplayName="News")
    assert make(sns) == make(sns, DisplayName="News") == arn
    with refused("InvalidParameter", "Topic already exists with different attributes"):
        make(sns, DisplayName="Other")
    sns.create_topic(Name="tagged", Tags=[{"Key": "a", "Value": "1"}])
    with refused("InvalidParameter", "Topic already exists with different tags"):
        sns.create_topic(Name="tagged", Tags=[{"Key": "a", "Value": "2"}])


@pytest.mark.parametrize(("name", "attributes"), [
    ("", {}), ("a" * 257, {}), ("with space", {}), ("news.fifo", {}), ("news", {"FifoTopic": "true"}),
    ("a" * 252 + ".fifo", {"FifoTopic": "true"})])
def test_names_of_topics(sns: Any, name: str, attributes: dict[str, str]) -> None:
    with refused("InvalidParameter", "Topic"):
        make(sns, name, **attributes)


def test_attributes_are_set_one_by_one(sns: Any) -> None:
    arn = make(sns)
    for name, value in (("DisplayName", "News"), ("SignatureVersion", "2"), ("TracingConfig", "PassThrough"),
                        ("MaximumMessageSize", "1048576"), ("Policy", '{"Statement":[]}')):
        sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
        assert attributes_of(sns, arn)[name] == value
    for name, value, code in (
            ("Nonsense", "1", "InvalidParameter"), ("FifoTopic", "true", "InvalidParameter"),
            ("ContentBasedDeduplication", "true", "InvalidParameter"), ("SignatureVersion", "3", "InvalidParameter"),
            ("MaximumMessageSize", "1", "InvalidParameter"), ("DisplayName", "x" * 101, "InvalidParameter"),
            ("Policy", "nonsense", "InvalidParameter"), ("FirehoseFailureFeedbackRoleArn", "arn", "NotImplemented"),
            ("DeliveryPolicy", "{", "InvalidParameter"), ("TracingConfig", "Active", "NotImplemented"),
            ("LambdaSuccessFeedbackRoleArn", "arn", "InvalidParameter"),
            ("FirehoseSuccessFeedbackRoleArn", "arn", "NotImplemented")):
        with refused(code):
            sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)


def test_a_fifo_topic(sns: Any) -> None:
    arn = make(sns, "news.fifo", FifoTopic="true", ContentBasedDeduplication="true")
    told = attributes_of(sns, arn)
    assert (told["FifoTopic"], told["ContentBasedDeduplication"], told["FifoThroughputScope"]) == ("true", "true", "Topic")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="FifoThroughputScope", AttributeValue="MessageGroup")
    assert attributes_of(sns, arn)["FifoThroughputScope"] == "MessageGroup"


def test_deleting_a_topic_takes_its_subscriptions_and_may_be_repeated(cloud: Cloud, sns: Any) -> None:
    arn = make(sns)
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:q")
    for _ in range(2):
        sns.delete_topic(TopicArn=arn)
    assert sns.list_topics()["Topics"] == sns.list_subscriptions()["Subscriptions"] == []
    for call in (lambda: attributes_of(sns, arn), lambda: sns.publish(TopicArn=arn, Message="x"),
                 lambda: sns.list_subscriptions_by_topic(TopicArn=arn)):
        with refused("NotFound", "Topic does not exist"):
            call()
    assert sns.list_subscriptions_by_topic(TopicArn=make(sns))["Subscriptions"] == []


@pytest.mark.parametrize(("arn", "words"), [
    ("nonsense", "TopicArn Reason: An ARN must have at least 6 elements, not 1"), ("arn:aws:sns:us-east-1:1:x", "TopicArn"),
    ("arn:aws:sqs:us-east-1:111111111111:x", "TopicArn"), ("arn:aws:sns:eu-west-1:111111111111:x", "TopicArn")])
def test_arns_that_are_no_topics(sns: Any, arn: str, words: str) -> None:
    with refused("InvalidParameter", words):
        attributes_of(sns, arn)


def test_topics_are_listed_in_pages(sns: Any) -> None:
    arns = [make(sns, f"t{n:03}") for n in range(103)]
    pages = [[t["TopicArn"] for t in page["Topics"]] for page in sns.get_paginator("list_topics").paginate()]
    assert pages == [arns[:100], arns[100:]]


def test_permissions_are_statements_of_the_policy(sns: Any) -> None:
    arn = make(sns)
    sns.add_permission(TopicArn=arn, Label="one", AWSAccountId=["111122223333"], ActionName=["Publish", "Subscribe"])
    statement = json.loads(attributes_of(sns, arn)["Policy"])["Statement"][1]
    assert statement == {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                         "Action": ["SNS:Publish", "SNS:Subscribe"], "Resource": arn}
    for label, account, action, words in (("one", "111122223333", "Publish", "Statement already exists"),
                                          ("two", "1", "Publish", "Policy Error: PrincipalNotFound"),
                                          ("two", "111122223333", "Dance", "out of service scope")):
        with refused("InvalidParameter", words):
            sns.add_permission(TopicArn=arn, Label=label, AWSAccountId=[account], ActionName=[action])
    sns.remove_permission(TopicArn=arn, Label="one")
    assert len(json.loads(attributes_of(sns, arn)["Policy"])["Statement"]) == 1


def test_tags(sns: Any) -> None:
    arn = sns.create_topic(Name="news", Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "b"}, {"Key": "cost", "Value": ""}])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "b"}, {"Key": "cost", "Value": ""}]
    sns.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "cost", "Value": ""}]
    with refused("TagLimitExceeded"):
        sns.tag_resource(ResourceArn=arn, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with refused("InvalidParameter"):
        sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "x", "Value": ""}] * 2)
    with refused("ResourceNotFound", "Resource does not exist"):
        sns.list_tags_for_resource(ResourceArn=arn + "x")


def test_what_is_not_there_says_so(sns: Any) -> None:
    with refused("NotImplemented"):
        sns.subscribe(TopicArn=make(sns), Protocol="firehose", Endpoint="arn")
