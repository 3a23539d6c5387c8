"""The store on SQLite: one file, one writer (`writer.py`), one process a folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import apsw

from . import forks, snapshot
from .answers import AfterCommit
from .folder import Blob, FolderBlobs
from .lock import FolderLock, ephemeral_folder
from .rows import Shape
from .schema import MIGRATIONS, Migration, Schema, SchemaProblem
from .scopes import Reach, Scopes, of_account, reach, reset_statements
from .statements import SQLITE, Statements
from .tables import SqlTable
from .writer import Writer

CHECKPOINT_PAGES = 1000                # of the log: 8 MiB
_ASKED = 25                            # tables that one statement asks about: so it stays prepared
MOST_TABLES = 5_000                    # tables as accounts and regions see them, that are kept made


class SqliteTransaction:
    """See `contract.Transaction`. files: to be durable before the commit is."""

    __slots__ = ("after", "files", "store")

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.after: list[AfterCommit] = []
        self.files: list[str] = []

    def table(self, kind: type, account: str, region: str) -> SqlTable:
        store = self.store
        found = store.tables.get((kind, account, region))
        if found is None:
            found = self._table(kind, account, region)
            if len(store.tables) >= MOST_TABLES:
                store.tables.clear()
            store.tables[(kind, account, region)] = found
        return found

    def _table(self, kind: type, account: str, region: str) -> SqlTable:
        store = self.store
        statements = store.kinds.get(kind) or store.ensure(kind)
        wide = statements.shape.said.scope
        if wide == "global":
            return SqlTable(store.writer, statements, 0)
        name = (account, region if wide == "region" else "")
        return SqlTable(store.writer, statements, store.scopes.get(name) or store.scope(name))

    def after_commit(self, fn: AfterCommit) -> None:
        self.after.append(fn)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        store, writer = self.store, self.store.writer
        writer.dirty()
        writer.execute("SAVEPOINT part")
        kept = len(self.after)
        try:
            yield
        except BaseException:
            del self.after[kept:]
            if writer.connection.in_transaction:
                writer.execute("ROLLBACK TO part")
                writer.execute("RELEASE part")
            store.forget()
            raise
        writer.execute("RELEASE part")


class SqliteStore:
    """See `contract.Store`."""

    blocking = False
    retryable: tuple[type[BaseException], ...] = ()

    def __init__(self, folder: str, loop: asyncio.AbstractEventLoop, ephemeral: bool = False,
                 migrations: Sequence[Migration] = MIGRATIONS, begins: str = "") -> None:
        self._ephemeral = ephemeral
        self._migrations = migrations
        self.folder = begins or ephemeral_folder() if ephemeral else os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self._lock = FolderLock(self.folder)
        if not ephemeral:
            shutil.rmtree(forks.home(self.folder), ignore_errors=True)      # those of a process that was killed
        self._path = os.path.join(self.folder, "state.sqlite")
        self._checkpointer = ThreadPoolExecutor(1, "cumulet-checkpoint")
        self._checkpointing = False
        self._forking = False                       # somebody copies the files as they are
        self._log_pages = 0
        self.blobs = FolderBlobs(os.path.join(self.folder, "blobs"), durable=not ephemeral)
        self.writer = Writer(loop, lambda: SqliteTransaction(self), self.forget, self.blobs.make_durable, self._committed)
        self.transact = self.writer.transact
        self.run = self.writer.run
        self.run_now = self.writer.run_now
        try:
            self._connect()
        except BaseException:
            self._let_go()
            raise
        self.blobs.start_sweep(self._kept_blobs)

    def _connect(self) -> None:
        self.kinds: dict[type, Statements] = {}
        self.scopes: dict[tuple[str, str], int] = {}
        self._fresh: list[tuple[dict[Any, Any], Any]] = []   # cached since the group began: gone if it is undone
        self._reach: dict[bool, Reach] = {}
        self.memory: dict[str, Any] = {}
        self.tables: dict[tuple[type, str, str], SqlTable] = {}
        connection = apsw.Connection(self._path, statementcachesize=500)
        try:
            for pragma in ("page_size = 8192", "journal_mode = WAL", f"synchronous = {'OFF' if self._ephemeral else 'FULL'}",
                           "cache_size = -16000", "temp_store = MEMORY", "wal_autocheckpoint = 0",
                           "journal_size_limit = 16777216"):
                connection.execute(f"PRAGMA {pragma}")
            # Plans do not depend on values: else SQLite prepares a statement anew for each value of its LIMIT.
            connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
            self._schema = Schema(connection.execute, "TEXT", self._migrations)
            connection.execute("BEGIN IMMEDIATE")
            self._schema.open()
            connection.execute("COMMIT")
            connection.set_wal_hook(self._logged)
            self.writer.attach(connection)
            self.register([Scopes, Blob])
        except (apsw.NotADBError, apsw.CorruptError) as problem:
            connection.close()
            raise SchemaProblem(f"{self._path} is damaged or no state of cumulet ({problem}). Restore a snapshot, or start "
                                "with another data folder.") from problem
        except BaseException:
            connection.close()
            raise

    # --- tables and scopes ---

    def register(self, kinds: Sequence[type]) -> None:
        new = [kind for kind in kinds if kind not in self.kinds]
        if new and self.writer.running:
            for kind in new:
                self.ensure(kind)
        elif new:
            self.writer.alone(lambda: self._register(new))

    def _register(self, kinds: Sequence[type]) -> None:
        execute = self.writer.execute
        execute("BEGIN IMMEDIATE")
        try:
            made = {kind: Statements(Shape.of(kind), SQLITE) for kind in kinds}
            for statements in made.values():
                self._schema.apply(statements)
            execute("COMMIT")
        except BaseException:
            if self.writer.connection.in_transaction:
                execute("ROLLBACK")
            raise
        self.kinds.update(made)
        self._reach.clear()

    def ensure(self, kind: type) -> Statements:
        """The statements of a kind that a running transaction is the first to use."""
        statements = Statements(Shape.of(kind), SQLITE)
        self.writer.dirty()
        self._schema.apply(statements)
        self.kinds[kind] = statements
        self._reach.clear()
        self._fresh.append((self.kinds, kind))
        return statements

    def scope(self, name: tuple[str, str]) -> int:
        """The number of an account and region; a new one when they were never seen."""
        table = SqlTable(self.writer, self.kinds[Scopes], 0)
        row = table.find("name", *name) or table.insert(Scopes(*name))
        self.scopes[name] = row.id
        self._fresh.append((self.scopes, name))
        return int(row.id)

    def forget(self) -> None:
        """What was cached of the undone."""
        for cache, key in self._fresh:
            cache.pop(key, None)
            if cache is self.kinds:
                self._reach.clear()
        self._fresh.clear()
        self.memory.clear()
        self.tables.clear()
        for statements in self.kinds.values():
            if statements.known:
                statements.known.clear()

    # --- the log ---

    def _logged(self, _connection: Any, _name: str, pages: int) -> int:
        self._log_pages = pages
        return 0

    def _committed(self) -> None:
        self._fresh.clear()
        if self._log_pages >= CHECKPOINT_PAGES and not self._checkpointing:
            self._checkpointing = True
            self._checkpointer.submit(self._checkpoint).add_done_callback(
                lambda f: self.writer.from_thread(self._checkpointed))

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
        if self.writer.rest():                       # else a later commit tries again
            self.writer.in_thread(self._restart_log)

    def _restart_log(self) -> float:
        with contextlib.suppress(apsw.BusyError):    # a snapshot is reading
            self.writer.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
            self._log_pages = 0
        return self.writer.commit_time

    # --- other nodes: there are none ---

    def listen(self, channel_signalled: Callable[[str], None]) -> None:
        """SQLite has one node."""

    def notify(self, tx: Any, channel: str) -> None:
        """SQLite has one node."""

    # --- the whole state ---

    def reset(self, account: str | None = None, region: str | None = None,
              first: Callable[[Any], None] | None = None, last: Callable[[Any], None] | None = None) -> None:
        def work(tx: Any) -> None:
            if first is not None:
                first(tx)
            if account is None:
                for text, values in reset_statements(self._schema.tables(), None, None):
                    self.writer.write(text, values)
            else:
                self._forget_account(account, region)
            self.forget()
            if last is not None:
                last(tx)

        def alone() -> None:
            outcome: list[BaseException | None] = []
            self.transact(work, lambda _result, problem: outcome.append(problem))
            self.writer.flush()
            if outcome[0] is not None:
                raise outcome[0]
            self.forget()
            if account is None:
                self.blobs.forget_all()

        self.writer.alone(alone)

    def _forget_account(self, account: str, region: str | None) -> None:
        """Of most tables an account has no rows: a few questions tell which those are, where each deletion would cost one."""
        where, values = of_account(account, region)
        scopes = [row[0] for row in self.writer.read(f"SELECT id FROM kernel_scopes WHERE {where}", values)]
        reached = self._reached(region is not None)
        for start in range(0, len(reached.scoped), _ASKED):
            tables = reached.scoped[start:start + _ASKED]
            asked = "SELECT " + ", ".join([f"EXISTS (SELECT 1 FROM {table} WHERE scope = ?1)" for table in tables])
            for scope in scopes:
                (answers,) = self.writer.read(asked, (scope,))
                for table, there in zip(tables, answers, strict=True):
                    if there:
                        self.writer.write(f"DELETE FROM {table} WHERE scope = ?", (scope,))
        for table in reached.named:
            self.writer.write(f"DELETE FROM {table} WHERE {where}", values)

    def _reached(self, regional: bool) -> Reach:
        """Known until there is another table."""
        found = self._reach.get(regional)
        if found is None:
            found = self._reach[regional] = reach(self._schema.tables(), regional)
        return found

    def snapshot(self, path: str) -> None:
        with self.blobs.held():
            self.writer.alone(lambda: None)
            snapshot.write(path, self._path, self.blobs)

    def fork(self, path: str) -> None:
        with self.blobs.held():
            while (log := self.writer.alone(self._hold_log)) < 0:
                self._checkpointer.submit(lambda: None).result()      # one is under way
                sleep(0.001)
            try:
                forks.write(path, self._path, log, self.blobs)
            finally:
                self.writer.from_thread(self._release_log)

    def _hold_log(self) -> int:
        """From here on nothing of the log comes into the database. How long the log is; -1 when that cannot be now."""
        if self._checkpointing:
            return -1
        self._checkpointing = self._forking = True
        try:
            return os.stat(self._path + "-wal").st_size
        except FileNotFoundError:
            return 0

    def _release_log(self) -> None:
        self._checkpointing = self._forking = False

    def restore(self, path: str) -> None:
        snapshot.check(path)
        self.writer.alone(lambda: self._restore(path))

    def _restore(self, path: str) -> None:
        if self._forking:
            raise snapshot.SnapshotProblem("The state is being copied at this moment. Try again.")
        fresh = snapshot.prepare(path, self._path, self.blobs, self._migrations)
        self._checkpointer.submit(lambda: None).result()
        self.writer.connection.close()
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
            return {str(row[0]) for row in found}
        finally:
            side.close()

    async def close(self) -> None:
        if self.writer.closed:
            return
        self.writer.flush()
        self.writer.closed = True
        self._let_go()
        self.writer.connection.close()
        if self._ephemeral:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def _let_go(self) -> None:
        """Threads end; a store that could not be opened gives its folder back."""
        self.blobs.close()
        self._checkpointer.shutdown()
        self.writer.thread.shutdown()
        if not self.writer.closed:
            self._lock.release()
