"""Exact search: all vectors of an index are compared, some thousand at a time, and only the best are kept.

`struct.iter_unpack` and `math.dist` do the work in C: about two microseconds for 128 dimensions, without numpy. Between two
portions others are answered.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Sequence
from itertools import compress, repeat
from typing import Any, NamedTuple

from cumulet.kernel import Call

from .filters import Fits
from .resources import Index, Vector
from .vectors import unpacked, values_in

_PORTION = 1 << 17                     # numbers that are compared before others have their turn
_MOST = 2000
_ALIKE = 1000.0                        # lengths that differ by less can be compared by way of distances
Ranked = list[tuple[float, str]]
Rows = Sequence[tuple[Any, ...]]


class Search(NamedTuple):
    """What is looked for. vector: packed; fits: what the metadata must be."""

    vector: bytes
    most: int
    fits: Fits | None


async def nearest(there: Call, index: Index, search: Search) -> Ranked:
    """The nearest vectors: (distance, place), in order; of equal ones the lower place first."""
    rows_at_once = max(16, min(_MOST, _PORTION // index.Dimension))
    best = Best(search.most)
    compare = _Comparison(search.vector, index.DistanceMetric)
    after = ""
    while True:
        rows = await there.run(_portion, index.box, after, rows_at_once, search.fits is not None)
        if rows:
            after = rows[-1][0]
            best.add(*compare.rows(_fitting(rows, search.fits)))
        if len(rows) < rows_at_once:
            return best.ranked()


def _portion(call: Call, box: str, after: str, limit: int, filtered: bool) -> Rows:
    columns = '"place", "norm", "data", "filterable"' if filtered else '"place", "norm", "data"'
    return call.table(Vector).sql(f'SELECT {columns} FROM {{table}} WHERE scope = {{scope}} AND "box" = ? AND "place" > ? '
                                  'ORDER BY "place" LIMIT ?', box, after, limit)


def _fitting(rows: Rows, fits: Fits | None) -> Rows:
    if fits is None:
        return rows
    return list(compress(rows, [fits(unpacked(row[3])) for row in rows]))


class _Comparison:
    """Distances from one vector."""

    def __init__(self, vector: bytes, metric: str) -> None:
        self.values = values_in(vector)
        self.norm = math.hypot(*self.values)
        self.cosine = metric == "cosine"
        self.unpack = struct.Struct(f"<{len(self.values)}f").iter_unpack

    def rows(self, rows: Rows) -> tuple[Sequence[float], Sequence[str]]:
        """The distance of each, and its place."""
        if not rows:
            return (), ()
        places, norms, data, *_ = zip(*rows, strict=True)
        return (self._angles(norms, data) if self.cosine else self._straight(self.values, data)), places

    def _straight(self, values: Sequence[float], data: Sequence[bytes]) -> list[float]:
        return list(map(math.dist, repeat(values), self.unpack(b"".join(data))))

    def _angles(self, norms: Sequence[float], data: Sequence[bytes]) -> list[float]:
        """2ab = |a|² + |b|² - |a-b|², which C computes much faster than the product, but not well where |a| and |b| are far
        apart: the vector is made as long as the others, and where those are of all lengths the product is computed."""
        length = max(norms)
        if min(norms) * _ALIKE < length:
            mine = self.norm
            return [_angle(sum(map(operator.mul, self.values, values)) / (mine * norm))
                    for values, norm in zip(self.unpack(b"".join(data)), norms, strict=True)]
        scaled = [value / self.norm * length for value in self.values]
        square, twice = length * length, 2 * length
        return [_angle((square + norm * norm - far * far) / (twice * norm))
                for far, norm in zip(self._straight(scaled, data), norms, strict=True)]


def _angle(cosine: float) -> float:
    """A distance between 0 and 2, whatever was rounded."""
    return min(2.0, max(0.0, 1.0 - cosine))


class Best:
    """The `most` lowest of many; holds at most twice as many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bound = math.inf
        self.kept: Ranked = []

    def add(self, distances: Sequence[float], places: Sequence[str]) -> None:
        bound = self.bound
        self.kept += [(far, place) for far, place in zip(distances, places, strict=True) if far <= bound]
        if len(self.kept) >= 2 * self.most:
            self._cut()

    def _cut(self) -> None:
        self.kept.sort()
        del self.kept[self.most:]
        if len(self.kept) == self.most:
            self.bound = self.kept[-1][0]

    def ranked(self) -> Ranked:
        self._cut()
        return self.kept
