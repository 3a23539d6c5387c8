"""Topics under a key of KMS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel.work.jobs import Job
from cumulet.services.sns.resources import Archived
from services.sns.conftest import Web, visit
from services.sqs.queues import bodies, make, receive, refused

SECRET = "a very secret message"


@pytest.fixture
def key(cloud: Cloud) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["KeyId"])


def jobs(cloud: Cloud) -> bytes:
    """All that waits for its time, in this account."""
    rows = cloud.kernel.store.run_now(lambda tx: tx.table(Job, "", "").scan())
    return b"".join(row.args for row in rows if row.account == cloud.account)


@pytest.mark.parametrize("protected", [True, False])
def test_what_waits_for_its_next_attempt_is_encrypted(cloud: Cloud, sns: Any, topic: str, web: Web, key: str,
                                                      protected: bool) -> None:
    cloud.kernel.clock.freeze()
    if protected:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
        assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["KmsMasterKeyId"] == key
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url)
    cloud.clock.idle()
    visit(web.take()[0].json["SubscribeURL"])
    web.answers = [500]
    sns.publish(TopicArn=topic, Message=SECRET)
    cloud.clock.idle()
    assert web.take()[0].json["Message"] == SECRET
    assert (SECRET.encode() in jobs(cloud)) is not protected
    cloud.clock.advance(20)
    assert web.take()[0].json["Message"] == SECRET


def test_an_archive_is_encrypted_and_replayed(cloud: Cloud, sns: Any) -> None:
    topic = sns.create_topic(Name="t.fifo", Attributes={
        "FifoTopic": "true", "ContentBasedDeduplication": "true", "KmsMasterKeyId": "alias/aws/sns",
        "ArchivePolicy": '{"MessageRetentionPeriod":"1"}'})["TopicArn"]
    sns.publish(TopicArn=topic, Message=SECRET, MessageGroupId="g")
    (row,) = cloud.kernel.store.run_now(lambda tx: tx.table(Archived, cloud.account, "us-east-1").scan())
    assert SECRET.encode() not in row.notice
    sqs = cloud.client("sqs")
    url = make(sqs, "q")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:q", Attributes={
        "ReplayPolicy": json.dumps({"PointType": "Timestamp", "StartingPoint": "2020-01-01T00:00:00Z"})})
    cloud.clock.idle()
    assert [json.loads(body)["Message"] for body in bodies(receive(sqs, url))] == [SECRET]


def test_many_subscriptions_are_reached(cloud: Cloud, sns: Any, topic: str, key: str) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
    sqs = cloud.client("sqs")
    urls = [make(sqs, f"q{n}") for n in range(105)]
    for n in range(105):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:q{n}",
                      Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message=SECRET)
    cloud.clock.idle()
    assert {bodies(receive(sqs, url))[0] for url in urls} == {SECRET}


def test_a_key_that_cannot_be_used_refuses_messages(cloud: Cloud, sns: Any, topic: str, key: str) -> None:
    kms = cloud.client("kms")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
    sns.publish(TopicArn=topic, Message="x")
    kms.disable_key(KeyId=key)
    sns.publish(TopicArn=topic, Message="x")                 # its data key serves for five minutes
    cloud.clock.advance(301)
    with refused("KMSDisabled"):
        sns.publish(TopicArn=topic, Message="x")
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key)
    with refused("KMSInvalidState"):
        sns.publish(TopicArn=topic, Message="x")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId",
                             AttributeValue="00000000-0000-0000-0000-000000000000")
    with refused("KMSNotFound"):
        sns.publish(TopicArn=topic, Message="x")
    told = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "x"}])
    assert [(e["Id"], e["Code"]) for e in told["Failed"]] == [("1", "KMSNotFound")]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="")
    sns.publish(TopicArn=topic, Message="x")
