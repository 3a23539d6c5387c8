"""The engine: samples into buckets, buckets into statistics. No wire, no clock."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

DISTINCT = 256
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)$", re.IGNORECASE)
_SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


@dataclass(slots=True)
class Samples:
    """What is known of the samples of a period."""

    count: float = 0.0
    sum: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    values: dict[float, float] = field(default_factory=dict)

    def add(self, value: float, times: float = 1.0) -> None:
        self.count += times
        self.sum += value * times
        self.low = min(self.low, value)
        self.high = max(self.high, value)
        self.values[value] = self.values.get(value, 0.0) + times
        if len(self.values) > DISTINCT:
            self.values = _rounded(self.values)

    def add_set(self, count: float, total: float, low: float, high: float) -> None:
        """A statistic set: percentiles cannot be told from it unless all its samples are one value."""
        self.count += count
        self.sum += total
        self.low = min(self.low, low)
        self.high = max(self.high, high)
        if low == high:
            self.values[low] = self.values.get(low, 0.0) + count

    def merge(self, other: Samples) -> None:
        self.count += other.count
        self.sum += other.sum
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        for value, times in other.values.items():
            self.values[value] = self.values.get(value, 0.0) + times
        if len(self.values) > DISTINCT:
            self.values = _rounded(self.values)

    def percentile(self, p: float) -> float | None:
        """The value below which p percent of the samples lie, linear between neighbours; None without values."""
        known = sorted(self.values.items())
        total = sum(times for _, times in known)
        if not total or total != self.count:
            return None
        rank = p / 100 * (total - 1)
        seen = 0.0
        for i, (value, times) in enumerate(known):
            if rank <= seen + times - 1:
                return value
            if rank < seen + times and i + 1 < len(known):
                return value + (known[i + 1][0] - value) * (rank - (seen + times - 1))
            seen += times
        return known[-1][0]


def _rounded(values: dict[float, float]) -> dict[float, float]:
    out: dict[float, float] = {}
    for value, times in values.items():
        kept = 0.0 if value == 0 else round(value, 2 - math.floor(math.log10(abs(value))))
        out[kept] = out.get(kept, 0.0) + times
    return out


def statistic(name: str) -> Callable[[Samples], float | None] | None:
    """What a statistic's name computes: `Average`, `p99.9`; None for a name that is no statistic that we compute."""
    if name in _SIMPLE:
        return {"SampleCount": lambda s: s.count, "Average": lambda s: s.sum / s.count if s.count else None,
                "Sum": lambda s: s.sum, "Minimum": lambda s: s.low, "Maximum": lambda s: s.high}[name]
    if found := _PERCENTILE.match(name):
        p = float(found[1])
        return lambda s: s.percentile(p)
    return None


def by_period(parts: Iterable[tuple[int, Samples]], start: int, period: int) -> dict[int, Samples]:
    """Merge (second, samples) into periods counted from `start`: period's start → samples."""
    out: dict[int, Samples] = {}
    for second, samples in parts:
        at = start + (second - start) // period * period
        out.setdefault(at, Samples()).merge(samples)
    return out


def aligned(moment: float, period: int) -> int:
    """AWS starts periods at multiples of the period."""
    return int(moment // period * period)
