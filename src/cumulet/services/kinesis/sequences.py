"""Sequence numbers: 56 digits that grow in a shard, and from a shard to its children.

They tell the stream (the millisecond of its creation), the position in the shard, and the shard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

_AHEAD = "49"
_MADE, _POSITION, _SHARD = 13, 21, 20
_DIGITS = len(_AHEAD) + _MADE + _POSITION + _SHARD
_MOST = 2 ** 62                        # positions and shards that a store can know


class Place(NamedTuple):
    """What a sequence number says."""

    made: int
    position: int
    shard: int


def number(created: float, position: int, shard: int) -> str:
    """The sequence number of a position in a shard (by its index) of a stream that was created then."""
    return series(created, shard)(position)


def series(created: float, shard: int) -> Callable[[int], str]:
    """What gives the sequence numbers of a shard, where there are many."""
    return f"{_AHEAD}{made(created):0{_MADE}d}{{:0{_POSITION}d}}{shard:0{_SHARD}d}".format


def read(text: str) -> Place | None:
    """What a sequence number says; None when it is none of ours."""
    if len(text) != _DIGITS or not text.startswith(_AHEAD) or not text.isdecimal():
        return None
    rest = text[len(_AHEAD):]
    place = Place(int(rest[:_MADE]), int(rest[_MADE:_MADE + _POSITION]), int(rest[_MADE + _POSITION:]))
    return place if max(place.position, place.shard) < _MOST else None


def made(created: float) -> int:
    """How a stream's creation stands in its sequence numbers."""
    return round(created * 1000)
