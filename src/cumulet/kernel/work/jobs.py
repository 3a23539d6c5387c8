"""What happens unasked: durable rows that say what to run and when. A timer is due at a moment; a task is due at once.

A job is written in the transaction that causes it. A plain function runs in one transaction with the end of its row, so
its effects happen once; a coroutine function (a delivery over a network) runs under a lease, at least once. A failure
postpones it with back-off; after its retries it stays as a dead end that can be looked at.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

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

    # --- the scheduler ---

    def start(self) -> None:
        self._stopped = False
        self._cloud.clock.on_move(self._clock_moved)
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
        """Run one due job, then look again."""
        if self._stopped:
            return
        self._wakes_at = _NEVER
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._again = False
        self._cloud.store.transact(lambda tx: self._one(tx, self._cloud.clock.now()), self._ran)

    def _ran(self, found: Job | float | None, problem: BaseException | None) -> None:
        self._busy = False
        if isinstance(problem, _Failed):
            self._cloud.store.transact(lambda tx: self._postpone(tx, problem.job, problem.retries, problem.why), self._ran)
            self._busy = True
            return
        if problem is not None:
            log.error("the scheduler could not read its jobs", exc_info=problem)
            self.wake(self._cloud.clock.now() + 1)
        elif isinstance(found, Job):                   # ran, or must wait
            if found.id:
                self._begin(found)
            self.wake(0.0)
        elif isinstance(found, float):                 # the next one's moment
            self.wake(found)
        if self._again:
            self.wake(0.0)

    def _one(self, tx: Transaction, now: float) -> Job | float | None:
        """Run the first due job; what it was (with id 0 when it is done), or when the next is due, or None."""
        jobs = tx.table(Job, "", "")
        first = jobs.scan(False, index="due", limit=1)
        if not first:
            return None
        job = first[0]
        if job.due > now:
            return job.due
        what = self._cloud.catalog.background(job.service, job.what)
        if what is None:
            raise _Failed(job, 0, f"{job.service} has no {job.what}")
        if what.waits:
            if len(self._waiting) >= RUNNING:
                return now + 0.05
            jobs.change(job.id, due=now + LEASE)
            return job
        jobs.delete(job.id)
        call = self._call(tx, job, now)
        try:
            what.run(call, **msgspec.msgpack.decode(job.args))
        except self._cloud.store.retryable:
            raise
        except Exception as problem:
            log.exception("%s.%s failed", job.service, job.what)
            raise _Failed(job, what.retries or _RETRIES, repr(problem)) from problem
        job.id = 0
        return job

    def _call(self, tx: Transaction, job: Job, now: float) -> Call:
        loaded = self._cloud.catalog.load(job.service)
        return Call(self._cloud, tx, job.service, job.what, job.account, job.region,
                    service_principal(loaded.principal, job.account), now, request_id=f"job-{job.id}",
                    endpoint=self._cloud.endpoint)

    def _postpone(self, tx: Transaction, job: Job, retries: int, why: str) -> float | None:
        attempts = job.attempts + 1
        due = self._cloud.clock.now() + min(2.0 ** attempts, 600.0)
        tx.table(Job, "", "").change(job.id, attempts=attempts, error=why[:1000], due=due, dead=attempts > retries)
        return 0.0

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
            await store.run(lambda tx: self._postpone(tx, job, what.retries, why))
            self.wake(0.0)
        finally:
            del self._waiting[number]

    async def idle(self) -> None:
        """Until nothing is due and nothing runs."""
        while self._busy or self._waiting or await self._is_due():
            await self._pause()

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


class _Failed(Exception):
    def __init__(self, job: Job, retries: int, why: str) -> None:
        super().__init__(why)
        self.job = job
        self.retries = retries
        self.why = why
