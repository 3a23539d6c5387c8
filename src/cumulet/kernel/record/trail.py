"""Calls that somebody wants to hear of, told as events "AWS API Call via CloudTrail" a moment after they were answered.

Who wants them says so for an account and region (`ask`); it is kept in the state and known in memory, so that a call where
nobody asks pays one look at an empty dict. Delivery does its best, as AWS's: what a process that dies had not told is lost.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from ..access.contract import service_principal
from ..call import Call
from ..declare import stored
from . import trailrecord
from .later import Later
from .trailrecord import Taken

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..pipeline import Exchange
    from ..store.contract import Transaction

log = logging.getLogger("cumulet.trail")

CHANNEL = "kernel\x1ftrail"
KIND = "AWS API Call via CloudTrail"
PENDING = 20_000         # calls that were not told yet; more are dropped
_BATCH = 200             # calls told in one transaction
_EVERY = 0.1             # seconds


@stored(key=("account", "region"), scope="global")
class Asked(msgspec.Struct, kw_only=True):
    """The calls of an account and region are to be told. reads: also those that only look."""

    account: str
    region: str
    reads: bool = False


class Trail:
    """`wanted` is empty while nobody asks: the pipeline looks at nothing else."""

    def __init__(self, cloud: Cloud) -> None:
        self.wanted: dict[tuple[str, str], bool] = {}
        self._cloud = cloud
        self._pending: deque[Taken] = deque(maxlen=PENDING)
        self._later = Later(_EVERY, self._tell_all)

    # --- who asks ---

    async def know(self) -> None:
        """Know what the state says: at the start, and when it was replaced."""
        self._known(await self._cloud.store.run(lambda tx: tx.table(Asked, "", "").scan()))

    def heard(self, channel: str) -> None:
        """A signal of another node."""
        if channel == CHANNEL:
            self._cloud.store.transact(lambda tx: tx.table(Asked, "", "").scan(), lambda rows, _: self._known(rows or []))

    def _known(self, rows: Sequence[Asked]) -> None:
        self.wanted = {(row.account, row.region): row.reads for row in rows}

    def ask(self, tx: Transaction, account: str, region: str, calls: bool, reads: bool) -> None:
        """Tell the calls of this account and region, or no longer; with `reads` also those that only look."""
        table = tx.table(Asked, "", "")
        before = table.get(account, region)
        if calls and (before is None or before.reads != reads):
            table.put(Asked(account=account, region=region, reads=reads))
        elif not calls and before is not None:
            table.delete(account, region)
        else:
            return
        rows = table.scan()
        tx.after_commit(lambda: self._known(rows))
        tx.store.notify(tx, CHANNEL)

    # --- the way of a call ---

    only_reads = staticmethod(trailrecord.only_reads)

    def take(self, exchange: Exchange) -> None:
        """Keep a call that was answered, if somebody asks for such calls."""
        call, request = exchange.call, exchange.request
        if call is not None and exchange.members is not None:
            host = request.host if request.scheme == "https" else ""
            self._take(call, exchange.request_id, request.client, request.headers.get("user-agent", ""), host, exchange.members,
                       exchange.result)

    def take_inner(self, call: Call, request_id: str, members: Mapping[str, Any], result: Any) -> None:
        """A call that a service made with somebody's rights; on the loop, once it counts."""
        self._take(call, request_id, call.via[-1], call.via[-1], "", members, result)

    def _take(self, call: Call, request_id: str, client: str, agent: str, host: str, members: Mapping[str, Any],
              result: Any) -> None:
        operation = call.operation
        region = trailrecord.region_of(call.service, call.region)
        reads = self.wanted.get((call.account, region))
        if reads is None or (not reads and trailrecord.only_reads(operation)) or trailrecord.is_data(call.service, operation):
            return
        self._pending.append(Taken(request_id, call.now, call.service, operation, call.account, region, call.principal,
                                   call.via[-1] if call.via else "", client, agent, host, members, result))
        self._later.ask()

    async def settle(self) -> None:
        """Tell all that was answered until now."""
        await self._later.now()

    async def _tell_all(self) -> None:
        while self._pending:
            batch = [self._pending.popleft() for _ in range(min(_BATCH, len(self._pending)))]
            try:
                await self._cloud.store.run(partial(self._tell, batch))
            except Exception:
                log.exception("%d calls were not told", len(batch))

    def _tell(self, batch: Sequence[Taken], tx: Transaction) -> None:
        cloud = self._cloud
        for taken in batch:
            call = Call(cloud, tx, taken.service, "Trail", taken.account, taken.region,
                        service_principal("cloudtrail.amazonaws.com", taken.account), cloud.clock.now(), request_id=taken.id,
                        endpoint=cloud.endpoint)
            record = trailrecord.record(taken, call.uuid())
            call.emit(KIND, record, source=f"aws.{trailrecord.source_of(taken.service)}")
