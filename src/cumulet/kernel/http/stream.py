"""A request body as it arrives, with back-pressure to the client's socket."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class Source(Protocol):
    """The connection that a body comes from."""

    def proceed(self) -> None: ...
    def wanted(self, stream: Stream) -> None: ...
    def full(self) -> None: ...
    def room(self, stream: Stream) -> None: ...


class Stream:
    """Chunks of a body, for one reader. Raises ConnectionResetError when the client vanishes before the end.

    left: how many bytes are still to come, or -1 where the client did not say.
    """

    __slots__ = ("_chunks", "_ended", "_problem", "_source", "_wake", "buffered", "discarding", "left")

    def __init__(self, source: Source, left: int) -> None:
        self._source = source
        self._chunks: deque[bytes] = deque()
        self._ended = False
        self._problem = ""
        self._wake: asyncio.Future[None] | None = None
        self.buffered = 0
        self.discarding = False
        self.left = left

    @property
    def ended(self) -> bool:
        """Whether the connection will add nothing more."""
        return self._ended

    def feed(self, data: bytes) -> None:
        if self.left > 0:
            self.left -= len(data)
        if self.discarding:
            return
        self._chunks.append(data)
        self.buffered += len(data)
        self._notify()

    def finish(self) -> None:
        """The body is complete."""
        self._ended = True
        self._notify()

    def fail(self, problem: str) -> None:
        """The rest of the body will never come."""
        self._ended = True
        self._problem = problem
        self._chunks.clear()
        self._notify()

    def discard(self) -> None:
        """Nobody reads what is still to come."""
        self.discarding = True
        self._chunks.clear()
        self.buffered = 0

    def _notify(self) -> None:
        wake = self._wake
        if wake is not None and not wake.done():
            wake.set_result(None)

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self._problem:
                raise ConnectionResetError(self._problem)
            if self._ended or self.discarding:
                raise StopAsyncIteration
            self._source.wanted(self)
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        data = self._chunks.popleft()
        self.buffered -= len(data)
        self._source.room(self)
        return data
