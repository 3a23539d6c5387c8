"""Avro's container files, as far as manifests need them: written by their schema.

https://avro.apache.org/docs/1.11.1/specification/#object-container-files
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MAGIC = b"Obj\x01"
Write = Callable[[Any, bytearray], None]


def container(schema: Mapping[str, Any], head: Mapping[str, str], records: Sequence[Mapping[str, Any]], sync: bytes) -> bytes:
    """A file with these records in one block. sync: sixteen bytes of chance."""
    write, block = _writer(schema), bytearray()
    for one in records:
        write(one, block)
    out = bytearray(_MAGIC)
    _map({"avro.schema": json.dumps(schema), "avro.codec": "deflate", **head}, out)
    out += sync
    if records:
        packer = zlib.compressobj(wbits=-15)
        _number(len(records), out)
        _bytes(packer.compress(block) + packer.flush(), out)
        out += sync
    return bytes(out)


def _number(value: int, out: bytearray) -> None:
    """A zigzag number of variable length."""
    rest = (value << 1) ^ (value >> 63)
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)


def _bytes(value: bytes, out: bytearray) -> None:
    _number(len(value), out)
    out += value


def _text(value: str, out: bytearray) -> None:
    _bytes(value.encode(), out)


def _map(value: Mapping[str, str], out: bytearray) -> None:
    _number(len(value), out)
    for name, text in value.items():
        _text(name, out)
        _text(text, out)
    _number(0, out)


_PLAIN: dict[str, Write] = {"int": _number, "long": _number, "string": _text}


def _writer(schema: Any) -> Write:
    """How values of a type are written: numbers, texts, records, and what may be null."""
    if isinstance(schema, list):
        return _optional(_writer(schema[1]))
    kind = schema["type"] if isinstance(schema, dict) else schema
    return _record(schema) if kind == "record" else _PLAIN[kind]


def _optional(inner: Write) -> Write:
    def write(value: Any, out: bytearray) -> None:
        _number(int(value is not None), out)
        if value is not None:
            inner(value, out)

    return write


def _record(schema: Mapping[str, Any]) -> Write:
    fields = [(one["name"], _writer(one["type"])) for one in schema["fields"]]

    def write(value: Any, out: bytearray) -> None:
        for name, inner in fields:
            inner(value.get(name), out)

    return write
