"""Who in a sandbox gets telemetry: what a subscription asks for, what waits for it, and how it is delivered.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..sandbox.contract import SandboxProblem
from ..sandbox.unit import SandboxUnit

TYPES = ("platform", "function", "extension")
SCHEMAS = {"telemetry": ("2022-07-01", "2022-12-13", "2025-01-29"), "logs": ("2020-08-15", "2021-03-18")}
_HOSTS = ("sandbox.localdomain", "sandbox", "localhost", "127.0.0.1")
_BUFFERING = {"maxItems": (1000, 10_000, 10_000), "maxBytes": (262_144, 1_048_576, 262_144), "timeoutMs": (25, 30_000, 1000)}
_PATIENCE, _FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 0.05, 2.0
_FALLEN_BEHIND = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."


class Wanted(NamedTuple):
    """What a subscription asks for. api: "telemetry", or the older "logs"."""

    api: str
    schema: str
    types: tuple[str, ...]
    http: bool
    method: str
    port: int
    path: str
    most_items: int
    most_bytes: int
    seconds: float


def wanted(api: str, body: bytes) -> Wanted:
    """A request's body; ValueError says all that is wrong with it."""
    try:
        said = json.loads(body)
        to, buffering = said.get("destination") or {}, said.get("buffering") or {}
        types, schema = said.get("types") or [], said.get("schemaVersion", "" if api == "telemetry" else "2020-08-15")
        if not (isinstance(to, dict) and isinstance(buffering, dict) and isinstance(types, list)):
            raise ValueError
        place = urlsplit(to.get("URI") or f"tcp://{to.get('host', _HOSTS[0])}:{to.get('port') or ''}")
        port, protocol, method = place.port, to.get("protocol", ""), to.get("method", "POST")
    except (ValueError, AttributeError):
        raise ValueError("Invalid body") from None
    wrong = []
    if schema not in SCHEMAS[api]:
        wrong.append("schemaVersion is not supported")
    if protocol not in ("HTTP", "TCP"):
        wrong.append("destination protocol should be HTTP or TCP")
    if port is None:
        wrong.append("URI port is not provided")
    if place.hostname not in _HOSTS:
        wrong.append(f"URI host should be {_HOSTS[0]}")
    if method not in ("POST", "PUT"):
        wrong.append("destination method should be POST or PUT")
    if not types:
        wrong.append("types should not be empty")
    wrong += [f"type {kind} is not supported" for kind in types if kind not in TYPES]
    numbers = {name: buffering.get(name, default) for name, (_, _, default) in _BUFFERING.items()}
    for name, number in numbers.items():
        least, most, _ = _BUFFERING[name]
        if not isinstance(number, int) or not least <= number <= most:
            wrong.append(f"{name} should be between {least} and {most}")
    if wrong:
        raise ValueError("; ".join(wrong))
    assert port is not None
    return Wanted(api, schema, tuple(types), protocol == "HTTP", method, port, place.path or "/", numbers["maxItems"],
                  numbers["maxBytes"], numbers["timeoutMs"] / 1000)


class Subscription:
    """One extension's. Batches go out one after the other, each until it is taken; what does not fit meanwhile is dropped and
    counted. While the sandbox is frozen nobody is there to take any."""

    def __init__(self, unit: SandboxUnit, asked: Wanted) -> None:
        self.asked = asked
        self._unit = unit
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._size = 0
        self._dropped = [0, 0]                           # records and bytes
        self._due: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._awake.set()
        self._stream: asyncio.StreamWriter | None = None

    def add(self, event: Mapping[str, Any]) -> None:
        """One event, if it is of a wanted type."""
        told = self._told(event)
        if event["type"].partition(".")[0] not in self.asked.types or told is None:
            return
        data = json.dumps(told).encode()
        if len(self._waiting) >= self.asked.most_items or self._size + len(data) > 2 * self.asked.most_bytes:
            self._dropped[0] += 1
            self._dropped[1] += len(data)
            return
        if self._dropped[0]:
            self._report_dropped(event["time"])
        self._waiting.append(data)
        self._size += len(data)
        if len(self._waiting) >= self.asked.most_items or self._size >= self.asked.most_bytes:
            self.flush()
        elif self._due is None:
            self._due = self._loop.call_later(self.asked.seconds, self.flush)

    def _told(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """As its API and schema tell it; None for what the older API does not know."""
        kind, record = event["type"], event["record"]
        if self.asked.api == "telemetry":
            return None if kind in ("platform.end", "platform.logsSubscription") else event
        if kind.startswith("platform.init") or kind == "platform.telemetrySubscription":
            return None
        if kind == "platform.runtimeDone" and self.asked.schema != "2021-03-18":
            return None
        kept = {"platform.start": ("requestId",), "platform.runtimeDone": ("requestId", "status"),
                "platform.report": ("requestId", "metrics")}.get(kind)
        return event if kept is None else {**event, "record": {name: record[name] for name in kept}}

    def _report_dropped(self, time: str) -> None:
        records, size = self._dropped
        self._dropped = [0, 0]
        if "platform" in self.asked.types:
            self._waiting.append(json.dumps({"time": time, "type": "platform.logsDropped", "record": {
                "droppedBytes": size, "droppedRecords": records, "reason": _FALLEN_BEHIND}}).encode())

    def flush(self) -> None:
        """What waits is due."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._waiting and (self._work is None or self._work.done()):
            self._work = self._loop.create_task(self._deliver())

    def freeze(self, frozen: bool) -> None:
        if frozen:
            self._awake.clear()
        else:
            self._awake.set()

    async def drained(self) -> None:
        """Until all is delivered that there is."""
        self._awake.set()
        self.flush()
        if self._work is not None:
            await asyncio.wait({self._work})

    def close(self) -> None:
        """The sandbox is gone."""
        for work in (self._due, self._work, self._stream):
            if isinstance(work, asyncio.StreamWriter):
                work.close()
            elif work is not None:
                work.cancel()

    async def _deliver(self) -> None:
        pause = _FIRST_PAUSE
        while self._waiting:
            await self._awake.wait()
            batch, self._waiting, self._size = self._waiting, [], 0
            while not await self._sent(batch):
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                await self._awake.wait()

    async def _sent(self, batch: list[bytes]) -> bool:
        """Was it taken? TCP's receivers cannot say so: it was given to the connection."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await (self._post(batch) if self.asked.http else self._write(batch))
        except (OSError, ValueError, SandboxProblem, asyncio.IncompleteReadError):
            return False

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        made = await self._unit.socket()
        try:
            await self._loop.sock_connect(made, ("127.0.0.1", self.asked.port))
            return await asyncio.open_connection(sock=made)
        except BaseException:
            made.close()
            raise

    async def _post(self, batch: list[bytes]) -> bool:
        body = b"[" + b",".join(batch) + b"]"
        reader, writer = await self._connected()
        try:
            head = f"{self.asked.method} {self.asked.path} HTTP/1.1\r\nHost: {_HOSTS[0]}:{self.asked.port}\r\n" \
                   f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            status = (await reader.readuntil(b"\r\n")).split(b" ")[1]
            return status.startswith(b"2")
        finally:
            writer.close()

    async def _write(self, batch: list[bytes]) -> bool:
        """Lines of JSON, over one connection as long as it holds."""
        if self._stream is None:
            self._stream = (await self._connected())[1]
        try:
            self._stream.write(b"".join(event + b"\n" for event in batch))
            await self._stream.drain()
        except OSError:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
            raise
        return True
