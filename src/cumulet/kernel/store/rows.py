"""From a stored struct to columns and back: what both stores know of a kind of row, made once per kind."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

import msgspec

from ..declare import Stored, stored_of

PACKED = "blob"                        # the kind of columns that hold msgpack
_PLAIN = (int, float, str, bytes, bool)
_encode = msgspec.msgpack.Encoder().encode

Make = Callable[[tuple[Any, ...]], Any]
Values = Callable[[Any], tuple[Any, ...]]


class Column(typing.NamedTuple):
    """One field of a struct. kind: "int", "float", "str", "bytes", "bool", or PACKED."""

    name: str
    kind: str
    optional: bool
    default: Any
    hint: Any


class Shape:
    """One kind of row: its columns, its key, and converters between rows of a database and structs, written when they are
    first needed."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.said: Stored = stored_of(kind)
        self.table = self.said.table
        self.columns = columns(kind)
        self.names = tuple(c.name for c in self.columns)
        self.by_name = {c.name: c for c in self.columns}
        self.key = self.said.key
        self.auto = self.said.auto
        self._check()

    @cached_property
    def make(self) -> Make:
        """From a row to a struct."""
        return _maker(self.kind, self.columns)

    @cached_property
    def values(self) -> Values:
        """From a struct to the parameters of its row."""
        return _valuer(self.columns)

    @cached_property
    def others(self) -> Values:
        """The same without the number, which the store gives."""
        return _valuer([c for c in self.columns if c.name != self.auto])

    @cached_property
    def key_of(self) -> Callable[[Any], tuple[Any, ...]]:
        """A struct's key."""
        one = attrgetter(*self.key)
        return one if len(self.key) > 1 else lambda row: (one(row),)

    @staticmethod
    @cache
    def of(kind: type) -> Shape:
        """Made once a kind, for all stores of this process."""
        return Shape(kind)

    def index_fields(self, index: str | None) -> tuple[str, ...]:
        """The declared fields of an index (of the key, for None)."""
        return self.key if index is None else self.said.indexes[index]

    def order(self, index: str | None) -> tuple[str, ...]:
        """The fields that order the rows of an index: its own, then the key's, which makes the order total."""
        fields = self.index_fields(index)
        return fields + tuple(k for k in self.key if k not in fields)

    def encode(self, name: str, value: Any) -> Any:
        """A value as its column holds it."""
        if value is not None and self.by_name[name].kind == PACKED:
            return _encode(value)
        return value

    def _check(self) -> None:
        """Only the first field of an index may be absent: rows could not be walked in a total order otherwise."""
        for index in (None, *self.said.indexes):
            for place, name in enumerate(self.index_fields(index)):
                column = self.by_name[name]
                if column.kind == PACKED or (column.optional and (place or index is None)):
                    raise TypeError(f"{self.table}: {name} cannot be field {place + 1} of {index or 'the key'}: "
                                    "key fields are plain and, but for the first of an index, never None")


def columns(kind: type) -> list[Column]:
    """The columns of a struct, in the order of its fields."""
    found = []
    for f in msgspec.structs.fields(kind):
        default = None if f.default is msgspec.NODEFAULT else f.default
        if f.default is msgspec.NODEFAULT and f.default_factory is not msgspec.NODEFAULT:
            default = f.default_factory()
        hint = typing.get_args(f.type)[0] if typing.get_origin(f.type) is typing.Annotated else f.type
        plain, optional = _plain(hint)
        found.append(Column(f.name, plain, optional, default, hint))
    return found


def _plain(hint: Any) -> tuple[str, bool]:
    """The kind of column of a type, and whether it may be None."""
    if hint is Any:
        return PACKED, True
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [a for a in typing.get_args(hint) if a is not type(None)]
        optional = len(rest) < len(typing.get_args(hint))
        hint = rest[0] if len(rest) == 1 else hint
    return (hint.__name__ if hint in _PLAIN else PACKED), optional


def _maker(kind: type, cols: list[Column]) -> Make:
    """A function from a row to a struct, written for this kind: one unpacking, one call."""
    scope: dict[str, Any] = {"kind": kind}
    given: dict[str, str] = {}
    for i, c in enumerate(cols):
        value = f"c{i}"
        if c.kind == "bool":
            value = f"(None if c{i} is None else c{i} != 0)" if c.optional else f"c{i} != 0"
        elif c.kind == PACKED:
            scope[f"d{i}"] = msgspec.msgpack.Decoder(c.hint).decode
            value = f"(None if c{i} is None else d{i}(c{i}))" if c.optional else f"d{i}(c{i})"
        given[c.name] = value
    placed: tuple[str, ...] = kind.__match_args__                # type: ignore[attr-defined]
    words = [given[name] for name in placed] + [f"{name}={value}" for name, value in given.items() if name not in placed]
    names = "".join(f"c{i}, " for i in range(len(cols)))
    exec(f"def make(row):\n    {names}= row\n    return kind({', '.join(words)})", scope)
    made: Make = scope["make"]
    return made


def _valuer(cols: list[Column]) -> Values:
    """A function from a struct to the parameters of its row."""
    values = []
    for c in cols:
        if c.kind != PACKED:
            values.append(f"o.{c.name}")
        elif c.optional:
            values.append(f"None if o.{c.name} is None else e(o.{c.name})")
        else:
            values.append(f"e(o.{c.name})")
    scope: dict[str, Any] = {"e": _encode}
    exec(f"def values(o):\n    return ({', '.join(values)},)", scope)
    made: Values = scope["values"]
    return made
