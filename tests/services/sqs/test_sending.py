"""Messages sent: what is accepted, what is told, what is refused."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import bodies, counts, make, receive, refused, send

TEXT = {"DataType": "String", "StringValue": "x"}


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


def test_a_message_comes_as_it_was_sent(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    attributes = {"text": {"DataType": "String.note", "StringValue": "é\n"},
                  "number": {"DataType": "Number", "StringValue": "-1.5e3"},
                  "bytes": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff"}}
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    body = "Grüße 🐝\t\r\n <&>\"'"
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes, MessageSystemAttributes=trace)
    assert sent["MD5OfMessageBody"] == md5(body.encode()).hexdigest()
    assert len(sent["MD5OfMessageSystemAttributes"]) == 32
    assert "SequenceNumber" not in sent
    got = receive(sqs, url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])[0]
    assert (got["MessageId"], got["Body"], got["MD5OfBody"]) == (sent["MessageId"], body, sent["MD5OfMessageBody"])
    assert got["MessageAttributes"] == attributes
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    facts = got["Attributes"]
    assert facts["SenderId"] == cloud.account
    assert facts["ApproximateReceiveCount"] == "1"
    assert facts["AWSTraceHeader"].startswith("Root=1-5759")
    assert abs(int(facts["SentTimestamp"]) / 1000 - cloud.clock.now()) < 5
    assert facts.keys() == {"SenderId", "ApproximateReceiveCount", "AWSTraceHeader", "SentTimestamp",
                            "ApproximateFirstReceiveTimestamp"}


def test_a_receiver_gets_only_what_it_asks_for(sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "x", MessageAttributes={"a.b": TEXT, "a.c": TEXT, "d": TEXT})
    plain = receive(sqs, url, VisibilityTimeout=0)[0]
    assert plain.keys() == {"MessageId", "ReceiptHandle", "MD5OfBody", "Body"}
    some = receive(sqs, url, VisibilityTimeout=0, MessageAttributeNames=["a.*"], AttributeNames=["SentTimestamp"])[0]
    assert some["MessageAttributes"].keys() == {"a.b", "a.c"}
    assert some["Attributes"].keys() == {"SentTimestamp"}
    with refused("InvalidAttributeName", "Unknown Attribute Nonsense."):
        receive(sqs, url, MessageSystemAttributeNames=["Nonsense"])


def test_sizes_count_attributes(sqs: Any) -> None:
    url = make(sqs, MaximumMessageSize="1024")
    send(sqs, url, "x" * 1024)
    send(sqs, url, "x" * (1024 - 8), MessageAttributes={"a": TEXT})
    for body, attributes in (("x" * 1025, {}), ("x" * (1024 - 7), {"a": TEXT}), ("é" * 513, {})):
        with refused("InvalidParameterValue", "Message must be shorter than 1024 bytes."):
            send(sqs, url, body, MessageAttributes=attributes)
    largest = make(sqs, "largest")
    send(sqs, largest, "x" * 1_048_576)
    with refused("InvalidParameterValue", "Message must be shorter than 1048576 bytes."):
        send(sqs, largest, "x" * 1_048_577)
    assert len(receive(sqs, largest)[0]["Body"]) == 1_048_576


@pytest.mark.parametrize(("members", "code", "words"), [
    ({"MessageBody": ""}, "MissingParameter", "MessageBody"),
    ({"MessageBody": "a\x00"}, "InvalidMessageContents", "Invalid characters found"),
    ({"MessageBody": "a\uffff"}, "InvalidMessageContents", "Invalid characters found"),
    ({"DelaySeconds": 901}, "InvalidParameterValue", "DelaySeconds must be >= 0 and <= 900."),
    ({"DelaySeconds": -1}, "InvalidParameterValue", "Value -1 for parameter DelaySeconds is invalid."),
    ({"MessageDeduplicationId": "d"}, "InvalidParameterValue", "not valid for this queue type"),
    ({"MessageGroupId": "with space"}, "InvalidParameterValue", "MessageGroupId"),
    ({"MessageGroupId": "g" * 129}, "InvalidParameterValue", "MessageGroupId"),
    ({"MessageAttributes": {"a": {"DataType": "Nope", "StringValue": "x"}}}, "InvalidParameterValue", "supported type"),
    ({"MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "Number", "StringValue": "1"}}}, "InvalidParameterValue",
     "AWSTraceHeader"),
])
def test_what_cannot_be_sent(sqs: Any, members: dict[str, Any], code: str, words: str) -> None:
    url = make(sqs)
    with refused(code, words):
        sqs.send_message(**{"QueueUrl": url, "MessageBody": "x", **members})
    assert counts(sqs, url) == (0, 0, 0)


def test_a_standard_queue_keeps_the_group_of_a_fair_message(sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "x", MessageGroupId="tenant-1")
    assert receive(sqs, url, AttributeNames=["All"])[0]["Attributes"]["MessageGroupId"] == "tenant-1"


def test_a_batch_tells_each_entrys_fate(sqs: Any) -> None:
    url = make(sqs)
    told = sqs.send_message_batch(QueueUrl=url, Entries=[
        {"Id": "good", "MessageBody": "one"}, {"Id": "bad", "MessageBody": "t\x02wo"},
        {"Id": "late", "MessageBody": "three", "DelaySeconds": 1000},
        {"Id": "fine", "MessageBody": "four", "MessageAttributes": {"a": TEXT}}])
    assert [(e["Id"], e["MD5OfMessageBody"]) for e in told["Successful"]] == [
        ("good", md5(b"one").hexdigest()), ("fine", md5(b"four").hexdigest())]
    assert [(e["Id"], e["Code"], e["SenderFault"]) for e in told["Failed"]] == [
        ("bad", "InvalidMessageContents", True), ("late", "InvalidParameterValue", True)]
    assert sorted(bodies(receive(sqs, url))) == ["four", "one"]


@pytest.mark.parametrize(("entries", "code", "words"), [
    ([], "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request."),
    ([{"Id": str(n), "MessageBody": "x"} for n in range(11)], "TooManyEntriesInBatchRequest", "You have sent 11."),
    ([{"Id": "a", "MessageBody": "x"}] * 2, "BatchEntryIdsNotDistinct", "Id a repeated."),
    ([{"Id": "a b", "MessageBody": "x"}], "InvalidBatchEntryId", "alphanumeric"),
    ([{"Id": "a" * 81, "MessageBody": "x"}], "InvalidBatchEntryId", "at most 80"),
    ([{"Id": str(n), "MessageBody": "x" * 104_858} for n in range(10)], "BatchRequestTooLong", "You have sent 1048580 bytes."),
])
def test_batches_that_are_refused_whole(sqs: Any, entries: list[Any], code: str, words: str) -> None:
    url = make(sqs)
    with refused(f"AWS.SimpleQueueService.{code}", words):
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert counts(sqs, url) == (0, 0, 0)


def test_delays_of_the_queue_and_of_the_message(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs, DelaySeconds="10")
    send(sqs, url, "as the queue")
    send(sqs, url, "at once", DelaySeconds=0)
    send(sqs, url, "late", DelaySeconds=100)
    assert counts(sqs, url) == (1, 0, 2)
    assert bodies(receive(sqs, url)) == ["at once"]
    assert counts(sqs, url) == (0, 1, 2)
    cloud.clock.advance(11)
    assert bodies(receive(sqs, url)) == ["as the queue"]
    cloud.clock.advance(90)
    assert "late" in bodies(receive(sqs, url))


def test_messages_expire_with_the_retention_period(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs, MessageRetentionPeriod="60")
    send(sqs, url, "old")
    cloud.clock.advance(40)
    send(sqs, url, "new")
    taken = receive(sqs, url, 1, VisibilityTimeout=1000)
    assert bodies(taken) == ["old"]
    assert counts(sqs, url) == (1, 1, 0)
    cloud.clock.advance(25)
    assert counts(sqs, url) == (1, 0, 0)
    cloud.clock.advance(40)
    assert counts(sqs, url) == (0, 0, 0)
    assert receive(sqs, url) == []
    send(sqs, url, "longer")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "1209600"})
    cloud.clock.advance(86_400 * 13)
    assert bodies(receive(sqs, url)) == ["longer"]


def test_expired_messages_leave_the_store_unasked(cloud: Cloud, sqs: Any) -> None:
    """The sweep leaves nothing behind, however much there was."""
    url = make(sqs, MessageRetentionPeriod="60")
    for _ in range(60):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(10)])
    cloud.clock.advance(200)
    assert rows(cloud, "sqs_message") == 0
    sqs.send_message(QueueUrl=url, MessageBody="y")
    sqs.delete_queue(QueueUrl=url)
    cloud.clock.advance(61)
    assert rows(cloud, "sqs_message") == rows(cloud, "sqs_box") == 0


def rows(cloud: Cloud, table: str) -> int:
    """How many rows of a table are in the test's account."""
    from cumulet.services.sqs import resources

    kind = {"sqs_message": resources.Message, "sqs_box": resources.Box, "sqs_group": resources.Group,
            "sqs_sent": resources.Sent}[table]
    store = cloud.kernel.store
    return int(store.run_now(lambda tx: tx.table(kind, cloud.account, "us-east-1").count()))
