"""Decisions that are kept for `explain`: who asked for what, and the condition keys that policies asked for. No members."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from .contract import Principal
from .observed import Observed

MOST = 1000


class Kept(NamedTuple):
    """One decision on one target, as it was made. context: what conditions asked for, and were given (None: nothing).
    endpoint: the id of the VPC endpoint that the call came by."""

    principal: Principal
    service: str
    operation: str
    region: str
    action: str
    resource: str
    allowed: bool
    message: str
    mode: str
    context: dict[str, list[str] | None]
    endpoint: str = ""


class KeptDecisions:
    """The latest decisions by their request's id; older ones make room."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Kept] = OrderedDict()
        self.observed = Observed()

    def keep(self, request: str, kept: Kept, at: float) -> None:
        """Of several decisions of one request, the one that refused it."""
        if kept.principal.kind in ("user", "role") and (kept.allowed or kept.mode != "enforce"):
            self.observed.note(kept.principal.subject, kept.action, kept.resource, at)
        before = self._by_id.get(request)
        if before is not None and not before.allowed:
            return
        self._by_id[request] = kept
        if len(self._by_id) > MOST:
            self._by_id.popitem(last=False)

    def find(self, request: str) -> Kept | None:
        """By its request id; "last" is the last refused one, or else the last."""
        if request != "last":
            return self._by_id.get(request)
        found = list(self._by_id.values())
        return next((kept for kept in reversed(found) if not kept.allowed), found[-1] if found else None)
