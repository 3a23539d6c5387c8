"""Copies of the state of a PostgreSQL store: every table by COPY from one moment, and the blobs as hard links.

A snapshot is a folder: `tables.json` (what the tables are), `<table>.copy` for each, and `blobs/`.
"""

from __future__ import annotations

import os
import shutil

import msgspec

from .folder import FolderBlobs, link, sync_folder
from .pg_session import DIALECT, Connection, connect
from .pg_signals import restored
from .schema import Applied, Known, Schema, schema_version
from .snapshot import SnapshotProblem, sync_file
from .statements import create_table, quote

_TABLES = "tables.json"


class _Manifest(msgspec.Struct):
    format: int
    tables: dict[str, Applied]
    numbers: dict[str, int]            # of tables that number their rows: the last number given


def write(path: str, url: str, blobs: FolderBlobs) -> None:
    """A new snapshot of what is committed at this moment. Nobody has to stop writing."""
    path = os.path.abspath(path)
    if os.path.exists(path):
        raise SnapshotProblem(f"{path} exists already.")
    partial = path + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(os.path.join(partial, "blobs"))
    connection = connect(url)
    try:
        manifest = _describe(connection)
        for name, applied in manifest.tables.items():
            file = os.path.join(partial, name + ".copy")
            with open(file, "wb") as f, connection.cursor().copy(f"COPY {_columns(name, applied)} TO STDOUT") as copy:
                for data in copy:
                    f.write(data)
            sync_file(file)
        kept = [str(row[0]) for row in connection.execute("SELECT id FROM kernel_blob").fetchall()]
    finally:
        connection.close()
    shards = {os.path.join(partial, "blobs", blob[-2:]) for blob in kept}
    for shard in shards:
        os.mkdir(shard)
    for blob in kept:
        link(blobs.folder, blob, os.path.join(partial, "blobs", blob[-2:], blob))
    with open(os.path.join(partial, _TABLES), "wb") as f:
        f.write(msgspec.json.encode(manifest))
    sync_file(os.path.join(partial, _TABLES))
    for folder in (*shards, os.path.join(partial, "blobs"), partial):
        sync_folder(folder)
    os.rename(partial, path)
    sync_folder(os.path.dirname(path))


def _describe(connection: Connection) -> _Manifest:
    rows = connection.execute("SELECT name, applied FROM kernel_schema ORDER BY name").fetchall()
    found = {str(name): str(text) for name, text in rows}
    tables = {name: msgspec.json.decode(text, type=Applied) for name, text in found.items() if name}
    numbers = {}
    for name, applied in tables.items():
        if applied.auto:
            row = connection.execute(f'SELECT last_value FROM "{name}_{applied.auto}_seq"'.encode()).fetchone()
            assert row is not None
            numbers[name] = int(row[0])
    return _Manifest(schema_version(found[""]), tables, numbers)


def read(path: str, connection: Connection, schema: Schema, blobs: FolderBlobs, node: str, lock: int) -> None:
    """Replace all rows by those of a snapshot, in the connection's transaction; other nodes are told."""
    try:
        with open(os.path.join(path, _TABLES), "rb") as f:
            manifest = msgspec.json.decode(f.read(), type=_Manifest)
    except FileNotFoundError:
        raise SnapshotProblem(f"{path} holds no snapshot of a PostgreSQL store.") from None
    schema.refuse_other(manifest.format)
    connection.execute("SELECT pg_advisory_xact_lock($1)", (lock,))
    for known in schema.tables():
        if known.name not in manifest.tables:
            connection.execute(f"TRUNCATE {quote(known.name)}".encode())
    for name, applied in manifest.tables.items():
        schema.adopt(Known(name, applied), create_table(name, applied.columns, applied.auto, DIALECT))
        file = os.path.join(path, name + ".copy")
        with open(file, "rb") as f, connection.cursor().copy(f"COPY {_columns(name, applied)} FROM STDIN") as copy:
            while data := f.read(1 << 18):
                copy.write(data)
        if applied.auto:
            connection.execute(f"SELECT setval('\"{name}_{applied.auto}_seq\"', $1)".encode(), (manifest.numbers[name],))
    kept = [str(row[0]) for row in connection.execute("SELECT id FROM kernel_blob").fetchall()]
    blobs.link_from(os.path.join(path, "blobs"), kept)
    connection.execute("SELECT pg_notify($1, $2)", restored(node))


def _columns(name: str, applied: Applied) -> str:
    return f"{quote(name)} (scope, {', '.join(map(quote, applied.columns))})"
