"""What an ASGI server tells about one request: its body, piece by piece, and that the client has gone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any


class Inbox:
    """A body for one reader. Nothing is asked of the server before it is wanted, so the client is held back by it."""

    __slots__ = ("_chunks", "_gone", "_over", "_pending", "_receive", "_settled")

    def __init__(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> None:
        self._receive = receive
        self._chunks: deque[bytes] = deque()
        self._settled = asyncio.Event()                  # the body is complete, or will never be
        self._pending: asyncio.Future[MutableMapping[str, Any]] | None = None
        self._gone = False
        self._over = False

    async def read(self, limit: int) -> bytes | None:
        """The whole body, or None when it is longer than `limit`: then iterate over it."""
        held = bytearray()
        while not self._settled.is_set():
            self._take(await self._receive())
            if len(self._chunks) == 1 and not held and self._settled.is_set() and len(self._chunks[0]) <= limit:
                return self._chunks.popleft()
            while self._chunks:
                held += self._chunks.popleft()
            if len(held) > limit:
                self._chunks.append(bytes(held))
                return None
        if self._gone:
            raise ConnectionResetError("the client went away")
        return bytes(held)

    async def lost(self) -> None:
        """Returns when the client has gone. One that vanishes amid a body is noticed when that is read."""
        await self._settled.wait()
        while not self._gone:
            self._gone = (await self._receive())["type"] == "http.disconnect"

    def end(self) -> None:
        """The exchange is over: what was not read will not be, and who waits for it is told."""
        self._over = True
        self._chunks.clear()
        if self._pending is not None:
            self._pending.cancel()

    def _take(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.disconnect":
            self._gone = True
            self._settled.set()
            return
        if data := message.get("body", b""):
            self._chunks.append(bytes(data))
        if not message.get("more_body", False):
            self._settled.set()

    def __aiter__(self) -> Inbox:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self._gone or self._over:
                raise ConnectionResetError("the client went away")
            if self._settled.is_set():
                raise StopAsyncIteration
            self._pending = asyncio.ensure_future(self._receive())
            try:
                self._take(await self._pending)
            except asyncio.CancelledError:
                if not self._over:
                    raise
                raise ConnectionResetError("the client went away") from None
            finally:
                self._pending.cancel()
                self._pending = None
        return self._chunks.popleft()
