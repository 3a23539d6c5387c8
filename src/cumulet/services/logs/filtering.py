"""Metric filters at work: from the events of a batch to data of CloudWatch, a datum a minute and set of dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import AwsError, Call

from . import criteria, patterns
from .comparisons import number
from .resources import LogGroup, MetricFilter

_MINUTE = 60_000
_MOST_VALUES = 150
_MOST_DATA = 1000
Dimensions = tuple[tuple[str, str], ...]
Counted = dict[tuple[int, Dimensions], dict[float, int]]


def measure(call: Call, group: LogGroup, times: Sequence[int], messages: Sequence[str], transformed: Sequence[str]) -> None:
    """Publish what a group's metric filters see in a batch, as it came or as it was transformed."""
    whence = {criteria.ACCOUNT: call.account, criteria.REGION: call.region}
    for found in call.table(MetricFilter).scan(group.LogGroupName):
        if not criteria.holds(found.criteria or "", call.account, call.region):
            continue
        texts = transformed if found.transformed and transformed else messages
        system = tuple((name, whence[name]) for name in found.system or ())
        data = _data(found.transformation, _counted(found, times, texts), system)
        peers = call.as_service(call.arn(group))
        for i in range(0, len(data), _MOST_DATA):
            try:
                peers.cloudwatch.put_metric_data(Namespace=found.transformation["metricNamespace"],
                                                 MetricData=data[i:i + _MOST_DATA])
            except AwsError:
                break                  # as AWS: what the metric does not take never refuses the events


def _counted(found: MetricFilter, times: Sequence[int], messages: Sequence[str]) -> Counted:
    """Minute and dimensions → how often each value."""
    pattern = patterns.compiled(found.pattern)
    said = found.transformation
    out: Counted = {}
    quiet: set[int] = set()
    for time, message in zip(times, messages, strict=True):
        minute = time // _MINUTE
        if pattern.matches is not None and not pattern.matches(message):
            quiet.add(minute)
            continue
        text = said["metricValue"]
        value = number(pattern.field(message, text) or "") if text.startswith("$") else number(text)
        if value is None:
            quiet.add(minute)
            continue
        counts = out.setdefault((minute, _dimensions(pattern, said, message)), {})
        counts[value] = counts.get(value, 0) + 1
    if "defaultValue" in said:
        for minute in quiet - {minute for minute, _ in out}:
            out[(minute, ())] = {float(said["defaultValue"]): 1}
    return out


def _dimensions(pattern: patterns.Pattern, said: dict[str, Any], message: str) -> Dimensions:
    """Those that the message has; one that has not all of them counts without any, as with AWS."""
    found = [(name, pattern.field(message, selector)) for name, selector in (said.get("dimensions") or {}).items()]
    return tuple((name, value) for name, value in found if value) if all(value for _, value in found) else ()


def _data(said: dict[str, Any], counted: Counted, system: Dimensions) -> list[dict[str, Any]]:
    out = []
    for (minute, dimensions), counts in counted.items():
        pairs = list(counts.items())
        for i in range(0, len(pairs), _MOST_VALUES):
            part = pairs[i:i + _MOST_VALUES]
            out.append({"MetricName": said["metricName"], "Timestamp": minute * 60.0, "Unit": said.get("unit", "None"),
                        "Values": [value for value, _ in part], "Counts": [float(count) for _, count in part],
                        "Dimensions": [{"Name": name, "Value": value} for name, value in (*system, *dimensions)] or None})
    return [{key: value for key, value in datum.items() if value is not None} for datum in out]
