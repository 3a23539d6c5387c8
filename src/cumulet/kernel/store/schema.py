"""How tables come to be what the code says: made, widened, re-indexed; and what a folder written by another version means.

The table `kernel_schema` remembers what was last applied, so that an unchanged kind costs one comparison. New fields
become columns with their default; new, changed and removed indexes follow. Anything else is an ordered migration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from .statements import Statements, quote

Execute = Callable[[str, Sequence[Any]], Iterable[tuple[Any, ...]]]
Migration = Callable[[Execute], None]

# Each brings a store from the format of its place + 1 to the next. Append only.
MIGRATIONS: tuple[Migration, ...] = ()


class Applied(msgspec.Struct):
    """What was last applied to one table."""

    scope: str
    columns: dict[str, str]
    indexes: dict[str, str]
    auto: str | None = None
    belongs: dict[str, tuple[str, ...]] = {}
    refers: dict[str, str] = {}


class SchemaProblem(Exception):
    """This store cannot be opened by this version."""


def schema_version(text: str) -> int:
    """The format of a state, from the row of `kernel_schema` that has no name."""
    return int(text)


class Known(NamedTuple):
    """One table that is in the store."""

    name: str
    applied: Applied


class Schema:
    """The tables of one open store. `execute` runs SQL in whatever transaction is current."""

    def __init__(self, execute: Execute, text: str, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self._execute = execute
        self._text = text
        self._migrations = migrations

    def open(self) -> None:
        """Read the format, and bring an older one up to date."""
        self._execute(f"CREATE TABLE IF NOT EXISTS kernel_schema (name {self._text} PRIMARY KEY, applied {self._text})", ())
        current = 1 + len(self._migrations)
        found = self._read("")
        if found is None:
            self._write("", str(current))
            return
        version = schema_version(found)
        if version > current:
            raise SchemaProblem(f"This state was written by a newer version of cumulet (format {version}; this version "
                                f"knows up to {current}). Upgrade cumulet, or take another state.")
        for migrate in self._migrations[version - 1:]:
            migrate(self._execute)
        if version < current:
            self._write("", str(current))

    def apply(self, statements: Statements) -> None:
        """Make a table what its struct says."""
        shape = statements.shape
        wanted = Applied(shape.said.scope, {c.name: c.kind for c in shape.columns}, statements.index_ddl(), shape.auto,
                         shape.said.belongs, shape.said.refers)
        text = msgspec.json.encode(wanted).decode()
        found = self._read(shape.table)
        if found == text:
            return
        if found is None:
            self._execute(statements.table_ddl(), ())
            have = Applied(wanted.scope, wanted.columns, {}, wanted.auto)
        else:
            have = msgspec.json.decode(found, type=Applied)
            self._widen(statements, have, wanted)
        for name, definition in have.indexes.items():
            if wanted.indexes.get(name) != definition:
                self._execute(f"DROP INDEX IF EXISTS {quote(name)}", ())
        for name, definition in wanted.indexes.items():
            if have.indexes.get(name) != definition:
                self._execute(f"CREATE {definition.format('IF NOT EXISTS ' + quote(name))}", ())
        # Columns that this version does not know stay, so that they are known when a later one has them again.
        wanted.columns = {**have.columns, **wanted.columns}
        self._write(shape.table, msgspec.json.encode(wanted).decode())

    def tables(self) -> list[Known]:
        """All tables that were ever made, of services that are loaded or not."""
        rows = self._execute("SELECT name, applied FROM kernel_schema ORDER BY name", ())
        return [Known(name, msgspec.json.decode(applied, type=Applied)) for name, applied in rows if name]

    def adopt(self, known: Known, ddl: str) -> None:
        """A table of a snapshot, in the place of what is here. A later `apply` brings it up to date."""
        self._execute(f"DROP TABLE IF EXISTS {quote(known.name)}", ())
        self._execute(ddl, ())
        for name, definition in known.applied.indexes.items():
            self._execute(f"CREATE {definition.format(quote(name))}", ())
        self._write(known.name, msgspec.json.encode(known.applied).decode())

    def _widen(self, statements: Statements, have: Applied, wanted: Applied) -> None:
        shape = statements.shape
        if have.auto != wanted.auto:
            raise SchemaProblem(f"{shape.table}: its numbering changed; that needs a migration.")
        for column in shape.columns:
            before = have.columns.get(column.name)
            if before is None:
                self._execute(statements.column_ddl(column.name), ())
                value = shape.encode(column.name, column.default)
                if value is not None:
                    self._execute(f"UPDATE {statements.quoted} SET {quote(column.name)} = ?", (value,))
                elif not column.optional:
                    raise SchemaProblem(f"{shape.table}: the new field {column.name} needs a default.")
            elif before != column.kind:
                raise SchemaProblem(f"{shape.table}.{column.name} was {before} and is {column.kind}; that needs a migration.")

    def _read(self, name: str) -> str | None:
        for (text,) in self._execute("SELECT applied FROM kernel_schema WHERE name = ?", (name,)):
            return str(text)
        return None

    def _write(self, name: str, text: str) -> None:
        self._execute("INSERT INTO kernel_schema (name, applied) VALUES (?, ?) "
                      "ON CONFLICT (name) DO UPDATE SET applied = excluded.applied", (name, text))
