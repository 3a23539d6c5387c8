"""Work of the processor that would keep everybody waiting (making an RSA key takes up to a second): done in a thread while
the request that needs it is parked; then its operation runs anew and finds what was made.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .signals import Signals

_MOST = 1000                 # what nobody fetches, because its client is gone, makes room


class Aside:
    """What is being made, by the channel that its request waits at."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._making: OrderedDict[str, asyncio.Future[Any]] = OrderedDict()

    def made(self, channel: str) -> asyncio.Future[Any] | None:
        """The result, once it is there; it is fetched but once."""
        found = self._making.get(channel)
        return self._making.pop(channel) if found is not None and found.done() else None

    def make(self, channel: str, work: Callable[[], Any]) -> None:
        """Begin, unless it has begun; the channel is signalled at the end."""
        if channel in self._making:
            return
        future = asyncio.get_running_loop().run_in_executor(None, work)
        self._making[channel] = future
        future.add_done_callback(lambda _: self._signals.wake_all(channel))
        if len(self._making) > _MOST:
            self._making.popitem(last=False)
