"""Snapshots of a PostgreSQL store: its tables at one moment as the SQLite database of all snapshots, and back by COPY."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import psycopg

from . import copies, keyring, snapshot
from .copies import Copy
from .folder import FolderBlobs
from .keyring import MachineKey
from .pg_session import DIALECT, Connection, connect
from .pg_signals import restored
from .schema import Applied, Known, Migration, Schema, schema_version
from .statements import create_table, quote

_BATCH = 2000


def write(path: str, url: str, blobs: FolderBlobs) -> None:
    """A new snapshot of what is committed at this moment. Nobody has to stop writing."""
    snapshot.assemble(path, lambda file: _fill(file, url), blobs, os.path.dirname(blobs.folder))


def _fill(file: str, url: str) -> None:
    source = connect(url)
    source.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    source.read_only = True
    try:
        format, tables = _tables(source)
        copy = copies.make(file, format, tables)
        for known in tables:
            copies.fill(copy, known, _rows(source, known))
        copies.finish(copy, tables, _numbers(source, tables))
    finally:
        source.close()


def _tables(source: Connection) -> tuple[int, list[Known]]:
    found = {str(name): str(text) for name, text in source.execute("SELECT name, applied FROM kernel_schema ORDER BY name")}
    return schema_version(found[""]), [Known(name, msgspec.json.decode(text, type=Applied))
                                       for name, text in found.items() if name]


def _rows(source: Connection, known: Known) -> Iterator[tuple[Any, ...]]:
    with psycopg.ServerCursor(source, "snapshot") as cursor:
        cursor.itersize = _BATCH
        yield from cursor.execute(f"SELECT {_columns(known.applied)} FROM {quote(known.name)}".encode(), binary=True)


def _numbers(source: Connection, tables: Sequence[Known]) -> dict[str, int]:
    """The last number that each table gave."""
    found = {}
    for known in tables:
        if known.applied.auto:
            sequence = quote(f"{known.name}_{known.applied.auto}_seq")
            for last, given in source.execute(f"SELECT last_value, is_called FROM {sequence}".encode()):
                found[known.name] = int(last) if given else 0
    return found


@contextlib.contextmanager
def prepared(path: str, blobs: FolderBlobs, migrations: Sequence[Migration]) -> Iterator[Copy]:
    """A snapshot, brought to this version's format beside the blobs; where that fails, nothing has changed."""
    snapshot.check(path)
    beside = blobs.temporary()
    try:
        shutil.copyfile(os.path.join(path, snapshot.STATE), beside)
        copies.upgrade(beside, migrations)
        copy = Copy(beside)
        try:
            yield copy
        finally:
            copy.close()
    finally:
        os.unlink(beside)


def read(path: str, copy: Copy, connection: Connection, schema: Schema, blobs: FolderBlobs, node: str, lock: int) -> None:
    """Replace all rows by those of a prepared snapshot, in the connection's transaction; other nodes are told."""
    key = _machine_key(path, copy)
    connection.execute("SELECT pg_advisory_xact_lock($1)", (lock,))
    for known in schema.tables():
        if known.name not in copy.tables:
            connection.execute(f"TRUNCATE {quote(known.name)}".encode())
    numbers = copy.numbers()
    for name, applied in copy.tables.items():
        schema.adopt(Known(name, applied), create_table(name, applied.columns, applied.auto, DIALECT))
        with connection.cursor().copy(f"COPY {quote(name)} ({_columns(applied)}) FROM STDIN".encode()) as target:
            for row in copy.rows(name):
                target.write_row(row)
        if applied.auto and numbers.get(name):
            connection.execute(f"SELECT setval('\"{name}_{applied.auto}_seq\"', $1)".encode(), (numbers[name],))
    if key is not None:
        connection.execute("UPDATE kernel_machine_key SET key = $1", (key,))
    blobs.link_from(os.path.join(path, "blobs"),
                    [str(row[0]) for row in connection.execute("SELECT id FROM kernel_blob").fetchall()])
    connection.execute("SELECT pg_notify($1, $2)", restored(node))


def _machine_key(path: str, copy: Copy) -> bytes | None:
    """The key of a state that kept it in a file: several nodes share this one, so it goes into its row."""
    if "kernel_machine_key" not in copy.tables:
        return None
    for id, key in copy.connection.execute("SELECT id, key FROM kernel_machine_key"):
        keys = {keyring.id_of(k): k for k in keyring.from_environment() + keyring.read(path)}
        row = MachineKey(bytes(id), key)
        keyring.refuse_unreadable(row, keys)
        return key if key is not None else keys[row.id] if not keyring.from_environment() else None
    return None


def _columns(applied: Applied) -> str:
    return f"scope, {', '.join(map(quote, applied.columns))}"
