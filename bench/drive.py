"""Sends requests over keep-alive connections as fast as they are answered, and measures."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any, NamedTuple, cast

import uvloop

Requests = Callable[[int, bytes], bytes]


class Measured(NamedTuple):
    """What came out. p50 and p99 in milliseconds; first is the first answer that was no success."""

    calls: int
    seconds: float
    p50: float
    p99: float
    failures: int
    first: bytes

    @property
    def rate(self) -> float:
        return self.calls / self.seconds


class Connection(asyncio.Protocol):
    """One connection: sends the next request when the last is answered. A server that closes it is connected to anew."""

    def __init__(self, run: Run, number: int, answer: bytes = b"") -> None:
        self.run = run
        self.number = number
        self.answer = answer
        self.buffer = b""
        self.closes = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)      # uvloop's is none by its class
        self.run.opened[self.number] = self.transport
        self.send(self.answer)

    def send(self, answer: bytes) -> None:
        request = self.run.following(self.number, answer)
        self.sent = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer = buffer = self.buffer + data if self.buffer else data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        body = _body(buffer, end)
        if body is None:
            return
        self.buffer = b""
        run = self.run
        now = perf_counter()
        if buffer[9] == 50:                              # "2" of 2xx
            run.times.append(now - self.sent)
        else:
            run.failures += 1
            run.first = run.first or buffer[:600]
        if now >= run.until:
            run.ended()
        elif b"onnection: close" in buffer[:end]:
            self.closes = True
            self.answer = body
        else:
            self.send(body)

    def connection_lost(self, problem: Exception | None) -> None:
        run = self.run
        if run.closing:
            return
        if not self.closes:
            run.lost += 1                                # resent, as SDKs do; too many of them are a failure
            if run.lost > 20 + len(run.times) // 20:
                run.failures += 1
                run.first = run.first or b"the connection was closed"
                run.ended()
                return
        run.connect(self.number, self.answer)


class Run:
    """All connections of one measurement."""

    def __init__(self, port: int, following: Requests, connections: int, seconds: float) -> None:
        self.port = port
        self.following = following
        self.left = connections
        self.times: list[float] = []
        self.failures = 0
        self.lost = 0
        self.first = b""
        self.until = perf_counter() + seconds
        self.closing = False
        self.loop = asyncio.get_running_loop()
        self.done = self.loop.create_future()
        self.connecting: set[asyncio.Task[Any]] = set()
        self.opened: dict[int, asyncio.Transport] = {}
        for number in range(connections):
            self.connect(number, b"")

    def connect(self, number: int, answer: bytes) -> None:
        made = self.loop.create_connection(lambda: Connection(self, number, answer), "127.0.0.1", self.port)
        task = self.loop.create_task(made)
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    def ended(self) -> None:
        self.left -= 1
        if self.left <= 0:
            self.closing = True
            if not self.done.done():
                self.done.set_result(None)


def _body(buffer: bytes, end: int) -> bytes | None:
    """The whole body behind the head that ends at `end`, or None while some is missing."""
    head = buffer[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        stop = head.find(b"\r\n", at + 2)
        length = int(head[at + 17:stop if stop > 0 else len(head)])
        return buffer[end + 4:] if len(buffer) - end - 4 >= length else None
    if b"\r\ntransfer-encoding: chunked" in head:
        return buffer[end + 4:] if buffer.endswith(b"0\r\n\r\n") else None
    return buffer[end + 4:]


def drive(port: int, following: Requests, connections: int, seconds: float) -> Measured:
    """Run for some seconds."""
    with _on_one_core():
        return uvloop.run(_drive(port, following, connections, seconds))


@contextlib.contextmanager
def _on_one_core() -> Iterator[None]:
    """The client keeps to one core, so that it does not push the server about; servers take what they like."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def feed(port: int, requests: Iterable[bytes], connections: int = 8, limit: float = 90.0) -> None:
    """Send all of these once (the last ones, which end the connections, perhaps twice); none may fail."""
    left = iter(requests)
    last = b""

    async def run() -> None:
        def following(number: int, answer: bytes) -> bytes:
            nonlocal last
            request = next(left, b"")
            if not request:
                runner.until = 0.0
            last = request or last
            return last

        runner = Run(port, following, connections, limit)
        await asyncio.wait_for(runner.done, limit + 10)
        if runner.failures:
            raise RuntimeError(runner.first.decode(errors="replace"))

    uvloop.run(run())


def once(port: int, request: bytes, times: int) -> None:
    """One request, some times over one connection."""
    feed(port, [request] * times, 1)


async def _drive(port: int, following: Requests, connections: int, seconds: float) -> Measured:
    began = perf_counter()
    run = Run(port, following, connections, seconds)
    await asyncio.wait_for(run.done, seconds + 60)
    took = perf_counter() - began
    for transport in run.opened.values():
        transport.close()
    times = sorted(run.times) or [0.0]
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    return Measured(len(run.times), took, p50 * 1000, p99 * 1000, run.failures, run.first)
