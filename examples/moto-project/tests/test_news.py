import boto3
import pytest
from moto import mock_aws

from shop import news


@pytest.fixture
def topic(aws):
    return news.setup()


def test_all_who_listen_hear_it(topic):
    first, second = news.listen(topic, "first"), news.listen(topic, "second")
    news.tell(topic, "open", "hours")
    assert news.heard(first) == ["open"]
    assert news.heard(second) == ["open"]


def test_some_want_to_know_some_things_only(topic):
    prices = news.listen(topic, "prices", kinds=["price"])
    news.tell(topic, "open", "hours")
    news.tell(topic, "tea: 350", "price")
    assert news.heard(prices) == ["tea: 350"]


def test_a_topic_is_the_same_topic(topic):
    assert news.setup() == topic
    assert boto3.client("sns").list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "team", "Value": "shop"}]


@mock_aws()
def test_nobody_listens():
    topic = news.setup()
    news.tell(topic, "open", "hours")
    assert boto3.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_a_topic_that_is_gone(topic):
    sns = boto3.client("sns")
    sns.delete_topic(TopicArn=topic)
    with pytest.raises(sns.exceptions.NotFoundException):
        news.tell(topic, "open", "hours")
