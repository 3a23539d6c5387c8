"""From a stored struct to columns and back: SQL texts and converters, made once per kind."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any

import msgspec

from ..declare import Stored, stored_of

_PLAIN = (int, float, str, bytes, bool)
_BLOB = "blob"
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}
_encode = msgspec.msgpack.Encoder().encode


class Column(typing.NamedTuple):
    name: str
    kind: str                 # "int", "float", "str", "bytes", "bool", "blob"
    optional: bool
    default: Any
    hint: Any


class Shape:
    """What the stores know of one kind of row."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.said: Stored = stored_of(kind)
        self.table = self.said.table
        self.columns = columns(kind)
        self.names = tuple(c.name for c in self.columns)
        self.by_name = {c.name: c for c in self.columns}
        self.key = self.said.key
        self.auto = self.said.auto
        self.make: Callable[[tuple[Any, ...]], Any] = _maker(kind, self.columns)
        self.values: Callable[[Any], tuple[Any, ...]] = _valuer(self.columns)

    def index_fields(self, index: str | None) -> tuple[str, ...]:
        return self.key if index is None else self.said.indexes[index]

    def order(self, index: str | None) -> tuple[str, ...]:
        """The fields that order rows of an index: its own, then the key's to make it total."""
        fields = self.index_fields(index)
        return fields + tuple(k for k in self.key if k not in fields)

    def encode(self, name: str, value: Any) -> Any:
        """A value as its column holds it."""
        if value is not None and self.by_name[name].kind == _BLOB:
            return _encode(value)
        return value


def columns(kind: type) -> list[Column]:
    hints = typing.get_type_hints(kind)
    found = []
    for f in msgspec.structs.fields(kind):
        default = None if f.default is msgspec.NODEFAULT else f.default
        if f.default is msgspec.NODEFAULT and f.default_factory is not msgspec.NODEFAULT:
            default = f.default_factory()
        plain, optional = _plain(hints[f.name])
        found.append(Column(f.name, plain, optional, default, hints[f.name]))
    return found


def _plain(hint: Any) -> tuple[str, bool]:
    if typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [a for a in typing.get_args(hint) if a is not type(None)]
        optional = len(rest) < len(typing.get_args(hint))
        hint = rest[0] if len(rest) == 1 else hint
    return (hint.__name__ if hint in _PLAIN else _BLOB), optional


def _maker(kind: type, cols: list[Column]) -> Callable[[tuple[Any, ...]], Any]:
    """A function from a database row to a struct, written for this kind."""
    scope: dict[str, Any] = {"kind": kind}
    args = []
    for i, c in enumerate(cols):
        value = f"r[{i}]"
        if c.kind == "bool":
            value = f"(None if r[{i}] is None else r[{i}] != 0)" if c.optional else f"r[{i}] != 0"
        elif c.kind == "bytes":
            value = f"(None if r[{i}] is None else bytes(r[{i}]))" if c.optional else f"bytes(r[{i}])"
        elif c.kind == _BLOB:
            scope[f"d{i}"] = msgspec.msgpack.Decoder(c.hint).decode
            scope[f"v{i}"] = c.default
            value = f"(v{i} if r[{i}] is None else d{i}(r[{i}]))"
        args.append(f"{c.name}={value}")
    exec(f"def make(r):\n    return kind({', '.join(args)})", scope)
    made: Callable[[tuple[Any, ...]], Any] = scope["make"]
    return made


def _valuer(cols: list[Column]) -> Callable[[Any], tuple[Any, ...]]:
    scope: dict[str, Any] = {"e": _encode}
    args = ", ".join(f"e(o.{c.name})" if c.kind == _BLOB else f"o.{c.name}" for c in cols)
    exec(f"def values(o):\n    return ({args},)", scope)
    made: Callable[[Any], tuple[Any, ...]] = scope["values"]
    return made
