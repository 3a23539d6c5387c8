"""What every call leaves: a bounded ring for the inspector, and hooks (trail, metrics, cost) fed off the hot path."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

from ..access.kept import KeptDecisions
from .payloads import Payloads

RING = 2000              # calls that the inspector can look back
PENDING = 20_000         # calls not yet given to the hooks; older ones are dropped and counted
_FLUSH = 0.05            # seconds


class Entry(NamedTuple):
    """One call as it was answered. at: virtual seconds; took: seconds; cause: the request id that caused an inner call."""

    id: str
    at: float
    took: float
    service: str
    operation: str
    account: str
    region: str
    principal: str
    status: int
    error: str
    decision: str
    members: tuple[str, ...]
    cause: str
    client: str


Hook = Callable[[Sequence[Entry]], None]


class Recorder:
    """Told of each call once it is answered; costs the caller one append."""

    def __init__(self) -> None:
        self.ring: deque[Entry] = deque(maxlen=RING)
        self.total = 0
        self.denied = 0
        self.dropped = 0
        self.decisions = KeptDecisions()
        self.payloads = Payloads()
        self._pending: deque[Entry] = deque(maxlen=PENDING)
        self._hooks: list[Hook] = []
        self._flushing = False
        self._followers: set[asyncio.Queue[Entry]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None        # where batches are given; the cloud sets it at its start

    def hook(self, fn: Hook) -> None:
        """`fn(entries)` is given all calls, in batches, on the event loop in a quiet moment."""
        self._hooks.append(fn)

    def told(self, entry: Entry) -> None:
        self.ring.append(entry)
        self.total += 1
        if self._hooks or self._followers:
            if len(self._pending) == PENDING:
                self.dropped += 1
            self._pending.append(entry)
            if not self._flushing:
                self._flushing = True
                self._flush_later()

    def _flush_later(self) -> None:
        """On the loop; inner calls come from the store's worker threads when it is PostgreSQL."""
        try:
            asyncio.get_running_loop().call_later(_FLUSH, self.flush)
        except RuntimeError:
            if self.loop is not None:
                self.loop.call_soon_threadsafe(self._flush_later)

    def flush(self) -> None:
        """Give what is pending to hooks and followers."""
        self._flushing = False
        batch = list(self._pending)
        self._pending.clear()
        for hook in self._hooks:
            hook(batch)
        for follower in self._followers:
            for entry in batch:
                if follower.full():
                    follower.get_nowait()
                follower.put_nowait(entry)

    async def follow(self) -> AsyncIterator[Entry]:
        """Calls as they are answered, from now on; a slow reader loses the oldest."""
        queue: asyncio.Queue[Entry] = asyncio.Queue(1000)
        self._followers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._followers.discard(queue)

    def find(self, request_id: str) -> Entry | None:
        return next((e for e in reversed(self.ring) if e.id == request_id), None)


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as the control API tells it."""
    return entry._asdict()
