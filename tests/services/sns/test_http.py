"""Web servers that subscribe: asked, sent to, tried again, given up."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate

from conftest import Cloud
from servers import ServerProcess
from services.sns.conftest import Web, visit
from services.sqs.queues import make, receive, refused


def subscribe(cloud: Cloud, sns: Any, topic: str, web: Web, url: str = "", **attributes: Any) -> str:
    """A confirmed subscription's ARN."""
    given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in attributes.items()}
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url or web.url, Attributes=given,
                        ReturnSubscriptionArn=True)["SubscriptionArn"]
    cloud.clock.idle()
    (asked,) = web.take()
    visit(asked.json["SubscribeURL"])
    return str(arn)


def retry(**members: Any) -> dict[str, Any]:
    return {"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 0, **members}}


def attempts(cloud: Cloud, web: Web, seconds: int) -> list[int]:
    """After how many seconds attempts came, one second looked at after the other."""
    found = []
    for second in range(seconds + 1):
        cloud.clock.idle()
        found += [second] * len(web.take())
        cloud.clock.advance(1)
    return found


def test_a_server_confirms_by_the_link_and_is_then_sent_to(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    said = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
    assert said["SubscriptionArn"] == "pending confirmation"
    sns.publish(TopicArn=topic, Message="too early")
    cloud.clock.idle()
    (asked,) = web.take()
    assert asked.path == "/hook"
    assert asked.headers["x-amz-sns-message-type"] == asked.json["Type"] == "SubscriptionConfirmation"
    assert asked.headers["content-type"] == "text/plain; charset=UTF-8"
    assert asked.headers["user-agent"] == "Amazon Simple Notification Service Agent"
    assert "x-amz-sns-subscription-arn" not in asked.headers
    assert list(asked.json) == ["Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp",
                                "SignatureVersion", "Signature", "SigningCertURL"]
    told = visit(asked.json["SubscribeURL"])
    arn = sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]
    assert f"<SubscriptionArn>{arn}</SubscriptionArn>" in told
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["ConfirmationWasAuthenticated"] == "false"
    sent = sns.publish(TopicArn=topic, Message="hello", Subject="News")
    cloud.clock.idle()
    (got,) = web.take()
    assert got.headers["x-amz-sns-message-type"] == "Notification"
    assert got.headers["x-amz-sns-message-id"] == got.json["MessageId"] == sent["MessageId"]
    assert got.headers["x-amz-sns-topic-arn"] == topic
    assert got.headers["x-amz-sns-subscription-arn"] == arn
    assert (got.json["Message"], got.json["Subject"]) == ("hello", "News")


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_the_confirmation_is_signed_with_the_certificate_that_it_names(
        cloud: Cloud, sns: Any, topic: str, web: Web, version: str, algorithm: Any) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version)
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
    cloud.clock.idle()
    told = web.take()[0].json
    assert told["SignatureVersion"] == version
    text = "".join(f"{name}\n{told[name]}\n" for name in (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")).encode()
    key: Any = load_pem_x509_certificate(urlopen(told["SigningCertURL"]).read()).public_key()
    key.verify(base64.b64decode(told["Signature"]), text, padding.PKCS1v15(), algorithm)


def test_a_link_works_for_a_topic_of_another_region(cloud: Cloud, web: Web) -> None:
    sns = cloud.client("sns", region="eu-west-1")
    topic = sns.create_topic(Name="far")["TopicArn"]
    arn = subscribe(cloud, sns, topic, web)
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"


def test_raw_delivery_posts_the_message_itself(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    subscribe(cloud, sns, topic, web, RawMessageDelivery="true", DeliveryPolicy={
        "requestPolicy": {"headerContentType": "application/xml"}})
    sns.publish(TopicArn=topic, Message="<a/>", Subject="unseen")
    cloud.clock.idle()
    (got,) = web.take()
    assert got.body == "<a/>"
    assert got.headers["x-amz-sns-rawdelivery"] == "true"
    assert got.headers["content-type"] == "application/xml; charset=UTF-8"


def test_user_and_password_of_the_address_are_sent(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    subscribe(cloud, sns, topic, web, web.url.replace("http://", "http://me:s%40cret@"))
    sns.publish(TopicArn=topic, Message="x")
    cloud.clock.idle()
    (got,) = web.take()
    assert base64.b64decode(got.headers["authorization"].removeprefix("Basic ")) == b"me:s@cret"


def test_what_fails_comes_again_by_the_default_policy(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    cloud.thread.cloud.clock.freeze()
    subscribe(cloud, sns, topic, web)
    web.answers = [500, 503, 429]
    sns.publish(TopicArn=topic, Message="x")
    cloud.clock.idle()
    first = web.take()
    for _ in range(3):
        cloud.clock.advance(19)
        assert web.take() == []
        cloud.clock.advance(1)
        again = web.take()
        assert [got.headers["x-amz-sns-message-id"] for got in again] == [first[0].headers["x-amz-sns-message-id"]]
        assert again[0].body == first[0].body
    cloud.clock.advance(100)
    assert web.take() == []


@pytest.mark.parametrize(("policy", "expected"), [
    ({"numRetries": 3, "numNoDelayRetries": 2}, [0, 0, 0, 1]),
    ({"numRetries": 5, "numNoDelayRetries": 1, "numMinDelayRetries": 2, "numMaxDelayRetries": 2, "maxDelayTarget": 3},
     [0, 0, 1, 2, 5, 8]),
    ({"numRetries": 4, "maxDelayTarget": 8, "backoffFunction": "exponential"}, [0, 1, 3, 7, 15]),
    ({"numRetries": 3, "maxDelayTarget": 5, "backoffFunction": "linear"}, [0, 1, 4, 9]),
    ({"numRetries": 3, "maxDelayTarget": 9, "backoffFunction": "arithmetic"}, [0, 1, 4, 13]),
    ({"numRetries": 3, "maxDelayTarget": 9, "backoffFunction": "geometric"}, [0, 1, 4, 13]),
])
def test_the_phases_of_a_delivery_policy(cloud: Cloud, sns: Any, topic: str, web: Web, policy: dict[str, Any],
                                         expected: list[int]) -> None:
    cloud.thread.cloud.clock.freeze()
    subscribe(cloud, sns, topic, web, DeliveryPolicy=retry(**policy))
    web.answers = [500] * 20
    sns.publish(TopicArn=topic, Message="x")
    assert attempts(cloud, web, 20) == expected


def test_a_client_error_is_not_tried_again_and_goes_to_the_dead_letters(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    sqs = cloud.client("sqs")
    dead = make(sqs, "dead")
    subscribe(cloud, sns, topic, web, RedrivePolicy={"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{cloud.account}:dead"})
    web.answers = [403]
    sent = sns.publish(TopicArn=topic, Message="lost")
    cloud.clock.idle()
    assert len(web.take()) == 1
    (got,) = receive(sqs, dead, MessageAttributeNames=["All"])
    assert json.loads(got["Body"])["MessageId"] == sent["MessageId"]
    assert got["MessageAttributes"]["ErrorCode"]["StringValue"] == "403"
    assert "403" in got["MessageAttributes"]["ErrorMessage"]["StringValue"]
    cloud.clock.advance(100)
    assert web.take() == []


def test_nobody_there_is_tried_again_and_then_a_dead_letter(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    sqs = cloud.client("sqs")
    dead = make(sqs, "dead")
    arn = subscribe(cloud, sns, topic, web, RawMessageDelivery="true", DeliveryPolicy=retry(numRetries=1), RedrivePolicy={
        "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{cloud.account}:dead"})
    web.server.server_close()
    sns.publish(TopicArn=topic, Message="lost", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    cloud.clock.idle()
    assert receive(sqs, dead) == []
    cloud.clock.advance(2)
    (got,) = receive(sqs, dead, MessageAttributeNames=["All"])
    assert got["Body"] == "lost"
    assert got["MessageAttributes"]["a"]["StringValue"] == "b"
    assert got["MessageAttributes"]["ErrorCode"]["StringValue"] == "ConnectionFailure"
    sns.unsubscribe(SubscriptionArn=arn)


def test_a_subscription_may_be_paced(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    cloud.thread.cloud.clock.freeze()
    subscribe(cloud, sns, topic, web, DeliveryPolicy={"throttlePolicy": {"maxReceivesPerSecond": 2}})
    for n in range(5):
        sns.publish(TopicArn=topic, Message=str(n))
    assert attempts(cloud, web, 3) == [0, 1, 1, 2, 2]


def test_an_unsigned_end_is_told_and_may_be_taken_back(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    arn = subscribe(cloud, sns, topic, web)
    sns.publish(TopicArn=topic, Message="x")
    cloud.clock.idle()
    visit(web.take()[0].json["UnsubscribeURL"])
    assert sns.list_subscriptions()["Subscriptions"] == []
    cloud.clock.idle()
    (told,) = web.take()
    assert told.headers["x-amz-sns-message-type"] == "UnsubscribeConfirmation"
    assert told.json["Message"].startswith(f"You have chosen to deactivate subscription {arn}.\nTo cancel this operation")
    visit(told.json["SubscribeURL"])
    assert [s["SubscriptionArn"] for s in sns.list_subscriptions()["Subscriptions"]] == [arn]
    sns.publish(TopicArn=topic, Message="again")
    cloud.clock.idle()
    assert web.take()[0].json["Message"] == "again"
    sns.unsubscribe(SubscriptionArn=arn)
    cloud.clock.idle()
    assert web.take() == []


def test_only_the_owner_ends_what_says_so(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
    cloud.clock.idle()
    token = web.take()[0].json["Token"]
    with pytest.raises(OSError, match="403"):
        visit(f"{cloud.endpoint}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}&AuthenticateOnUnsubscribe=true")
    arn = sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")["SubscriptionArn"]
    with pytest.raises(OSError, match="403"):
        visit(f"{cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn={arn}")
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_subscribing_again_asks_again(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    tokens = []
    for _ in range(2):
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
        cloud.clock.idle()
        tokens += [got.json["Token"] for got in web.take()]
    assert len(tokens) == 2
    assert len(sns.list_subscriptions()["Subscriptions"]) == 1


def test_the_effective_policy_is_told(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    def effective() -> Any:
        return json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["EffectiveDeliveryPolicy"])["http"]

    assert effective() == {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0, "numNoDelayRetries": 0,
            "numMinDelayRetries": 0, "backoffFunction": "linear"},
        "disableSubscriptionOverrides": False, "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"}}
    arn = subscribe(cloud, sns, topic, web, DeliveryPolicy=retry(numRetries=7))
    policy = {"http": {"defaultHealthyRetryPolicy": {"numRetries": 5}, "disableSubscriptionOverrides": False,
                       "defaultThrottlePolicy": {"maxReceivesPerSecond": 3}}}
    told = {}
    for overrides in (False, True):
        policy["http"]["disableSubscriptionOverrides"] = overrides
        sns.set_topic_attributes(TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy))
        told[overrides] = json.loads(sns.get_subscription_attributes(
            SubscriptionArn=arn)["Attributes"]["EffectiveDeliveryPolicy"])
    assert effective()["defaultHealthyRetryPolicy"]["numRetries"] == 5
    assert told[False]["healthyRetryPolicy"]["numRetries"] == 7
    assert told[True]["healthyRetryPolicy"]["numRetries"] == 5
    assert told[False]["throttlePolicy"] == {"maxReceivesPerSecond": 3}


@pytest.mark.parametrize(("policy", "words"), [
    ("{", "DeliveryPolicy: failed to parse JSON."),
    ({"nonsense": 1}, "DeliveryPolicy: Unexpected JSON member: nonsense"),
    (retry(minDelayTarget=0), "healthyRetryPolicy.minDelayTarget must be between 1 and 3600"),
    (retry(minDelayTarget=5), "healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget"),
    (retry(numRetries=101), "healthyRetryPolicy.numRetries must be between 0 and 100"),
    (retry(numRetries=1, numNoDelayRetries=2), "healthyRetryPolicy.numRetries"),
    (retry(numRetries=3, minDelayTarget=1500, maxDelayTarget=1500),
     "healthyRetryPolicy: Total policy retry time cannot be greater than 3600 seconds"),
    (retry(backoffFunction="odd"), "backoffFunction"),
    ({"throttlePolicy": {"maxReceivesPerSecond": 0}}, "maxReceivesPerSecond must be greater than or equal to 1"),
    ({"requestPolicy": {"headerContentType": "image/png"}}, "headerContentType"),
    ({"requestPolicy": {"headerContentType": "text/html"}}, "headerContentType"),
])
def test_a_delivery_policy_that_is_none_is_refused(sns: Any, topic: str, policy: Any, words: str) -> None:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    with refused("InvalidParameter", words):
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/", Attributes={"DeliveryPolicy": text})
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_links_work_where_policies_count(cloud: Cloud, sns: Any, topic: str, web: Web) -> None:
    modes = f"{cloud.endpoint}/_cumulet/iam"
    body = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    urlopen(modes, body).read()
    arn = subscribe(cloud, sns, topic, web)
    visit(f"{cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn={arn}")
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_a_retry_outlives_the_server(web: Web, tmp_path: Path) -> None:
    first = ServerProcess(tmp_path / "state")
    sns = first.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
    visit(web.until(1)[0].json["SubscribeURL"].replace("localhost", "127.0.0.1"))
    web.answers = [500]
    sent = sns.publish(TopicArn=topic, Message="kept")
    web.until(1)
    time.sleep(0.2)
    first.kill()
    second = ServerProcess(tmp_path / "state", port=first.port)
    try:
        urlopen(f"{second.endpoint}/_cumulet/time", b'{"advance": 60}').read()
        assert web.until(1)[0].json["MessageId"] == sent["MessageId"]
    finally:
        second.stop()
