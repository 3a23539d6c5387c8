"""Query and scan: key conditions as ranges of encoded keys, pages of rows, where a page ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, error

from . import compound, keys
from . import values as av
from .expressions.conditions import Condition
from .expressions.syntax import And, Between, Compare, Function, Node, Operand, Path, Placeholder
from .resources import Entry, Facts, Index
from .shelf import Shelf
from .values import Item, Value

LARGEST_PAGE = 1024 * 1024
_FIRST_CHUNK, _SMALLEST_CHUNK, _LARGEST_CHUNK = 128, 16, 4096
_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_INVALID = "One or more parameter values were invalid: "
Part = tuple[str, str, list[Value]]          # attribute, operator, values
Bounds = dict[str, Any]                      # low, high, after, before: as a store's table takes them


class Schema(NamedTuple):
    """The key of a table or an index: the attributes (mostly one) of its partition key and its sort key, with their types."""

    hash: tuple[tuple[str, str], ...]
    sort: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in (*self.hash, *self.sort))


def schema_of(at: Facts | Index) -> Schema:
    return Schema(keys.hash_parts(at), keys.sort_parts(at))


# --- key conditions ---

def parts_of(condition: Condition, values: Mapping[str, Value]) -> list[Part]:
    """A KeyConditionExpression as conditions on single attributes."""
    root: Node = condition.tree.root                                            # type: ignore[assignment]
    nodes = _flat(root)
    return [_part(node, values) for node in nodes]


def _flat(node: Node) -> list[Node]:
    return [leaf for part in node.parts for leaf in _flat(part)] if isinstance(node, And) else [node]


def _part(node: Node, values: Mapping[str, Value]) -> Part:
    if isinstance(node, Compare) and node.sign != "<>":
        sign, left, right = node
        if isinstance(left, Placeholder):
            sign, left, right = _FLIPPED[sign], right, left
        return _name(left), sign, [_value(right, values)]
    if isinstance(node, Between):
        return _name(node.operand), "BETWEEN", [_value(node.low, values), _value(node.high, values)]
    if isinstance(node, Function) and node.name == "begins_with":
        return _name(node.arguments[0]), "begins_with", [_value(node.arguments[1], values)]
    raise _invalid(f"Invalid operator used in KeyConditionExpression: {_operator(node)}")


def _operator(node: Node) -> str:
    if isinstance(node, Compare):
        return node.sign
    return node.name if isinstance(node, Function) else type(node).__name__.upper()


def _name(operand: Operand) -> str:
    if not isinstance(operand, Path):
        raise _invalid("Invalid condition in KeyConditionExpression: An attribute name must be used as the first operand"
                       if not isinstance(operand, Function) else
                       f"Invalid operator used in KeyConditionExpression: {operand.name}")
    if len(operand.parts) > 1:
        raise _invalid("KeyConditionExpressions cannot have conditions on nested attributes")
    return str(operand.parts[0])


def _value(operand: Operand, values: Mapping[str, Value]) -> Value:
    if isinstance(operand, Path):
        raise _invalid("Invalid condition in KeyConditionExpression: multiple attribute names used in one condition")
    if not isinstance(operand, Placeholder):
        raise _invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
    return values[operand.name]


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)


def key_range(schema: Schema, parts: list[Part]) -> tuple[bytes, Bounds]:
    """The hash key (as stored) and the bounds of the sort key that key conditions name."""
    given: dict[str, Part] = {}
    for part in parts:
        if part[0] in given:
            raise error.ValidationException("KeyConditionExpressions must only contain one condition per key")
        given[part[0]] = part
    first = []
    for name, kind in schema.hash:
        if name not in given:
            raise error.ValidationException(f"Query condition missed key schema element: {name}")
        part = given.pop(name)
        if part[1] != "=":
            raise error.ValidationException("Query key condition not supported")
        first += _encoded(name, kind, part[2])
    second = [(kind, given.pop(name)) for name, kind in _leading(schema.sort, given)]
    if given:
        missed = schema.sort[len(second):]
        if missed and (not second or given.keys() & dict(missed)):
            raise error.ValidationException(f"Query condition missed key schema element: {missed[0][0]}")
        raise error.ValidationException("Query key condition not supported")
    return keys.spread(keys.of_parts(first)), _bounds(len(schema.sort), second)


def _leading(parts: tuple[tuple[str, str], ...], given: Mapping[str, Part]) -> list[tuple[str, str]]:
    """The attributes of a sort key, from the left, that have conditions."""
    found = []
    for part in parts:
        if part[0] not in given:
            break
        found.append(part)
    return found


def _encoded(name: str, kind: str, values: list[Value]) -> list[bytes]:
    found = []
    for value in values:
        if kind not in value:
            raise error.ValidationException(_INVALID + "Condition parameter type does not match schema type")
        data = value[kind]
        if not data:
            raise error.ValidationException(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
                f"string value. Key: {name}")
        found.append(keys.encode(kind, data))
    return found


def _bounds(of: int, parts: list[tuple[str, Part]]) -> Bounds:
    """The bounds of a sort key of so many attributes; conditions on them (with their types), from the left."""
    if not parts:
        return {}
    if any(sign != "=" for _, (_, sign, _) in parts[:-1]):
        raise error.ValidationException("Query key condition not supported")
    kind, (name, sign, values) = parts[-1]
    if sign == "begins_with" and kind == "N":
        raise error.ValidationException(_INVALID + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")
    if sign == "begins_with" and kind in values[0] and not values[0][kind]:
        return {} if of == 1 else _bounds(of, parts[:-1])
    found = _encoded(name, kind, values)
    if of > 1:
        equal = [one for kind, (name, _, given) in parts[:-1] for one in _encoded(name, kind, given)]
        return compound.bounds([*equal, *found], "", []) if sign == "=" else compound.bounds(equal, sign, found)
    if sign == "BETWEEN":
        return {"low": found[0], "high": found[1]}
    one = found[0]
    if sign == "begins_with":
        after_all = compound.successor(one)
        return {"low": one} if after_all is None else {"low": one, "before": after_all}
    return {"=": {"low": one, "high": one}, "<": {"before": one}, "<=": {"high": one}, ">": {"after": one},
            ">=": {"low": one}}[sign]


def no_keys(schema: Schema, condition: Condition, what: str) -> None:
    """Raise when a filter asks for an attribute of the key."""
    for name in schema.names:
        if name in condition.roots:
            raise error.ValidationException(
                f"{what} can only contain non-primary key attributes: Primary key attribute: {name}")


# --- where a page begins and ends ---

def position(facts: Facts, index: Index | None, key: Item) -> tuple[bytes, bytes, bytes]:
    """The place of an ExclusiveStartKey: hash, sort and tie of the entry that it names."""
    try:
        taken, _ = av.take_item(key)
        if taken.keys() != set(keys.names(facts, index)):
            raise _bad_start()
        first = keys.of_item(facts, taken)
        if index is None:
            return (*first, b"")
        found = keys.of_index(index, taken)
        if found is None:
            raise _bad_start()
        return (*found, keys.tie(first))
    except AwsError:
        raise _bad_start() from None


def _bad_start() -> AwsError:
    return error.ValidationException("The provided starting key is invalid")


def within(bounds: Bounds, sort: bytes) -> bool:
    """Does a sort key lie in these bounds?"""
    return (("low" not in bounds or sort >= bounds["low"]) and ("high" not in bounds or sort <= bounds["high"])
            and ("after" not in bounds or sort > bounds["after"]) and ("before" not in bounds or sort < bounds["before"]))


Fetch = Callable[["tuple[bytes, bytes, bytes] | None", int], "list[Entry]"]


def query_rows(shelf: Shelf, place: int, hash_key: bytes, bounds: Bounds, forward: bool) -> Fetch:
    """The rows of one hash key, from behind a place on."""
    scan = shelf.entries.scan

    def fetch(behind: tuple[bytes, bytes, bytes] | None, count: int) -> list[Entry]:
        if behind is None:
            return scan(place, hash_key, **bounds, reverse=not forward, limit=count)
        if forward:
            rest = {name: bound for name, bound in bounds.items() if name in ("high", "before")}
            return scan(place, hash_key, **rest, after=behind[1:], limit=count)
        rest = {name: bound for name, bound in bounds.items() if name in ("low", "after")}
        return scan(place, hash_key, **rest, before=behind[1:], reverse=True, limit=count)

    return fetch


def scan_rows(shelf: Shelf, place: int, segment: int | None, segments: int | None) -> Fetch:
    """All rows of a table or index, or of one segment of it, from behind a place on."""
    bounds: Bounds = {}
    if segment is not None and segments is not None:
        if segment:
            bounds["low"] = keys.boundary(segment, segments)
        if segment + 1 < segments:
            bounds["before"] = keys.boundary(segment + 1, segments)
    end = {"before": bounds["before"]} if "before" in bounds else {}

    def fetch(behind: tuple[bytes, bytes, bytes] | None, count: int) -> list[Entry]:
        if behind is None:
            return shelf.entries.scan(place, **bounds, limit=count)
        return shelf.entries.scan(place, **end, after=behind, limit=count)

    return fetch


Keep = Callable[[Entry], "bytes | None"]     # the body to answer for a row; None leaves it out


class Found:
    """One page. last: the entry that it ended with, None when nothing is left."""

    __slots__ = ("bodies", "last", "scanned", "size")

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.scanned = 0
        self.size = 0
        self.last: Entry | None = None

    def take(self, rows: list[Entry], keep: Keep | None) -> None:
        """Add rows until the page is full."""
        if keep is None:
            size = sum([row.size for row in rows])
            if self.size + size <= LARGEST_PAGE:             # all of them, and nothing to look at
                self.size += size
                self.scanned += len(rows)
                self.bodies += [row.body for row in rows]
                return
        for row in rows:
            self.size += row.size
            self.scanned += 1
            body = row.body if keep is None else keep(row)
            if body is not None:
                self.bodies.append(body)
            if self.size > LARGEST_PAGE:
                self.last = row
                return


def collect(fetch: Fetch, behind: tuple[bytes, bytes, bytes] | None, limit: int | None, keep: Keep | None) -> Found:
    """Rows up to a limit and 1 MiB; all of them when there is no `keep`."""
    found = Found()
    chunk = _FIRST_CHUNK
    while True:
        count = chunk if limit is None else min(chunk, limit - found.scanned)
        rows = fetch(behind, count)
        found.take(rows, keep)
        if found.last is not None or len(rows) < count:
            return found
        last = rows[-1]
        if found.scanned == limit:
            found.last = last
            return found
        behind = (last.hash, last.sort, last.tie)
        average = max(1, found.size // found.scanned)
        chunk = max(_SMALLEST_CHUNK, min(_LARGEST_CHUNK, (LARGEST_PAGE - found.size) // average + 1))
