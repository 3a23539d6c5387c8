"""What the connections of one server share: the handler, the limits, the ticks, and who is connected."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from .head import Now
from .limits import Limits
from .message import Handler


class Member(Protocol):
    """A connection, of whatever protocol."""

    def check(self, now: int) -> None: ...
    def shutdown(self) -> None: ...
    def abort(self) -> None: ...


class Connections:
    """All connections. `start` begins to tick: dates are made anew and what takes too long is ended."""

    def __init__(self, handler: Handler, limits: Limits) -> None:
        self.handler = handler
        self.limits = limits
        self.now = Now()
        self.tick = 0
        self.stopping = False
        self._loop = asyncio.get_running_loop()
        self._members: set[Member] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Member) -> None:
        self._members.add(member)
        if self.stopping:
            self._loop.call_soon(member.shutdown)

    def discard(self, member: Member) -> None:
        self._members.discard(member)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine; it is kept from being collected until it ends."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def start(self) -> None:
        self._timer = self._loop.call_later(self.limits.tick, self._ticked)

    def _ticked(self) -> None:
        self.tick += 1
        self.now.tick()
        for member in list(self._members):
            member.check(self.tick)
        self.start()

    async def stop(self, grace: float) -> None:
        """End what idles now, the rest when it is answered, and after `grace` seconds all that is left."""
        self.stopping = True
        for member in list(self._members):
            member.shutdown()
        until = self._loop.time() + grace
        while self._members and self._loop.time() < until:   # noqa: ASYNC110  (once in a server's life)
            await asyncio.sleep(0.005)
        for member in list(self._members):
            member.abort()
        for _ in range(3):                               # until the transports have told of their end
            await asyncio.sleep(0)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)
        if self._timer is not None:
            self._timer.cancel()
