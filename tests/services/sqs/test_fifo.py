"""FIFO queues: groups in order, one batch of each in flight; exactly-once sending and receiving."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import bodies, counts, make, receive, refused, send
from services.sqs.test_sending import rows


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


def fifo(sqs: Any, name: str = "jobs.fifo", **attributes: str) -> str:
    return make(sqs, name, **{"FifoQueue": "true", "ContentBasedDeduplication": "true", **attributes})


def put(sqs: Any, url: str, group: str, *texts: str) -> None:
    send(sqs, url, *texts, MessageGroupId=group)


def delete(sqs: Any, url: str, *messages: dict[str, Any]) -> None:
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_a_group_is_received_in_order_and_blocked_while_in_flight(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "a", "a1", "a2", "a3")
    put(sqs, url, "b", "b1")
    first = receive(sqs, url, 2)
    assert bodies(first) == ["a1", "a2"]
    assert bodies(receive(sqs, url)) == ["b1"]
    assert receive(sqs, url) == []
    assert counts(sqs, url) == (1, 3, 0)
    delete(sqs, url, first[0])
    assert receive(sqs, url) == []
    delete(sqs, url, first[1])
    assert bodies(receive(sqs, url)) == ["a3"]
    cloud.clock.advance(31)
    assert bodies(receive(sqs, url)) in (["a3", "b1"], ["b1", "a3"])


def test_what_comes_back_comes_back_first(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "a", "1", "2", "3", "4")
    first = receive(sqs, url, 2)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"], VisibilityTimeout=0)
    assert receive(sqs, url) == []                                # the second is still out
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first[1]["ReceiptHandle"], VisibilityTimeout=0)
    assert bodies(receive(sqs, url)) == ["1", "2", "3", "4"]
    assert counts(sqs, url) == (0, 4, 0)


def test_ten_thousand_in_one_group_do_not_hide_another_group(sqs: Any) -> None:
    url = fifo(sqs)
    for start in range(0, 100, 10):
        sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": str(n), "MessageBody": str(start + n), "MessageGroupId": "big"} for n in range(10)])
    put(sqs, url, "small", "s")
    assert bodies(receive(sqs, url, 10)) == [str(n) for n in range(10)]
    assert bodies(receive(sqs, url, 10)) == ["s"]


def test_sequence_numbers_rise_and_are_told_to_both_sides(sqs: Any) -> None:
    url = fifo(sqs)
    sent = [sqs.send_message(QueueUrl=url, MessageBody=str(n), MessageGroupId="g")["SequenceNumber"] for n in range(5)]
    assert sent == sorted(set(sent))
    assert {len(number) for number in sent} == {20}
    got = receive(sqs, url, AttributeNames=["All"])
    assert [m["Attributes"]["SequenceNumber"] for m in got] == sent
    facts = got[0]["Attributes"]
    assert facts["MessageGroupId"] == "g"
    assert facts["MessageDeduplicationId"] == sha256(b"0").hexdigest()
    delete(sqs, url, *got)
    again = sqs.send_message(QueueUrl=url, MessageBody="later", MessageGroupId="g")["SequenceNumber"]
    assert again > sent[-1]


def test_duplicates_are_accepted_and_not_delivered_for_five_minutes(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs, ContentBasedDeduplication="false")
    members = {"QueueUrl": url, "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    first = sqs.send_message(MessageBody="one", **members)
    second = sqs.send_message(MessageBody="two", **members)
    assert (first["MessageId"], first["SequenceNumber"]) == (second["MessageId"], second["SequenceNumber"])
    got = receive(sqs, url)
    assert bodies(got) == ["one"]
    delete(sqs, url, *got)
    sqs.send_message(MessageBody="three", **members)                 # remembered although it was deleted
    cloud.clock.advance(299)
    sqs.send_message(MessageBody="four", **members)
    assert receive(sqs, url) == []
    cloud.clock.advance(2)
    sqs.send_message(MessageBody="five", **members)
    assert bodies(receive(sqs, url)) == ["five"]


def test_content_is_the_deduplication_id_and_attributes_are_not(sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "g", "same", "same")
    send(sqs, url, "same", MessageGroupId="h", MessageAttributes={"a": {"DataType": "String", "StringValue": "x"}})
    send(sqs, url, "same", MessageGroupId="g", MessageDeduplicationId="given")
    assert bodies(receive(sqs, url)) == ["same", "same"]


def test_deduplication_may_be_within_groups(sqs: Any) -> None:
    url = fifo(sqs, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    for group in ("g", "h", "g"):
        put(sqs, url, group, "same")
    assert len(receive(sqs, url)) == 2


def test_what_is_remembered_is_forgotten(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "g", *map(str, range(30)))
    for _ in range(3):
        delete(sqs, url, *receive(sqs, url))
    assert (rows(cloud, "sqs_sent"), rows(cloud, "sqs_group"), rows(cloud, "sqs_message")) == (30, 0, 0)
    cloud.clock.advance(345_600 + 700)
    assert rows(cloud, "sqs_sent") == 0


@pytest.mark.parametrize(("members", "code", "words"), [
    ({}, "MissingParameter", "The request must contain the parameter MessageGroupId."),
    ({"MessageGroupId": ""}, "InvalidParameterValue", "MessageGroupId"),
    ({"MessageGroupId": "g"}, "InvalidParameterValue", "ContentBasedDeduplication enabled or MessageDeduplicationId provided"),
    ({"MessageGroupId": "g", "MessageDeduplicationId": "é"}, "InvalidParameterValue", "MessageDeduplicationId"),
    ({"MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 5}, "InvalidParameterValue",
     "not valid for this queue type"),
])
def test_what_a_fifo_queue_asks_for(sqs: Any, members: dict[str, Any], code: str, words: str) -> None:
    url = fifo(sqs, ContentBasedDeduplication="false")
    with refused(code, words):
        sqs.send_message(QueueUrl=url, MessageBody="x", **members)


def test_the_queues_delay_holds_and_keeps_the_order(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs, DelaySeconds="10")
    put(sqs, url, "g", "1")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"})
    put(sqs, url, "g", "2")
    assert receive(sqs, url) == []
    cloud.clock.advance(11)
    assert bodies(receive(sqs, url)) == ["1", "2"]


def test_an_expired_handle_neither_deletes_nor_hides(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "g", "1")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    cloud.clock.advance(31)
    with refused("InvalidParameterValue", "Reason: The receipt handle has expired."):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    with refused("InvalidParameterValue", "Reason: The receipt handle has expired."):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=10)
    told = sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": handle}])
    assert [e["Code"] for e in told["Failed"]] == ["InvalidParameterValue"]
    assert bodies(receive(sqs, url)) == ["1"]


def test_a_retried_attempt_gets_the_same_messages_and_handles(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "a", "1", "2")
    put(sqs, url, "b", "3")
    first = receive(sqs, url, 2, ReceiveRequestAttemptId="try")
    cloud.clock.advance(20)
    assert receive(sqs, url, 2, ReceiveRequestAttemptId="try") == first
    cloud.clock.advance(20)                                        # the retry began their timeout anew
    assert bodies(receive(sqs, url, 10)) == ["3"]
    delete(sqs, url, first[0])
    assert receive(sqs, url, 2, ReceiveRequestAttemptId="try") == []       # modified: an attempt like any other
    with refused("InvalidParameterValue", "ReceiveRequestAttemptId"):
        receive(sqs, url, ReceiveRequestAttemptId="a b")


def test_deleting_wakes_who_waits_for_the_rest_of_the_group(sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "g", "1", "2")
    first = receive(sqs, url, 1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(receive, sqs, url, WaitTimeSeconds=20)
        assert not waiting.done()
        delete(sqs, url, *first)
        assert bodies(waiting.result(5)) == ["2"]


def test_expired_messages_unblock_their_group(cloud: Cloud, sqs: Any) -> None:
    url = fifo(sqs, MessageRetentionPeriod="60")
    put(sqs, url, "g", "old")
    receive(sqs, url, VisibilityTimeout=600)
    cloud.clock.advance(50)
    put(sqs, url, "g", "new")
    cloud.clock.advance(15)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "61"})
    assert bodies(receive(sqs, url)) == ["new"]


def test_a_purge_frees_the_groups(sqs: Any) -> None:
    url = fifo(sqs)
    put(sqs, url, "g", "1", "2")
    receive(sqs, url, 1)
    sqs.purge_queue(QueueUrl=url)
    put(sqs, url, "g", "3")
    assert bodies(receive(sqs, url)) == ["3"]
