"""Tables as transactions see them, over whatever session runs the SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from .contract import Conflict
from .statements import Statements, bound

Rows = Iterable[tuple[Any, ...]]
_NO_BOUNDS = (0, 0, 0, 0)
MOST_AT_ONCE = 100                     # keys that one statement asks for
MOST_KNOWN = 2_000                     # rows of one kind, and answers about it, that are kept


class Session(Protocol):
    """What runs the statements of one transaction."""

    def read(self, text: str, parameters: Sequence[Any]) -> Rows:
        """Rows of a SELECT."""

    def write(self, text: str, parameters: Sequence[Any]) -> Rows:
        """A statement that changes rows; those that it RETURNs, to be taken before the next statement."""

    def guarded(self, text: str, parameters: Sequence[Any]) -> Rows:
        """As write; a broken unique index raises Conflict, and the transaction goes on."""

    def changed(self) -> int:
        """How many rows the last write touched."""

    def number(self, text: str, parameters: Sequence[Any]) -> int | None:
        """An INSERT that gives its row a number: that number; None when another row is in its way."""

    def numbered(self, statements: Statements, number: int) -> None:
        """A row was written under a number that the caller chose: the store never gives it out again."""


class SqlTable:
    """See `contract.Table`."""

    __slots__ = ("_scope", "_session", "_statements")

    def __init__(self, session: Session, statements: Statements, scope: int) -> None:
        self._session = session
        self._statements = statements
        self._scope = scope

    def get(self, *key: Any) -> Any:
        for row in self._session.read(self._statements.get, (self._scope, *key)):
            return self._statements.shape.make(row)
        return None

    def get_many(self, keys: Sequence[tuple[Any, ...]]) -> list[Any]:
        statements = self._statements
        if statements.dialect.alone:                 # nothing lies between us and the rows: one by one is as quick
            return [self.get(*key) for key in keys]
        shape = statements.shape
        found: dict[tuple[Any, ...], Any] = {}
        for start in range(0, len(keys), MOST_AT_ONCE):
            some = keys[start:start + MOST_AT_ONCE]
            values = [value for key in some for value in (self._scope, *key)]
            for row in self._session.read(statements.get_many(len(some)), values):
                made = shape.make(row)
                found[shape.key_of(made)] = made
        return list(map(found.get, keys))

    def known(self, *key: Any) -> Any:
        statements = self._statements
        rows = statements.known
        if rows is None:
            return self.get(*key)
        place = (self._scope, key)
        row = rows.get(place)
        if row is None:
            row = self.get(*key)
            if row is not None:
                _keep(rows, place, row)
        return row

    def find(self, index: str, *key: Any) -> Any:
        text = self._statements.scan(len(key), index, _NO_BOUNDS, False, True)
        for row in self._session.read(text, (self._scope, *key, 1)):
            return self._statements.shape.make(row)
        return None

    def put(self, row: Any) -> Any:
        statements, session = self._statements, self._session
        if statements.known:
            statements.known.clear()
        shape = statements.shape
        auto = shape.auto
        if auto is None:
            write = session.guarded if shape.said.unique else session.write
            write(statements.put, (self._scope, *shape.values(row)))
            return row
        number = getattr(row, auto)
        if not number:
            return self._number(statements, row, auto)
        write = session.guarded if shape.said.unique else session.write
        write(statements.put, (self._scope, *shape.values(row)))
        if not session.changed():
            raise Conflict(f"{shape.table}: {number} is another scope's")
        session.numbered(statements, number)
        return row

    def put_where(self, row: Any, condition: str) -> bool:
        statements, session = self._statements, self._session
        if statements.known:
            statements.known.clear()
        write = session.guarded if statements.shape.said.unique else session.write
        write(statements.put_where(condition), (self._scope, *statements.shape.values(row)))
        return session.changed() > 0

    def insert(self, row: Any) -> Any:
        statements, session = self._statements, self._session
        if statements.known:
            statements.known.clear()
        shape = statements.shape
        auto = shape.auto
        if auto is not None and not getattr(row, auto):
            return self._number(statements, row, auto)
        session.write(statements.insert, (self._scope, *shape.values(row)))
        if not session.changed():
            raise Conflict(shape.table)
        if auto is not None:
            session.numbered(statements, getattr(row, auto))
        return row

    def _number(self, statements: Statements, row: Any, auto: str) -> Any:
        number = self._session.number(statements.number, (self._scope, *statements.shape.others(row)))
        if number is None:
            raise Conflict(statements.shape.table)
        setattr(row, auto, number)
        return row

    def delete(self, *key: Any) -> bool:
        if self._statements.known:
            self._statements.known.clear()
        self._session.write(self._statements.delete, (self._scope, *key))
        return self._session.changed() > 0

    def delete_all(self, *prefix: Any, index: str | None = None) -> int:
        if self._statements.known:
            self._statements.known.clear()
        self._session.write(self._statements.delete_all(len(prefix), index), (self._scope, *prefix))
        return self._session.changed()

    def scan(self, *prefix: Any, index: str | None = None, low: Any = None, high: Any = None, after: Any = None,
             before: Any = None, reverse: bool = False, limit: int | None = None) -> list[Any]:
        statements = self._statements
        values = [self._scope, *prefix]
        bounds = _NO_BOUNDS
        if low is not None or high is not None or after is not None or before is not None:
            bounds = _bounds(values, low, high, after, before)
        text = statements.scan(len(prefix), index, bounds, reverse, limit is not None)
        if limit is not None:
            values.append(limit)
        return list(map(statements.shape.make, self._session.read(text, values)))

    def iterate(self, *prefix: Any, index: str | None = None, batch: int = 1000) -> Iterator[Any]:
        order = self._statements.shape.order(index)[len(prefix):]
        after: tuple[Any, ...] | None = None
        while True:
            rows = self.scan(*prefix, index=index, after=after, limit=batch)
            if rows:
                after = tuple(getattr(rows[-1], f) for f in order)
            yield from rows
            if len(rows) < batch or not order:
                return

    def count(self, *prefix: Any, index: str | None = None, low: Any = None, high: Any = None) -> int:
        values = [self._scope, *prefix]
        bounds = _bounds(values, low, high, None, None)
        for (number,) in self._session.read(self._statements.count(len(prefix), index, bounds), values):
            return int(number)
        return 0

    def change(self, *key: Any, **fields: Any) -> Any:
        statements = self._statements
        shape = statements.shape
        if not fields:
            return self.get(*key)
        if statements.known:
            statements.known.clear()
        values = [shape.encode(n, v) for n, v in fields.items()]
        write = self._session.guarded if shape.said.unique else self._session.write
        for row in list(write(statements.change(tuple(fields)), (*values, self._scope, *key))):
            return shape.make(row)
        return None

    def sql(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return list(self._run(text, parameters))

    def known_sql(self, text: str, *parameters: Any, make: Callable[[tuple[Any, ...]], Any] = tuple) -> list[Any]:
        known = self._statements.known
        if known is None:
            return list(map(make, self._run(text, parameters)))
        place = (self._scope, text, parameters, make)
        found: list[Any] | None = known.get(place)
        if found is None:
            found = list(map(make, self._run(text, parameters)))
            _keep(known, place, found)
        return found

    def rows(self, text: str, *parameters: Any) -> list[Any]:
        return list(map(self._statements.shape.make, self._run(text, parameters)))

    def _run(self, text: str, parameters: tuple[Any, ...]) -> Rows:
        plan = self._statements.plan(text)
        session = self._session
        if plan.scoped:
            parameters = (*parameters, self._scope)
        if not plan.writes:
            return session.read(plan.text, parameters)
        if self._statements.known:
            self._statements.known.clear()
        return (session.guarded if self._statements.shape.said.unique else session.write)(plan.text, parameters)


def _keep(known: dict[Any, Any], place: Any, what: Any) -> None:
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[place] = what


def _bounds(values: list[Any], low: Any, high: Any, after: Any, before: Any) -> tuple[int, int, int, int]:
    """Adds the bounds' values to the parameters; how many fields each of them gives."""
    counts = []
    for given in (low, high, after, before):
        if given is None:
            counts.append(0)
        else:
            fields = bound(given)
            values += fields
            counts.append(len(fields))
    return (counts[0], counts[1], counts[2], counts[3])
