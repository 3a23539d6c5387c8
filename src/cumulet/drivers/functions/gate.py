"""How many events of one function are worked on at once when nobody waits for them: few while they are quick, ever more while
they are slow. A new environment costs more than a quick event."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

FIRST, MOST = 4, 200
_STEP = 4
_PATIENCE = 0.1                       # seconds without an end until more are let in
_LATE = 0.02                          # a timer that is so late tells of a busy machine: more environments would not help


class Gate:
    """Of one function, or of one source of events. first: how many at the beginning; most: at the end.  crowded: whether as
    many environments begin as the machine can work on; then nobody more is let in."""

    def __init__(self, first: int, most: int, crowded: Callable[[], bool]) -> None:
        self._inside = 0
        self._first, self._most = first, most
        self._limit = first
        self._crowded = crowded
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    async def enter(self) -> None:
        """Until there is room."""
        if self._inside < self._limit:
            self._inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._watch()
        await turn

    def leave(self) -> None:
        """One is done."""
        self._inside -= 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._admit()
        if self._waiting:
            self._watch()
        elif not self._inside:
            self._limit = self._first

    def _admit(self) -> None:
        while self._waiting and self._inside < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)

    def _watch(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + _PATIENCE
            self._timer = loop.call_at(self._due, self._widen)

    def _widen(self) -> None:
        self._timer = None
        if asyncio.get_running_loop().time() - self._due < _LATE and not self._crowded():
            self._limit = min(self._limit + _STEP, self._most)
            self._admit()
        if self._waiting:
            self._watch()
