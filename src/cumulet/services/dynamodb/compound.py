"""Keys of global indexes that have several attributes: up to four of the partition key, and up to four of the sort key.

The values of a key are one string of bytes whose order is that of the values, the first attribute before the second: each is
ended by two zeros, and a zero in it is followed by 0xff.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MOST = 4                                     # attributes of a partition key, and of a sort key
_END = b"\x00\x00"


def begun(part: bytes) -> bytes:
    """The bytes with which all begin whose value of this attribute begins so."""
    return part.replace(b"\x00", b"\x00\xff")


def joined(parts: Iterable[bytes]) -> bytes:
    """The bytes with which all begin that have these values."""
    return b"".join(begun(part) + _END for part in parts)


def parted(key: bytes) -> list[bytes]:
    """The values that were joined."""
    found, part, at = [], bytearray(), 0
    while at < len(key):
        if key[at]:
            part.append(key[at])
            at += 1
            continue
        if key[at + 1]:
            part.append(0)
        else:
            found.append(bytes(part))
            part.clear()
        at += 2
    return found


def successor(prefix: bytes) -> bytes | None:
    """The first bytes behind all that begin with this; None when there are none."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,)) if stem else None


def bounds(equal: list[bytes], sign: str, values: list[bytes]) -> dict[str, Any]:
    """The bounds of a sort key: its first attributes are equal to these, the next one (if there is a sign) fits the values."""
    stem = joined(equal)
    if not sign:
        return _between(stem, successor(stem))
    first, last = stem + joined(values[:1]), stem + joined(values[-1:])
    if sign == "begins_with":
        start = stem + begun(values[0])
        return _between(start, successor(start))
    low = {"<": stem, "<=": stem, ">": successor(first), ">=": first, "BETWEEN": first}[sign]
    end = {"<": first, "<=": successor(last), "BETWEEN": successor(last)}.get(sign, successor(stem))
    return _between(low, end)


def _between(low: bytes | None, before: bytes | None) -> dict[str, Any]:
    return ({"low": low} if low else {}) | ({"before": before} if before is not None else {})
