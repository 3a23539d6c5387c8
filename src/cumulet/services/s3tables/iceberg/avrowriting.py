"""Avro's container files written by the schema that stands in another one: for manifests whose paths change.

https://avro.apache.org/docs/1.11.1/specification/#object-container-files
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import Invalid

_MAGIC, _SYNC = b"Obj\x01", bytes(16)
Write = Callable[[Any], bytes]


def container(head: Mapping[str, bytes], records: Iterable[Any]) -> bytes:
    """A file of these records. head: of the file that they came from, with its schema and its codec."""
    write = _writer(json.loads(head["avro.schema"]), {})
    written = [write(one) for one in records]
    block = b"".join(written)
    if head.get("avro.codec", b"null") == b"deflate":
        packer = zlib.compressobj(wbits=-15)
        block = packer.compress(block) + packer.flush()
    pairs = b"".join(_bytes(name.encode()) + _bytes(value) for name, value in head.items())
    return b"".join((_MAGIC, _number(len(head)), pairs, _number(0), _SYNC, _number(len(written)), _bytes(block), _SYNC))


def _number(value: int) -> bytes:
    """A zigzag number of variable length."""
    rest, out = (value << 1) ^ (value >> 63), bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def _bytes(value: bytes) -> bytes:
    return _number(len(value)) + value


_PLAIN: dict[str, Write] = {
    "null": lambda value: b"", "boolean": lambda value: b"\x01" if value else b"\x00", "int": _number, "long": _number,
    "float": lambda value: struct.pack("<f", value), "double": lambda value: struct.pack("<d", value),
    "string": lambda value: _bytes(value.encode()), "bytes": _bytes}


def _writer(schema: Any, named: dict[str, Write]) -> Write:
    """How values of a type are written. named: the types that had a name so far."""
    if isinstance(schema, list):
        return _union(schema, named)
    kind = schema["type"] if isinstance(schema, dict) else schema
    if isinstance(kind, (dict, list)):
        return _writer(kind, named)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if not isinstance(schema, dict):
        return named[kind]
    if kind == "array":
        item = _writer(schema["items"], named)
        return lambda value: _blocks([item(one) for one in value])
    if kind == "map":
        inner = _writer(schema["values"], named)
        return lambda value: _blocks([_bytes(key.encode()) + inner(one) for key, one in value.items()])
    write = _record(schema, named) if kind == "record" else _small(kind, schema)
    named[schema["name"]] = write
    return write


def _union(branches: list[Any], named: dict[str, Write]) -> Write:
    """Of null and one other type: Iceberg has no others."""
    if len(branches) != 2 or "null" not in branches:
        raise Invalid("A manifest has a union of types that Iceberg does not know.")
    other = 1 - branches.index("null")
    none, some, write = _number(1 - other), _number(other), _writer(branches[other], named)
    return lambda value: none if value is None else some + write(value)


def _blocks(items: list[bytes]) -> bytes:
    return (_number(len(items)) + b"".join(items) if items else b"") + _number(0)


def _small(kind: str, schema: Mapping[str, Any]) -> Write:
    """The other types that have names: bytes of one length, and words."""
    if kind == "fixed":
        return bytes
    words = {word: _number(index) for index, word in enumerate(schema["symbols"])}
    return lambda value: words[value]


def _record(schema: Mapping[str, Any], named: dict[str, Write]) -> Write:
    fields = [(one["name"], _writer(one["type"], named)) for one in schema["fields"]]
    return lambda value: b"".join(write(value[name]) for name, write in fields)
