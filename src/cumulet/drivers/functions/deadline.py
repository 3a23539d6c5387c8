"""Until when an environment must have done its event: one timer for many events, which seldom is late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls `late` when the time is over and nobody has cleared it."""

    def __init__(self, late: Callable[[], None]) -> None:
        self._late = late
        self._loop = asyncio.get_running_loop()
        self._due = 0.0                                  # 0: there is none
        self._timer: asyncio.TimerHandle | None = None   # looks again, perhaps before it is due
        self._at = 0.0

    def set(self, seconds: float) -> None:
        """From now on, instead of the last one."""
        self._due = self._loop.time() + seconds
        if self._timer is None or self._at > self._due:
            self._look_then()

    def clear(self) -> None:
        """The event is done; the timer stays, for the next one."""
        self._due = 0.0

    def close(self) -> None:
        """There will be none any more."""
        self._due = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_then(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = self._due
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._due:
            return
        if self._loop.time() < self._due:
            self._look_then()
        else:
            self._due = 0.0
            self._late()
