"""Exact search: all vectors of an index are compared, some thousand at a time, and only the best are kept.

`struct.iter_unpack` and `math.dist` do the work in C: about two microseconds for 128 dimensions, without numpy. Between two
portions others are answered.
"""

from __future__ import annotations

import math
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
Ranked = list[tuple[float, str]]
Rows = Sequence[tuple[Any, ...]]


class Search(NamedTuple):
    """What is looked for. vector: packed; fits: what the metadata must be."""

    vector: bytes
    most: int
    fits: Fits | None


async def nearest(there: Call, index: Index, search: Search) -> Ranked:
    """The nearest vectors: (distance, key), in order; of equal ones the lower key first."""
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
    columns = '"key", "norm", "data", "filterable"' if filtered else '"key", "norm", "data"'
    return call.table(Vector).sql(f'SELECT {columns} FROM {{table}} WHERE scope = {{scope}} AND "box" = ? AND "key" > ? '
                                  'ORDER BY "key" LIMIT ?', box, after, limit)


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

    def rows(self, rows: Rows) -> tuple[list[float], list[str]]:
        """The distance of each, and its key."""
        if not rows:
            return [], []
        keys, norms, data, *_ = zip(*rows, strict=True)
        straight = list(map(math.dist, repeat(self.values), self.unpack(b"".join(data))))
        if not self.cosine:
            return straight, list(keys)
        # |a-b|² = |a|² + |b|² - 2ab, and so one pass gives both distances.
        mine, twice = self.norm ** 2, 2 * self.norm
        return [max(0.0, 1 - (mine + norm * norm - far * far) / (twice * norm))
                for far, norm in zip(straight, norms, strict=True)], list(keys)


class Best:
    """The `most` lowest of many; holds at most twice as many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bound = math.inf
        self.kept: Ranked = []

    def add(self, distances: Sequence[float], keys: Sequence[str]) -> None:
        bound = self.bound
        self.kept += [(far, key) for far, key in zip(distances, keys, strict=True) if far <= bound]
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
