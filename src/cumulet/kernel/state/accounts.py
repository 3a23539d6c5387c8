"""One account of a state: cut out of a copy, and put into a state that has others, under its own number or another one.

Which rows are an account's: those in its scopes; of the partition's rows those that say so in a column `account`, and those
that hang on such rows by what their table declares (`belongs`). What one row says of another's number is declared as well
(`refers`), so that numbers which are taken here can be given anew. The partition's own rows are nobody's.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import apsw
import msgspec

from ..access.sealing import Origin
from ..declare import stored_kinds, stored_of
from ..store.copies import Copy, upgrade
from ..store.folder import link
from ..store.rows import PACKED, Shape
from ..store.schema import Applied, Schema
from ..store.snapshot import STATE, SnapshotProblem
from ..store.statements import SQLITE, Statements, quote
from .differences import service_of

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Table, Transaction

# What the state says of itself, and not of an account.
_KEPT = frozenset({"kernel_machine_key", "kernel_blob"})
_INNER = frozenset({"kernel_fault", "kernel_scopes", "kernel_machine_key", "kernel_blob", "kernel_setting"})
_NUMBER = re.compile(r"\d+")
_decode = msgspec.msgpack.decode
_encode = msgspec.msgpack.encode


# --- out of a copy ----------------------------------------------------------------------------------------------------


def cut(path: str, account: str) -> None:
    """Leave in a snapshot's folder only what is one account's."""
    file = os.path.join(path, STATE)
    cut_database(file, account)
    copy = Copy(file)
    kept = {str(row[0]) for row in copy.connection.execute("SELECT id FROM kernel_blob")}
    copy.close()
    for folder, _, names in os.walk(os.path.join(path, "blobs")):
        for name in names:
            if name not in kept:
                os.unlink(os.path.join(folder, name))


def cut_database(file: str, account: str) -> None:
    """Leave in a copy only what is one account's."""
    copy = Copy(file)
    tables = copy.tables
    copy.close()
    side = apsw.Connection(file)
    side.execute("PRAGMA journal_mode = OFF")
    side.execute("BEGIN")
    side.execute("CREATE TEMP TABLE wanted (id TEXT PRIMARY KEY)")
    late = [name for name, applied in tables.items() if _hangs_on_blobs(applied)]
    for name in [*(n for n in tables if n not in late and n not in _KEPT)]:
        _delete(side, tables, name, account)
    side.executemany("INSERT INTO wanted VALUES (?)", [(blob,) for blob in _blobs(side, tables, late)])
    side.execute("DELETE FROM kernel_blob WHERE id NOT IN (SELECT id FROM wanted)")
    for name in late:
        _delete(side, tables, name, account)
    side.execute("COMMIT")
    side.execute("VACUUM")
    side.close()


def _hangs_on_blobs(applied: Applied) -> bool:
    return any(place.startswith("kernel_blob.") for places in applied.belongs.values() for place in places)


def _delete(side: apsw.Connection, tables: Mapping[str, Applied], name: str, account: str) -> None:
    condition = _owned(tables, name)
    side.execute(f"DELETE FROM {quote(name)} WHERE ({condition}) IS NOT TRUE", (account,) if "?1" in condition else ())


def _owned(tables: Mapping[str, Applied], name: str) -> str:
    """SQL: is a row of this table the account's (`?1`)?"""
    applied = tables[name]
    if applied.scope != "global":
        return "scope IN (SELECT id FROM kernel_scopes WHERE account = ?1)"
    if name == "kernel_blob":
        return "id IN (SELECT id FROM wanted)"
    if not applied.belongs:
        return "account = ?1" if "account" in applied.columns else "0"
    parts = []
    for column, places in applied.belongs.items():
        for table, _, other in (place.partition(".") for place in places):
            if table in tables:
                parts.append(f"{quote(column)} IN (SELECT {quote(other)} FROM {quote(table)} WHERE {_owned(tables, table)})")
    return " OR ".join(parts) or "0"


