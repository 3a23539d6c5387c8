"""Two nodes on one PostgreSQL are one cloud."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from conftest import Cloud, Start, new_account, postgres_engine


@pytest.fixture(scope="module")
def nodes(start_cloud: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, Cloud]]:
    with postgres_engine() as url:
        shared = tmp_path_factory.mktemp("blobs")
        account = new_account()
        threads = [start_cloud(data=shared, store=url) for _ in range(2)]
        yield Cloud(threads[0], account), Cloud(threads[1], account)
        for thread in threads:
            thread.stop()


def test_a_message_sent_to_one_wakes_a_poll_at_the_other(nodes: tuple[Cloud, Cloud]) -> None:
    a, b = (node.client("sqs") for node in nodes)
    url = a.create_queue(QueueName="jobs")["QueueUrl"]
    there = url.replace(nodes[0].kernel.endpoint, nodes[1].kernel.endpoint)
    delays = []
    for i in range(5):
        got: list[tuple[str, float]] = []

        def poll(got: list[tuple[str, float]] = got) -> None:
            messages = b.receive_message(QueueUrl=there, WaitTimeSeconds=15).get("Messages", [])
            got.extend((m["Body"], time.perf_counter()) for m in messages)

        poller = threading.Thread(target=poll)
        poller.start()
        time.sleep(0.3)
        a.send_message(QueueUrl=url, MessageBody=str(i))
        sent = time.perf_counter()
        poller.join(20)
        assert [body for body, _ in got] == [str(i)]
        delays.append(got[0][1] - sent)
    print("woken after", [f"{d * 1000:.0f} ms" for d in delays])
    assert sorted(delays)[2] < 0.1


def test_each_message_goes_to_one_of_them(nodes: tuple[Cloud, Cloud]) -> None:
    a, b = (node.client("sqs") for node in nodes)
    url = a.create_queue(QueueName="shared")["QueueUrl"]
    there = url.replace(nodes[0].kernel.endpoint, nodes[1].kernel.endpoint)
    for start in range(0, 100, 10):
        a.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": str(start + i)} for i in range(10)])
    seen: list[str] = []

    def drain(client: object, queue: str) -> None:
        while messages := client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):  # type: ignore[attr-defined]
            seen.extend(m["Body"] for m in messages)

    threads = [threading.Thread(target=drain, args=pair) for pair in ((a, url), (b, there))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(seen, key=int) == [str(i) for i in range(100)]


def test_state_is_shared(nodes: tuple[Cloud, Cloud]) -> None:
    a, b = nodes
    bucket = f"shared-{a.account}"
    a.client("s3").create_bucket(Bucket=bucket)
    body = b"x" * 3_000_000
    a.client("s3").put_object(Bucket=bucket, Key="large", Body=body)
    assert b.client("s3").get_object(Bucket=bucket, Key="large")["Body"].read() == body
    key = a.client("iam").create_user(UserName="ann")["User"]["UserName"]
    made = a.client("iam").create_access_key(UserName=key)["AccessKey"]
    who = b.client("sts", key=made["AccessKeyId"], secret=made["SecretAccessKey"]).get_caller_identity()
    assert who["Arn"].endswith(":user/ann")
