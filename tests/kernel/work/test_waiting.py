"""Waiting in the background: a consumer polls as a client would, and standing tasks are taken up by the next process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from conftest import Cloud, Start
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.call import Call
from cumulet.kernel.work.jobs import Standing


def seen_from(cloud: Any, account: str, tx: Any = None) -> Call:
    return Call(cloud, tx, "lambda", "test", account, "us-east-1", root_of(account), cloud.clock.now(), endpoint=cloud.endpoint)


def test_a_poll_waits_for_a_message_as_a_client_would(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="polled")["QueueUrl"]
    asked = 0

    def receive(call: Call) -> list[Any]:
        nonlocal asked
        asked += 1
        found: list[Any] = call.aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages") or []
        return found

    async def poll(seconds: float) -> tuple[list[Any], float]:
        began = time.monotonic()
        got = await seen_from(cloud.kernel, cloud.account).poll(receive, seconds=seconds)
        return got, time.monotonic() - began

    got, took = cloud.thread.call(poll(0.3))
    assert got == []
    assert took >= 0.29
    assert asked == 2                                    # once before it waited, a last time after it

    async def both() -> tuple[list[Any], float]:
        polling = asyncio.ensure_future(poll(20))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody="now")
        return await polling

    got, took = cloud.thread.call(both())
    assert [m["Body"] for m in got] == ["now"]
    assert took < 3


def test_what_stands_is_begun_again_at_the_next_start(start_cloud: Start, tmp_path: Path) -> None:
    first = start_cloud(data=tmp_path / "state")

    def stand(tx: Any) -> None:
        first.cloud.catalog.load("lambda")
        background = first.cloud.catalog.background("lambda", "drain")
        assert background is not None
        first.cloud.jobs.stand(seen_from(first.cloud, "123456789012", tx), background)

    first.call(first.cloud.store.run(stand))
    first.call(first.cloud.jobs.idle())
    first.stop()
    second = start_cloud(data=tmp_path / "state")
    second.call(second.cloud.jobs.idle())
    assert "lambda" in second.cloud.catalog.loaded
    rows = second.call(second.cloud.store.run(lambda tx: tx.table(Standing, "", "").scan()))
    assert [(r.what, r.account) for r in rows] == [("drain", "123456789012")]
    assert second.call(second.cloud.jobs.dead()) == []
