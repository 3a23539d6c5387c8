"""How many environments begin at once, of all functions together: as many as the machine can work on. More would all be late.

Who begins holds a place until its runtime asks for its first event. One that waits for something while it begins (another
function, the network) needs no core: it gives its place back after a while.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque

_LONG = 0.5                           # seconds that the code of a function may take to load before others begin beside it


class Place:
    """What one beginning holds. Left once; more often does no harm."""

    def __init__(self, starts: Starts) -> None:
        self._starts: Starts | None = starts

    def leave(self) -> None:
        if self._starts is not None:
            self._starts.left()
            self._starts = None

    def leave_later(self) -> None:
        """The sandbox is there and its runtime begins: from now on, its code may take its time."""
        if self._starts is not None:
            asyncio.get_running_loop().call_later(_LONG, self.leave)


class Starts:
    """All beginnings of one cloud."""

    def __init__(self, most: int = 0) -> None:
        self._most = most or 2 * (os.cpu_count() or 1)
        self._places = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def crowded(self) -> bool:
        """Is there no place for another one?"""
        return self._places >= self._most

    async def enter(self) -> Place:
        """A place, as soon as there is one."""
        if not self.crowded():
            self._places += 1
        else:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn                               # the place of one who left
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.left()
                raise
        return Place(self)

    def left(self) -> None:
        """A place is free: whoever waits longest has it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._places -= 1
