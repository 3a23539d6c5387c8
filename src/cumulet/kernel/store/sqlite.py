"""The store on SQLite: one connection, one writer, all requests of a loop turn in one commit.

`transact` runs its function at once, inside the group's open transaction; a savepoint from its first write on lets it fail
alone. The group ends with the loop turn. Commits run on the loop while they are fast, else in a thread, and what comes
meanwhile forms the next group. Whoever read or wrote in a group is answered when it is durable: callbacks given to
`after_commit` first, then `done`, member by member in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import apsw

from . import snapshot
from .contract import Conflict
from .folder import Blob, FolderBlobs
from .lock import FolderLock, ephemeral_folder
from .rows import Shape
from .schema import MIGRATIONS, Migration, Schema, SchemaProblem
from .scopes import Scopes, reset_statements
from .statements import Dialect, Statements
from .tables import SqlTable

R = TypeVar("R")
Done = Callable[[Any, BaseException | None], None]
AfterCommit = Callable[[], None]

SLOW_COMMIT = 0.001                    # seconds: from here on a commit runs in a thread
CHECKPOINT_PAGES = 1000                # of the log: 8 MiB
_SQLITE = Dialect({"int": "INTEGER", "float": "REAL", "str": "TEXT", "bytes": "BLOB", "bool": "INTEGER", "blob": "BLOB"},
                  "INTEGER PRIMARY KEY AUTOINCREMENT", "?", True)


class _Member(NamedTuple):
    """One who waits for the group's commit; problem: it failed by itself, and nothing of it is there."""

    done: Done
    result: Any
    after: list[AfterCommit]
    problem: BaseException | None = None


class SqliteTransaction:
    """See `contract.Transaction`."""

    __slots__ = ("after", "store")

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.after: list[AfterCommit] = []

    def table(self, kind: type, account: str, region: str) -> SqlTable:
        store = self.store
        statements = store.kinds.get(kind) or store.ensure(kind)
        wide = statements.shape.said.scope
        if wide == "global":
            return SqlTable(store, statements, 0)
        name = (account, region if wide == "region" else "")
        return SqlTable(store, statements, store.scopes.get(name) or store.scope(name))

    def after_commit(self, fn: AfterCommit) -> None:
        self.after.append(fn)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        store = self.store
        store.dirty()
        store.execute("SAVEPOINT part")
        kept = len(self.after)
        try:
            yield
        except BaseException:
            del self.after[kept:]
            if store.connection.in_transaction:
                store.execute("ROLLBACK TO part")
                store.execute("RELEASE part")
            store.forget()
            raise
        store.execute("RELEASE part")


