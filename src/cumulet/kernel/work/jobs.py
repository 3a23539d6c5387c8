"""What happens unasked: durable rows that say what to run and when. A timer is due at a moment; a task is due at once.

A job is written in the transaction that causes it. A plain function runs in one transaction with the end of its row, so
its effects happen once; a coroutine function (a delivery over a network) runs under a lease, at least once. A failure
postpones it with back-off; after its retries it stays as a dead end that can be looked at.

Plain jobs that are due share a transaction, each in a part of its own. While the clock is moved, they share it across
moments: each is told its own, and the clock follows when they are durable.
"""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ..access.contract import service_principal
from ..call import Call
from ..declare import Background, stored

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

log = logging.getLogger("cumulet.work")

LEASE = 60.0             # seconds for which one node owns a job that waits
RUNNING = 64             # jobs that wait, at once
_RETRIES = 5             # of a timer
_TURN = 0.005            # wall seconds after which a turn of plain jobs ends, for the loop is theirs meanwhile …
_LONG_TURN = 0.05        # … unless the store has threads
_NEVER = float("inf")


@stored(auto="id", scope="global",
        indexes={"due": ("dead", "due", "id"), "name": ("name", "service", "account", "region", "what")})
class Job(msgspec.Struct, kw_only=True):
    """One timer or task. name: set only where a later one may replace or cancel it."""

    due: float
    service: str
    what: str
    account: str
    region: str
    args: bytes
    name: str | None = None
    attempts: int = 0
    error: str = ""
    dead: bool = False
    id: int = 0


class Turn(NamedTuple):
    """What one turn came to: the moment it reached, a job that waits and is to begin, and when the next is due, if known."""

    moment: float
    begin: Job | None = None
    next_due: float | None = None


@stored(key=("service", "what", "account", "region"), scope="global")
class Standing(msgspec.Struct, kw_only=True):
    """A task that is begun again whenever a cloud starts: what runs in a process's memory must be taken up by the next one."""

    service: str
    what: str
    account: str
    region: str


