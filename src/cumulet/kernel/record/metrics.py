"""Samples of a service's metrics: summed up by the minute, and told to CloudWatch in few calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AwsError

if TYPE_CHECKING:
    from ..call import Call

_MOST_DATA, _MOST_VALUES = 1000, 150         # of one call to CloudWatch, of one of its data
Dimensions = tuple[tuple[str, str], ...]
_Series = tuple[str, Dimensions, float, str]         # name, dimensions, minute, unit


class Metrics:
    """What a call is to tell of one namespace, in its account and region."""

    def __init__(self, call: Call, namespace: str) -> None:
        self._call = call
        self._namespace = namespace
        self._found: dict[_Series, dict[float, int]] = {}

    def add(self, name: str, dimensions: Dimensions, at: float, value: float, times: int = 1, unit: str = "Count") -> None:
        """At this moment there was this value, so many times."""
        series = (name, dimensions, at // 60, unit)
        values = self._found.get(series)
        if values is None:
            self._found[series] = {value: times}
        else:
            values[value] = values.get(value, 0) + times

    def tell(self, source_arn: str = "") -> None:
        """Tell CloudWatch, as the service. What it does not take is lost, as on AWS."""
        cloudwatch = self._call.as_service(source_arn).cloudwatch
        data = list(self._data())
        for i in range(0, len(data), _MOST_DATA):
            try:
                with self._call.tx.savepoint():
                    cloudwatch.put_metric_data(Namespace=self._namespace, MetricData=data[i:i + _MOST_DATA])
            except AwsError:
                continue

    def _data(self) -> Iterator[dict[str, Any]]:
        for (name, dimensions, minute, unit), times in self._found.items():
            named, values = [{"Name": key, "Value": value} for key, value in dimensions], list(few(times).items())
            for i in range(0, len(values), _MOST_VALUES):
                some = values[i:i + _MOST_VALUES]
                yield {"MetricName": name, "Timestamp": minute * 60.0, "Unit": unit, "Dimensions": named,
                       "Values": [float(value) for value, _ in some], "Counts": [float(often) for _, often in some]}


def few(times: Mapping[float, int]) -> Mapping[float, int]:
    """Of very many values, three digits: CloudWatch keeps no more of them, and each costs it time."""
    if len(times) <= _MOST_VALUES:
        return times
    found: Counter[float] = Counter()
    for value, often in times.items():
        found[float(f"{value:.3g}")] += often
    return found
