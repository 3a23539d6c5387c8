"""Avro's container files, written as a manifest's writer does: just enough to lead somewhere."""

from __future__ import annotations

import json
import zlib
from typing import Any

_SYNC = bytes(range(16))
LIST = {"type": "record", "name": "manifest_file", "fields": [
    {"name": "manifest_path", "type": "string"}, {"name": "manifest_length", "type": "long"}]}
MANIFEST = {"type": "record", "name": "manifest_entry", "fields": [
    {"name": "status", "type": "int"}, {"name": "snapshot_id", "type": ["null", "long"]},
    {"name": "data_file", "type": {"type": "record", "name": "r2", "fields": [
        {"name": "file_path", "type": "string"}, {"name": "share", "type": "double"},
        {"name": "lower_bounds", "type": {"type": "array", "items": "bytes"}}]}}]}


def number(value: int) -> bytes:
    rest, out = (value << 1) ^ (value >> 63), b""
    while rest > 0x7F:
        out, rest = out + bytes([rest & 0x7F | 0x80]), rest >> 7
    return out + bytes([rest])


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return number(len(data)) + data


def container(schema: Any, *records: bytes, codec: str = "deflate") -> bytes:
    head = {"avro.schema": json.dumps(schema), "avro.codec": codec}
    block = b"".join(records)
    if codec == "deflate":
        packer = zlib.compressobj(wbits=-15)
        block = packer.compress(block) + packer.flush()
    pairs = b"".join(text(key) + text(value) for key, value in head.items())
    return b"Obj\x01" + number(len(head)) + pairs + number(0) + _SYNC + number(len(records)) + text(block) + _SYNC


def manifest_list(*paths: str, codec: str = "deflate") -> bytes:
    return container(LIST, *(text(path) + number(7) for path in paths), codec=codec)


def manifest(*entries: tuple[int, str]) -> bytes:
    """Of pairs of status and path."""
    return container(MANIFEST, *(
        number(status) + number(1) + number(-5) + text(path) + bytes(8) + number(-2) + number(4) + text(b"a") + text(b"b")
        + number(0) for status, path in entries))
