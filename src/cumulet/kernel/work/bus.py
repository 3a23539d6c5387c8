"""Events in AWS's envelope: from `call.emit` to whoever listens with `@on`, through durable tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..call import Call
from .jobs import Jobs

if TYPE_CHECKING:
    from ..catalog import Catalog


class Bus:
    """Each event becomes a task for each listener, in the transaction that caused it."""

    def __init__(self, catalog: Catalog, jobs: Jobs) -> None:
        self._catalog = catalog
        self._jobs = jobs

    def emit(self, call: Call, source: str, kind: str, detail: dict[str, Any], resources: Sequence[str]) -> None:
        listeners = self._catalog.listeners(source, kind)
        if not listeners:
            return
        envelope = {"version": "0", "id": call.uuid(), "detail-type": kind, "source": source, "account": call.account,
                    "time": call.now, "region": call.region, "resources": list(resources), "detail": detail}
        for service, what in listeners:
            listener = call.elsewhere()
            listener.service = service
            self._jobs.put(listener, what, {"event": envelope}, call.now)
