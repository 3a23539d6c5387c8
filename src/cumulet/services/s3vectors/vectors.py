"""One vector: from a request's words to its row, and back.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-limitations.html
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cumulet.kernel import AwsError

from .places import invalid
from .resources import Index, Vector

_LARGEST = 40 * 1024
_LARGEST_FILTERABLE = 2048
_MOST_KEYS = 50
_LONGEST_PLACE = 900                   # bytes
_INTEGERS = range(-(2 ** 63), 2 ** 64)         # what a row keeps as an integer; beyond, a number is a double
_DECODER = msgspec.msgpack.Decoder(dict[str, Any])


def row_of(index: Index, asked: Mapping[str, Any]) -> Vector:
    """A vector as it is kept. Raises ValidationException that names its key."""
    key = asked["key"]
    values = (asked.get("data") or {}).get("float32")
    try:
        data = packed(index, values)
        filterable, further = _metadata(index, asked.get("metadata"))
    except ValueError as problem:
        raise _refused(key, str(problem)) from None
    place = place_of(key)
    return Vector(box=index.box, place=place, whole="" if place == key else key, hash=zlib.crc32(key.encode()),
                  norm=math.hypot(*values_in(data)), data=data, filterable=filterable, further=further)


def place_of(key: str) -> str:
    """Where a vector is filed. Keys may have 4,096 bytes, which is too long for an index of PostgreSQL and for tokens: the
    longest are filed under their beginning and a digest, which together are longer than any key that is filed as it is."""
    whole = key.encode()
    if len(whole) <= _LONGEST_PLACE:
        return key
    return whole[:_LONGEST_PLACE].decode(errors="ignore") + hashlib.sha256(whole).hexdigest()


def is_short(place: str) -> bool:
    """Does a place stand for a longer key?"""
    return len(place) > _LONGEST_PLACE // 4 and len(place.encode()) > _LONGEST_PLACE


def packed(index: Index, values: Sequence[float] | None) -> bytes:
    """As float32. Raises ValueError unless they can be compared with the others of the index."""
    if values is None:
        raise ValueError("vector data must have float32 values")
    if len(values) != index.Dimension:
        raise ValueError(f"vector must have length {index.Dimension}, but has length {len(values)}")
    try:
        if not all(map(math.isfinite, values)):
            raise ValueError("vector contains invalid values: NaN and Infinity are not allowed")
        data = struct.pack(f"<{len(values)}f", *values)
    except OverflowError:
        raise ValueError("vector contains values that are too large for float32") from None
    if index.DistanceMetric == "cosine" and not any(values_in(data)):
        raise ValueError("cosine distance does not support vectors with zero norm")
    return data


def values_in(data: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(data) // 4}f", data)


def metadata_of(row: Vector) -> dict[str, Any]:
    """All of it, as it was put."""
    return {**unpacked(row.filterable), **unpacked(row.further)}


def unpacked(kept: bytes) -> dict[str, Any]:
    return _DECODER.decode(kept) if kept else {}


def hidden(index: Index) -> list[str]:
    """The keys that filters do not see."""
    return list((index.MetadataConfiguration or {}).get("NonFilterableMetadataKeys", ()))


def told(row: Vector, data: bool, metadata: bool) -> dict[str, Any]:
    """As GetVectors and ListVectors tell it."""
    return {"key": row.key, "data": {"float32": values_in(row.data)} if data else None,
            "metadata": metadata_of(row) if metadata else None}


def _refused(key: str, why: str) -> AwsError:
    return invalid(f"Invalid record for key '{key}': {why}", "vectors")


def _metadata(index: Index, asked: Any) -> tuple[bytes, bytes]:
    if asked is None:
        return b"", b""
    if not isinstance(asked, Mapping):
        raise ValueError("Metadata must be a JSON object")
    if len(asked) > _MOST_KEYS:
        raise ValueError(f"Metadata must have at most {_MOST_KEYS} keys")
    for name, value in asked.items():
        if not _is_plain(value) and not (isinstance(value, Sequence) and all(map(_is_plain, value))):
            raise ValueError(f"Metadata value for key '{name}' must be a string, number, boolean or list of those")
    away = hidden(index)
    seen = {name: value for name, value in asked.items() if name not in away}
    rest = {name: value for name, value in asked.items() if name in away}
    if len(msgspec.json.encode(seen)) > _LARGEST_FILTERABLE and seen:
        raise ValueError(f"Filterable metadata must have at most {_LARGEST_FILTERABLE} bytes")
    if len(msgspec.json.encode(asked)) > _LARGEST:
        raise ValueError(f"Metadata must have at most {_LARGEST} bytes")
    return _kept(seen), _kept(rest)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _kept(metadata: Mapping[str, Any]) -> bytes:
    return msgspec.msgpack.encode({name: _number(value) for name, value in metadata.items()}) if metadata else b""


def _number(value: Any) -> Any:
    if isinstance(value, list):
        return [_number(one) for one in value]
    return float(value) if isinstance(value, int) and value not in _INTEGERS else value
