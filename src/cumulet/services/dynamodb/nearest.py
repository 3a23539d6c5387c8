"""Exact search in a vector index: all vectors are compared, a portion in a transaction, and the nearest are kept.

COSINE is 1 less the cosine, 0 for what is alike and 2 for opposites; EUCLIDEAN the distance; DOT_PRODUCT the product, the
largest first.
"""

from __future__ import annotations

import heapq
import math
import struct
from collections.abc import Callable
from operator import mul
from typing import NamedTuple

from cumulet.kernel import Call

from .resources import Embedding, VectorIndex
from .values import Item, decode

_PORTION = 1 << 18                           # numbers that are compared before others have their turn
_LEAST, _MOST = 16, 2000
Vector = tuple[float, ...]


class Near(NamedTuple):
    """A row that was found. rank: lower is nearer; of equal ones, the lower key comes first."""

    rank: float
    tie: bytes
    score: float
    body: bytes


def score(function: str, wanted: Vector) -> Callable[[Vector], float]:
    """How alike another vector is to this one."""
    if function == "EUCLIDEAN":
        return lambda other: math.dist(wanted, other)
    if function == "DOT_PRODUCT":
        return lambda other: sum(map(mul, wanted, other))
    norm = math.hypot(*wanted)

    def cosine(other: Vector) -> float:
        lengths = norm * math.hypot(*other)
        return 1.0 - max(-1.0, min(1.0, sum(map(mul, wanted, other)) / lengths)) if lengths else 1.0

    return cosine


async def find(call: Call, index: VectorIndex, wanted: bytes, place: bytes, most: int,
               fits: Callable[[Item], bool] | None) -> list[Near]:
    """The nearest items of a partition (or, with none, of the whole index), the nearest first."""
    unpack = struct.Struct(f"<{index.dimensions}f").unpack
    measure = score(index.function, unpack(wanted))
    sign = -1.0 if index.function == "DOT_PRODUCT" else 1.0
    portion = max(_LEAST, min(_MOST, _PORTION // index.dimensions))
    found: list[Near] = []                   # twice as many as are wanted, at most
    last: Near | None = None                 # what comes behind it is not wanted
    after: bytes | None = None
    while True:
        rows: list[Embedding] = await call.run(_portion, index.number, place, after, portion)
        for row in rows:
            value = measure(unpack(row.vector))
            near = Near(sign * value, row.tie, value, row.body)
            if (last is None or near < last) and (fits is None or fits(decode(row.body))):
                found.append(near)
                if len(found) >= 2 * most:
                    found = heapq.nsmallest(most, found)
                    last = found[-1]
        if len(rows) < portion:
            return heapq.nsmallest(most, found)
        after = rows[-1].tie


def _portion(call: Call, number: int, place: bytes, after: bytes | None, limit: int) -> list[Embedding]:
    return call.table(Embedding).scan(number, place, after=after, limit=limit)
