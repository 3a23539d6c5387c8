"""A copy of a state as one SQLite database, whatever store it came from: made, brought up to date, and read.

Such a copy is what snapshots hold. Text, integers, floats and bytes are SQLite's own; the tables are those that `kernel_schema`
tells of, with the scopes (`kernel_scopes`) that their rows name.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote as url_quote

import apsw
import msgspec

from .schema import MIGRATIONS, Applied, Known, Migration, Schema, schema_version
from .statements import SQLITE, create_table, marks, quote


def make(file: str, format: int, tables: Sequence[Known]) -> apsw.Connection:
    """An empty copy with these tables, in an open transaction. `finish` ends it."""
    connection = apsw.Connection(file)
    connection.execute("PRAGMA page_size = 8192")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE kernel_schema (name TEXT PRIMARY KEY, applied TEXT)")
    rows = [("", str(format)), *((known.name, msgspec.json.encode(known.applied).decode()) for known in tables)]
    connection.executemany("INSERT INTO kernel_schema VALUES (?, ?)", rows)
    for known in tables:
        connection.execute(create_table(known.name, known.applied.columns, known.applied.auto, SQLITE))
    return connection


def fill(connection: apsw.Connection, known: Known, rows: Iterable[Sequence[Any]]) -> None:
    """Rows of one table: the scope, then its columns in the order that the schema has them."""
    names = ", ".join(map(quote, known.applied.columns))
    connection.executemany(f"INSERT INTO {quote(known.name)} (scope, {names}) "
                           f"VALUES ({marks(len(known.applied.columns) + 1)})", rows)


def finish(connection: apsw.Connection, tables: Sequence[Known], numbers: Mapping[str, int]) -> None:
    """Indexes, and the last number that each table gave; then it is whole."""
    for known in tables:
        for name, definition in known.applied.indexes.items():
            connection.execute(f"CREATE {definition.format(quote(name))}")
    for name, number in numbers.items():
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
    connection.execute("COMMIT")
    connection.close()


def upgrade(file: str, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a copy to this version's format. Raises SchemaProblem when a newer one wrote it."""
    connection = apsw.Connection(file)
    try:
        connection.execute("BEGIN")
        Schema(connection.execute, "TEXT", migrations).open()
        connection.execute("COMMIT")
    finally:
        connection.close()


class Copy:
    """A copy that is read. Close it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.connection = apsw.Connection(_uri(file), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        found = {str(name): str(text) for name, text in self.connection.execute("SELECT name, applied FROM kernel_schema")}
        self.format = schema_version(found[""])
        self.tables = {name: msgspec.json.decode(text, type=Applied) for name, text in sorted(found.items()) if name}
        self.scopes = {int(id): (str(account), str(region)) for id, account, region in
                       self.connection.execute("SELECT id, account, region FROM kernel_scopes")} \
            if "kernel_scopes" in self.tables else {}

    def rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        """The scope and the columns of each row, in the order of their keys where they have one."""
        names = ", ".join(map(quote, self.tables[table].columns))
        yield from self.connection.execute(f"SELECT scope, {names} FROM {quote(table)}")

    def numbers(self) -> dict[str, int]:
        """Of tables that number their rows: the last number given."""
        if not any(applied.auto for applied in self.tables.values()):
            return {}
        return {str(name): int(number) for name, number in self.connection.execute("SELECT name, seq FROM sqlite_sequence")}

    def count(self, table: str) -> int:
        """How many rows."""
        return int(next(iter(self.connection.execute(f"SELECT count(*) FROM {quote(table)}")))[0])

    def attach(self, other: Copy) -> None:
        """Have another copy beside this one, as the schema `other`."""
        self.connection.execute("ATTACH ? AS other", (_uri(other.file),))

    def close(self) -> None:
        """Done with it."""
        self.connection.close()


def _uri(file: str) -> str:
    """Immutable: nobody changes a snapshot, so that nothing need be written beside it."""
    return f"file:{url_quote(os.path.abspath(file))}?immutable=1"
