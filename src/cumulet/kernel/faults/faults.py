"""The faults of a cloud: kept in its state until they are cleared, and known in memory; a call without any costs one look.

Requests that come by HTTP are struck, not what services ask of one another. A decision by rate depends on the seed and on how
many calls the fault was about since the process began (or the fault was made), so the same calls meet the same faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..http.message import Respond, Response
from .places import named, reached
from .rules import Fault, about, checked, error_of, halts, strikes

if TYPE_CHECKING:
    from ..call import Call
    from ..cloud import Cloud
    from ..pipeline import Exchange
    from ..store.contract import Transaction

CHANNEL = "kernel\x1ffaults"


class Cut(AwsError):
    """Nothing is to happen, and nobody is to be answered."""


class Tally:
    """How many calls a fault was about, and how many it struck."""

    __slots__ = ("fault", "seen", "struck")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = self.struck = 0


class Faults:
    """`active` is empty while there is none: the pipeline looks at nothing else."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.active: dict[int, Tally] = {}

    # --- what there is ---

    async def settle(self) -> None:
        """Know what the state says: at the start, when it was replaced, and when another node changed it."""
        self._know(await self._cloud.store.run(lambda tx: tx.table(Fault, "", "").scan()))

    def heard(self, channel: str) -> None:
        """A signal of another node."""
        if channel == CHANNEL:
            self._cloud.store.transact(lambda tx: tx.table(Fault, "", "").scan(), lambda rows, _: self._know(rows or []))

    def _know(self, rows: list[Fault]) -> None:
        before = self.active
        self.active = {row.id: before[row.id] if row.id in before else Tally(row) for row in rows}

    def add(self, tx: Transaction, fault: Fault) -> Fault:
        """Keep one; ValueError when it cannot be."""
        fault.places = [named(self._cloud.catalog, place) for place in fault.places]
        made: Fault = tx.table(Fault, "", "").insert(checked(fault))
        self._changed(tx)
        return made

    def inject(self, tx: Transaction, **said: Any) -> Fault:
        """Keep one, for services (FIS): the fields of a `Fault`."""
        return self.add(tx, Fault(**said))

    def clear(self, tx: Transaction, id: int = 0, source: str = "") -> int:
        """End one, those of a source, or all; how many there were."""
        table = tx.table(Fault, "", "")
        gone = [row for row in table.scan() if (not id or row.id == id) and (not source or row.source == source)]
        for row in gone:
            table.delete(row.id)
        self._changed(tx)
        return len(gone)

    def _changed(self, tx: Transaction) -> None:
        rows = tx.table(Fault, "", "").scan()
        tx.after_commit(lambda: self._know(rows))
        tx.store.notify(tx, CHANNEL)

    def told(self, now: float) -> list[Tally]:
        """Those that have not run out, the oldest first."""
        return [tally for _, tally in sorted(self.active.items()) if not tally.fault.until or now < tally.fault.until]

    # --- the way of a call ---

    def meet(self, exchange: Exchange, call: Call, members: Mapping[str, Any]) -> None:
        """Raises what strikes this call, or has its answer come late or never. What was decided holds when it runs again."""
        if exchange.faults is None:
            exchange.faults = self._struck(call, members)
            if exchange.faults:
                exchange.respond = partial(_respond, tuple(exchange.faults), exchange.respond)
        for fault in exchange.faults:
            if fault.cut == "before":
                raise Cut("InternalFailure", "The connection was cut: a fault was asked for.", 500)
            if fault.error:
                raise error_of(fault, call)

    def halted(self, call: Call, regions: Collection[str], arns: Collection[str]) -> bool:
        """Must what a service copies by itself wait? These are the regions and the ARNs of the source and the copy."""
        return any(halts(tally.fault, call, regions, arns) for tally in self.active.values())

    def _struck(self, call: Call, members: Mapping[str, Any]) -> list[Fault]:
        asked = [tally for tally in self.active.values() if about(tally.fault, call, members)]
        away = {place for tally in asked for place in tally.fault.places}
        found = []
        for tally in asked:
            if not tally.fault.places or reached(call, members, tally.fault.places, away):
                tally.seen += 1
                if strikes(tally.fault, tally.seen):
                    tally.struck += 1
                    found.append(tally.fault)
        return found


def _respond(faults: tuple[Fault, ...], respond: Respond, response: Any) -> None:
    """Answer late, or not at all."""
    if any(fault.cut for fault in faults):
        response = Response(0, [], [] if isinstance(response.body, bytes) else response.body)
    else:
        response.headers.append(("x-cumulet-fault", ",".join(str(fault.id) for fault in faults)))
    if seconds := sum(fault.latency for fault in faults):
        asyncio.get_running_loop().call_later(seconds, respond, response)
    else:
        respond(response)
