"""Waking what waits: long polls park here, commits wake them, in order of arrival."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .clock import Clock

_REMEMBERED = 4096


class Waiter:
    """One parked request. `wake(timed_out)` is called once, on the event loop."""

    __slots__ = ("channel", "done", "handles", "until", "wake")

    def __init__(self, channel: str, wake: Callable[[bool], None], until: float | None) -> None:
        self.channel = channel
        self.wake = wake
        self.until = until
        self.done = False
        self.handles: list[asyncio.TimerHandle] = []


class Signals:
    """Channels and who waits on them.

    A signal that commits between an operation's look and its parking must not be lost (on PostgreSQL they run in other
    threads): an operation takes a `mark()` before it looks, and `park` answers at once if its channel was signalled since.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[str, deque[Waiter]] = {}
        self._count = 0                              # signals so far
        self._last: dict[str, int] = {}              # channel → count at its last signal; bounded
        self._floor = 0                              # what is forgotten was signalled before this
        self._alarms: dict[str, tuple[float, asyncio.TimerHandle | None]] = {}   # channel → the earliest `until` told
        clock.on_move(self._clock_moved)

    def mark(self) -> int:
        return self._count

    def watched(self, channel: str) -> bool:
        return channel in self._waiting

    def wake(self, channel: str, count: int = 1) -> None:
        """Wake up to `count` waiters of a channel, the longest waiting first."""
        self._count += 1
        last = self._last
        last.pop(channel, None)                      # the latest are the last
        last[channel] = self._count
        if len(last) > _REMEMBERED:
            self._floor = last.pop(next(iter(last)))
        queue = self._waiting.get(channel)
        if queue:
            # Taken out first: one that finds nothing comes back to the head while the others are being woken.
            for waiter in [queue.popleft() for _ in range(min(count, len(queue)))]:
                self._finish(waiter, False)

    def wake_all(self, channel: str) -> None:
        self.wake(channel, len(self._waiting.get(channel, ())))

    def wake_everybody(self) -> None:
        """All look again: the state was replaced."""
        for channel in list(self._waiting):
            self.wake_all(channel)

    def park(self, channel: str, seconds: float, until: float | None, mark: int, first: bool,
             wake: Callable[[bool], None]) -> Waiter:
        """Wait for a signal, for `seconds` at most (wall time), or until a virtual moment.

        first: it has waited before and keeps its place at the head. The moment counts for the whole channel: what becomes
        due then may be news to those who began to wait before, and go to one of them when this one is gone.
        """
        waiter = Waiter(channel, wake, until)
        loop = asyncio.get_running_loop()
        if self._last.get(channel, self._floor if len(self._last) >= _REMEMBERED else 0) > mark:
            waiter.handles.append(loop.call_later(0, self._finish, waiter, False))
            return waiter
        queue = self._waiting.setdefault(channel, deque())
        (queue.appendleft if first else queue.append)(waiter)
        waiter.handles.append(loop.call_later(max(0.0, seconds), self._finish, waiter, True))
        self._schedule(waiter)
        if until is not None:
            self._alarm(channel, until)
        return waiter

    def forget(self, waiter: Waiter) -> None:
        """The client is gone."""
        waiter.done = True
        self._clear(waiter)

    def release(self) -> None:
        """End all waits as if their time were up: the server stops."""
        for queue in list(self._waiting.values()):
            for waiter in list(queue):
                self._finish(waiter, True)

    def _schedule(self, waiter: Waiter) -> None:
        if waiter.until is not None and (delay := self._clock.wait(waiter.until)) is not None:
            # A hair later, so that the clock has really reached the moment when the operation looks again.
            waiter.handles.append(asyncio.get_running_loop().call_later(delay + 0.001, self._finish, waiter, False))

    def _alarm(self, channel: str, until: float) -> None:
        """At this moment, the longest waiting looks again."""
        known = self._alarms.get(channel)
        if known is not None:
            if known[0] <= until:
                return
            if known[1] is not None:
                known[1].cancel()
        delay = self._clock.wait(until)
        handle = None if delay is None else asyncio.get_running_loop().call_later(delay + 0.001, self._ring, channel)
        self._alarms[channel] = (until, handle)

    def _ring(self, channel: str) -> None:
        self._alarms.pop(channel, None)
        queue = self._waiting.get(channel)
        if queue:
            self._finish(queue[0], False)

    def _finish(self, waiter: Waiter, timed_out: bool) -> None:
        if not waiter.done:
            waiter.done = True
            self._clear(waiter)
            waiter.wake(timed_out)

    def _clear(self, waiter: Waiter) -> None:
        for handle in waiter.handles:
            handle.cancel()
        queue = self._waiting.get(waiter.channel)
        if queue is not None:
            if waiter in queue:
                queue.remove(waiter)
            if not queue:
                self._deserted(waiter.channel)

    def _deserted(self, channel: str) -> None:
        """Nobody waits here any more."""
        self._waiting.pop(channel, None)
        known = self._alarms.pop(channel, None)
        if known is not None and known[1] is not None:
            known[1].cancel()

    def _clock_moved(self) -> None:
        now = self._clock.now()
        for channel, (until, handle) in list(self._alarms.items()):
            if handle is not None:
                handle.cancel()
            del self._alarms[channel]
            if until <= now:
                self._ring(channel)
            elif channel in self._waiting:
                self._alarm(channel, until)
        for queue in list(self._waiting.values()):
            for waiter in list(queue):
                if waiter.until is not None and waiter.until <= now:
                    self._finish(waiter, False)
                else:
                    self._schedule(waiter)