class Jobs:
    """The one scheduler of a cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._handle: asyncio.TimerHandle | None = None
        self._wakes_at = _NEVER
        self._busy = False
        self._again = False
        self._stopped = True
        self._waiting: dict[int, asyncio.Task[None]] = {}
        self._target = 0.0                             # where a move of the clock is going
        self._move = asyncio.Lock()
        cloud.clock.on_move(self._clock_moved)

    # --- from calls ---

    def put(self, call: Call, what: Background, args: dict[str, Any], due: float, name: str = "") -> None:
        """Write a job in the call's transaction; a named one replaces its namesake."""
        if name:
            self.cancel(call, what, name)
        row = Job(due=due, service=call.service, what=what.name, account=call.account, region=call.region,
                  args=msgspec.msgpack.encode(args), name=name or None)
        call.tx.table(Job, "", "").insert(row)
        if due < self._wakes_at:
            call.tx.after_commit(lambda: self.wake(due))

    def cancel(self, call: Call, what: Background, name: str) -> None:
        call.tx.table(Job, "", "").delete_all(name, call.service, call.account, call.region, what.name, index="name")

    def stand(self, call: Call, what: Background) -> None:
        """A task at once, and again at each start."""
        call.tx.table(Standing, "", "").put(Standing(service=call.service, what=what.name, account=call.account,
                                                     region=call.region))
        self.put(call, what, {}, call.now)

    def resume(self, tx: Transaction) -> None:
        """The cloud starts: what stands is begun."""
        for standing in tx.table(Standing, "", "").scan():
            tx.table(Job, "", "").insert(Job(
                due=self._cloud.clock.now(), service=standing.service, what=standing.what, account=standing.account,
                region=standing.region, args=msgspec.msgpack.encode({})))

    # --- the scheduler ---

    def start(self) -> None:
        self._stopped = False
        self._wakes_at = _NEVER
        self.wake(0.0)

    async def stop(self) -> None:
        self._stopped = True
        if self._handle is not None:
            self._handle.cancel()
        for running in list(self._waiting.values()):
            running.cancel()
        await asyncio.gather(*self._waiting.values(), return_exceptions=True)

    def wake(self, due: float) -> None:
        """There is something due at this virtual moment."""
        if self._stopped or due >= self._wakes_at:
            return
        delay = self._cloud.clock.wait(due)
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._wakes_at = due
        if delay is None:                              # frozen: a move of the clock will wake us
            return
        self._handle = asyncio.get_running_loop().call_later(delay, self._turn)

    def _clock_moved(self) -> None:
        self._wakes_at = _NEVER
        self.wake(0.0)

    def _turn(self) -> None:
        """Run what is due, for a while, then look again."""
        if self._stopped:
            return
        self._wakes_at = _NEVER
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._again = False
        now = self._cloud.clock.now()
        until = now if self._waiting else max(now, self._target)
        self._cloud.store.transact(lambda tx: self._run(tx, now, until), self._ran)

    def _ran(self, turn: Turn | None, problem: BaseException | None) -> None:
        self._busy = False
        if turn is None:
            log.error("the scheduler could not read its jobs", exc_info=problem)
            self.wake(self._cloud.clock.now() + 1)
        else:
            if turn.moment > self._cloud.clock.now():
                self._cloud.clock.set(turn.moment)
            if turn.begin is not None:
                self._begin(turn.begin)
            if turn.next_due is not None:
                self.wake(turn.next_due)
        if self._again:
            self.wake(0.0)

    def _run(self, tx: Transaction, now: float, until: float) -> Turn:
        """Run plain jobs that are due until then, in order; stop at one that waits, or after a while."""
        jobs = tx.table(Job, "", "")
        ends = perf_counter() + (_LONG_TURN if self._cloud.store.blocking else _TURN)
        while first := jobs.scan(False, index="due", limit=1):
            job = first[0]
            if job.due > until:
                return Turn(now, None, job.due)
            what = self._cloud.catalog.background(job.service, job.what)
            if what is None:
                self._postpone(tx, job, 0, f"{job.service} has no {job.what}", now)
            elif not what.waits:
                now = max(now, job.due)
                self._run_plain(tx, job, what, now)
            elif job.due > now:                        # a move stops here, so that it finds the clock at its moment
                return Turn(now, None, job.due)
            elif job.id in self._waiting:              # still ours: it takes longer than its lease
                jobs.change(job.id, due=now + LEASE)
            elif len(self._waiting) >= RUNNING:
                return Turn(now, None, now + 0.05)
            else:
                jobs.change(job.id, due=now + LEASE)
                return Turn(now, job, 0.0)
            if perf_counter() > ends:
                return Turn(now, None, 0.0)
        return Turn(now)

    def _run_plain(self, tx: Transaction, job: Job, what: Background, now: float) -> None:
        try:
            with tx.savepoint():
                tx.table(Job, "", "").delete(job.id)
                what.run(self._call(tx, job, now), **msgspec.msgpack.decode(job.args))
        except self._cloud.store.retryable:
            raise
        except Exception as problem:
            log.exception("%s.%s failed", job.service, job.what)
            self._postpone(tx, job, what.retries or _RETRIES, repr(problem), now)

    def _call(self, tx: Transaction, job: Job, now: float) -> Call:
        loaded = self._cloud.catalog.load(job.service)
        return Call(self._cloud, tx, job.service, job.what, job.account, job.region,
                    service_principal(loaded.principal, job.account), now, request_id=f"job-{job.id}",
                    endpoint=self._cloud.endpoint)

    def _postpone(self, tx: Transaction, job: Job, retries: int, why: str, now: float) -> None:
        attempts = job.attempts + 1
        tx.table(Job, "", "").change(job.id, attempts=attempts, error=why[:1000], due=now + min(2.0 ** attempts, 600.0),
                                     dead=attempts > retries)

    def _begin(self, job: Job) -> None:
        self._waiting[job.id] = asyncio.get_running_loop().create_task(self._wait(job))

    async def _wait(self, job: Job) -> None:
        """Run a job that waits, then remove its row; on failure, postpone it."""
        store = self._cloud.store
        what = self._cloud.catalog.background(job.service, job.what)
        assert what is not None
        number = job.id
        try:
            call = await store.run(lambda tx: self._call(tx, job, self._cloud.clock.now()))
            await what.run(call, **msgspec.msgpack.decode(job.args))
            await store.run(lambda tx: tx.table(Job, "", "").delete(number))
        except asyncio.CancelledError:
            raise
        except Exception as problem:
            log.exception("%s.%s failed", job.service, job.what)
            why = repr(problem)
            await store.run(lambda tx: self._postpone(tx, job, what.retries, why, self._cloud.clock.now()))
            self.wake(0.0)
        finally:
            del self._waiting[number]

    async def move(self, target: float) -> None:
        """Make the clock `target`. What is due on the way runs in order, each at its own moment."""
        clock = self._cloud.clock
        async with self._move:
            self._target = target
            try:
                while (due := await self.next_due()) is not None and due <= target:
                    if due > clock.now():
                        clock.set(due)
                    await self.idle()
                    await self._cloud.settle()       # what was done at this moment is told at this moment
            finally:
                self._target = 0.0
            clock.set(target)
            await self.idle()

    async def idle(self) -> None:
        """Until nothing is due and nothing runs."""
        while await self._works() or await self._works():    # a turn may take what was due while the first look is under way
            await self._pause()

    async def _works(self) -> bool:
        return bool(self._busy or self._waiting or await self._is_due() or self._busy or self._waiting)

    async def _is_due(self) -> bool:
        due = await self.next_due()
        return due is not None and due <= self._cloud.clock.now()

    @staticmethod
    async def _pause() -> None:
        await asyncio.sleep(0.001)

    async def next_due(self) -> float | None:
        """The virtual moment of the next timer."""
        rows = await self._cloud.store.run(lambda tx: tx.table(Job, "", "").scan(False, index="due", limit=1))
        return rows[0].due if rows else None

    async def dead(self) -> list[Job]:
        """Jobs that gave up, for a person to look at."""
        return await self._cloud.store.run(lambda tx: tx.table(Job, "", "").scan(True, index="due", limit=1000))
