"""Hundreds of receivers waiting at once: woken at once, in turn, and cheaply."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from conftest import Cloud
from services.sqs.queues import counts, make

WAITING = 500


class Poller:
    """A client on a socket of its own: botocore's would spend its time on threads."""

    def __init__(self, cloud: Cloud, url: str) -> None:
        self.host = urlsplit(cloud.endpoint)
        self.account = cloud.account
        self.url = url

    async def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection(self.host.hostname, self.host.port)
        try:
            return await self.exchange(reader, writer, operation, json.dumps({"QueueUrl": self.url, **members}).encode())
        finally:
            writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, operation: str,
                       body: bytes) -> dict[str, Any]:
        credential = f"{self.account}/20260101/us-east-1/sqs/aws4_request"
        writer.write(
            f"POST / HTTP/1.1\r\nHost: {self.host.netloc}\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\r\n".encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        answer = json.loads(await reader.readexactly(length))
        assert b" 200 " in head.split(b"\r\n")[0], answer
        return dict(answer)


def test_each_message_wakes_one_of_five_hundred_and_the_longest_waiting_first(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    url = make(sqs)
    ask = Poller(cloud, url)
    woken: list[tuple[int, float, str]] = []

    async def poll(number: int) -> None:
        answer = await ask("ReceiveMessage", WaitTimeSeconds=20)
        woken.append((number, time.monotonic(), answer["Messages"][0]["Body"]))

    async def play() -> float:
        polls = []
        for number in range(WAITING):
            polls.append(asyncio.create_task(poll(number)))
            if number % 50 == 49:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        assert not woken
        one = time.monotonic()
        await ask("SendMessage", MessageBody="first")
        await asyncio.wait_for(asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED), 15)
        await asyncio.sleep(0.2)                     # were another woken as well, it would be told by now
        assert [body for _, _, body in woken] == ["first"]
        first = woken[0][1] - one
        for start in range(0, WAITING - 1, 10):
            entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(start, min(start + 10, WAITING - 1))]
            await ask("SendMessageBatch", Entries=entries)
        await asyncio.wait_for(asyncio.gather(*polls), 15)
        return first

    assert asyncio.run(play()) < 5                   # of the 20 seconds that they would wait
    assert Counter(body for _, _, body in woken) == Counter(["first", *map(str, range(WAITING - 1))])
    order = [number for number, _, _ in woken]
    early = order[:50]
    assert sum(number < 150 for number in early) >= 45, early          # those who came first were served first
    assert counts(sqs, url) == (0, WAITING, 0)


def test_those_who_gave_up_are_not_given_messages(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    url = make(sqs)
    ask = Poller(cloud, url)

    async def play() -> str:
        lost = [asyncio.create_task(ask("ReceiveMessage", WaitTimeSeconds=20)) for _ in range(20)]
        await asyncio.sleep(0.3)
        kept = asyncio.create_task(ask("ReceiveMessage", WaitTimeSeconds=20))
        await asyncio.sleep(0.2)
        for each in lost:
            each.cancel()
        await asyncio.gather(*lost, return_exceptions=True)
        await asyncio.sleep(0.2)
        await ask("SendMessage", MessageBody="for who is there")
        return str((await asyncio.wait_for(kept, 5))["Messages"][0]["Body"])

    assert asyncio.run(play()) == "for who is there"
