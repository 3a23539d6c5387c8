"""What is done a moment after it was asked for, once however often that was; and at once when somebody waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(waiting: deque[T], most: int) -> Iterator[list[T]]:
    """What waits now, so many at a time; what comes meanwhile is left for the next time."""
    left = len(waiting)
    while left:
        batch = [waiting.popleft() for _ in range(min(most, left))]
        left -= len(batch)
        yield batch


class Later:
    """`work` never runs twice at a time."""

    def __init__(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._work = work
        self._handle: asyncio.TimerHandle | None = None
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """On the loop: do it soon."""
        if self._handle is None:
            self._handle = asyncio.get_running_loop().call_later(self._seconds, self._begin)

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self.now())

    async def now(self) -> None:
        """Do it, and be back when it is done."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        async with self._lock:
            await self._work()
