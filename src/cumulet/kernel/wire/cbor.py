"""CBOR (RFC 8949), as much of it as AWS's protocols use: every major type, indefinite lengths, half floats, tag 1."""

from __future__ import annotations

import struct
from typing import Any

MAX_DEPTH = 128
_BREAK = object()
_UNPACK = {25: struct.Struct(">e"), 26: struct.Struct(">f"), 27: struct.Struct(">d")}
_DOUBLE = struct.Struct(">d")


class BadCbor(ValueError):
    """Not CBOR, or more of it than is allowed."""


class Stamp:
    """A timestamp on its way out, in the unit of its protocol."""

    __slots__ = ("number",)

    def __init__(self, number: float) -> None:
        self.number = number


def loads(data: bytes) -> Any:
    """The one value that these bytes are."""
    decoder = _Decoder(data)
    try:
        value = decoder.value(0)
    except (IndexError, struct.error, UnicodeDecodeError, TypeError, OverflowError) as problem:
        raise BadCbor(str(problem)) from None
    if value is _BREAK or decoder.at != len(data):
        raise BadCbor("bytes after the value")
    return value


class _Decoder:
    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise BadCbor("too deep")
        first = self.data[self.at]
        self.at += 1
        major, info = first >> 5, first & 31
        if major == 7:
            return self.simple(info)
        length = self.length(info, major)
        if major == 0:
            return length
        if major == 1:
            return -1 - length
        if major == 2:
            return self.take(length) if length >= 0 else b"".join(self.chunks(2, depth))
        if major == 3:
            return (self.take(length) if length >= 0 else b"".join(self.chunks(3, depth))).decode()
        if major == 4:
            return self.array(length, depth)
        if major == 5:
            return self.map(length, depth)
        return self.tagged(length, self.value(depth + 1))

    def length(self, info: int, major: int) -> int:
        """The argument of an item; -1 when it is of indefinite length."""
        if info < 24:
            return info
        if info > 27:
            if info == 31 and 2 <= major <= 5:
                return -1
            raise BadCbor("a reserved length")
        return int.from_bytes(self.take(1 << (info - 24)))

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise BadCbor("truncated")
        found = self.data[self.at:end]
        self.at = end
        return found

    def chunks(self, major: int, depth: int) -> list[bytes]:
        found = []
        while self.data[self.at] != 0xFF:
            if self.data[self.at] >> 5 != major or self.data[self.at] & 31 == 31:
                raise BadCbor("a chunk of another type")
            chunk = self.value(depth + 1)
            found.append(chunk.encode() if major == 3 else chunk)
        self.at += 1
        return found

    def array(self, length: int, depth: int) -> list[Any]:
        found: list[Any] = []
        if length > len(self.data) - self.at:
            raise BadCbor("truncated")
        while len(found) != length:
            item = self.value(depth + 1)
            if item is _BREAK:
                if length < 0:
                    break
                raise BadCbor("a break in an array of known length")
            found.append(item)
        return found

    def map(self, length: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        if length > len(self.data) - self.at:
            raise BadCbor("truncated")
        left = length
        while left:
            key = self.value(depth + 1)
            if key is _BREAK and length < 0:
                break
            item = self.value(depth + 1)
            if type(key) is not str or item is _BREAK:           # of structures and maps alike, keys are text
                raise BadCbor("a break in a map" if key is _BREAK or item is _BREAK else "a key that is not text")
            found[key] = item
            left -= 1
        return found

    def simple(self, info: int) -> Any:
        if info in _UNPACK:
            unpack = _UNPACK[info]
            return unpack.unpack(self.take(unpack.size))[0]
        if info == 31:
            return _BREAK
        values = {20: False, 21: True, 22: None, 23: None}
        if info not in values:
            raise BadCbor("an unknown simple value")
        return values[info]

    @staticmethod
    def tagged(tag: int, value: Any) -> Any:
        if tag in (2, 3) and isinstance(value, bytes):           # big integers
            number = int.from_bytes(value)
            return number if tag == 2 else -1 - number
        if value is _BREAK:
            raise BadCbor("a tag without a value")
        return value


def dumps(value: Any) -> bytes:
    """Dicts, lists, text, bytes, numbers, booleans, None and `Stamp` as CBOR."""
    out = bytearray()
    _encode(value, out)
    return bytes(out)


def _head(major: int, number: int, out: bytearray) -> None:
    if number < 24:
        out.append(major << 5 | number)
    elif number < 0x100:
        out += bytes((major << 5 | 24, number))
    elif number < 0x10000:
        out.append(major << 5 | 25)
        out += number.to_bytes(2)
    elif number < 0x100000000:
        out.append(major << 5 | 26)
        out += number.to_bytes(4)
    else:
        out.append(major << 5 | 27)
        out += number.to_bytes(8)


def _encode(value: Any, out: bytearray) -> None:
    kind = type(value)
    if kind is str:
        raw = value.encode()
        _head(3, len(raw), out)
        out += raw
    elif kind is dict:
        _head(5, len(value), out)
        for key, item in value.items():
            _encode(key, out)
            _encode(item, out)
    elif kind is list or kind is tuple:
        _head(4, len(value), out)
        for item in value:
            _encode(item, out)
    elif kind is float:
        out.append(0xFB)
        out += _DOUBLE.pack(value)
    elif value is True or value is False or value is None:
        out.append(0xF6 if value is None else 0xF5 if value else 0xF4)
    elif kind is int:
        _head(0, value, out) if value >= 0 else _head(1, -1 - value, out)
    elif kind is bytes:
        _head(2, len(value), out)
        out += value
    elif kind is Stamp:
        out.append(0xC1)
        _encode(value.number, out)
    else:
        raise TypeError(f"{kind.__name__} in a result")
