"""The store on PostgreSQL: serialisable transactions in worker threads, run again when they cross each other.

Several nodes may share one database. Signals travel by LISTEN/NOTIFY; blobs are in a folder that all nodes see.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from . import pg_snapshot
from .answers import AfterCommit, Done, answer, follow
from .folder import Blob, FolderBlobs
from .lock import ephemeral_folder
from .pg_session import DIALECT, Connection, PostgresSession, connect
from .pg_signals import Listener, announce
from .rows import Shape
from .schema import MIGRATIONS, Migration, Schema, SchemaProblem
from .scopes import Scopes, reset_statements
from .statements import Statements
from .tables import SqlTable

R = TypeVar("R")

WORKERS = 8
ATTEMPTS = 40
LONGEST_PAUSE = 0.25
_GRACE = 86_400.0                      # another node's upload may be that long without a row
_DDL_LOCK = 0x63756D75                 # an advisory lock that all nodes know
_RETRYABLE = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class PostgresTransaction:
    """See `contract.Transaction`."""

    __slots__ = ("after", "channels", "files", "session", "store")

    def __init__(self, store: PostgresStore, session: PostgresSession) -> None:
        self.store = store
        self.session = session
        self.after: list[AfterCommit] = []
        self.files: list[str] = []     # to be durable before the commit is
        self.channels: dict[str, None] = {}

    def table(self, kind: type, account: str, region: str) -> SqlTable:
        store = self.store
        statements = store.kinds.get(kind) or store.ensure(kind)
        wide = statements.shape.said.scope
        if wide == "global":
            return SqlTable(self.session, statements, 0)
        name = (account, region if wide == "region" else "")
        return SqlTable(self.session, statements, store.scopes.get(name) or store.scope(name))

    def after_commit(self, fn: AfterCommit) -> None:
        self.after.append(fn)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        kept, told = len(self.after), dict(self.channels)
        self.session.write("SAVEPOINT part", ())
        try:
            yield
        except BaseException:
            del self.after[kept:]
            self.channels = told
            if self.session.lost is None:
                self.session.write("ROLLBACK TO part", ())
                self.session.write("RELEASE part", ())
            raise
        self.session.write("RELEASE part", ())


class PostgresStore:
    """See `contract.Store`. Of each transaction, `after_commit` callbacks run first, then `done`."""

    blocking = True
    retryable: tuple[type[BaseException], ...] = _RETRYABLE

    def __init__(self, url: str, folder: str, loop: asyncio.AbstractEventLoop, ephemeral: bool = False,
                 migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.loop = loop
        self.url = url
        self.node = os.urandom(8).hex()
        self._ephemeral = ephemeral
        self.folder = ephemeral_folder() if ephemeral else os.path.abspath(folder)
        self.kinds: dict[type, Statements] = {}
        self.scopes: dict[tuple[str, str], int] = {}
        self.memory: dict[str, Any] = {}
        self._highest: dict[str, int] = {}
        self._sessions: dict[int, PostgresSession] = {}    # by thread
        self._listener: Listener | None = None
        self._closed = False
        self._aside = threading.Lock()                     # for the connection beside all transactions
        self._side = self._connect_aside()
        self._migrations = migrations
        self._schema = Schema(self._execute_aside, 'TEXT COLLATE "C"', migrations)
        try:
            encoding = self._side.execute("SHOW server_encoding").fetchone()
            if encoding is None or encoding[0] != "UTF8":
                raise SchemaProblem(f"The database must have the encoding UTF8, not {encoding and encoding[0]}.")
            self._side.commit()
            self._define(self._schema.open)
            self.register([Scopes, Blob])
        except BaseException:
            self._side.close()
            raise
        self._workers = ThreadPoolExecutor(WORKERS, "cumulet-store")
        self.blobs = FolderBlobs(os.path.join(self.folder, "blobs"), durable=not ephemeral, grace=_GRACE)
        self.blobs.start_sweep(self._kept_blobs)

    # --- transactions ---

    def transact(self, fn: Callable[[Any], R], done: Done) -> None:
        if self._closed:
            raise RuntimeError("the store is closed")
        self._workers.submit(self._work, fn, done)

    async def run(self, fn: Callable[[Any], R]) -> R:
        future: asyncio.Future[R] = self.loop.create_future()

        def done(result: Any, problem: BaseException | None) -> None:
            if future.cancelled():
                return
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)

        self.transact(fn, done)
        return await future

    def run_now(self, fn: Callable[[Any], R]) -> R:
        told: Future[R] = Future()

        def work() -> None:
            try:
                result, after = self._attempts(fn)
            except BaseException as problem:
                told.set_exception(problem)
                return
            if self.loop.is_running():
                self.loop.call_soon_threadsafe(follow, self.loop, after)
            else:
                follow(self.loop, after)
            told.set_result(result)

        self._workers.submit(work)
        return told.result()

    def _work(self, fn: Callable[[Any], Any], done: Done) -> None:
        result, problem = None, None
        after: list[AfterCommit] = []
        try:
            result, after = self._attempts(fn)
        except BaseException as raised:
            problem = raised
        with contextlib.suppress(RuntimeError):            # the loop has ended
            self.loop.call_soon_threadsafe(answer, self.loop, after, done, result, problem)

    def _attempts(self, fn: Callable[[Any], R]) -> tuple[R, list[AfterCommit]]:
        """Run, and run again while others were faster."""
        for attempt in range(ATTEMPTS):
            session = self._session()
            tx = PostgresTransaction(self, session)
            try:
                result = self._attempt(session, tx, fn)
                return result, tx.after
            except _Again as again:
                if attempt == ATTEMPTS - 1:
                    raise again.cause from None
                time.sleep(random.random() * min(LONGEST_PAUSE, 0.002 * 2 ** min(attempt, 10)))
        raise AssertionError

    def _attempt(self, session: PostgresSession, tx: PostgresTransaction, fn: Callable[[Any], R]) -> R:
        session.lost = None
        try:
            result = fn(tx)
            if session.lost is None:
                if tx.channels:
                    announce(session, self.node, tx.channels)
                if tx.files:
                    self.blobs.make_durable(tx.files)
                session.commit()
                return result
        except BaseException as problem:
            lost = session.lost
            self._undo(session)
            if lost is not None:
                raise _Again(lost) from problem
            raise
        lost = session.lost                                # somebody swallowed it
        self._undo(session)
        assert lost is not None
        raise _Again(lost)

    def _session(self) -> PostgresSession:
        """The session of this thread."""
        me = threading.get_ident()
        session = self._sessions.get(me)
        if session is None or session.connection.closed:
            session = self._sessions[me] = PostgresSession(connect(self.url), self._highest)
        return session

    @staticmethod
    def _undo(session: PostgresSession) -> None:
        try:
            session.connection.rollback()
        except psycopg.Error:
            session.connection.close()                     # the next transaction of this thread connects anew

    # --- tables and scopes ---

    def register(self, kinds: Sequence[type]) -> None:
        new = [kind for kind in kinds if kind not in self.kinds]
        if new:
            self.kinds.update(self._define(lambda: self._register(new)))

    def _register(self, kinds: Sequence[type]) -> dict[type, Statements]:
        made = {kind: Statements(Shape.of(kind), DIALECT) for kind in kinds}
        for statements in made.values():
            self._schema.apply(statements)
        return made

    def ensure(self, kind: type) -> Statements:
        """The statements of a kind that nobody used before."""
        self.register([kind])
        return self.kinds[kind]

    def scope(self, name: tuple[str, str]) -> int:
        """The number of an account and region. Made beside the transaction: such a row is never wrong."""
        def find() -> int:
            self._side.execute("INSERT INTO kernel_scopes (scope, account, region) VALUES (0, $1, $2) "
                               "ON CONFLICT DO NOTHING", name)
            row = self._side.execute("SELECT id FROM kernel_scopes WHERE account = $1 AND region = $2", name).fetchone()
            assert row is not None
            return int(row[0])

        with self._aside:
            number = self.scopes[name] = self._beside(find)
        return number

    def _define(self, fn: Callable[[], R]) -> R:
        """Change tables, one node at a time."""
        def locked() -> R:
            self._side.execute("SELECT pg_advisory_xact_lock($1)", (_DDL_LOCK,))
            return fn()

        with self._aside:
            return self._beside(locked)

    def _beside(self, fn: Callable[[], R]) -> R:
        """On the side connection, in one transaction of its own; once more when the connection is found dead."""
        for attempt in (1, 2):
            if self._side.closed:
                self._side = self._connect_aside()
            try:
                result = fn()
                self._side.commit()
                return result
            except psycopg.OperationalError:
                if attempt == 2 or not self._side.closed:
                    self._roll_back_aside()
                    raise
            except BaseException:
                self._roll_back_aside()
                raise
        raise AssertionError

    def _roll_back_aside(self) -> None:
        if not self._side.closed and self._side.info.transaction_status != TransactionStatus.IDLE:
            self._side.rollback()

    def _connect_aside(self) -> Connection:
        """It waits for others' locks, and must see what they committed meanwhile."""
        side = connect(self.url)
        side.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        side.execute("SET lock_timeout = '10s'")
        side.commit()
        return side

    def _execute_aside(self, text: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        cursor = self._side.execute(DIALECT.final(text).encode(), parameters)
        return cursor.fetchall() if cursor.description else ()

    # --- other nodes ---

    def listen(self, channel_signalled: Callable[[str], None]) -> None:
        def heard(channel: str) -> None:
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(channel_signalled, channel)

        self._listener = Listener(self.url, self.node, heard, self._replaced)

    def notify(self, tx: Any, channel: str) -> None:
        tx.channels[channel] = None

    # --- the whole state ---

    def reset(self, account: str | None = None, region: str | None = None,
              first: Callable[[Any], None] | None = None, last: Callable[[Any], None] | None = None) -> None:
        with self._aside:
            tables = self._beside(self._schema.tables)

        def work(tx: PostgresTransaction) -> None:
            if first is not None:
                first(tx)
            for text, values in reset_statements(tables, account, region):
                tx.session.write(DIALECT.final(text), values)
            if last is not None:
                last(tx)

        self.run_now(work)
        if account is None:
            self.blobs.forget_all()

    def snapshot(self, path: str) -> None:
        with self.blobs.held():
            pg_snapshot.write(path, self.url, self.blobs)

    fork = snapshot

    def restore(self, path: str) -> None:
        self.blobs.stop_sweep()
        with pg_snapshot.prepared(path, self.blobs, self._migrations) as copy, self._aside:
            self._beside(lambda: pg_snapshot.read(path, copy, self._side, self._schema, self.blobs, self.node, _DDL_LOCK))
        self._replaced()
        with self._aside:
            self._beside(self._schema.open)
        self.register([Scopes, Blob])

    def _replaced(self) -> None:
        """Somebody restored a snapshot: nothing that was known of the tables holds."""
        self.kinds.clear()
        self.scopes.clear()
        self._highest.clear()

    def _kept_blobs(self, ids: Sequence[str]) -> set[str]:
        with self._aside:
            return self._beside(lambda: {row[0] for row in self._side.execute(
                "SELECT id FROM kernel_blob WHERE id = ANY($1)", (list(ids),)).fetchall()})

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.blobs.close()
        if self._listener is not None:
            self._listener.close()
        await self.loop.run_in_executor(None, self._workers.shutdown)
        for session in self._sessions.values():
            session.connection.close()
        self._side.close()
        if self._ephemeral:
            shutil.rmtree(self.folder, ignore_errors=True)


class _Again(Exception):
    """Others were faster; nothing of this attempt is there."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause
