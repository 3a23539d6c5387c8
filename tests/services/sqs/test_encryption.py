"""Queues under a key of KMS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel.work.envelopes import DataKey
from cumulet.services.sqs.resources import Message
from enforced import document, user
from services.sqs.queues import attributes_of, bodies, counts, make, receive, refused, send

SECRET = "a very secret message"


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


@pytest.fixture
def key(cloud: Cloud) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["KeyId"])


def kept(cloud: Cloud) -> list[Message]:
    rows: list[Message] = cloud.kernel.store.run_now(lambda tx: tx.table(Message, cloud.account, "us-east-1").scan())
    return rows


def data_keys(cloud: Cloud) -> int:
    return int(cloud.kernel.store.run_now(lambda tx: tx.table(DataKey, cloud.account, "us-east-1").count()))


def test_attributes(sqs: Any, key: str) -> None:
    url = make(sqs)
    assert attributes_of(sqs, url, "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled") == {
        "SqsManagedSseEnabled": "true"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
    names = ("KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled")
    assert attributes_of(sqs, url, *names) == {
        "KmsMasterKeyId": key, "KmsDataKeyReusePeriodSeconds": "300", "SqsManagedSseEnabled": "false"}
    assert make(sqs, KmsMasterKeyId=key) == url
    with refused("QueueAlreadyExists", "KmsMasterKeyId"):
        make(sqs, KmsMasterKeyId="alias/aws/sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
    assert attributes_of(sqs, url, *names) == {"SqsManagedSseEnabled": "true"}
    for period in ("59", "86401"):
        with refused("InvalidAttributeValue", "KmsDataKeyReusePeriodSeconds"):
            make(sqs, "other", KmsMasterKeyId=key, KmsDataKeyReusePeriodSeconds=period)
    with refused("InvalidAttributeValue", "either enable KMS SSE or SQS SSE"):
        make(sqs, "other", KmsMasterKeyId=key, SqsManagedSseEnabled="true")


@pytest.mark.parametrize("fifo", [False, True])
def test_what_lies_in_the_queue_cannot_be_read(cloud: Cloud, sqs: Any, fifo: bool) -> None:
    more = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
    url = make(sqs, "q.fifo" if fifo else "q", KmsMasterKeyId="alias/aws/sqs", **more)
    group = {"MessageGroupId": "g"} if fifo else {}
    told = sqs.send_message(QueueUrl=url, MessageBody=SECRET, **group)
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": f"{SECRET} {n}", **group} for n in range(3)])
    rows = kept(cloud)
    assert len(rows) == 4
    for row in rows:
        assert row.body == ""
        assert row.md5 == ""
        assert SECRET.encode() not in (row.sealed or b"")
    assert len({row.sealed for row in rows}) == 4
    found = receive(sqs, url)
    assert bodies(found) == [SECRET, *(f"{SECRET} {n}" for n in range(3))]
    assert found[0]["MD5OfBody"] == told["MD5OfMessageBody"]


def test_a_data_key_serves_its_period(cloud: Cloud, sqs: Any, key: str) -> None:
    cloud.kernel.clock.freeze()
    kms = cloud.client("kms")
    url = make(sqs, KmsMasterKeyId=key, KmsDataKeyReusePeriodSeconds="60", VisibilityTimeout="0")
    send(sqs, url, "one")
    assert data_keys(cloud) == 2                         # to write with, and proven to be readable
    kms.disable_key(KeyId=key)
    send(sqs, url, "two")                                # KMS is not asked
    assert bodies(receive(sqs, url)) == ["one", "two"]
    cloud.clock.advance(61)
    with refused("KMS.DisabledException", "is disabled"):
        send(sqs, url, "three")
    with refused("KMS.DisabledException"):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "three"}])
    with refused("KMS.DisabledException"):
        receive(sqs, url)
    assert counts(sqs, url) == (2, 0, 0)
    kms.enable_key(KeyId=key)
    send(sqs, url, "three")
    assert bodies(receive(sqs, url)) == ["one", "two", "three"]
    assert data_keys(cloud) == 3                         # the old one, opened again, and the new one
    kms.schedule_key_deletion(KeyId=key)
    cloud.clock.advance(61)
    with refused("KMS.InvalidStateException"):
        send(sqs, url, "four")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "00000000-0000-0000-0000-000000000000"})
    with refused("KMS.NotFoundException"):
        send(sqs, url, "four")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": ""})
    send(sqs, url, "four")
    assert [row.body for row in kept(cloud)] == ["", "", "", "four"]


def test_dead_letters_and_their_way_back(cloud: Cloud, sqs: Any, key: str) -> None:
    make(sqs, "dead")
    dead = f"arn:aws:sqs:us-east-1:{cloud.account}:dead"
    url = make(sqs, "q", KmsMasterKeyId=key, VisibilityTimeout="0",
               RedrivePolicy=json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1}))
    send(sqs, url, SECRET)
    assert bodies(receive(sqs, url)) == [SECRET]
    assert receive(sqs, url) == []
    assert bodies(receive(sqs, url.replace("/q", "/dead"), VisibilityTimeout=0)) == [SECRET]
    sqs.start_message_move_task(SourceArn=dead)
    cloud.clock.idle()
    assert bodies(receive(sqs, url)) == [SECRET]


def test_topics_send_what_is_signed_later(cloud: Cloud, sqs: Any, key: str) -> None:
    sns = cloud.client("sns")
    url = make(sqs, "q", KmsMasterKeyId=key)
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:q")
    sns.publish(TopicArn=topic, Message=SECRET)
    (row,) = kept(cloud)
    assert row.body == ""
    (body,) = bodies(receive(sqs, url))
    told = json.loads(body)
    assert told["Message"] == SECRET
    assert len(told["Signature"]) > 100


def test_who_may(strict: Cloud) -> None:
    sqs, kms = strict.client("sqs"), strict.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    url = make(sqs, KmsMasterKeyId=arn)

    def one(name: str, *actions: str) -> Any:
        return strict.client("sqs", **user(strict, name, document(
            {"Action": "sqs:*", "Resource": "*"}, *({"Action": action, "Resource": arn} for action in actions))))

    for name, actions in (("ann", ()), ("bob", ("kms:GenerateDataKey",)), ("cat", ("kms:Decrypt",))):
        with refused("KMS.AccessDeniedException", "Error Code: AccessDeniedException"):
            send(one(name, *actions), url, SECRET)
    dan = one("dan", "kms:GenerateDataKey", "kms:Decrypt")
    send(dan, url, SECRET)
    with refused("KMS.AccessDeniedException"):
        receive(strict.client("sqs", **user(strict, "eve", document({"Action": "sqs:*", "Resource": "*"}))), url)
    with refused("KMS.AccessDeniedException"):
        send(one("fay"), url, SECRET)                    # another's data key is not hers
    assert bodies(receive(one("gus", "kms:Decrypt"), url)) == [SECRET]
