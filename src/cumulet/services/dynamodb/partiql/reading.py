"""SELECT: a query of one or several partition keys, or a scan; in pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from cumulet.kernel import Call, error

from .. import pages, search
from .. import values as av
from ..expressions.operands import follow
from ..expressions.syntax import Path
from ..resources import Entry, Index
from ..shelf import Shelf, opened, shown_all, shown_item
from ..values import Item
from . import plan
from .binding import Bound
from .syntax import Select

_SEVERAL = 10                                # items of a page, when several partition keys are named
Place = tuple[bytes, bytes, bytes]


class Shown:
    """The attributes and paths of a SELECT list, each under its last name."""

    __slots__ = ("_paths", "roots")

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = [(_name(path), path.parts) for path in paths]
        self.roots = frozenset(str(parts[0]) for _, parts in self._paths)

    def of(self, item: Item) -> Item:
        found = ((name, follow(item, parts)) for name, parts in self._paths)
        return {name: value for name, value in found if value is not None}


def shown(select: Select) -> Shown | None:
    return Shown(select.shown) if select.shown else None


def _name(path: Path) -> str:
    """`b` of `a.b`, `b[0]` of `a.b[0]`."""
    name = ""
    for part in path.parts:
        name = f"{name}[{part}]" if isinstance(part, int) else part
    return name


def run(call: Call, bound: Bound, select: Select, text: str, consistent: bool, limit: int | None, token: str | None,
        wanted: str) -> dict[str, Any]:
    """One page of a SELECT."""
    shelf = opened(call, select.table)
    index = shelf.index(select.index_name) if select.index_name else None
    if select.where is not None:
        select.where.check(bound.values)
    fetch, several = _fetch(shelf, index, select, bound)
    asked = hashlib.sha256(orjson.dumps([text, bound.parameters], default=bytes.hex)).digest()[:12]
    start = _start(token, asked)
    behind = search.position(shelf.facts, index, start) if start is not None else None
    of = pages.Wanted(None, shown(select), False, index, consistent, shelf)
    test = (select.where, bound.values) if select.where is not None else None
    page = pages.read(shelf, index, fetch, behind, min(limit or _SEVERAL, _SEVERAL) if several else limit, test, of, wanted)
    result: dict[str, Any] = {"Items": shown_all(call, page.found.bodies), "ConsumedCapacity": page.consumed}
    if page.last is not None:
        result["LastEvaluatedKey"] = shown_item(call, page.last)
        result["NextToken"] = base64.urlsafe_b64encode(asked + av.encode(page.last)).decode()
    return result


def _start(token: str | None, asked: bytes) -> Item | None:
    """The key behind which a page begins."""
    if token is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(token)
        found: Item = orjson.loads(raw[len(asked):])
    except ValueError:
        raise error.ValidationException("Given NextToken is invalid") from None
    if raw[:len(asked)] != asked:
        raise error.ValidationException("NextToken does not match request")
    return found


def _fetch(shelf: Shelf, index: Index | None, select: Select, bound: Bound) -> tuple[search.Fetch, bool]:
    """The rows to look at; and whether they are of several partition keys."""
    place = index.number if index else shelf.number
    schema = search.schema_of(index or shelf.facts)
    hashes = plan.hash_values(schema, select.where, bound.values)
    _check_order(schema, select, hashes is not None)
    if hashes is None or select.where is None:
        return search.scan_rows(shelf, place, None, None), False
    found, bounds = plan.ranges(schema, select.where, bound.values, hashes)
    order = dict(select.order)
    hash_name, sort_name = schema.names[0], schema.names[len(schema.hash):][:1]
    forward = not any(order.get(name, False) for name in sort_name)
    if len(found) == 1:
        return search.query_rows(shelf, place, found[0], bounds, forward), False
    if hash_name in order:
        found.sort(key=lambda key: key[4:], reverse=order[hash_name])           # behind its checksum
    if select.order and select.order[0][0] in sort_name:
        return _merged(shelf, place, found, bounds, forward), True
    return _one_after_the_other(shelf, place, found, bounds, forward), True


def _check_order(schema: search.Schema, select: Select, keyed: bool) -> None:
    if not select.order:
        return
    if select.where is None:
        raise error.ValidationException("Must have WHERE clause in the statement when using ORDER BY clause.")
    if not keyed:
        raise error.ValidationException(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
    for name, _ in select.order:
        if name not in (*schema.names[:1], *schema.names[len(schema.hash):][:1]):
            raise error.ValidationException(
                f"Variable reference {name} in ORDER BY clause must be part of the primary key")


def _one_after_the_other(shelf: Shelf, place: int, found: list[bytes], bounds: search.Bounds, forward: bool) -> search.Fetch:
    def fetch(behind: Place | None, count: int) -> list[Entry]:
        first = found.index(behind[0]) if behind is not None and behind[0] in found else 0
        rows: list[Entry] = []
        for key in found[first:]:
            each = search.query_rows(shelf, place, key, bounds, forward)
            rows += each(behind if behind is not None and key == behind[0] else None, count - len(rows))
            if len(rows) == count:
                break
        return rows

    return fetch


def _merged(shelf: Shelf, place: int, found: list[bytes], bounds: search.Bounds, forward: bool) -> search.Fetch:
    """By sort key across partition keys; among equal ones, in the order of the partition keys."""
    rank = {key: at for at, key in enumerate(found)}

    def fetch(behind: Place | None, count: int) -> list[Entry]:
        rows: list[Entry] = []
        for key in found:
            if behind is not None and key == behind[0]:
                rows += search.query_rows(shelf, place, key, bounds, forward)(behind, count)
            else:
                within = bounds if behind is None else _beyond(bounds, behind[1], forward, rank[key] > rank.get(behind[0], -1))
                rows += search.query_rows(shelf, place, key, within, forward)(None, count)
        rows.sort(key=lambda row: rank[row.hash])
        rows.sort(key=lambda row: row.sort, reverse=not forward)                # stable: equal ones keep their rank
        return rows[:count]

    return fetch


def _beyond(bounds: search.Bounds, sort: bytes, forward: bool, too: bool) -> search.Bounds:
    """What of these bounds lies beyond a sort key (which belongs to it, too, for partition keys that come later)."""
    replaced = ("low", "after") if forward else ("high", "before")
    kept = {name: bound for name, bound in bounds.items() if name not in replaced}
    return {**kept, replaced[0 if too else 1]: sort}
