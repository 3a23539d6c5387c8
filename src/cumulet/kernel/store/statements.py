"""The SQL of one kind of row, in the words that SQLite and PostgreSQL share. Each text is written once and kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .rows import Shape

_MARKS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\?""")
MOST_TEXTS = 512                       # services that write their own SQL should not make a new text each time


class Dialect(NamedTuple):
    """Where the two differ. types: column kind → SQL type.  numbered: the column that numbers rows by itself.

    mark: what numbered parameters begin with.  anonymous: does it know `?` too?  alone: nobody but this process writes.
    """

    types: dict[str, str]
    numbered: str
    mark: str
    anonymous: bool
    alone: bool

    def final(self, text: str) -> str:
        """A text with `?`, as this one takes it."""
        return text if self.anonymous else number_marks(text, self.mark)[0]


SQLITE = Dialect({"int": "INTEGER", "float": "REAL", "str": "TEXT", "bytes": "BLOB", "bool": "INTEGER", "blob": "BLOB"},
                 "INTEGER PRIMARY KEY AUTOINCREMENT", "?", True, True)


class Plan(NamedTuple):
    """A statement of a service. Its parameters are the service's, then the scope."""

    text: str
    writes: bool
    scoped: bool


class Statements:
    """The statements of one kind. Parameters are always the scope first, then values in the order of their fields.

    known: rows that were read and are still so, and answers to questions: emptied by each write to the kind, and when any
    is undone. None where others write as well.
    """

    __slots__ = ("_gets", "_plans", "_scans", "_wheres", "changes", "columns", "counts", "delete", "deletes", "dialect", "get",
                 "insert", "known", "number", "put", "quoted", "shape")

    def __init__(self, shape: Shape, dialect: Dialect) -> None:
        self.shape = shape
        self.dialect = dialect
        self.known: dict[Any, Any] | None = {} if dialect.alone else None
        self.quoted = quote(shape.table)
        names = [quote(n) for n in shape.names]
        self.columns = ", ".join(names)
        where = "scope = ?" + "".join(f" AND {quote(k)} = ?" for k in shape.key)
        final = dialect.final
        self.get = final(f"SELECT {self.columns} FROM {self.quoted} WHERE {where}")
        self.delete = final(f"DELETE FROM {self.quoted} WHERE {where}")
        into = f"INSERT INTO {self.quoted} (scope, {self.columns}) VALUES ({marks(len(names) + 1)})"
        self.insert = final(f"{into} ON CONFLICT DO NOTHING")
        target = quote(shape.auto) if shape.auto else ", ".join(("scope", *map(quote, shape.key)))
        sets = ", ".join(f"{n} = excluded.{n}" for n in names if n[1:-1] not in shape.key) or "scope = excluded.scope"
        own = f" WHERE {self.quoted}.scope = excluded.scope" if shape.auto else ""
        self.put = final(f"{into} ON CONFLICT ({target}) DO UPDATE SET {sets}{own}")
        others = ", ".join(["scope", *(n for n in names if n[1:-1] != shape.auto)])
        told = "" if dialect.alone else f" RETURNING {quote(shape.auto or '')}"       # SQLite tells it for nothing
        self.number = final(f"INSERT INTO {self.quoted} ({others}) VALUES ({marks(len(names))}) ON CONFLICT DO NOTHING"
                            f"{told}") if shape.auto else ""
        self.changes: dict[tuple[str, ...], str] = {}
        self.counts: dict[Any, str] = {}
        self.deletes: dict[Any, str] = {}
        self._scans: dict[Any, str] = {}
        self._gets: dict[int, str] = {}
        self._plans: dict[str, Plan] = {}
        self._wheres: dict[str, str] = {}

    def scan(self, prefix: int, index: str | None, bounds: tuple[int, int, int, int], reverse: bool, limited: bool) -> str:
        """The rows of a range. bounds: how many fields each of low, high, after, before gives; 0 for none."""
        key = (prefix, index, bounds, reverse, limited)
        text = self._scans.get(key)
        if text is None:
            order = self.shape.order(index)[prefix:]
            by = ", ".join(quote(f) + (" DESC" if reverse else "") for f in order)
            text = f"SELECT {self.columns} FROM {self.quoted} WHERE {self.range(prefix, index, bounds)}"
            text += (f" ORDER BY {by}" if by else "") + (" LIMIT ?" if limited else "")
            text = self._scans[key] = self.dialect.final(text)
        return text

    def get_many(self, keys: int) -> str:
        """As `get`, of so many keys; rows come as they like."""
        text = self._gets.get(keys)
        if text is None:
            one = "scope = ?" + "".join(f" AND {quote(k)} = ?" for k in self.shape.key)
            text = f"SELECT {self.columns} FROM {self.quoted} WHERE {' OR '.join([one] * keys)}"
            text = self._gets[keys] = self.dialect.final(text)
        return text

    def count(self, prefix: int, index: str | None, bounds: tuple[int, int, int, int]) -> str:
        key = (prefix, index, bounds)
        text = self.counts.get(key)
        if text is None:
            text = self.counts[key] = self.dialect.final(
                f"SELECT count(*) FROM {self.quoted} WHERE {self.range(prefix, index, bounds)}")
        return text

    def delete_all(self, prefix: int, index: str | None) -> str:
        key = (prefix, index)
        text = self.deletes.get(key)
        if text is None:
            text = self.deletes[key] = self.dialect.final(
                f"DELETE FROM {self.quoted} WHERE {self.range(prefix, index, (0, 0, 0, 0))}")
        return text

    def change(self, fields: tuple[str, ...]) -> str:
        """Some fields of one row; its parameters are these values, the scope, the key."""
        text = self.changes.get(fields)
        if text is None:
            sets = ", ".join(f"{quote(n)} = ?" for n in fields)
            where = "scope = ?" + "".join(f" AND {quote(k)} = ?" for k in self.shape.key)
            text = self.changes[fields] = self.dialect.final(
                f"UPDATE {self.quoted} SET {sets} WHERE {where} RETURNING {self.columns}")
        return text

    def put_where(self, condition: str) -> str:
        """A put that replaces what is there only where a condition without parameters holds."""
        text = self._wheres.get(condition)
        if text is None:
            text = self._wheres[condition] = f"{self.put} WHERE {condition.replace('{table}', self.quoted)}"
        return text

    def plan(self, text: str) -> Plan:
        """A service's own statement, with table, columns and scope filled in."""
        plan = self._plans.get(text)
        if plan is None:
            if len(self._plans) >= MOST_TEXTS:
                self._plans.clear()
            whole = text.replace("{table}", self.quoted).replace("{columns}", self.columns)
            whole, count = number_marks(whole, self.dialect.mark)
            plan = self._plans[text] = Plan(whole.replace("{scope}", f"{self.dialect.mark}{count + 1}"),
                                            text.lstrip()[:6].upper() != "SELECT", "{scope}" in text)
        return plan

    def range(self, prefix: int, index: str | None, bounds: tuple[int, int, int, int]) -> str:
        """The condition of a range of the key or an index."""
        order = self.shape.order(index)
        where = "scope = ?" + "".join(f" AND {quote(f)} = ?" for f in order[:prefix])
        if index is not None and not prefix and self.shape.by_name[order[0]].optional:
            where += f" AND {quote(order[0])} IS NOT NULL"
        for given, op in zip(bounds, (">=", "<=", ">", "<"), strict=True):
            if given:
                names = [quote(f) for f in order[prefix: prefix + given]]
                if len(names) != given:
                    raise ValueError(f"{self.shape.table}: more bounds than fields in {index or 'the key'}")
                where += f" AND {names[0]} {op} ?" if given == 1 else f" AND ({', '.join(names)}) {op} ({marks(given)})"
        return where

    # --- definition ---

    def table_ddl(self) -> str:
        """The table, without indexes."""
        shape = self.shape
        return create_table(shape.table, {c.name: c.kind for c in shape.columns}, shape.auto, self.dialect)

    def index_ddl(self) -> dict[str, str]:
        """Index name → its definition. Rows whose first field is None are not in an index."""
        shape = self.shape
        found = {}
        if not shape.auto:
            found["key"] = f"UNIQUE INDEX {{}} ON {self.quoted} (scope, {', '.join(map(quote, shape.key))})"
        for name, fields in shape.said.indexes.items():
            unique = name in shape.said.unique
            whole = ", ".join(map(quote, fields if unique else shape.order(name)))
            some = f" WHERE {quote(fields[0])} IS NOT NULL" if shape.by_name[fields[0]].optional else ""
            found[name] = f"{'UNIQUE ' if unique else ''}INDEX {{}} ON {self.quoted} (scope, {whole}){some}"
        return {f"{shape.table}__{name}": text for name, text in found.items()}

    def column_ddl(self, name: str) -> str:
        """A column that an old table lacks."""
        return f"ALTER TABLE {self.quoted} ADD COLUMN {quote(name)} {self.dialect.types[self.shape.by_name[name].kind]}"


def quote(name: str) -> str:
    return f'"{name}"'


def marks(count: int) -> str:
    return ", ".join("?" * count)


def create_table(table: str, columns: dict[str, str], auto: str | None, dialect: Dialect) -> str:
    """A table of these columns (name → kind)."""
    cols = [f"{quote(name)} {dialect.numbered if name == auto else dialect.types[kind]}" for name, kind in columns.items()]
    return f"CREATE TABLE IF NOT EXISTS {quote(table)} (scope {dialect.types['int']} NOT NULL, {', '.join(cols)})"


def number_marks(text: str, mark: str) -> tuple[str, int]:
    """`?` outside of quotes becomes `?1`, `?2` … (or `$1` …); and how many there are."""
    count = 0

    def place(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] != "?":
            return found[0]
        count += 1
        return f"{mark}{count}"

    return _MARKS.sub(place, text), count


def bound(value: Any) -> Sequence[Any]:
    """A bound as the values of one or more fields."""
    return value if isinstance(value, (tuple, list)) else (value,)

