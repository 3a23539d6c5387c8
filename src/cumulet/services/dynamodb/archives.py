"""Rows behind a table's past and its ways in and out: journals, backups, exports, imports, bulk puts."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored


@stored(key=("place",))
class Journal(msgspec.Struct):
    """Of a table whose old images are kept: the number of its last change, and for whom they are kept.

    since: when point-in-time recovery was switched on, 0 when off.  pins: who reads the table as of which change.
    """

    place: int
    table: str
    last: int = 0
    since: float = 0.0
    days: int = 35
    pins: dict[str, int] = {}


@stored(key=("place", "hash", "sort", "change"), indexes={"time": ("place", "at", "change")})
class Undo(msgspec.Struct, gc=False):
    """What a change replaced: the old item, an empty body when there was none."""

    place: int
    hash: bytes
    sort: bytes
    change: int
    at: float
    size: int
    body: bytes


@stored(key=("id",), indexes={"table": ("table", "id"), "identity": ("identity", "id")})
class Backup(msgspec.Struct, kw_only=True):
    """A backup. Its items are entries under a number of its own.

    identity: the TableId of its table.  definition: the Table as it was, packed.  source, change: what is copied until it is
    complete: the table's number, as of this change.  readers: tables that are being restored from it.
    """

    id: str
    name: str
    table: str
    identity: str
    kind: str
    created: float
    definition: bytes
    place: int
    ttl: str
    source: int
    change: int
    expires: float = 0.0
    complete: bool = False
    items: int = 0
    size: int = 0
    readers: int = 0


@stored(key=("id",), indexes={"table": ("table", "id"), "token": ("token",)})
class Export(msgspec.Struct, kw_only=True):
    """An export of a table into a bucket.

    table: its ARN.  place, base, change: what is written: the table's number, after which change (-1: a full export) and until
    which.  told: what DescribeExport tells that does not change.  caller: with whose rights objects are written.  request: a
    digest of what was asked.
    """

    id: str
    table: str
    place: int
    base: int
    change: int
    told: dict[str, Any]
    caller: str
    request: bytes
    token: str
    status: str = "IN_PROGRESS"
    ended: float = 0.0
    failure: tuple[str, str] | None = None
    items: int = 0
    size: int = 0
    files: int = 0


@stored(key=("export", "number"))
class ExportFile(msgspec.Struct):
    """A data file of an export (or of what a bulk put reports) that is not complete yet: its line in the manifest."""

    export: str
    number: int
    line: bytes


@stored(key=("id",), indexes={"table": ("table", "id"), "token": ("token",)})
class Import(msgspec.Struct, kw_only=True):
    """An import of objects into a new table.

    table: its ARN.  told: what DescribeImport tells that does not change.  caller, request: as of an Export.  run: how many
    tasks worked on it.  key, done: the object being read, and how many of its records are dealt with.
    """

    id: str
    table: str
    told: dict[str, Any]
    caller: str
    request: bytes
    token: str
    status: str = "IN_PROGRESS"
    ended: float = 0.0
    failure: tuple[str, str] | None = None
    run: int = 0
    key: str = ""
    done: int = 0
    size: int = 0
    processed: int = 0
    imported: int = 0
    errors: int = 0


@stored(key=("id",), indexes={"token": ("token",), "table": ("table", "status")})
class Bulk(msgspec.Struct, kw_only=True):
    """A bulk put of objects into a table that is there.

    table, place: the table's name and number.  told, caller, request, run, key, done: as of an Import.  usage: the bytes that
    were put into the table ("") and each index.  vectors: those of each vector index.  due: when the next units may be taken,
    where their rate is limited.
    """

    id: str
    table: str
    place: int
    told: dict[str, Any]
    caller: str
    request: bytes
    token: str
    status: str = "IN_PROGRESS"
    ended: float = 0.0
    failure: tuple[str, str] | None = None
    run: int = 0
    key: str = ""
    done: int = 0
    size: int = 0
    total: int | None = None
    processed: int = 0
    errors: int = 0
    unmet: int = 0
    usage: dict[str, int] = {}
    vectors: dict[str, int] = {}
    due: float = 0.0
    files: int = 0