class SqliteStore:
    """See `contract.Store`."""

    blocking = False
    retryable: tuple[type[BaseException], ...] = ()

    def __init__(self, folder: str, loop: asyncio.AbstractEventLoop, ephemeral: bool = False,
                 migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.loop = loop
        self._ephemeral = ephemeral
        self._migrations = migrations
        self.folder = ephemeral_folder() if ephemeral else os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self._lock = FolderLock(self.folder)
        self._path = os.path.join(self.folder, "state.sqlite")
        self._committer = ThreadPoolExecutor(1, "cumulet-commit")
        self._checkpointer = ThreadPoolExecutor(1, "cumulet-checkpoint")
        self._group: list[_Member] = []
        self._queue: deque[tuple[Callable[[Any], Any], Done]] = deque()
        self._pending: tuple[Future[float], list[_Member]] | None = None   # a commit in the thread
        self._running = False          # inside a transaction's function
        self._open = False             # BEGIN has been said, by the first statement of a loop turn
        self._dirty = False            # somebody in the group has written
        self._wrote = False            # the running function has written
        self._nested = False           # … and has a savepoint, because others wrote before it
        self._closed = False
        self._commit_time = 0.0
        self._log_pages = 0
        self._checkpointing = False
        try:
            self._connect()
            self.blobs = FolderBlobs(os.path.join(self.folder, "blobs"), durable=not ephemeral)
            self.blobs.start_sweep(self._kept_blobs)
        except BaseException:
            self._committer.shutdown()
            self._checkpointer.shutdown()
            self._lock.release()
            raise

    def _connect(self) -> None:
        self.connection = connection = apsw.Connection(self._path, statementcachesize=500)
        self.execute = connection.execute
        try:
            for pragma in ("page_size = 8192", "journal_mode = WAL", f"synchronous = {'OFF' if self._ephemeral else 'FULL'}",
                           "cache_size = -16000", "temp_store = MEMORY", "wal_autocheckpoint = 0",
                           "journal_size_limit = 16777216"):
                self.execute(f"PRAGMA {pragma}")
            self.kinds: dict[type, Statements] = {}
            self.scopes: dict[tuple[str, str], int] = {}
            self._fresh: list[tuple[dict[Any, Any], Any]] = []   # cached since the group began: gone if it is undone
            self._schema = Schema(self.execute, "TEXT", self._migrations)
            self.execute("BEGIN IMMEDIATE")
            self._schema.open()
            self.execute("COMMIT")
            connection.set_wal_hook(self._logged)
            self.register([Scopes, Blob])
        except (apsw.NotADBError, apsw.CorruptError) as problem:
            connection.close()
            raise SchemaProblem(f"{self._path} is damaged or no state of cumulet ({problem}). Restore a snapshot, or start "
                                "with another data folder.") from problem
        except BaseException:
            connection.close()
            raise

    # --- transactions ---

    def transact(self, fn: Callable[[Any], R], done: Done) -> None:
        if self._pending is not None:
            self._queue.append((fn, done))
            return
        if self._running or self._closed:
            raise RuntimeError("the store is closed" if self._closed else "a transaction inside a transaction")
        tx = SqliteTransaction(self)
        self._running = True
        result = problem = None
        try:
            result = fn(tx)
        except BaseException as raised:
            problem = raised
        self._running = False
        if self._wrote and not self._end_member(problem):
            self._fail_group(problem or apsw.Error("the database gave the transaction up"), (_Member(done, None, []),))
            return
        if self._dirty:
            self._group.append(_Member(done, result, [] if problem else tx.after, problem))
            return
        if problem is None:
            for callback in tx.after:
                callback()
            done(result, None)
        else:
            done(None, problem)

    def _end_member(self, problem: BaseException | None) -> bool:
        """After a function that wrote; False when the database undid the whole group (a full disk, say)."""
        self._wrote = False
        if not self.connection.in_transaction:
            return False
        if problem is not None:
            self.forget()
            if self._nested:
                self.execute("ROLLBACK TO member")
            else:
                self.execute("ROLLBACK")
                self._open = self._dirty = False
        if self._nested:
            self.execute("RELEASE member")
            self._nested = False
        return True

    def dirty(self) -> None:
        """Before any write: the group's transaction is open, and this member can be undone alone."""
        if self._wrote:
            return
        if not self._open:
            self._begin()
        if self._dirty:
            self.execute("SAVEPOINT member")
            self._nested = True
        self._dirty = self._wrote = True

    def _begin(self) -> None:
        """The first statement of a loop turn: all that run in it see one state, and take SQLite's locks once."""
        self.execute("BEGIN")
        self._open = True
        self.loop.call_soon(self._commit)

    def _commit(self) -> None:
        """The loop turn is over."""
        if not self._open or self._pending is not None:
            return
        if not self._dirty:
            self._end_read()
            return
        group, self._group = self._group, []
        if self._commit_time > SLOW_COMMIT:
            future = self._committer.submit(self._sync)
            self._pending = (future, group)
            future.add_done_callback(lambda f: self._from_thread(self._collect, f))
            return
        problem: BaseException | None = None
        spent = 0.0
        try:
            spent = self._sync()
        except apsw.Error as raised:
            problem = raised
        self._committed(group, problem, spent)

    def _end_read(self) -> None:
        self._open = False
        self.execute("COMMIT")

    def _sync(self) -> float:
        began = perf_counter()
        self.execute("COMMIT")
        return perf_counter() - began

    def _from_thread(self, fn: Callable[..., Any], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):      # the loop has ended; `close` settles what is left
            self.loop.call_soon_threadsafe(fn, *args)

    def _collect(self, future: Future[float]) -> None:
        """On the loop: a commit in the thread has ended."""
        if self._pending is None or self._pending[0] is not future:
            return
        group = self._pending[1]
        problem = future.exception()
        self._pending = None
        self._committed(group, problem, 0.0 if problem else future.result())
        while self._queue and self._pending is None:
            self.transact(*self._queue.popleft())

    def _committed(self, group: list[_Member], problem: BaseException | None, spent: float) -> None:
        if problem is not None:
            self._fail_group(problem, group)
            return
        self._commit_time += 0.1 * (spent - self._commit_time)
        self._open = self._dirty = False
        self._fresh.clear()
        if self._log_pages >= CHECKPOINT_PAGES and not self._checkpointing:
            self._checkpointing = True
            self._checkpointer.submit(self._checkpoint).add_done_callback(
                lambda f: self._from_thread(self._checkpointed))
        for member in group:
            self._answer(member, member.problem)

    def _fail_group(self, problem: BaseException, more: Sequence[_Member]) -> None:
        """Nothing of a group is there; everybody in it is told."""
        if self.connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self.execute("ROLLBACK")
        self._open = self._dirty = self._wrote = self._nested = False
        self.forget()
        group, self._group = self._group, []
        for member in (*group, *more):
            self._answer(member, problem)

    def _answer(self, member: _Member, problem: BaseException | None) -> None:
        """One who waited is told; what goes wrong there is not the others' trouble."""
        try:
            if problem is None:
                for callback in member.after:
                    callback()
                member.done(member.result, None)
            else:
                member.done(None, problem)
        except Exception as raised:
            self.loop.call_exception_handler({"message": "an answer after a commit failed", "exception": raised})

    def forget(self) -> None:
        """What was cached of the undone."""
        for cache, key in self._fresh:
            cache.pop(key, None)
        self._fresh.clear()

    def flush(self) -> None:
        """On the loop's thread (or with no loop running): everything begun is committed and answered when this returns."""
        while self._pending is not None or self._open:
            if self._pending is not None:
                future = self._pending[0]
                future.exception()
                self._collect(future)
            elif not self._dirty:
                self._end_read()
            else:
                group, self._group = self._group, []
                try:
                    spent = self._sync()
                except apsw.Error as problem:
                    self._fail_group(problem, group)
                else:
                    self._committed(group, None, spent)

    async def run(self, fn: Callable[[Any], R]) -> R:
        future: asyncio.Future[R] = self.loop.create_future()
        self.transact(fn, lambda result, problem: _tell(future, result, problem))
        return await future

    def run_now(self, fn: Callable[[Any], R]) -> R:
        told: Future[R] = Future()
        if self.loop.is_running():
            with contextlib.suppress(RuntimeError):
                if asyncio.get_running_loop() is self.loop:
                    raise AssertionError("run_now on the event loop: use run")
            self.loop.call_soon_threadsafe(self._run_for, told, fn)
        else:
            self._run_for(told, fn)
            self.flush()
        return told.result()

    def _run_for(self, told: Future[Any], fn: Callable[[Any], Any]) -> None:
        try:
            self.transact(fn, lambda result, problem: _tell(told, result, problem))
        except RuntimeError as problem:
            told.set_exception(problem)

    def _alone(self, fn: Callable[[], R]) -> R:
        """Run something between groups, with the connection for itself, from whatever thread."""
        def work() -> R:
            if self._running:
                raise RuntimeError("not inside a transaction")
            self.flush()
            return fn()

        try:
            on_loop = asyncio.get_running_loop() is self.loop
        except RuntimeError:
            on_loop = False
        if on_loop or not self.loop.is_running():
            return work()

        async def hop() -> R:
            return work()

        return asyncio.run_coroutine_threadsafe(hop(), self.loop).result()

    # --- what tables ask for (`tables.Session`) ---

    def read(self, text: str, parameters: Sequence[Any]) -> Any:
        if not self._open:
            self._begin()
        return self.execute(text, parameters)

    def write(self, text: str, parameters: Sequence[Any]) -> Any:
        if not self._wrote:
            self.dirty()
        return self.execute(text, parameters)

    def guarded(self, text: str, parameters: Sequence[Any]) -> Any:
        if not self._wrote:
            self.dirty()
        try:
            return self.execute(text, parameters)
        except apsw.ConstraintError as problem:
            raise Conflict(str(problem)) from None

    def changed(self) -> int:
        return self.connection.changes()

    def numbered(self, statements: Statements, number: int) -> None:
        """SQLite sees to it (AUTOINCREMENT)."""

    # --- tables and scopes ---

    def register(self, kinds: Sequence[type]) -> None:
        new = [kind for kind in kinds if kind not in self.kinds]
        if new and self._running:
            for kind in new:
                self.ensure(kind)
        elif new:
            self._alone(lambda: self._register(new))

    def _register(self, kinds: Sequence[type]) -> None:
        self.execute("BEGIN IMMEDIATE")
        try:
            for kind in kinds:
                statements = Statements(Shape(kind), _SQLITE)
                self._schema.apply(statements)
                self.kinds[kind] = statements
            self.execute("COMMIT")
        except BaseException:
            for kind in kinds:
                self.kinds.pop(kind, None)
            if self.connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    def ensure(self, kind: type) -> Statements:
        """The statements of a kind that a running transaction is the first to use."""
        statements = Statements(Shape(kind), _SQLITE)
        self.dirty()
        self._schema.apply(statements)
        self.kinds[kind] = statements
        self._fresh.append((self.kinds, kind))
        return statements

    def scope(self, name: tuple[str, str]) -> int:
        """The number of an account and region; a new one when they were never seen."""
        table = SqlTable(self, self.kinds[Scopes], 0)
        row = table.find("name", *name) or table.insert(Scopes(*name))
        self.scopes[name] = row.id
        self._fresh.append((self.scopes, name))
        return int(row.id)

    # --- the log ---

    def _logged(self, _connection: Any, _name: str, pages: int) -> int:
        self._log_pages = pages
        return 0

    def _checkpoint(self) -> None:
        """In a thread, beside readers and writers: most of the log into the database."""
        side = apsw.Connection(self._path)
        try:
            side.execute(f"PRAGMA synchronous = {'OFF' if self._ephemeral else 'FULL'}")
            side.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        finally:
            side.close()

    def _checkpointed(self) -> None:
        """On the loop, between groups: the little that came meanwhile, so that the log begins anew."""
        self._checkpointing = False
        if self._closed or self._pending is not None or self._open:
            return                                   # a later commit tries again
        future = self._committer.submit(self._restart_log)
        self._pending = (future, [])
        future.add_done_callback(lambda f: self._from_thread(self._collect, f))

    def _restart_log(self) -> float:
        with contextlib.suppress(apsw.BusyError):
            self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
            self._log_pages = 0
        return self._commit_time

    # --- other nodes: there are none ---

    def listen(self, channel_signalled: Callable[[str], None]) -> None:
        """SQLite has one node."""

    def notify(self, tx: Any, channel: str) -> None:
        """SQLite has one node."""

    # --- the whole state ---

    def reset(self, account: str | None = None, region: str | None = None) -> None:
        def work(_tx: Any) -> None:
            for text, values in reset_statements(self._schema.tables(), account, region):
                self.write(text, values)

        def alone() -> None:
            outcome: list[BaseException | None] = []
            self.transact(work, lambda _result, problem: outcome.append(problem))
            self.flush()
            if outcome[0] is not None:
                raise outcome[0]
            if account is None:
                self.blobs.forget_all()

        self._alone(alone)

    def snapshot(self, path: str) -> None:
        with self.blobs.held():
            self._alone(lambda: None)
            snapshot.write(path, self._path, self.blobs)

    def restore(self, path: str) -> None:
        snapshot.check(path)
        self._alone(lambda: self._restore(path))

    def _restore(self, path: str) -> None:
        fresh = snapshot.prepare(path, self._path, self.blobs)
        self._checkpointer.submit(lambda: None).result()
        self.connection.close()
        try:
            snapshot.switch(fresh, self._path)
        finally:
            self._connect()
        self.blobs.start_sweep(self._kept_blobs)

    def _kept_blobs(self, ids: Sequence[str]) -> set[str]:
        """Which of these blobs have a row. Called in a thread: its own connection."""
        side = apsw.Connection(self._path, flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found = side.execute(f"SELECT id FROM kernel_blob WHERE id IN ({', '.join('?' * len(ids))})", ids)
            return {row[0] for row in found}
        finally:
            side.close()

    async def close(self) -> None:
        if self._closed:
            return
        self.flush()
        self._closed = True
        self.blobs.close()
        self._checkpointer.shutdown()
        self._committer.shutdown()
        self.connection.close()
        if self._ephemeral:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()


def _tell(future: Any, result: Any, problem: BaseException | None) -> None:
    """The outcome into a future, if anybody still wants it."""
    if future.cancelled():
        return
    if problem is None:
        future.set_result(result)
    else:
        future.set_exception(problem)