def _blobs(side: apsw.Connection, tables: Mapping[str, Applied], late: Sequence[str]) -> set[str]:
    """The blobs that rows name, in whatever column."""
    known = {str(row[0]) for row in side.execute("SELECT id FROM kernel_blob")}
    found: set[str] = set()
    for name, applied in tables.items():
        columns = [c for c, kind in applied.columns.items() if kind in ("str", PACKED)]
        if not known or not columns or name in late or name in _INNER:
            continue
        for row in side.execute(f"SELECT {', '.join(map(quote, columns))} FROM {quote(name)}"):
            for column, value in zip(columns, row, strict=True):
                if value is not None:
                    found.update(t for t in _texts(value if applied.columns[column] == "str" else _decode(value))
                                 if t in known)
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


# --- into a state -----------------------------------------------------------------------------------------------------


async def load(cloud: Cloud, path: str, account: str, into: str) -> dict[str, int]:
    """Put an account of a snapshot in the place of what the account `into` has here. How many rows of which tables were left
    out, because another account of this state has what may be there but once (the name of a bucket)."""
    work = tempfile.mkdtemp(prefix=".load-", dir=cloud.store.folder)
    try:
        file = os.path.join(work, STATE)
        loop = asyncio.get_running_loop()
        kinds = await loop.run_in_executor(None, _prepare, cloud, path, file)
        if not _holds(file, kinds, account):
            raise SnapshotProblem(f"The snapshot holds nothing of account {account}.")
        left = await cloud.store.run(lambda tx: _taken(tx, file, kinds, account, into))
        await loop.run_in_executor(None, cut_database, file, account)
        copy = Copy(file)
        try:
            blobs = os.path.join(path, "blobs")

            def last(tx: Transaction) -> None:
                cloud.sealing.adopt(tx, path)
                Moving(tx, copy, kinds, blobs, account, into).run()

            await cloud.reset(into, last=last)
        finally:
            copy.close()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    cloud.signals.wake_everybody()
    return left


def _prepare(cloud: Cloud, path: str, file: str) -> dict[str, type]:
    """A copy of a snapshot's rows, brought up to date, its tables included; the kinds of its tables."""
    shutil.copyfile(os.path.join(path, STATE), file)
    upgrade(file)
    copy = Copy(file)
    tables = list(copy.tables)
    copy.close()
    folders = {service_of(cloud.catalog, table) for table in tables} - {"kernel"}
    kinds = list(stored_kinds("cumulet.kernel"))
    for folder in folders:
        cloud.catalog.load(cloud.catalog.declared[folder].api)
        kinds += stored_kinds(f"cumulet.services.{folder}")
    found = {stored_of(kind).table: kind for kind in kinds}
    side = apsw.Connection(file)
    side.execute("BEGIN")
    schema = Schema(side.execute, "TEXT")
    for table in tables:
        if table in found:
            schema.apply(Statements(Shape.of(found[table]), SQLITE))
    side.execute("COMMIT")
    side.close()
    return {table: found[table] for table in tables if table in found}


def _holds(file: str, kinds: Mapping[str, type], account: str) -> bool:
    """Is there anything of the account: in a scope of its own, or in tables of the whole partition?"""
    copy = Copy(file)
    scoped = any(owner == account for owner, _ in copy.scopes.values())
    copy.close()
    if scoped:
        return True
    side = apsw.Connection(file)
    asked = [f"SELECT 1 FROM {quote(table)} WHERE account = ? LIMIT 1" for table, kind in kinds.items()
             if "account" in {f.name for f in msgspec.structs.fields(kind)}]
    found = any(side.execute(query, (account,)).fetchone() for query in asked)
    side.close()
    return found


def _taken(tx: Transaction, file: str, kinds: Mapping[str, type], account: str, into: str) -> dict[str, int]:
    """Take out of a copy what another account has here under the same name."""
    left: dict[str, int] = {}
    side = apsw.Connection(file)
    side.execute("BEGIN")
    for table, kind in kinds.items():
        said = stored_of(kind)
        names = {f.name for f in msgspec.structs.fields(kind)}
        if said.scope != "global" or said.auto or "account" not in names or said.belongs or table in _INNER:
            continue
        key = ", ".join(map(quote, said.key))
        for values in list(side.execute(f"SELECT {key} FROM {quote(table)} WHERE account = ?", (account,))):
            renamed = [v.replace(account, into) if isinstance(v, str) else v for v in values]
            here = tx.table(kind, "", "").get(*renamed)
            if here is not None and here.account != into:
                where = " AND ".join(f"{quote(name)} = ?" for name in said.key)
                side.execute(f"DELETE FROM {quote(table)} WHERE {where}", values)
                left[table] = left.get(table, 0) + 1
    side.execute("COMMIT")
    side.close()
    return left


