"""The one writer of a SQLite database: all requests of a loop turn in one commit.

`transact` runs its function at once, inside the group's open transaction. One that fails after it has written takes the
group's writes along: the others, of whom nobody was answered yet, are run again, and for a while each gets a savepoint from
its first write on, which lets it fail alone. The group ends with the loop turn. Commits run on the loop while they are fast,
else in a thread, and what comes meanwhile forms the next group. Whoever read or wrote in a group is answered when it is
durable: callbacks given to `after_commit` first, then `done`, member by member in order. A group that only read is answered
with the loop turn as well: answers that leave together wake their clients once, and the next requests come together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import Any, NamedTuple, Protocol, TypeVar

import apsw

from .answers import AfterCommit, Done, answer
from .contract import Conflict
from .statements import Statements

R = TypeVar("R")

READS = 0.002                          # seconds that a transaction may stay open in which nobody writes
SLOW_COMMIT = 0.001                    # seconds: from here on a commit runs in a thread
CAREFUL = 100                          # groups with savepoints, after one had to be run again


class Opened(Protocol):
    """A transaction as far as the writer knows it. files: to be durable before it is."""

    after: list[AfterCommit]
    files: list[str]


class _Member(NamedTuple):
    """One who waits for the end of its group; problem: it failed by itself, and nothing of it is there."""

    fn: Callable[[Any], Any]
    done: Done
    result: Any
    after: list[AfterCommit]
    problem: BaseException | None = None


class Writer:
    """Transactions over one connection. Everything but commits happens on the loop's thread.

    opened: makes the transaction that a function is given.  undone: called when writes were taken back.
    durable: makes files durable, in the commit's thread.  committed: called after each commit.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, opened: Callable[[], Opened], undone: Callable[[], None],
                 durable: Callable[[list[str]], None], committed: Callable[[], None]) -> None:
        self.loop = loop
        self.running = False           # inside a transaction's function
        self.closed = False
        self.thread = ThreadPoolExecutor(1, "cumulet-commit")
        self._opened = opened
        self._undone = undone
        self._durable = durable
        self._after_commit = committed
        self._group: list[_Member] = []
        self._files: list[str] = []
        self._queue: deque[tuple[Callable[[Any], Any], Done]] = deque()
        self._pending: tuple[Future[float], list[_Member]] | None = None   # a commit in the thread
        self._open = False             # BEGIN has been said
        self._timed = False            # a transaction that only reads will be ended by a timer
        self._dirty = False            # somebody in the group has written
        self._wrote = False            # the running function has written
        self._nested = False           # … and has a savepoint, because others wrote before it
        self._shared = False           # … and has none, though others wrote before it
        self._careful = 0              # groups from now on whose members get savepoints
        self._commit_time = 0.0

    def attach(self, connection: apsw.Connection) -> None:
        """Write to this connection from now on."""
        self.connection = connection
        self.execute = connection.execute
        # One cursor for what tables ask: making one takes longer than most statements. Whoever gets rows takes them at once.
        self._ask = connection.cursor().execute

    # --- transactions ---

    def transact(self, fn: Callable[[Any], R], done: Done) -> None:
        """See `contract.Store.transact`."""
        if self._pending is not None:
            self._queue.append((fn, done))
            return
        if self.running or self.closed:
            raise RuntimeError("the store is closed" if self.closed else "a transaction inside a transaction")
        if not self._group:
            self.loop.call_soon(self._end_turn)
        self._run(fn, done)

    def _run(self, fn: Callable[[Any], Any], done: Done) -> None:
        tx = self._opened()
        self.running = True
        result = problem = None
        try:
            result = fn(tx)
        except BaseException as raised:
            problem = raised
        self.running = False
        if self._wrote and not self._end_member(problem):
            self._fail_group(problem or apsw.Error("the database gave the transaction up"), (_Member(fn, done, None, []),))
            return
        if problem is None and tx.files:
            self._files += tx.files
        self._group.append(_Member(fn, done, result, [] if problem else tx.after, problem))

    def _end_member(self, problem: BaseException | None) -> bool:
        """After a function that wrote; False when the database undid the whole group (a full disk, say)."""
        self._wrote = False
        shared, self._shared = self._shared, False
        if not self.connection.in_transaction:
            return False
        if problem is not None:
            self._undone()
            if self._nested:
                self.execute("ROLLBACK TO member")
            else:
                self.execute("ROLLBACK")
                self._open = self._dirty = False
        if self._nested:
            self.execute("RELEASE member")
            self._nested = False
        if problem is not None and shared:
            self._run_again()
        return True

    def _run_again(self) -> None:
        """What the group has written is undone with one who failed: all before it are run once more. Those who only read as
        well, as they may have read what will now be another."""
        group, self._group, self._files = self._group, [], []
        self._careful = CAREFUL
        for member in group:
            self._run(member.fn, member.done)

    def dirty(self) -> None:
        """Before any write: the group's transaction is open, and it is known how this member can be undone."""
        if self._wrote:
            return
        if not self._open:
            self._begin()
        if self._dirty:
            if self._careful:
                self.execute("SAVEPOINT member")
                self._nested = True
            else:
                self._shared = True
        self._dirty = self._wrote = True

    def _begin(self) -> None:
        """The first statement: SQLite's locks are taken once for many functions. With a write the transaction ends with the
        loop turn; reads alone may go on for a few turns, as nobody else writes."""
        self.execute("BEGIN")
        self._open = True

    async def run(self, fn: Callable[[Any], R]) -> R:
        """See `contract.Store.run`."""
        future: asyncio.Future[R] = self.loop.create_future()
        self.transact(fn, lambda result, problem: _tell(future, result, problem))
        return await future

    def run_now(self, fn: Callable[[Any], R]) -> R:
        """See `contract.Store.run_now`."""
        told: Future[R] = Future()
        if not self.loop.is_running():
            self._run_for(told, fn)
            self.flush()
        elif self._on_loop():
            raise RuntimeError("run_now on the event loop would wait for itself: use run")
        else:
            self.loop.call_soon_threadsafe(self._run_for, told, fn)
        return told.result()

    def _run_for(self, told: Future[Any], fn: Callable[[Any], Any]) -> None:
        try:
            self.transact(fn, lambda result, problem: _tell(told, result, problem))
        except RuntimeError as problem:
            told.set_exception(problem)

    def alone(self, fn: Callable[[], R]) -> R:
        """Run something between groups, with the connection for itself, from whatever thread."""
        def work() -> R:
            if self.running:
                raise RuntimeError("not inside a transaction")
            self.flush()
            return fn()

        if self._on_loop() or not self.loop.is_running():
            return work()

        async def hop() -> R:
            return work()

        return asyncio.run_coroutine_threadsafe(hop(), self.loop).result()

    def _on_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False

    # --- commits ---

    def _end_turn(self) -> None:
        """The loop turn is over: its group is committed or, where nobody wrote, answered."""
        if not self._dirty:
            group, self._group = self._group, []
            for member in group:
                self._answer(member, member.problem)
        elif self._pending is None:                  # else it is being committed
            self._commit()

    def _commit(self) -> None:
        if self._commit_time > SLOW_COMMIT or self._files:
            group, self._group = self._group, []
            self.in_thread(self._sync, group)
        else:
            self._commit_here()

    def in_thread(self, work: Callable[[], float], group: list[_Member] | None = None) -> None:
        """Something that needs the connection, in the thread; transactions wait for it. It gives a duration."""
        future = self.thread.submit(work)
        self._pending = (future, group or [])
        future.add_done_callback(lambda f: self.from_thread(self._collect, f))

    def from_thread(self, fn: Callable[..., Any], *args: Any) -> None:
        """Run something on the loop."""
        with contextlib.suppress(RuntimeError):      # the loop has ended; `flush` settles what is left
            self.loop.call_soon_threadsafe(fn, *args)

    def rest(self) -> bool:
        """End a transaction that only reads. Whether none is open then, and no commit under way."""
        if self._open and not self._dirty and not self.running:
            self._end_read()
        return self._pending is None and not self._open and not self.closed

    @property
    def commit_time(self) -> float:
        """How long commits take, in seconds: a moving average."""
        return self._commit_time

    def _end_reads(self) -> None:
        """The time of a transaction that only reads is up."""
        self._timed = False
        self.rest()

    def _end_read(self) -> None:
        self._open = False
        self.execute("COMMIT")

    def _sync(self) -> float:
        began = perf_counter()
        if self._files:
            files, self._files = self._files, []
            self._durable(files)
        self.execute("COMMIT")
        return perf_counter() - began

    def _commit_here(self) -> None:
        group, self._group = self._group, []
        try:
            spent = self._sync()
        except (apsw.Error, OSError) as problem:
            self._fail_group(problem, group)
        else:
            self._committed(group, spent)

    def _collect(self, future: Future[float]) -> None:
        """On the loop: a commit in the thread has ended."""
        if self._pending is None or self._pending[0] is not future:
            return
        group = self._pending[1]
        problem = future.exception()
        self._pending = None
        if problem is not None:
            self._fail_group(problem, group)
        else:
            self._committed(group, future.result())
        while self._queue and self._pending is None:
            self.transact(*self._queue.popleft())

    def _committed(self, group: list[_Member], spent: float) -> None:
        self._commit_time += 0.1 * (spent - self._commit_time)
        self._open = self._dirty = False
        self._careful = max(0, self._careful - 1)
        self._after_commit()
        for member in group:
            self._answer(member, member.problem)

    def _fail_group(self, problem: BaseException, more: Sequence[_Member]) -> None:
        """Nothing of a group is there; everybody in it is told."""
        if self.connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self.execute("ROLLBACK")
        self._open = self._dirty = self._wrote = self._nested = self._shared = False
        self._files = []
        self._undone()
        group, self._group = self._group, []
        for member in (*group, *more):
            self._answer(member, problem)

    def _answer(self, member: _Member, problem: BaseException | None) -> None:
        if problem is None:
            answer(self.loop, member.after, member.done, member.result, None)
        else:
            answer(self.loop, (), member.done, None, problem)

    def flush(self) -> None:
        """On the loop's thread (or with no loop running): everything begun is committed and answered when this returns."""
        while self._pending is not None or self._open or self._group:
            if self._pending is not None:
                future = self._pending[0]
                future.exception()
                self._collect(future)
            elif self._dirty:
                self._commit_here()
            else:
                self._end_turn()
                self.rest()

    # --- what tables ask for (`tables.Session`) ---

    def read(self, text: str, parameters: Sequence[Any]) -> Any:
        if not self._open:
            self._begin()
            if not self._timed:
                self._timed = True
                self.loop.call_later(READS, self._end_reads)
        return self._ask(text, parameters).fetchall()

    def write(self, text: str, parameters: Sequence[Any]) -> Any:
        if not self._wrote:
            self.dirty()
        return self._ask(text, parameters)

    def guarded(self, text: str, parameters: Sequence[Any]) -> Any:
        if not self._wrote:
            self.dirty()
        try:
            return self._ask(text, parameters)
        except apsw.ConstraintError as problem:
            raise Conflict(str(problem)) from None

    def changed(self) -> int:
        return self.connection.changes()

    def number(self, text: str, parameters: Sequence[Any]) -> int | None:
        if not self._wrote:
            self.dirty()
        self._ask(text, parameters)
        connection = self.connection
        return connection.last_insert_rowid() if connection.changes() else None

    def numbered(self, statements: Statements, number: int) -> None:
        """SQLite sees to it (AUTOINCREMENT)."""


def _tell(future: Any, result: Any, problem: BaseException | None) -> None:
    """The outcome into a future, if anybody still wants it."""
    if future.cancelled():
        return
    if problem is None:
        future.set_result(result)
    else:
        future.set_exception(problem)
