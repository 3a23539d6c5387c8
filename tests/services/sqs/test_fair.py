"""Fair queues: noisy tenants wait while quiet ones have messages.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.sqs.resources import Tenant
from services.sqs.queues import bodies, make, receive


@pytest.fixture
def sqs(cloud: Cloud) -> Any:
    return cloud.client("sqs")


@pytest.fixture
def url(sqs: Any) -> str:
    return make(sqs, VisibilityTimeout="43200")


def tenants(cloud: Cloud) -> dict[str, int]:
    """Group → whether noisy."""
    rows = cloud.kernel.store.run_now(lambda tx: tx.table(Tenant, cloud.account, "us-east-1").scan())
    return {row.line.partition("\x1f")[2]: row.noisy for row in rows}


def post(sqs: Any, url: str, group: str | None, count: int) -> None:
    """Messages `A0`, `A1`, …"""
    for start in range(0, count, 10):
        sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": str(n), "MessageBody": f"{group or ''}{n}", **({"MessageGroupId": group} if group else {})}
            for n in range(start, min(start + 10, count))])


def take(sqs: Any, url: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        more = receive(sqs, url, min(10, count - len(found)))
        assert more, f"{len(found)} of {count}"
        found += more
    return found


def test_quiet_tenants_come_first(cloud: Cloud, sqs: Any, url: str) -> None:
    post(sqs, url, "A", 100)
    take(sqs, url, 40)
    post(sqs, url, "B", 3)
    post(sqs, url, None, 2)
    post(sqs, url, "C", 2)
    assert bodies(take(sqs, url, 10)) == ["B0", "B1", "B2", "0", "1", "C0", "C1", "A40", "A41", "A42"]
    assert bodies(take(sqs, url, 2)) == ["A43", "A44"]
    assert tenants(cloud) == {"A": 1, "B": 0, "C": 0, "": 0}


def test_below_thirty_nobody_is_noisy(cloud: Cloud, sqs: Any, url: str) -> None:
    post(sqs, url, "A", 40)
    take(sqs, url, 29)
    post(sqs, url, "B", 2)
    assert bodies(take(sqs, url, 1)) == ["A29"]
    assert bodies(take(sqs, url, 4)) == ["B0", "B1", "A30", "A31"]       # now there are thirty
    assert tenants(cloud)["A"] == 1


def test_a_tenth_of_all_is_no_noise(cloud: Cloud, sqs: Any, url: str) -> None:
    for group in "bcdefghijkl":
        post(sqs, url, group, 28)
    take(sqs, url, 11 * 28)
    post(sqs, url, "A", 50)
    take(sqs, url, 30)                                  # of 338
    post(sqs, url, "z", 1)
    assert bodies(take(sqs, url, 1)) == ["A30"]
    assert set(tenants(cloud).values()) == {0}


def test_of_several_noisy_ones_the_quieter_is_first(cloud: Cloud, sqs: Any, url: str) -> None:
    post(sqs, url, "A", 80)
    take(sqs, url, 60)
    post(sqs, url, "B", 60)
    assert {body[0] for body in bodies(take(sqs, url, 40))} == {"B"}
    assert tenants(cloud) == {"A": 1, "B": 1}
    assert bodies(take(sqs, url, 20)) == [f"B{n}" for n in range(40, 60)]
    assert bodies(take(sqs, url, 1)) == ["A60"]


def test_who_has_few_in_flight_is_quiet_again(cloud: Cloud, sqs: Any, url: str) -> None:
    post(sqs, url, "A", 60)
    for message in take(sqs, url, 35)[:10]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    post(sqs, url, "B", 1)
    assert bodies(take(sqs, url, 2)) == ["A35", "A36"]
    assert tenants(cloud) == {"A": 0, "B": 0}


def test_who_is_silent_for_five_minutes_is_quiet_again(cloud: Cloud, sqs: Any, url: str) -> None:
    cloud.kernel.clock.freeze()
    post(sqs, url, "A", 60)
    take(sqs, url, 40)
    cloud.clock.advance(200)
    post(sqs, url, "B", 1)
    assert bodies(take(sqs, url, 2)) == ["B0", "A40"]
    cloud.clock.advance(200)
    post(sqs, url, "B", 1)
    assert bodies(take(sqs, url, 1)) == ["A41"]
    assert tenants(cloud)["A"] == 0


def test_who_has_no_messages_is_forgotten(cloud: Cloud, sqs: Any, url: str) -> None:
    post(sqs, url, "A", 40)
    post(sqs, url, "B", 1)
    for message in take(sqs, url, 41):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert tenants(cloud) == {}
    post(sqs, url, "A", 5)
    sqs.purge_queue(QueueUrl=url)
    cloud.clock.idle()
    assert tenants(cloud) == {}
    assert receive(sqs, url) == []


def test_what_expires_is_forgotten(cloud: Cloud, sqs: Any, url: str) -> None:
    cloud.kernel.clock.freeze()
    post(sqs, url, "A", 40)
    take(sqs, url, 35)
    cloud.clock.advance(345_600 + 43_200 + 60)
    assert tenants(cloud) == {}
    post(sqs, url, "A", 1)
    assert bodies(take(sqs, url, 1)) == ["A0"]


def test_visibility_that_ends_and_is_ended(cloud: Cloud, sqs: Any) -> None:
    cloud.kernel.clock.freeze()
    url = make(sqs, "short", VisibilityTimeout="60")
    post(sqs, url, "A", 50)
    take(sqs, url, 40)
    post(sqs, url, "B", 2)
    first = take(sqs, url, 2)
    assert bodies(first) == ["B0", "B1"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"], VisibilityTimeout=0)
    assert bodies(take(sqs, url, 2)) == ["B0", "A40"]
    cloud.clock.advance(61)                             # nothing is in flight
    assert bodies(take(sqs, url, 3)) == ["A41", "A42", "A43"]


def test_dead_letters_keep_their_tenants(cloud: Cloud, sqs: Any) -> None:
    make(sqs, "dead")
    dead = f"arn:aws:sqs:us-east-1:{cloud.account}:dead"
    url = make(sqs, "q", VisibilityTimeout="0", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1}))
    post(sqs, url, "A", 5)
    assert bodies(receive(sqs, url)) == [f"A{n}" for n in range(5)]
    assert receive(sqs, url) == []
    assert tenants(cloud) == {"A": 0}
    found = receive(sqs, url.replace("/q", "/dead"), AttributeNames=["MessageGroupId"], VisibilityTimeout=0)
    assert [message["Attributes"]["MessageGroupId"] for message in found] == ["A"] * 5
    sqs.start_message_move_task(SourceArn=dead)
    cloud.clock.idle()
    assert bodies(receive(sqs, url)) == [f"A{n}" for n in range(5)]
