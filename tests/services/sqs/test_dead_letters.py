"""Dead letters: when messages become some, where they go, and how they are moved back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import attributes_of, bodies, counts, make, receive, refused, send


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


def arn_of(sqs: Any, url: str) -> str:
    return attributes_of(sqs, url, "QueueArn")["QueueArn"]


def redrive(target: str, most: Any = 2) -> str:
    return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": most})


@pytest.fixture
def dead(sqs: Any) -> str:
    return make(sqs, "dead")


@pytest.fixture
def jobs(sqs: Any, dead: str) -> str:
    return make(sqs, "jobs", RedrivePolicy=redrive(arn_of(sqs, dead)))


def spend(cloud: Cloud, sqs: Any, url: str, times: int = 2) -> None:
    for _ in range(times):
        assert receive(sqs, url)
        cloud.clock.advance(31)
    assert receive(sqs, url) == []


def test_a_message_received_too_often_becomes_a_dead_letter(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    sent = sqs.send_message(QueueUrl=jobs, MessageBody="poison")
    spend(cloud, sqs, jobs)
    assert counts(sqs, jobs) == (0, 0, 0)
    assert counts(sqs, dead) == (1, 0, 0)
    got = receive(sqs, dead, AttributeNames=["All"])[0]
    assert (got["MessageId"], got["Body"]) == (sent["MessageId"], "poison")
    assert got["Attributes"]["DeadLetterQueueSourceArn"] == arn_of(sqs, jobs)
    assert got["Attributes"]["ApproximateReceiveCount"] == "3"


def test_good_messages_are_received_past_the_dead(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    send(sqs, jobs, *(f"poison {n}" for n in range(15)))
    for _ in range(2):
        for _ in range(2):
            receive(sqs, jobs)
        cloud.clock.advance(31)
    send(sqs, jobs, "good")
    assert bodies(receive(sqs, jobs)) == ["good"]
    assert counts(sqs, dead) == (15, 0, 0)


def test_the_age_of_a_dead_letter_is_that_of_the_message(cloud: Cloud, sqs: Any) -> None:
    dead = make(sqs, "dead", MessageRetentionPeriod="100")
    jobs = make(sqs, RedrivePolicy=redrive(arn_of(sqs, dead), 1))
    send(sqs, jobs, "poison")
    spend(cloud, sqs, jobs, 1)
    cloud.clock.advance(65)
    assert bodies(receive(sqs, dead, VisibilityTimeout=0)) == ["poison"]
    cloud.clock.advance(5)
    assert receive(sqs, dead) == []


def test_a_fifo_dead_letter_makes_room_for_its_group(cloud: Cloud, sqs: Any) -> None:
    dead = make(sqs, "dead.fifo", FifoQueue="true")
    jobs = make(sqs, "jobs.fifo", FifoQueue="true", ContentBasedDeduplication="true",
                RedrivePolicy=redrive(arn_of(sqs, dead), 1))
    send(sqs, jobs, "poison", "good", MessageGroupId="g")
    assert bodies(receive(sqs, jobs, 1)) == ["poison"]
    cloud.clock.advance(31)
    assert bodies(receive(sqs, jobs, 1)) == ["good"]
    got = receive(sqs, dead, AttributeNames=["All"])[0]
    assert (got["Body"], got["Attributes"]["MessageGroupId"]) == ("poison", "g")
    assert got["Attributes"]["ApproximateReceiveCount"] == "2"


def test_without_the_dead_letter_queue_messages_stay(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    send(sqs, jobs, "poison")
    sqs.delete_queue(QueueUrl=dead)
    for _ in range(4):
        assert bodies(receive(sqs, jobs)) == ["poison"]
        cloud.clock.advance(31)


def test_redrive_policies_that_are_refused(cloud: Cloud, sqs: Any, dead: str) -> None:
    url = make(sqs)
    arn = arn_of(sqs, dead)
    fifo = arn_of(sqs, make(sqs, "dead.fifo", FifoQueue="true"))
    for policy, words in (
            ("[]", "Redrive policy is not a valid JSON map."), ("{", "not a valid JSON map"),
            (json.dumps({"deadLetterTargetArn": arn}), "does not contain mandatory attribute: maxReceiveCount."),
            (json.dumps({"maxReceiveCount": 1}), "does not contain mandatory attribute: deadLetterTargetArn."),
            (json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1, "x": 1}), "Only following attributes are supported"),
            (redrive(arn, 0), "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."),
            (redrive(arn, 1001), "maxReceiveCount"), (redrive(arn, "many"), "maxReceiveCount"),
            (redrive("dead"), "Invalid value for deadLetterTargetArn."),
            (redrive(arn + "x"), "Dead letter target does not exist."),
            (redrive(arn.replace(cloud.account, "111111111111")), "same account and region"),
            (redrive(fifo), "Dead-letter queue must be same type of queue as the source.")):
        with refused("InvalidParameterValue", words):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    assert attributes_of(sqs, url, "RedrivePolicy") == {}


def test_the_count_may_be_a_text_and_the_policy_may_go(sqs: Any, dead: str) -> None:
    arn = arn_of(sqs, dead)
    url = make(sqs, RedrivePolicy=redrive(arn, "7"))
    assert json.loads(attributes_of(sqs, url, "RedrivePolicy")["RedrivePolicy"]) == {
        "deadLetterTargetArn": arn, "maxReceiveCount": 7}
    assert make(sqs, RedrivePolicy=redrive(arn, 7)) == url
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    assert attributes_of(sqs, url, "RedrivePolicy") == {}
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == []


def test_source_queues_are_listed_in_pages(sqs: Any, dead: str) -> None:
    arn = arn_of(sqs, dead)
    urls = [make(sqs, f"jobs-{n}", RedrivePolicy=redrive(arn)) for n in range(5)]
    pages = sqs.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=dead, PaginationConfig={"PageSize": 2})
    assert [page["queueUrls"] for page in pages] == [urls[:2], urls[2:4], urls[4:]]


def test_a_dead_letter_queue_may_choose_its_sources(sqs: Any, dead: str) -> None:
    url = make(sqs)
    policy = redrive(arn_of(sqs, dead))

    def allow(**words: Any) -> None:
        sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps(words)})

    for words in ({"redrivePermission": "denyAll"}, {"redrivePermission": "byQueue", "sourceQueueArns": [arn_of(sqs, dead)]}):
        allow(**words)
        with refused("InvalidParameterValue", "does not allow redrive"):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    allow(redrivePermission="byQueue", sourceQueueArns=[arn_of(sqs, url)])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    for bad in ({}, {"redrivePermission": "maybe"}, {"redrivePermission": "byQueue"},
                {"redrivePermission": "allowAll", "sourceQueueArns": [arn_of(sqs, url)]},
                {"redrivePermission": "byQueue", "sourceQueueArns": [arn_of(sqs, url)] * 11},
                {"redrivePermission": "byQueue", "sourceQueueArns": ["x"]}):
        with refused("InvalidParameterValue", "RedriveAllowPolicy"):
            allow(**bad)


# --- message move tasks ---


def bury(cloud: Cloud, sqs: Any, url: str, count: int) -> None:
    for start in range(0, count, 10):
        send(sqs, url, *(f"{start + n}" for n in range(min(10, count - start))))
        for _ in range(2):
            while receive(sqs, url):
                pass
            cloud.clock.advance(31)
        assert receive(sqs, url) == []


def tasks(sqs: Any, arn: str, most: int = 10) -> list[dict[str, Any]]:
    return list(sqs.list_message_move_tasks(SourceArn=arn, MaxResults=most)["Results"])


def test_dead_letters_are_moved_back_to_their_queue(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    bury(cloud, sqs, jobs, 3)
    old = receive(sqs, dead, VisibilityTimeout=0)
    arn = arn_of(sqs, dead)
    handle = sqs.start_message_move_task(SourceArn=arn)["TaskHandle"]
    assert handle
    cloud.clock.idle()
    task = tasks(sqs, arn)[0]
    assert abs(task.pop("StartedTimestamp") / 1000 - cloud.clock.now()) < 60
    assert task == {"Status": "COMPLETED", "SourceArn": arn, "ApproximateNumberOfMessagesMoved": 3,
                    "ApproximateNumberOfMessagesToMove": 3}
    assert (counts(sqs, dead), counts(sqs, jobs)) == ((0, 0, 0), (3, 0, 0))
    new = receive(sqs, jobs, AttributeNames=["All"])
    assert sorted(bodies(new)) == ["0", "1", "2"]
    assert {m["MessageId"] for m in new}.isdisjoint(m["MessageId"] for m in old)
    assert {m["Attributes"]["ApproximateReceiveCount"] for m in new} == {"1"}


def test_a_rate_is_kept_by_the_clock_and_a_task_can_be_cancelled(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    bury(cloud, sqs, jobs, 12)
    other = make(sqs, "other")
    arn = arn_of(sqs, dead)
    handle = sqs.start_message_move_task(SourceArn=arn, DestinationArn=arn_of(sqs, other),
                                         MaxNumberOfMessagesPerSecond=2)["TaskHandle"]
    cloud.clock.advance(2.5)
    task = tasks(sqs, arn)[0]
    assert (task["Status"], task["TaskHandle"], task["MaxNumberOfMessagesPerSecond"]) == ("RUNNING", handle, 2)
    assert task["DestinationArn"] == arn_of(sqs, other)
    assert task["ApproximateNumberOfMessagesMoved"] in (6, 8)
    with refused("AWS.SimpleQueueService.UnsupportedOperation", "There is already a task running."):
        sqs.start_message_move_task(SourceArn=arn)
    moved = sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    cloud.clock.advance(20)
    assert tasks(sqs, arn)[0]["Status"] == "CANCELLED"
    assert counts(sqs, other)[0] == moved
    assert counts(sqs, dead)[0] == 12 - moved
    with refused("AWS.SimpleQueueService.UnsupportedOperation", "Only active tasks can be cancelled."):
        sqs.cancel_message_move_task(TaskHandle=handle)


def test_moves_that_fail_or_are_refused(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    arn = arn_of(sqs, dead)
    send(sqs, dead, "sent here directly")
    sqs.start_message_move_task(SourceArn=arn)
    cloud.clock.idle()
    assert [(t["Status"], t["FailureReason"]) for t in tasks(sqs, arn)] == [("FAILED", "CouldNotDetermineMessageSource")]
    fifo = arn_of(sqs, make(sqs, "a.fifo", FifoQueue="true"))
    for members, code, words in (
            ({"SourceArn": arn_of(sqs, jobs)}, "InvalidParameterValue", "must be configured as a Dead Letter Queue"),
            ({"SourceArn": arn + "x"}, "ResourceNotFoundException", "SourceArn parameter doesn't exist"),
            ({"SourceArn": "x"}, "InvalidParameterValue", "SourceArn"),
            ({"SourceArn": arn, "DestinationArn": arn + "x"}, "ResourceNotFoundException", "DestinationArn"),
            ({"SourceArn": arn, "DestinationArn": arn}, "InvalidParameterValue", "cannot be the same"),
            ({"SourceArn": arn, "DestinationArn": fifo}, "InvalidParameterValue", "same type"),
            ({"SourceArn": arn, "MaxNumberOfMessagesPerSecond": 501}, "InvalidParameterValue", "between 1 and 500")):
        with refused(code, words):
            sqs.start_message_move_task(**members)
    with refused("InvalidParameterValue", "MaxResults"):
        tasks(sqs, arn, 11)
    with refused("InvalidParameterValue", "TaskHandle"):
        sqs.cancel_message_move_task(TaskHandle="nonsense")


def test_the_last_ten_tasks_are_remembered(cloud: Cloud, sqs: Any, jobs: str, dead: str) -> None:
    arn = arn_of(sqs, dead)
    for _ in range(12):
        sqs.start_message_move_task(SourceArn=arn)
        cloud.clock.advance(1)
    started = [task["StartedTimestamp"] for task in tasks(sqs, arn)]
    assert len(started) == 10
    assert started == sorted(started, reverse=True)
    assert len(tasks(sqs, arn, 1)) == 1


def test_fifo_dead_letters_go_back_in_order(cloud: Cloud, sqs: Any) -> None:
    dead = make(sqs, "dead.fifo", FifoQueue="true")
    jobs = make(sqs, "jobs.fifo", FifoQueue="true", ContentBasedDeduplication="true",
                RedrivePolicy=redrive(arn_of(sqs, dead), 1))
    send(sqs, jobs, *"abc", MessageGroupId="g")
    receive(sqs, jobs)
    cloud.clock.advance(31)
    assert receive(sqs, jobs) == []
    sqs.start_message_move_task(SourceArn=arn_of(sqs, dead))
    cloud.clock.idle()
    assert bodies(receive(sqs, jobs)) == ["a", "b", "c"]


def test_the_receipt_of_a_message_does_not_reach_its_dead_letter(cloud: Cloud, sqs: Any, dead: str) -> None:
    jobs = make(sqs, "once", RedrivePolicy=redrive(arn_of(sqs, dead), 1))
    send(sqs, jobs, "poison")
    old = receive(sqs, jobs)[0]["ReceiptHandle"]
    cloud.clock.advance(31)
    assert receive(sqs, jobs) == []
    assert receive(sqs, dead)                     # as often as the old receipt says
    sqs.delete_message(QueueUrl=jobs, ReceiptHandle=old)
    with refused("InvalidParameterValue", "does not exist"):
        sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=old, VisibilityTimeout=0)
    assert counts(sqs, dead) == (0, 1, 0)


def test_one_receive_buries_a_thousand_at_most(cloud: Cloud, sqs: Any, dead: str) -> None:
    jobs = make(sqs, "once", RedrivePolicy=redrive(arn_of(sqs, dead), 1))
    for _ in range(102):
        sqs.send_message_batch(QueueUrl=jobs, Entries=[{"Id": str(n), "MessageBody": "poison"} for n in range(10)])
    while receive(sqs, jobs):
        pass
    cloud.clock.advance(31)
    assert receive(sqs, jobs, WaitTimeSeconds=20) == []
    assert (counts(sqs, jobs), counts(sqs, dead)) == ((20, 0, 0), (1000, 0, 0))
    assert receive(sqs, jobs) == []
    assert (counts(sqs, jobs), counts(sqs, dead)) == ((0, 0, 0), (1020, 0, 0))


def test_messages_of_a_group_move_in_their_order_whoever_looked_at_them(cloud: Cloud, sqs: Any) -> None:
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    dead, back = make(sqs, "dead.fifo", **fifo), make(sqs, "back.fifo", **fifo)
    make(sqs, "jobs.fifo", RedrivePolicy=redrive(arn_of(sqs, dead)), **fifo)
    send(sqs, dead, "first", "second", "third", MessageGroupId="g")
    assert bodies(receive(sqs, dead, 1)) == ["first"]
    cloud.clock.advance(31)
    sqs.start_message_move_task(SourceArn=arn_of(sqs, dead), DestinationArn=arn_of(sqs, back))
    cloud.clock.idle()
    assert bodies(receive(sqs, back)) == ["first", "second", "third"]
