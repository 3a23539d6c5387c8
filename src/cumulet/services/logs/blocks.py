"""Blocks: how events lie in the store. Pure: bytes in, events out.

A block is a msgpack array of its columns (times, messages, and when each batch came), compressed when that is worth it.
Small blocks of a stream are merged sixteen at a time, so that a stream that is written event by event is still read in big
pieces, and each event is copied a few times at most.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

DAY = 86_400_000
FANOUT = 16                       # so many blocks of a level become one of the next
LARGE = 256 * 1024                # bytes of messages from which a block stays as it is
_COMPRESSED_FROM = 512
_PLAIN, _ZLIB = b"\x00", b"\x01"


class Events(msgspec.Struct, array_like=True):
    """The columns of a block. came: (how many events, when they were ingested), in milliseconds. transformed: what a
    transformer made of each message, "" where nothing; empty when there was none."""

    times: list[int]
    messages: list[str]
    came: list[tuple[int, int]]
    transformed: list[str] = []

    def arrivals(self) -> list[int]:
        """When each event was ingested."""
        out: list[int] = []
        for count, at in self.came:
            out += [at] * count
        return out


class Summary(NamedTuple):
    """A block without its events."""

    id: int
    stream: int
    first: int
    last: int
    base: int


_decode = msgspec.msgpack.Decoder(Events).decode
_encode = msgspec.msgpack.Encoder().encode


def pack(events: Events) -> bytes:
    """Events as a block keeps them."""
    data = _encode(events)
    return _ZLIB + zlib.compress(data, 1) if len(data) >= _COMPRESSED_FROM else _PLAIN + data


def plain(data: bytes) -> bytes:
    """A block's bytes, not yet taken apart: what occurs in no byte of it occurs in no event."""
    return zlib.decompress(memoryview(data)[1:]) if data[:1] == _ZLIB else data[1:]


def unpack(data: bytes) -> Events:
    """What `pack` was given."""
    return _decode(plain(data))


def split_off(data: bytes) -> Events:
    """Events of bytes that `plain` gave."""
    return _decode(data)


def merged(parts: Sequence[Events]) -> Events:
    """Blocks that follow each other, as one."""
    whole = Events([], [], [])
    for part in parts:
        whole.times += part.times
        whole.messages += part.messages
        whole.came += part.came
    if any(part.transformed for part in parts):
        whole.transformed = [text for part in parts for text in part.transformed or [""] * len(part.times)]
    return whole


def event_id(time: int, stream: int, number: int) -> str:
    """56 digits, as AWS's ids have: in order of time, and unique."""
    return f"{time:016d}{stream:020d}{number:020d}"


def read_id(text: str) -> tuple[int, int, int] | None:
    """Time, stream and number of an event's id."""
    if len(text) != 56 or not (text.isascii() and text.isdigit()):
        return None
    return int(text[:16]), int(text[16:36]), int(text[36:])
