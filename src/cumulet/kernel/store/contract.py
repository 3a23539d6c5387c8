"""What a store is: typed tables, transactions that are durable before anyone is told, and blobs beside them.

Two kinds keep this contract (sqlite.py, postgres.py) and pass the same tests. Every field of a stored struct is a
column: scalars as themselves (int, float, str, bytes, bool), anything else msgpack-encoded in a BLOB column. A field
that a newer version adds becomes a column with the field's default. Account and region are part of every key, as one
small integer (the scope), so that no caller can forget them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

T = TypeVar("T")
R = TypeVar("R")


class Conflict(Exception):
    """A row with this key (or unique index entry) exists already."""


class Table(Protocol, Generic[T]):
    """The rows of one kind in one scope, seen from one transaction. Rows come and go whole, as structs."""

    def get(self, *key: Any) -> T | None:
        """The row with this key, by the primary key; None when there is none."""

    def get_many(self, keys: Sequence[tuple[Any, ...]]) -> list[T | None]:
        """`get` of each key, in their order; one statement for many where each costs a way to a server. All rows are held."""

    def known(self, *key: Any) -> T | None:
        """As get, for what is read on each call and seldom changes: the row may be the one that others were given before.
        Never change it; `get` it for that."""

    def find(self, index: str, *key: Any) -> T | None:
        """The first row of a secondary index whose leading fields equal `key`."""

    def put(self, row: T) -> T:
        """Insert or replace by primary key. With an `auto` field of 0, numbers the row and returns it."""

    def put_where(self, row: T, condition: str) -> bool:
        """As put, but a row that is there already is replaced only where an SQL condition holds of it (`{table}."x"`) and of
        the new one (`excluded."x"`); whether it was written. Not for kinds that number their rows."""

    def insert(self, row: T) -> T:
        """As put, but raises Conflict when the key exists."""

    def delete(self, *key: Any) -> bool:
        """Remove one row; True when it was there."""

    def delete_all(self, *prefix: Any, index: str | None = None) -> int:
        """Remove every row whose key (or index) begins with `prefix`; how many there were."""

    def scan(self, *prefix: Any, index: str | None = None, low: Any = None, high: Any = None, after: Any = None,
             before: Any = None, reverse: bool = False, limit: int | None = None) -> list[T]:
        """Rows in order of the key (or of the index) whose leading fields equal `prefix`.

        low/high bound the next field inclusively, after/before exclusively; a tuple bounds the next fields together.
        Strings and bytes are ordered by bytes.
        """

    def iterate(self, *prefix: Any, index: str | None = None, batch: int = 1000) -> Iterator[T]:
        """All rows with this prefix in key order, in batches: flat memory. Rows may change between batches."""

    def count(self, *prefix: Any, index: str | None = None, low: Any = None, high: Any = None) -> int:
        """How many rows."""

    def change(self, *key: Any, **fields: Any) -> T | None:
        """Set some fields of one row; the new row, or None when there is none."""

    def sql(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """SQL in the subset that SQLite and PostgreSQL share, `?` for parameters, `{table}` for this table's name.

        The scope is not added: begin conditions with `scope = {scope}`. Field names are column names, in double quotes.
        Use it where a loop over rows would cost more than it explains.
        """

    @overload
    def known_sql(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]: ...

    @overload
    def known_sql(self, text: str, *parameters: Any, make: Callable[[tuple[Any, ...]], R]) -> list[R]:
        """As sql, for a SELECT that is asked over and over while its table seldom changes. Never change the answer.
        make: what each row is remembered as."""

    def rows(self, text: str, *parameters: Any) -> list[T]:
        """As sql, for statements that give whole rows: write `{columns}` for the column list."""


class Transaction(Protocol):
    """All of its writes or none. Given to operations as `call.tx`; services use tables, not this."""

    store: Store

    def table(self, kind: type[T], account: str, region: str) -> Table[T]:
        """The rows of a kind in the scope that its `@stored` names."""

    def after_commit(self, fn: Callable[[], None]) -> None:
        """Run on the event loop once this transaction is durable; forgotten when it fails."""

    def savepoint(self) -> Any:
        """A context manager: writes inside it are undone when it raises."""


class Blobs(Protocol):
    """Big bytes beside the store: written, fsynced, renamed, then referenced by a row in the same commit."""

    def keep(self, tx: Transaction, path: str) -> str:
        """Adopt a finished file (as Spool.path) under a new id; durable when this returns. An orphan is swept at start."""

    def sync(self, path: str, fd: int) -> None:
        """Make a finished file and its name durable, in a thread: the commit that keeps it need not wait for it then."""

    def open(self, blob: str) -> int:
        """A file descriptor to read from; the caller closes it."""

    def size(self, blob: str) -> int: ...

    def drop(self, tx: Transaction, blob: str) -> None:
        """Remove after this transaction has committed."""

    def temporary(self) -> str:
        """A path for a new file in the store's own file system."""


class Store(Protocol):
    """The state of one cloud.

    blocking: False when `transact` runs `fn` at once on the event loop (SQLite); True when it runs in a worker thread
    and may be run again after a serialisation failure (PostgreSQL), so `fn` must have no effect but through its transaction.
    """

    blocking: bool
    retryable: tuple[type[BaseException], ...]      # raised inside `fn` to make it run again: never swallow them
    blobs: Blobs
    memory: dict[str, Any]      # computed from rows: SQLite empties it when rows go back (an undo, reset, restore); with
    #                             PostgreSQL other nodes write as well, so whoever keeps something there checks a version
    folder: str                                     # what is not in tables: blobs, and the machine's key for SQLite

    def transact(self, fn: Callable[[Transaction], R], done: Callable[[R | None, BaseException | None], None]) -> None:
        """Run `fn` in a transaction; call `done(result, None)` on the event loop when all it wrote *and read* is durable,
        or `done(None, error)` when it raised (then nothing of it stays). It may be run more than once before that."""

    async def run(self, fn: Callable[[Transaction], R]) -> R:
        """transact, awaited."""

    def run_now(self, fn: Callable[[Transaction], R]) -> R:
        """transact from outside the event loop (start, CLI, tests): commits before it returns."""

    def register(self, kinds: Sequence[type]) -> None:
        """Make sure that the tables of these kinds exist and have all their columns and indexes."""

    def listen(self, channel_signalled: Callable[[str], None]) -> None:
        """Called on the event loop with the channel of each signal sent by *another* node (PostgreSQL); SQLite has none."""

    def notify(self, tx: Transaction, channel: str) -> None:
        """Tell other nodes after the commit of `tx`."""

    def reset(self, account: str | None = None, region: str | None = None,
              first: Callable[[Transaction], None] | None = None, last: Callable[[Transaction], None] | None = None) -> None:
        """Delete all rows (of one account, or one account in one region); with all rows all blobs. Cumulet's own settings stay.

        first: done before, in the same transaction; it drops the blobs of the account's rows, and the rows that do not say
        whose they are.  last: done after it, in the same transaction.
        """

    def snapshot(self, path: str) -> None:
        """Write a consistent copy of rows and blobs into a new folder, durably. From a thread; nobody has to stop writing."""

    def fork(self, path: str) -> None:
        """As snapshot, for what ends with this process: as fast as can be, and into the store's own file system.
        An ephemeral SQLite store can begin with it (`Settings.begins`); `forks.settle` makes a snapshot of it."""

    def restore(self, path: str) -> None:
        """Replace all state by a snapshot, of whichever kind of store; where that fails, nothing has changed."""

    async def close(self) -> None: ...
