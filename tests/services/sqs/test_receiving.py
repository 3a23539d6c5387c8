"""Messages received, hidden, given back and deleted; long polls."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import attributes_of, bodies, counts, make, receive, refused, send


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


def test_a_received_message_comes_back_after_its_visibility_timeout(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "job")
    first = receive(sqs, url, AttributeNames=["All"])[0]
    assert receive(sqs, url) == []
    assert counts(sqs, url) == (0, 1, 0)
    cloud.clock.advance(29)
    assert receive(sqs, url) == []
    cloud.clock.advance(2)
    assert counts(sqs, url) == (1, 0, 0)
    second = receive(sqs, url, AttributeNames=["All"])[0]
    assert second["MessageId"] == first["MessageId"]
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    assert second["Attributes"]["ApproximateFirstReceiveTimestamp"] == first["Attributes"]["ApproximateFirstReceiveTimestamp"]


def test_the_requests_timeout_wins_over_the_queues(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs, VisibilityTimeout="5")
    send(sqs, url, "job")
    receive(sqs, url)
    cloud.clock.advance(6)
    receive(sqs, url, VisibilityTimeout=43200)
    cloud.clock.advance(43190)
    assert receive(sqs, url) == []
    cloud.clock.advance(11)
    assert bodies(receive(sqs, url, VisibilityTimeout=0)) == bodies(receive(sqs, url)) == ["job"]


@pytest.mark.parametrize(("members", "words"), [
    ({"MaxNumberOfMessages": 0}, "Must be between 1 and 10, if provided."),
    ({"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid."),
    ({"VisibilityTimeout": -1}, "Must be >= 0 and <= 43200, if provided."),
    ({"VisibilityTimeout": 43201}, "VisibilityTimeout"),
    ({"WaitTimeSeconds": 21}, "Must be >= 0 and <= 20, if provided."),
    ({"WaitTimeSeconds": -1}, "WaitTimeSeconds"),
    ({"ReceiveRequestAttemptId": "a"}, "not valid for this queue type"),
])
def test_how_not_to_receive(sqs: Any, members: dict[str, Any], words: str) -> None:
    url = make(sqs)
    with refused("InvalidParameterValue", words):
        sqs.receive_message(QueueUrl=url, **members)


def test_a_deleted_message_is_gone_and_deleting_again_is_fine(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "job")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    for _ in range(2):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    cloud.clock.advance(31)
    assert receive(sqs, url) == []
    assert counts(sqs, url) == (0, 0, 0)


def test_a_handle_deletes_after_its_timeout_but_not_once_received_anew(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "late", "again")
    late, again = (receive(sqs, url, 1)[0]["ReceiptHandle"] for _ in range(2))
    cloud.clock.advance(31)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=late)
    assert bodies(receive(sqs, url)) == ["again"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again)
    assert counts(sqs, url) == (0, 1, 0)


def test_handles_that_are_none(sqs: Any) -> None:
    url, other = make(sqs), make(sqs, "other")
    send(sqs, url, "job")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    for bad in ("garbage", "", "AQEB!!!", handle[:-4], handle + "AAAA"):
        with refused("ReceiptHandleIsInvalid", "not a valid receipt handle"):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=bad)
    with refused("ReceiptHandleIsInvalid"):
        sqs.delete_message(QueueUrl=other, ReceiptHandle=handle)
    with refused("ReceiptHandleIsInvalid"):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle="x", VisibilityTimeout=1)
    assert counts(sqs, url) == (0, 1, 0)


def test_a_batch_of_deletes(sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, *"abcdefghijkl")
    handles = [message["ReceiptHandle"] for message in receive(sqs, url)]
    entries = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles[:9])]
    told = sqs.delete_message_batch(QueueUrl=url, Entries=[*entries, {"Id": "bad", "ReceiptHandle": "x"}])
    assert [e["Id"] for e in told["Successful"]] == [str(n) for n in range(9)]
    assert [(e["Id"], e["Code"]) for e in told["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]
    assert counts(sqs, url) == (2, 1, 0)
    with refused("AWS.SimpleQueueService.EmptyBatchRequest", "DeleteMessageBatchRequestEntry"):
        sqs.delete_message_batch(QueueUrl=url, Entries=[])


def test_visibility_is_changed_from_now_on(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "job")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    cloud.clock.advance(20)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=30)
    cloud.clock.advance(29)
    assert receive(sqs, url) == []
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    assert bodies(receive(sqs, url)) == ["job"]


def test_limits_of_changing_visibility(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "job")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    cloud.clock.advance(10)
    with refused("InvalidParameterValue", "Must be between 0 and 43200"):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43201)
    with refused("InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43200)
    cloud.clock.advance(25)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=100)   # back already: nothing happens
    assert bodies(receive(sqs, url)) == ["job"]
    sqs.purge_queue(QueueUrl=url)
    cloud.clock.advance(1)
    with refused("InvalidParameterValue", "Message does not exist or is not available for visibility timeout change."):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=1)


def test_a_batch_of_changes(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "a", "b")
    one, two = (message["ReceiptHandle"] for message in receive(sqs, url))
    told = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
        {"Id": "one", "ReceiptHandle": one, "VisibilityTimeout": 0},
        {"Id": "two", "ReceiptHandle": two, "VisibilityTimeout": 99999},
        {"Id": "three", "ReceiptHandle": "x", "VisibilityTimeout": 0}, {"Id": "four", "ReceiptHandle": two}])
    assert [e["Id"] for e in told["Successful"]] == ["one"]
    assert [(e["Id"], e["Code"]) for e in told["Failed"]] == [
        ("two", "InvalidParameterValue"), ("three", "ReceiptHandleIsInvalid"), ("four", "MissingParameter")]
    assert bodies(receive(sqs, url)) == ["a"]


def test_order_is_kept_where_nothing_disturbs_it(sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, *"0123456789abcdef")
    assert bodies(receive(sqs, url)) + bodies(receive(sqs, url)) == list("0123456789abcdef")


# --- long polls ---


def test_an_empty_long_poll_lasts_as_long_as_it_should(sqs: Any) -> None:
    url = make(sqs, ReceiveMessageWaitTimeSeconds="1")
    for members, least, most in (({}, 0.9, 3), ({"WaitTimeSeconds": 0}, 0, 0.9)):
        began = time.monotonic()
        assert receive(sqs, url, **members) == []
        assert least <= time.monotonic() - began < most


def test_a_long_poll_is_woken_at_once(sqs: Any) -> None:
    url = make(sqs)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: (receive(sqs, url, WaitTimeSeconds=20), time.monotonic()))
        time.sleep(0.3)
        sent = time.monotonic()
        send(sqs, url, "wake")
        messages, woken = waiting.result(5)
    assert bodies(messages) == ["wake"]
    assert woken - sent < 5                          # of the 20 seconds that it would wait


def test_a_long_poll_is_woken_by_the_clock_for_delayed_and_hidden_messages(cloud: Cloud, sqs: Any) -> None:
    url = make(sqs)
    with ThreadPoolExecutor(2) as pool:
        polls = [pool.submit(receive, sqs, url, WaitTimeSeconds=20) for _ in range(2)]
        time.sleep(0.3)
        send(sqs, url, "delayed", DelaySeconds=60)
        time.sleep(0.2)
        assert not any(poll.done() for poll in polls)
        cloud.clock.advance(61)
        first = wait_for_one(polls)
        assert bodies(first.result(5)) == ["delayed"]
        cloud.clock.advance(31)                       # it comes back to the other, who began to wait before it existed
        other = next(poll for poll in polls if poll is not first)
        assert bodies(other.result(5)) == ["delayed"]


def wait_for_one(polls: list[Any]) -> Any:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for poll in polls:
            if poll.done():
                return poll
        time.sleep(0.01)
    raise AssertionError("no poll was woken")


def test_giving_a_message_back_wakes_a_poll(sqs: Any) -> None:
    url = make(sqs)
    send(sqs, url, "job")
    handle = receive(sqs, url)[0]["ReceiptHandle"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(receive, sqs, url, WaitTimeSeconds=20)
        time.sleep(0.2)
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        assert bodies(waiting.result(5)) == ["job"]


def test_deleting_the_queue_ends_its_polls(sqs: Any) -> None:
    url = make(sqs)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(receive, sqs, url, WaitTimeSeconds=20)
        time.sleep(0.2)
        sqs.delete_queue(QueueUrl=url)
        with refused("AWS.SimpleQueueService.NonExistentQueue"):
            waiting.result(5)


def test_many_messages_at_once_wake_many_polls(sqs: Any) -> None:
    url = make(sqs)
    with ThreadPoolExecutor(10) as pool:
        polls = [pool.submit(receive, sqs, url, 1, WaitTimeSeconds=20) for _ in range(10)]
        time.sleep(0.5)
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(10)])
        assert sorted(body for poll in polls for body in bodies(poll.result(5))) == [str(n) for n in range(10)]


def test_consumers_share_the_work_without_losing_or_doubling_any(sqs: Any) -> None:
    url = make(sqs)
    done: list[str] = []
    lock = threading.Lock()

    def consume() -> None:
        while messages := receive(sqs, url, WaitTimeSeconds=1):
            sqs.delete_message_batch(QueueUrl=url, Entries=[
                {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)])
            with lock:
                done.extend(bodies(messages))

    with ThreadPoolExecutor(6) as pool:
        consumers = [pool.submit(consume) for _ in range(4)]
        for start in range(0, 200, 10):
            pool.submit(sqs.send_message_batch, QueueUrl=url, Entries=[
                {"Id": str(n), "MessageBody": str(start + n)} for n in range(10)])
        for consumer in consumers:
            consumer.result(30)
    assert sorted(done, key=int) == [str(n) for n in range(200)]
    assert attributes_of(sqs, url)["ApproximateNumberOfMessages"] == "0"
