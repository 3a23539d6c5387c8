"""The store on SQLite: one connection, one writer, all requests of a loop turn in one commit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import apsw
import msgspec

from ..declare import stored
from .contract import Conflict
from .folder import FolderBlobs
from .rows import Shape

T = TypeVar("T")
R = TypeVar("R")
Done = Callable[[Any, BaseException | None], None]
_TYPES = {"int": "INTEGER", "float": "REAL", "str": "TEXT", "bytes": "BLOB", "bool": "INTEGER", "blob": "BLOB"}
SLOW_COMMIT = 0.001


class SqliteTable:
    __slots__ = ("_s", "_scope", "_shape", "_store")

    def __init__(self, store: SqliteStore, shape: SqliteShape, scope: int) -> None:
        self._store = store
        self._shape = shape
        self._scope = scope

    def get(self, *key: Any) -> Any:
        shape = self._shape
        for row in self._store.execute(shape.sql_get, (self._scope, *key)):
            return shape.make(row)
        return None

    def find(self, index: str, *key: Any) -> Any:
        rows = self.scan(*key, index=index, limit=1)
        return rows[0] if rows else None

    def put(self, row: Any) -> Any:
        shape, store = self._shape, self._store
        store.dirty()
        values = shape.values(row)
        if shape.auto and not getattr(row, shape.auto):
            return self._number(row, values)
        store.execute(shape.sql_put, (self._scope, *values))
        return row

    def insert(self, row: Any) -> Any:
        shape, store = self._shape, self._store
        store.dirty()
        values = shape.values(row)
        try:
            if shape.auto and not getattr(row, shape.auto):
                return self._number(row, values)
            store.execute(shape.sql_insert, (self._scope, *values))
        except apsw.ConstraintError:
            raise Conflict(shape.table) from None
        return row

    def _number(self, row: Any, values: tuple[Any, ...]) -> Any:
        shape = self._shape
        assert shape.auto is not None
        values = tuple(None if n == shape.auto else v for n, v in zip(shape.names, values, strict=True))
        self._store.execute(shape.sql_insert, (self._scope, *values))
        setattr(row, shape.auto, self._store.connection.last_insert_rowid())
        return row

    def delete(self, *key: Any) -> bool:
        self._store.dirty()
        self._store.execute(self._shape.sql_delete, (self._scope, *key))
        return self._store.connection.changes() > 0

    def delete_all(self, *prefix: Any, index: str | None = None) -> int:
        self._store.dirty()
        fields = self._shape.index_fields(index)[: len(prefix)]
        where = "".join(f' AND "{f}" = ?' for f in fields)
        self._store.execute(f'DELETE FROM "{self._shape.table}" WHERE scope = ?{where}', (self._scope, *prefix))
        return self._store.connection.changes()

    def scan(self, *prefix: Any, index: str | None = None, low: Any = None, high: Any = None, after: Any = None,
             before: Any = None, reverse: bool = False, limit: int | None = None) -> list[Any]:
        shape = self._shape
        where, values = self._range(prefix, index, low, high, after, before)
        order = ", ".join(f'"{f}"' + (" DESC" if reverse else "") for f in shape.order(index)[len(prefix):]) or "scope"
        text = f'SELECT {shape.column_list} FROM "{shape.table}" WHERE {where} ORDER BY {order}'
        if limit is not None:
            text += " LIMIT ?"
            values.append(limit)
        make = shape.make
        return [make(row) for row in self._store.execute(text, values)]

    def _range(self, prefix: tuple[Any, ...], index: str | None, low: Any, high: Any, after: Any,
               before: Any) -> tuple[str, list[Any]]:
        order = self._shape.order(index)
        where = "scope = ?" + "".join(f' AND "{f}" = ?' for f in order[: len(prefix)])
        values: list[Any] = [self._scope, *prefix]
        if index is not None and not prefix:
            where += f' AND "{order[0]}" IS NOT NULL'
        for bound, op in ((low, ">="), (high, "<="), (after, ">"), (before, "<")):
            if bound is None:
                continue
            given = list(bound) if isinstance(bound, (tuple, list)) else [bound]
            names = order[len(prefix): len(prefix) + len(given)]
            if len(given) == 1:
                where += f' AND "{names[0]}" {op} ?'
            else:
                where += f" AND ({', '.join(chr(34) + n + chr(34) for n in names)}) {op} ({', '.join('?' * len(given))})"
            values += given
        return where, values

    def iterate(self, *prefix: Any, index: str | None = None, batch: int = 1000) -> Iterator[Any]:
        order = self._shape.order(index)[len(prefix):]
        after = None
        while True:
            rows = self.scan(*prefix, index=index, after=after, limit=batch)
            yield from rows
            if len(rows) < batch:
                return
            after = tuple(getattr(rows[-1], f) for f in order)

    def count(self, *prefix: Any, index: str | None = None, low: Any = None, high: Any = None) -> int:
        where, values = self._range(prefix, index, low, high, None, None)
        return int(next(iter(self._store.execute(f'SELECT count(*) FROM "{self._shape.table}" WHERE {where}', values)))[0])

    def change(self, *key: Any, **fields: Any) -> Any:
        shape = self._shape
        self._store.dirty()
        sets = ", ".join(f'"{n}" = ?' for n in fields)
        values = [shape.encode(n, v) for n, v in fields.items()]
        rows = list(self._store.execute(
            f'UPDATE "{shape.table}" SET {sets} WHERE {shape.where_key} RETURNING {shape.column_list}',
            (*values, self._scope, *key)))
        return shape.make(rows[0]) if rows else None

    def sql(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return list(self._run(text, parameters))

    def rows(self, text: str, *parameters: Any) -> list[Any]:
        make = self._shape.make
        return [make(row) for row in self._run(text, parameters)]

    def _run(self, text: str, parameters: tuple[Any, ...]) -> Any:
        shape = self._shape
        ready = shape.texts.get(text)
        if ready is None:
            body = text.replace("{table}", f'"{shape.table}"').replace("{columns}", shape.column_list)
            ready = shape.texts[text] = (body, not text.lstrip()[:6].upper().startswith("SELECT"))
        body, writes = ready
        if writes:
            self._store.dirty()
        return self._store.execute(body.replace("{scope}", str(self._scope)), parameters)


class SqliteShape(Shape):
    """With the SQL texts of SQLite."""

    def __init__(self, kind: type) -> None:
        super().__init__(kind)
        q = [f'"{n}"' for n in self.names]
        self.column_list = ", ".join(q)
        self.where_key = "scope = ?" + "".join(f' AND "{k}" = ?' for k in self.key)
        marks = ", ".join("?" * (len(q) + 1))
        key = ", ".join(f'"{k}"' for k in self.key)
        self.sql_get = f'SELECT {self.column_list} FROM "{self.table}" WHERE {self.where_key}'
        self.sql_delete = f'DELETE FROM "{self.table}" WHERE {self.where_key}'
        self.sql_insert = f'INSERT INTO "{self.table}" (scope, {self.column_list}) VALUES ({marks})'
        target = f'"{self.auto}"' if self.auto else f"scope, {key}"
        sets = ", ".join(f"{n} = excluded.{n}" for n in q if n.strip('"') not in self.key) or "scope = excluded.scope"
        self.sql_put = f"{self.sql_insert} ON CONFLICT ({target}) DO UPDATE SET {sets}"
        self.texts: dict[str, tuple[str, bool]] = {}

    def ddl(self) -> list[str]:
        cols = ["scope INTEGER NOT NULL"]
        for c in self.columns:
            if c.name == self.auto:
                cols.append(f'"{c.name}" INTEGER PRIMARY KEY AUTOINCREMENT')
            else:
                cols.append(f'"{c.name}" {_TYPES[c.kind]}')
        out = [f'CREATE TABLE IF NOT EXISTS "{self.table}" ({", ".join(cols)})']
        if not self.auto:
            out.append(f'CREATE UNIQUE INDEX IF NOT EXISTS "{self.table}__key" ON "{self.table}" '
                       f"(scope, {', '.join(chr(34) + k + chr(34) for k in self.key)})")
        for name, fields in self.said.indexes.items():
            unique = "UNIQUE " if name in self.said.unique else ""
            out.append(f'CREATE {unique}INDEX IF NOT EXISTS "{self.table}__{name}" ON "{self.table}" '
                       f"(scope, {', '.join(chr(34) + f + chr(34) for f in fields)}) WHERE \"{fields[0]}\" IS NOT NULL")
        return out


@stored(auto="id", scope="global", indexes={"name": ("account", "region")}, unique=("name",))
class Scopes(msgspec.Struct):
    account: str
    region: str
    id: int = 0


class SqliteTransaction:
    __slots__ = ("after", "store")

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.after: list[Callable[[], None]] = []

    def table(self, kind: type, account: str, region: str) -> Any:
        store = self.store
        shape = store.shapes.get(kind) or store.ensure(kind)
        said = shape.said.scope
        if said == "global":
            scope = 0
        else:
            name = (account, region if said == "region" else "")
            scope = store.scopes.get(name) or store.scope(name)
        return SqliteTable(store, shape, scope)

    def after_commit(self, fn: Callable[[], None]) -> None:
        self.after.append(fn)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        store = self.store
        store.dirty()
        store.execute("SAVEPOINT inner_sp")
        kept = len(self.after)
        try:
            yield
        except BaseException:
            store.execute("ROLLBACK TO inner_sp")
            del self.after[kept:]
            raise
        finally:
            store.execute("RELEASE inner_sp")


class SqliteStore:
    """See `contract.Store`. after_commit callbacks of a group run before its `done` calls, in order."""

    blocking = False
    retryable: tuple[type[BaseException], ...] = ()

    def __init__(self, folder: str, loop: asyncio.AbstractEventLoop, ephemeral: bool = False) -> None:
        self.loop = loop
        self._ephemeral = ephemeral
        if ephemeral:
            folder = tempfile.mkdtemp(prefix="cumulet-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.connection = apsw.Connection(os.path.join(folder, "state.sqlite"), statementcachesize=500)
        self.execute = self.connection.execute
        self.execute("PRAGMA page_size = 8192")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute(f"PRAGMA synchronous = {'OFF' if ephemeral else 'FULL'}")
        self.execute("PRAGMA cache_size = -16000")
        self.shapes: dict[type, SqliteShape] = {}
        self.scopes: dict[tuple[str, str], int] = {}
        self._open = False              # BEGIN has been said
        self._savepoint = False         # the running fn has written
        self._group: list[tuple[Done, Any, list[Callable[[], None]]]] = []
        self._dirty = False
        self._committing = False
        self._queue: deque[tuple[Callable[[Any], Any], Done]] = deque()
        self._commit_time = 0.0
        self._new_kinds: list[type] = []
        self._new_scopes: list[tuple[str, str]] = []
        self.ensure(Scopes)
        self.blobs = FolderBlobs(self, os.path.join(folder, "blobs"))
        self.blobs.sweep()

    # --- transactions ---

    def transact(self, fn: Callable[[Any], R], done: Done) -> None:
        if self._committing:
            self._queue.append((fn, done))
            return
        tx = SqliteTransaction(self)
        if not self._open:
            self.execute("BEGIN")
            self._open = True
        try:
            result = fn(tx)
        except BaseException as problem:
            if self._savepoint:
                self.execute("ROLLBACK TO op")
                self.execute("RELEASE op")
                self._savepoint = False
                self._forget_undone()
            self._finish(done, None, problem, tx.after)
            return
        if self._savepoint:
            self.execute("RELEASE op")
            self._savepoint = False
            self._dirty = True
            self._new_kinds.clear()
            self._new_scopes.clear()
        if not self._dirty:
            self._end_read()
            for callback in tx.after:
                callback()
            done(result, None)
            return
        if not self._group:
            self.loop.call_soon(self._commit)
        self._group.append((done, result, tx.after))

    def _finish(self, done: Done, result: Any, problem: BaseException | None, after: list[Callable[[], None]]) -> None:
        """A failed one is told at once when nothing uncommitted could have been seen; else with the group."""
        if self._dirty:
            if not self._group:
                self.loop.call_soon(self._commit)
            self._group.append((lambda _r, e: done(None, e or problem), None, []))
        else:
            self._end_read()
            done(None, problem)

    def _end_read(self) -> None:
        self.execute("COMMIT")
        self._open = False

    def dirty(self) -> None:
        """Before the first write of a transaction: from here on it can be undone alone."""
        if not self._savepoint:
            self.execute("SAVEPOINT op")
            self._savepoint = True

    def _commit(self) -> None:
        group, self._group = self._group, []
        began = self.loop.time()
        if self._commit_time > SLOW_COMMIT:
            self._committing = True
            self.loop.run_in_executor(None, self.execute, "COMMIT").add_done_callback(
                lambda f: self._committed(group, f.exception(), began))
            return
        problem: BaseException | None = None
        try:
            self.execute("COMMIT")
        except apsw.Error as e:
            problem = e
        self._committed(group, problem, began)

    def _committed(self, group: list[tuple[Done, Any, list[Callable[[], None]]]], problem: BaseException | None,
                   began: float) -> None:
        self._commit_time += 0.1 * (self.loop.time() - began - self._commit_time)
        self._open = self._dirty = self._committing = False
        if problem is not None:
            with contextlib.suppress(apsw.Error):
                self.execute("ROLLBACK")
            self.scopes.clear()
            self.shapes.clear()
        for done, result, after in group:
            if problem is None:
                for callback in after:
                    callback()
                done(result, None)
            else:
                done(None, problem)
        while self._queue and not self._committing:
            self.transact(*self._queue.popleft())

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
        return asyncio.run_coroutine_threadsafe(self.run(fn), self.loop).result()

    # --- tables ---

    def register(self, kinds: Sequence[type]) -> None:
        for kind in kinds:
            self.shapes.get(kind) or self.ensure(kind)

    def ensure(self, kind: type) -> SqliteShape:
        shape = SqliteShape(kind)
        have = {row[1] for row in self.execute(f'PRAGMA table_info("{shape.table}")')}
        if self._inside:
            self.dirty()
        for text in shape.ddl()[:1]:
            self.execute(text)
        for c in shape.columns if have else ():
            if c.name not in have:
                self.execute(f'ALTER TABLE "{shape.table}" ADD COLUMN "{c.name}" {_TYPES[c.kind]}')
                if c.default is not None:
                    self.execute(f'UPDATE "{shape.table}" SET "{c.name}" = ?', (shape.encode(c.name, c.default),))
        for text in shape.ddl()[1:]:
            self.execute(text)
        self.shapes[kind] = shape
        if self._inside:
            self._new_kinds.append(kind)
        return shape

    @property
    def _inside(self) -> bool:
        return self._open

    def scope(self, name: tuple[str, str]) -> int:
        for row in self.execute('SELECT id FROM kernel_scopes WHERE account = ? AND region = ?', name):
            self.scopes[name] = row[0]
            return int(row[0])
        self.dirty()
        self.execute("INSERT INTO kernel_scopes (scope, account, region) VALUES (0, ?, ?)", name)
        self.scopes[name] = self.connection.last_insert_rowid()
        self._new_scopes.append(name)
        return self.scopes[name]

    def _forget_undone(self) -> None:
        for kind in self._new_kinds:
            self.shapes.pop(kind, None)
        for name in self._new_scopes:
            self.scopes.pop(name, None)
        self._new_kinds.clear()
        self._new_scopes.clear()

    def listen(self, channel_signalled: Callable[[str], None]) -> None:
        """No other node."""

    def notify(self, tx: Any, channel: str) -> None:
        """No other node."""

    async def close(self) -> None:
        self.connection.close()
        if self._ephemeral:
            shutil.rmtree(self.folder, ignore_errors=True)