class Moving:
    """One account's rows on their way into a transaction."""

    def __init__(self, tx: Transaction, copy: Copy, kinds: Mapping[str, type], blobs: str, account: str, into: str) -> None:
        self._tx = tx
        self._copy = copy
        self._kinds = kinds
        self._folder = blobs
        self._account = account
        self._into = into
        self._blobs: dict[str, str] = {}
        self._ahead: dict[str, int] = {}

    def run(self) -> None:
        """All of them."""
        store = self._tx.store
        for (id,) in self._copy.connection.execute("SELECT id FROM kernel_blob"):
            fresh = store.blobs.temporary()
            link(self._folder, str(id), fresh)
            self._blobs[str(id)] = store.blobs.keep(self._tx, fresh)
        shapes = {table: Shape.of(kind) for table, kind in self._kinds.items() if table not in _INNER}
        self._ahead = {table: self._distance(table, shape) for table, shape in shapes.items() if shape.auto}
        for table, shape in shapes.items():
            self._move(table, shape)
        if self._account != self._into:
            self._tx.table(Origin, "", "").put(Origin(account=self._into, origin=self._account))

    def _distance(self, table: str, shape: Shape) -> int:
        """What is added to a table's numbers: nothing, unless some of them are taken here."""
        name = quote(shape.auto or "")
        ours = {int(row[0]) for row in self._copy.connection.execute(f"SELECT {name} FROM {quote(table)}")}
        if not ours:
            return 0
        live: Table[Any] = self._tx.table(shape.kind, "", "")
        here = live.sql(f"SELECT {name} FROM {{table}} WHERE {name} BETWEEN ? AND ?", min(ours), max(ours))
        if all(row[0] not in ours for row in here):
            return 0
        return max(max(ours), int(live.sql(f"SELECT max({name}) FROM {{table}}")[0][0]))

    def _move(self, table: str, shape: Shape) -> None:
        columns = list(self._copy.tables[table].columns)
        refers = dict(shape.said.refers)
        if shape.auto:
            refers[shape.auto] = table
        for scope, *values in self._copy.rows(table):
            row = {name: self._value(shape, name, value) for name, value in zip(columns, values, strict=True)
                   if name in shape.by_name}
            for name, other in refers.items():
                if ahead := self._ahead.get(other, 0):
                    row[name] = _referring(row[name], ahead)
            region = self._copy.scopes[scope][1] if shape.said.scope != "global" else ""
            made = shape.make(tuple(row[name] for name in shape.names))
            self._tx.table(shape.kind, self._into, region).insert(made)

    def _value(self, shape: Shape, name: str, value: Any) -> Any:
        """A column's value, with the blobs' new ids and the account's new number in it."""
        kind = shape.by_name[name].kind
        if value is None:
            return None
        if kind == "str":
            return self._text(value)
        if kind == PACKED or (shape.table == "kernel_job" and name == "args"):
            return _encode(self._walk(_decode(value)))
        return value

    def _text(self, text: str) -> str:
        found = self._blobs.get(text)
        if found is not None:
            return found
        return text.replace(self._account, self._into) if self._account != self._into else text

    def _walk(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._walk(k): self._walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._walk(v) for v in value]
        return value




def _referring(value: Any, ahead: int) -> Any:
    """What names a row by its number: the number, a text that begins with it, or a list of such (packed)."""
    if isinstance(value, bytes):
        return _encode(_referring(_decode(value), ahead))
    if isinstance(value, str):
        return _NUMBER.sub(lambda m: str(int(m[0]) + ahead), value, count=1)
    if isinstance(value, list):
        return [_referring(one, ahead) for one in value]
    return value + ahead if value else value
