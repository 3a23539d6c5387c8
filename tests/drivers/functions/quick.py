"""Work whose timers take no time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class _Quick(asyncio.SelectorEventLoop):
    """Its time is that of the next timer: nobody waits."""

    _reached = 0.0
    _watching = False

    def time(self) -> float:
        return self._reached

    def call_at(   # type: ignore[override]
            self, when: float, callback: Any, *args: Any, **more: Any) -> asyncio.TimerHandle:
        timer = super().call_at(when, callback, *args, **more)
        if not self._watching:
            self._watching = True
            self.call_soon(self._idle, 3)
        return timer

    def _idle(self, rounds: int) -> None:
        """Go on to the next timer when nothing else is ready for a few rounds."""
        timers = [t for t in self._scheduled if not t.cancelled()]   # type: ignore[attr-defined]
        self._watching = bool(timers or rounds)
        if self._watching:
            self.call_soon(self._idle, rounds - 1 if rounds else 3)
        if timers and not rounds:
            self._reached = max(self._reached, min(t.when() for t in timers))


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_Quick) as runner:
        runner.run(work)
