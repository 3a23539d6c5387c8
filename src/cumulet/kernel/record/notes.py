"""What services note of their calls in memory (`call.note`), and hear of in batches, in a transaction, a moment later.

A call pays for an append. What is noted stays noted when the call is undone, and is lost when the process dies, as is what
comes faster than it can be told: for counts that are best effort, on AWS as here.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..access.contract import service_principal
from ..call import Call
from ..declare import BACKGROUND, Background
from .later import Later, batches

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

log = logging.getLogger("cumulet.notes")

PENDING = 200_000        # notes of one kind, account and region that were not told yet; the oldest go
_BATCH = 20_000          # notes told in one transaction
_EVERY = 0.25            # seconds
NOTED = "noted"          # instead of a request's id: what tells of notes is nobody's call, and nobody is shown it
_Place = tuple[Callable[..., Any], str, str]         # task, account, region


class Notes:
    """Collects notes, and tells them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._pending: dict[_Place, deque[Any]] = {}
        self._tasks: dict[_Place, tuple[str, Background]] = {}               # of which service, and what is run
        self._later = Later(_EVERY, self._tell_all)
        self._asked = False                  # the loop knows that there is something to tell

    def add(self, call: Call, task: Callable[..., Any], items: tuple[Any, ...]) -> None:
        """Have the task hear of these. From any thread that runs operations."""
        place = (task, call.account, call.region)
        waiting = self._pending.get(place)
        if waiting is None:
            self._tasks[place] = (call.service, getattr(task, BACKGROUND))
            waiting = self._pending.setdefault(place, deque(maxlen=PENDING))
        waiting.extend(items)
        if not self._asked:
            self._asked = True
            self._cloud.loop.call_soon_threadsafe(self._later.ask)

    async def settle(self) -> None:
        """Tell all that was noted until now."""
        await self._later.now()

    async def _tell_all(self) -> None:
        self._asked = False                  # first: what is noted from here on may be told too late by this round
        for place, waiting in list(self._pending.items()):
            for batch in batches(waiting, _BATCH):
                try:
                    await self._cloud.store.run(partial(self._tell, place, batch))
                except Exception:
                    log.exception("%s did not hear of %d notes", self._tasks[place][0], len(batch))

    def _tell(self, place: _Place, batch: list[Any], tx: Transaction) -> None:
        cloud = self._cloud
        _, account, region = place
        service, task = self._tasks[place]
        principal = service_principal(cloud.catalog.load(service).principal, account)
        task.run(Call(cloud, tx, service, task.name, account, region, principal, cloud.clock.now(), request_id=NOTED,
                      endpoint=cloud.endpoint), batch)
