"""What waits for a subscriber: batches, drops, and what is asked of it."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from cumulet.drivers.functions.subscriptions import Subscription, wanted


class Unit:
    """A sandbox whose network is the machine's."""

    async def socket(self) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        return made


def body(port: int, **buffering: int) -> bytes:
    return json.dumps({"schemaVersion": "2022-12-13", "types": ["platform", "function"], "buffering": buffering,
                       "destination": {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}/x"}}).encode()


def line(number: int, size: int = 0) -> dict[str, Any]:
    return {"time": "2026-01-01T00:00:00.000Z", "type": "function", "record": f"{number}" + "x" * size}


def test_full_batches_go_out_at_once_and_what_is_too_much_meanwhile_is_dropped_and_counted() -> None:
    asyncio.run(_full_batches())


async def _full_batches() -> None:
    batches: list[list[dict[str, Any]]] = []
    came, held = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        batches.append(json.loads(await reader.readexactly(size)))
        came.set()
        await held.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    unit: Any = Unit()
    subscription = Subscription(unit, wanted("telemetry", body(port, maxItems=1000, timeoutMs=30_000)))
    for number in range(1000):
        subscription.add(line(number))
    await asyncio.wait_for(came.wait(), 5)               # full: it did not wait for its time
    for number in range(1200):                           # nobody takes the first batch: a second one is kept, no more
        subscription.add(line(number))
    held.set()
    await subscription.drained()
    subscription.add(line(7))
    await subscription.drained()
    subscription.close()
    server.close()
    assert [len(batch) for batch in batches] == [1000, 1000, 2]
    assert batches[2][0]["type"] == "platform.logsDropped"
    assert batches[2][0]["record"]["droppedRecords"] == 200
    assert batches[2][0]["record"]["droppedBytes"] > 200 * 60
    assert batches[2][1]["record"] == "7"


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"^URI host should be .*; maxBytes should be between 262144 and"):
        wanted("telemetry", body(1, maxBytes=1).replace(b"sandbox.localdomain", b"example.com"))
    for broken in (b"[", b"[]", b'{"types": "platform"}', b'{"buffering": [1]}', b'{"destination": {"URI": "http://x:port"}}'):
        with pytest.raises(ValueError, match="Invalid body"):
            wanted("logs", broken)
