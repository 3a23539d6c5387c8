"""Faults over the control API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson

from ..kernel.cloud import Cloud
from ..kernel.faults.faults import Tally
from ..kernel.faults.rules import Fault
from ..kernel.http.message import Request, Response
from ..kernel.store.contract import Transaction

Answer = dict[str, Any] | Response


class Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A fault as people ask for it. seconds: how long, by the cloud's clock; 0 until it is cleared. The rest: `rules.Fault`."""

    service: str = ""
    operations: list[str] = []
    account: str = ""
    region: str = ""
    resource: str = ""
    principal: str = ""
    places: list[str] = []
    error: str = ""
    message: str = ""
    status: int = 0
    latency: float = 0.0
    cut: str = ""
    halts: str = ""
    rate: float = 1.0
    seed: int = 0
    seconds: float = 0.0


async def listed(cloud: Cloud, request: Request) -> Answer:
    """All that have not run out, with how many calls each was about, and how many it struck."""
    return {"faults": [_told(tally, cloud.clock.now()) for tally in cloud.faults.told(cloud.clock.now())]}


async def add(cloud: Cloud, request: Request) -> Answer:
    """{"service": "dynamodb", "operations": ["PutItem"], "error": "…", "rate": 0.3, …}: see `Asked`."""
    asked = msgspec.to_builtins(msgspec.json.decode(request.body or b"{}", type=Asked))
    seconds = asked.pop("seconds")
    now = cloud.clock.now()
    fault = msgspec.convert({**asked, "until": now + seconds if seconds else 0.0}, Fault)
    if fault.service and fault.service not in cloud.catalog.apis:
        raise ValueError(f"there is no service {fault.service}")

    def work(tx: Transaction) -> Fault:
        return cloud.faults.add(tx, fault)

    made = await cloud.store.run(work)
    return _told(cloud.faults.active[made.id], now)


async def clear(cloud: Cloud, request: Request) -> Answer:
    """{"id": N}: one; all of them without."""
    asked = orjson.loads(request.body) if request.body else {}
    id = int(asked.get("id") or 0)
    gone = await cloud.store.run(lambda tx: cloud.faults.clear(tx, id))
    if id and not gone:
        raise ValueError(f"there is no fault {id}")
    return {"cleared": gone}


def _told(tally: Tally, now: float) -> dict[str, Any]:
    told = msgspec.to_builtins(tally.fault)
    until = told.pop("until")
    said = {name: value for name, value in told.items() if value}
    return {**said, "seen": tally.seen, "struck": tally.struck, **({"left": until - now} if until else {})}


ROUTES: dict[tuple[str, str], Callable[[Cloud, Request], Awaitable[Answer]]] = {
    ("GET", "/_cumulet/faults"): listed,
    ("POST", "/_cumulet/faults"): add,
    ("POST", "/_cumulet/faults/clear"): clear,
}
