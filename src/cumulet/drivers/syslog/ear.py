"""A port that takes syslog by TCP and UDP, on this machine alone.

TCP's messages end in a line feed, or say their length first (RFC 6587); a UDP packet is one. A connection is closed once all
that came by it is delivered. Packets that come faster than they are delivered are lost, as UDP has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

log = logging.getLogger("cumulet.syslog")

Deliver = Callable[[list[str]], Awaitable[bool]]         # False: nobody wants them any more
HOST = "127.0.0.1"
_WAITING = 10_000                      # messages
_LONGEST = 65_536                      # bytes of a message
_ATTEMPTS = 20


class Ear(asyncio.DatagramProtocol):
    """One port."""

    def __init__(self, account: str, region: str, deliver: Deliver) -> None:
        self.account, self.region, self.port, self.closed = account, region, 0, False
        self._deliver = deliver
        self._came: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._servers: list[Any] = []            # whatever is to be closed: both servers, and the connections
        self._worker: asyncio.Task[None] | None = None

    async def open(self, wanted: int) -> None:
        """Listen, at the wanted port if it is free."""
        loop = asyncio.get_running_loop()
        for port in [wanted, *[0] * _ATTEMPTS]:
            server = None
            try:
                server = await asyncio.start_server(self._connected, HOST, port, limit=_LONGEST)
                self.port = server.sockets[0].getsockname()[1]
                packets, _ = await loop.create_datagram_endpoint(lambda: self, (HOST, self.port))
            except OSError:            # somebody has this port, for the one or the other
                if server is not None:
                    server.close()
                continue
            self._servers += [server, packets]
            self._worker = loop.create_task(self._work())
            return
        raise OSError("no port is free for syslog")

    def close(self) -> None:
        self.closed = True
        for server in self._servers:
            server.close()
        if self._worker is not None:
            self._worker.cancel()
        while not self._came.empty():
            self._came.get_nowait()
            self._came.task_done()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._came.put_nowait(data.decode("utf-8", "replace"))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._servers.append(writer)
        with contextlib.suppress(ConnectionError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while not self.closed and (message := await _message(reader)) is not None:
                await self._came.put(message)
        if not self.closed:
            await self._came.join()
            self._servers.remove(writer)
        writer.close()

    async def _work(self) -> None:
        wanted = True
        while wanted:
            messages = [await self._came.get()]
            while not self._came.empty():
                messages.append(self._came.get_nowait())
            try:
                wanted = await self._deliver(messages)
            except Exception:
                log.exception("syslog messages at port %d were not taken", self.port)
            finally:
                for _ in messages:
                    self._came.task_done()
        self.close()


async def _message(reader: asyncio.StreamReader) -> str | None:
    """The next message of a connection; None at its end. ValueError: it is too long."""
    first = await reader.read(1)
    if first.isdigit():
        length = int(first + (await reader.readuntil(b" "))[:-1])
        if length > _LONGEST:
            raise ValueError("too long")
        return (await reader.readexactly(length)).decode("utf-8", "replace")
    return (first + await reader.readline()).decode("utf-8", "replace") if first else None
