"""Avro's container files, as far as manifests need them: read by the schema that stands in the file.

https://avro.apache.org/docs/1.11.1/specification/#object-container-files
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from . import Invalid

_MAGIC = b"Obj\x01"
_SYNC = 16
_LARGEST = 64 * 1_048_576              # bytes of one block, unpacked
_FIXED = {"float": struct.Struct("<f"), "double": struct.Struct("<d")}
Read = Callable[["_Bytes"], Any]


class _Bytes:
    """What is still to be read."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def take(self, size: int) -> bytes:
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise Invalid("The Avro file is cut off.")
        found = self.data[self.at:end]
        self.at = end
        return found

    def number(self) -> int:
        """A zigzag number of variable length."""
        found = shift = 0
        while True:
            byte = self.take(1)[0]
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (found >> 1) ^ -(found & 1)
            shift += 7
            if shift > 63:
                raise Invalid("The Avro file has a number that is none.")

    def many(self) -> Iterator[None]:
        """Once for each item of an array or map, which come in blocks."""
        while (count := self.number()) != 0:
            if count < 0:
                self.number()
            for _ in range(abs(count)):
                yield


def head(data: bytes) -> dict[str, bytes]:
    """What a file tells of itself: its schema, its codec, and what its writer adds."""
    return _head(_Bytes(data))


def _head(source: _Bytes) -> dict[str, bytes]:
    if source.take(len(_MAGIC)) != _MAGIC:
        raise Invalid("The file is not an Avro container.")
    found = {}
    for _ in source.many():
        name = _text(source)
        found[name] = source.take(source.number())
    return found


def records(data: bytes) -> Iterator[Any]:
    """The records in a file. Raises Invalid for what is no such file, or is packed in a way that is not known here."""
    source = _Bytes(data)
    said = _head(source)
    sync = source.take(_SYNC)
    try:
        read = _reader(json.loads(said["avro.schema"]), {})
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Invalid("The Avro file has no schema that is known.") from None
    codec = said.get("avro.codec", b"null").decode("latin-1")
    while source.at < len(data):
        count, block = source.number(), _Bytes(_unpacked(codec, source.take(source.number())))
        for _ in range(count):
            yield read(block)
        if source.take(_SYNC) != sync:
            raise Invalid("The Avro file is damaged.")


def _unpacked(codec: str, block: bytes) -> bytes:
    if codec == "null":
        return block
    if codec != "deflate":
        raise Invalid(f"The codec {codec[:16]} of an Avro file is not known.")
    inflater = zlib.decompressobj(wbits=-15)
    try:
        found = inflater.decompress(block, _LARGEST)
    except zlib.error:
        raise Invalid("The Avro file is damaged.") from None
    if not inflater.eof:
        raise Invalid("The Avro file is cut off, or has too large a block.")
    return found


# --- readers of types, by schema ---


def _reader(schema: Any, named: dict[str, Read]) -> Read:
    """How values of a type are read. named: the types that had a name so far."""
    if isinstance(schema, list):
        branches = [_reader(one, named) for one in schema]
        return lambda source: branches[_within(source.number(), len(branches))](source)
    kind = schema["type"] if isinstance(schema, dict) else schema
    if isinstance(kind, (dict, list)):
        return _reader(kind, named)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if not isinstance(schema, dict):
        return named[kind]
    if kind == "array":
        item = _reader(schema["items"], named)
        return lambda source: [item(source) for _ in source.many()]
    if kind == "map":
        value = _reader(schema["values"], named)
        return lambda source: {_text(source): value(source) for _ in source.many()}
    read = _record(schema, named) if kind == "record" else _small(kind, schema)
    named[schema["name"]] = read
    return read


def _small(kind: str, schema: dict[str, Any]) -> Read:
    """The other types that have names: bytes of one length, and words."""
    if kind == "fixed":
        size = int(schema["size"])
        return lambda source: source.take(size)
    if kind == "enum":
        words = list(schema["symbols"])
        return lambda source: words[_within(source.number(), len(words))]
    raise ValueError(kind)


def _record(schema: dict[str, Any], named: dict[str, Read]) -> Read:
    fields = [(one["name"], _reader(one["type"], named)) for one in schema["fields"]]
    return lambda source: {name: read(source) for name, read in fields}


def _within(number: int, count: int) -> int:
    if not 0 <= number < count:
        raise Invalid("The Avro file is damaged.")
    return number


def _text(source: _Bytes) -> str:
    return source.take(source.number()).decode("utf-8", "replace")


def _packed(kind: str) -> Read:
    form = _FIXED[kind]
    return lambda source: form.unpack(source.take(form.size))[0]


_PLAIN: dict[str, Read] = {
    "null": lambda source: None, "boolean": lambda source: source.take(1) == b"\x01", "int": _Bytes.number,
    "long": _Bytes.number, "float": _packed("float"), "double": _packed("double"), "string": _text,
    "bytes": lambda source: source.take(source.number())}
