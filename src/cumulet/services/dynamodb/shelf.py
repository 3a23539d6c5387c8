"""A table as a call on items sees it: its facts, its rows, and how its items are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from cumulet.kernel import AwsError, Call, Raw, error, parse_arn
from cumulet.kernel import Table as Rows

from . import encryption, insights, keys
from . import values as av
from .resources import Entry, Facts, Index, Layout
from .values import Item


class Projection(Protocol):
    """What of an item a read wants."""

    def of(self, item: Item) -> Item: ...

    @property
    def roots(self) -> frozenset[str]: ...


class Shelf:
    """One table in one call."""

    __slots__ = ("call", "entries", "facts", "name", "number", "plain")

    def __init__(self, call: Call, name: str, number: int, facts: Facts) -> None:
        self.call = call
        self.name = name
        self.number = number
        self.facts = facts
        self.plain = facts.plain
        self.entries: Rows[Entry] = call.table(Entry)

    def get(self, key: keys.Key) -> Entry | None:
        return self.entries.get(self.number, key[0], key[1], b"")

    def get_many(self, some: Sequence[keys.Key]) -> list[Entry | None]:
        """`get` of each."""
        return self.entries.get_many([(self.number, key[0], key[1], b"") for key in some])

    def saw(self, rows: Iterable[Entry]) -> None:
        """These rows were read, or written to an index; `get` and `get_many` see to the others."""

    def refused(self, place: int) -> None:
        """What was read or written last, of the table or an index with this number, was refused for want of throughput."""

    def index(self, name: str) -> Index:
        for index in self.facts.indexes:
            if index.name == name:
                if not index.ready:
                    raise error.ValidationException(f"Cannot read from backfilling global secondary index: {name}")
                return index
        raise error.ValidationException(f"The table does not have the specified index: {name}")


class Counted(Shelf):
    """A table whose accesses are counted. last: what was read or written last, of the table and of each index."""

    __slots__ = ("last",)

    def __init__(self, call: Call, name: str, number: int, facts: Facts) -> None:
        super().__init__(call, name, number, facts)
        self.last: dict[int, tuple[bytes, bytes]] = {}

    def get(self, key: keys.Key) -> Entry | None:
        self._note(self.number, key)
        return super().get(key)

    def get_many(self, some: Sequence[keys.Key]) -> list[Entry | None]:
        for key in some:
            self._note(self.number, key)
        return super().get_many(some)

    def saw(self, rows: Iterable[Entry]) -> None:
        for row in rows:
            self._note(row.place, (row.hash, row.sort))

    def _note(self, place: int, key: keys.Key) -> None:
        self.last[place] = key
        self.call.note(insights.count, (place, *key, insights.ACCESSED))

    def refused(self, place: int) -> None:
        if (key := self.last.pop(place, None)) is not None:
            self.call.note(insights.count, (place, *key, insights.THROTTLED))


def opened(call: Call, name: str) -> Shelf:
    """The table of this name (or ARN)."""
    if ":" in name:
        call, name = placed(call, name)
    row = call.table(Layout).known(name)
    if row is None:
        raise error.ResourceNotFoundException("Requested resource not found")
    facts = keys.facts_of(row.facts)
    if facts.state:
        raise error.ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    if facts.sealed:
        encryption.must_open(call, name)
    if facts.counted:
        return Counted(call, name, row.number, facts)
    return Shelf(call, name, row.number, facts)


def shelves(call: Call) -> Callable[[str], Shelf]:
    """`opened` for a call that names a table often: each is opened once."""
    known: dict[str, Shelf] = {}

    def shelf_of(name: str) -> Shelf:
        shelf = known.get(name)
        if shelf is None:
            shelf = known[name] = opened(call, name)
        return shelf

    return shelf_of


def placed(call: Call, text: str) -> tuple[Call, str]:
    """Where a table lies, and its name: another account's table is open to whom its policy lets in, as the kernel decided
    before; one without a policy is open to nobody."""
    if ":" not in text:
        return call, text
    arn = parse_arn(text)
    if arn is None or arn.service != "dynamodb" or not arn.resource.startswith("table/"):
        raise error.ValidationException(f"Invalid table ARN: {text}")
    there, name = call, arn.resource.split("/")[1]
    if arn.account != call.account:
        there = call.elsewhere(account=arn.account)
        row = there.table(Layout).known(name)
        if row is None or not keys.facts_of(row.facts).guarded:
            raise _closed(call, text)
    if arn.region != call.region:
        raise error.ResourceNotFoundException("Requested resource not found")
    return there, name


def name_of(call: Call, text: str) -> str:
    """The name of a table of this account from its name or ARN, for operations that reach into no other account."""
    there, name = placed(call, text)
    if there is not call:
        raise _closed(call, text)
    return name


def _closed(call: Call, arn: str) -> AwsError:
    action = f"dynamodb:{call.operation}"
    return error.AccessDeniedException(
        f"User: {call.principal.arn} is not authorized to perform: {action} on resource: {arn} because no "
        f"resource-based policy allows the {action} action")


def picked(row: Entry, projection: Projection | None) -> bytes:
    """What a read wants of an item, as it is sent."""
    return row.body if projection is None else av.encode(projection.of(av.decode(row.body)))


def shown(call: Call, body: bytes) -> Any:
    """A stored item in a result: spliced in as it is, or (for a call inside the process) as values."""
    return Raw(body) if call.request is not None else av.for_peers(av.decode(body))


def shown_all(call: Call, bodies: list[bytes]) -> Any:
    """Stored items in a result, as a list."""
    if call.request is not None:
        return Raw(b"[" + b",".join(bodies) + b"]")
    return [av.for_peers(av.decode(body)) for body in bodies]


def shown_responses(call: Call, bodies: list[bytes | None]) -> Any:
    """Items that were read one by one, as a list of ItemResponse; None is one that is not there."""
    if call.request is not None:
        return Raw(b"[" + b",".join([b'{"Item":%b}' % body if body is not None else b"{}" for body in bodies]) + b"]")
    return [{"Item": av.for_peers(av.decode(body))} if body is not None else {} for body in bodies]


def shown_item(call: Call, item: Item) -> Any:
    """An item in the one form in a result."""
    return Raw(av.encode(item)) if call.request is not None else av.for_peers(item)
