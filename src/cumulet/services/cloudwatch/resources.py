"""What exists in CloudWatch: metrics and their buckets of data."""

from __future__ import annotations

import msgspec

from cumulet.kernel import Table, stored

from .buckets import Samples


@stored(auto="id", indexes={"name": ("namespace", "name", "dimensions"), "age": ("last_at",)}, unique=("name",))
class Metric(msgspec.Struct, kw_only=True):
    """One time series. dimensions: sorted `name=value` pairs, joined by unit separators, for the index."""

    namespace: str
    name: str
    dimensions: str
    pairs: list[tuple[str, str]]
    last_at: float
    id: int = 0


@stored(key=("metric", "resolution", "start", "unit"), indexes={"age": ("resolution", "start")},
        refers={"metric": "cloudwatch_metric"})
class Bucket(msgspec.Struct, kw_only=True):
    """All samples of one metric and unit in one period. start, resolution: seconds.

    values: distinct value → how often; above `buckets.DISTINCT` values they are rounded to three digits.
    """

    metric: int
    resolution: int
    start: int
    unit: str
    count: float = 0.0
    sum: float = 0.0
    low: float = 0.0
    high: float = 0.0
    values: list[tuple[float, float]] = []

    def samples(self) -> Samples:
        return Samples(self.count, self.sum, self.low, self.high, dict(self.values))


def merge(table: Table[Bucket], metric: int, resolution: int, start: int, unit: str, samples: Samples) -> None:
    """Add samples to their bucket."""
    row = table.get(metric, resolution, start, unit)
    if row is not None:
        samples.merge(row.samples())
    table.put(Bucket(metric=metric, resolution=resolution, start=start, unit=unit, count=samples.count, sum=samples.sum,
                     low=samples.low, high=samples.high, values=list(samples.values.items())))
