"""Contributor Insights: the report of a rule, from what was counted by the minute. No wire.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetInsightRuleReport.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

Keys = tuple[str, ...]
Series = dict[int, Counter[Keys]]            # a period's start → contributors → how often

MINUTE = 60
METRICS: dict[str, Callable[[Counter[Keys]], float]] = {
    "UniqueContributors": lambda of: float(len(of)), "MaxContributorValue": lambda of: max(of.values()),
    "SampleCount": lambda of: of.total(), "Sum": lambda of: of.total(), "Minimum": lambda of: min(of.values()),
    "Maximum": lambda of: max(of.values()), "Average": lambda of: of.total() / len(of)}
ORDERS = ("Sum", "Maximum")


def by_period(counts: Iterable[tuple[int, bytes, float]], start: int, period: int) -> Series:
    """What was counted (minute, keys, count), in periods from `start`."""
    found: Series = {}
    for minute, keys, count in counts:
        at = start + (minute - start) // period * period
        found.setdefault(at, Counter())[tuple(orjson.loads(keys))] += count             # type: ignore[assignment]
    return {at: Counter({keys: count for keys, count in of.items() if count > 0}) for at, of in found.items()}


def report(series: Series, most: int, metrics: Iterable[str], order: str) -> dict[str, Any]:
    """Contributors, the largest first, and the data points of all of them."""
    total: Counter[Keys] = Counter()
    for of in series.values():
        total.update(of)
    rank: Mapping[Keys, float] = total if order == "Sum" else {
        keys: max(of[keys] for of in series.values()) for keys in total}
    first = sorted(total, key=lambda keys: (-rank[keys], keys))[:most]
    times = sorted(at for at, of in series.items() if of)
    return {
        "AggregateValue": float(total.total()), "ApproximateUniqueCount": len(total),
        "Contributors": [{
            "Keys": list(keys), "ApproximateAggregateValue": float(total[keys]),
            "Datapoints": [{"Timestamp": float(at), "ApproximateValue": float(series[at][keys])}
                           for at in times if keys in series[at]]} for keys in first],
        "MetricDatapoints": [{"Timestamp": float(at)} | {name: METRICS[name](series[at]) for name in metrics}
                             for at in times] if metrics else []}
