"""The operations of CloudWatch: metrics, and the rules of Contributor Insights that services manage."""

from __future__ import annotations

import math
from typing import Any

from cumulet.kernel import Call, Page, error, not_implemented, operation

from . import insights
from .background import sweep
from .buckets import Samples, aligned, by_period, statistic
from .resources import Bucket, Metric, merge

_LARGEST = 2.0**360
_PAST, _FUTURE = 14 * 86_400, 2 * 3_600
_MOST_DATUMS, _MOST_VALUES, _MOST_POINTS, _MOST_QUERIES = 1000, 150, 1440, 500
_MOST_DATA = 100_800
_MOST_RULES, _MOST_CONTRIBUTORS = 500, 100
_RESOLUTIONS = (1, 60, 300, 3600)


@operation
def put_metric_data(call: Call, Namespace: str, MetricData: list[dict[str, Any]] | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""
    if not MetricData:
        raise error.MissingRequiredParameterException("The parameter MetricData is required.")
    if len(MetricData) > _MOST_DATUMS:
        raise error.InvalidParameterValueException(
            f"The collection MetricData must not have a size greater than {_MOST_DATUMS}.")
    if Namespace.startswith("AWS/") and call.principal.kind != "service":
        raise error.InvalidParameterValueException("The value AWS/ for parameter Namespace is invalid.")
    for i, datum in enumerate(MetricData, 1):
        _put(call, Namespace, datum, f"MetricData.member.{i}")
    call.at((call.now // 3600 + 1) * 3600, sweep, name="sweep")


def _put(call: Call, namespace: str, datum: dict[str, Any], where: str) -> None:
    samples = _samples(datum, where)
    at = datum.get("Timestamp", call.now)
    if not call.now - _PAST <= at <= call.now + _FUTURE:
        raise error.InvalidParameterValueException(
            f"The parameter {where}.Timestamp must specify a time no later than 2 hours in the future"
            f" and no more than two weeks in the past.")
    resolution = 1 if datum.get("StorageResolution", 60) == 1 else 60
    if datum.get("StorageResolution", 60) not in (1, 60):
        raise error.InvalidParameterValueException(
            f"The parameter {where}.StorageResolution must be one of [1, 60].")
    metric = _metric(call, namespace, datum["MetricName"], _pairs(datum.get("Dimensions", []), where), at)
    merge(call.table(Bucket), metric.id, resolution, aligned(at, resolution), datum.get("Unit", "None"), samples)


def _samples(datum: dict[str, Any], where: str) -> Samples:
    given = [k for k in ("Value", "Values", "StatisticValues") if k in datum]
    if not given:
        raise error.MissingRequiredParameterException(f"The parameter {where}.Value is required.")
    if len(given) > 1:
        raise error.InvalidParameterCombinationException(
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive and you have specified both.")
    samples = Samples()
    if given[0] == "Value":
        samples.add(_number(datum["Value"], f"{where}.Value"))
    elif given[0] == "Values":
        values, counts = datum["Values"], datum.get("Counts") or [1.0] * len(datum["Values"])
        if len(values) != len(counts):
            raise error.InvalidParameterValueException(
                f"The parameters {where}.Values and {where}.Counts must be of the same size.")
        if len(values) > _MOST_VALUES:
            raise error.InvalidParameterValueException(
                f"The collection {where}.Values must not have a size greater than {_MOST_VALUES}.")
        for value, times in zip(values, counts, strict=True):
            samples.add(_number(value, f"{where}.Values"), _number(times, f"{where}.Counts"))
    else:
        said = {k: _number(v, f"{where}.StatisticValues.{k}") for k, v in datum["StatisticValues"].items()}
        if said["Minimum"] > said["Maximum"]:
            raise error.InvalidParameterValueException(
                f"The parameter {where}.StatisticValues.Maximum must be greater than"
                f" {where}.StatisticValues.Minimum.")
        samples.add_set(said["SampleCount"], said["Sum"], said["Minimum"], said["Maximum"])
    return samples


def _number(value: float, where: str) -> float:
    if math.isnan(value) or abs(value) > _LARGEST:
        raise error.InvalidParameterValueException(f"The value {value} for parameter {where} is invalid.")
    return float(value)


def _pairs(dimensions: list[dict[str, str]], where: str) -> list[tuple[str, str]]:
    pairs = [(d["Name"], d["Value"]) for d in dimensions]
    if len({name for name, _ in pairs}) != len(pairs):
        raise error.InvalidParameterValueException(f"The parameter {where}.Dimensions must not have duplicate names.")
    return sorted(pairs)


def _key(pairs: list[tuple[str, str]]) -> str:
    return "\x1f".join(f"{name}={value}" for name, value in pairs)


def _metric(call: Call, namespace: str, name: str, pairs: list[tuple[str, str]], at: float) -> Metric:
    table = call.table(Metric)
    key = _key(pairs)
    row = table.find("name", namespace, name, key)
    if row is None:
        return table.insert(Metric(namespace=namespace, name=name, dimensions=key, pairs=pairs, last_at=at))
    if at > row.last_at:
        table.change(row.id, last_at=at)
    return row


@operation
def list_metrics(call: Call, Namespace: str | None = None, MetricName: str | None = None,
                 Dimensions: list[dict[str, str]] | None = None, RecentlyActive: str | None = None,
                 page: Page[Metric] = Page(500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html"""
    wanted = Dimensions or []
    found: list[Metric] = []
    table = call.table(Metric)
    after = page.after
    prefix = [] if Namespace is None else [Namespace] if MetricName is None else [Namespace, MetricName]
    while len(found) <= page.limit:
        batch = table.scan(*prefix, index="name", limit=500,
                           after=tuple(after)[len(prefix):] if after is not None else None)
        for row in batch:
            after = [row.namespace, row.name, row.dimensions]
            if (MetricName is None or row.name == MetricName) and _matches(row, wanted) \
                    and (RecentlyActive is None or row.last_at >= call.now - 3 * 3600):
                found.append(row)
                if len(found) > page.limit:
                    break
        if len(batch) < 500:
            break
    rows = page.cut(found, lambda m: [m.namespace, m.name, m.dimensions])
    return {"Metrics": [{"Namespace": m.namespace, "MetricName": m.name,
                         "Dimensions": [{"Name": n, "Value": v} for n, v in m.pairs]} for m in rows]}


def _matches(row: Metric, wanted: list[dict[str, str]]) -> bool:
    have = dict(row.pairs)
    return all(d["Name"] in have and ("Value" not in d or have[d["Name"]] == d["Value"]) for d in wanted)


@operation
def get_metric_statistics(call: Call, Namespace: str, MetricName: str, StartTime: float, EndTime: float, Period: int,
                          Dimensions: list[dict[str, str]] | None = None, Statistics: list[str] | None = None,
                          ExtendedStatistics: list[str] | None = None, Unit: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""
    if not Statistics and not ExtendedStatistics:
        raise error.MissingRequiredParameterException("Must specify either Statistics or ExtendedStatistics.")
    _check_times(StartTime, EndTime, Period)
    if (EndTime - StartTime) / Period > _MOST_POINTS:
        raise error.InvalidParameterCombinationException(
            f"You have requested up to {math.ceil((EndTime - StartTime) / Period):,} datapoints, which exceeds the limit of"
            f" {_MOST_POINTS:,}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.")
    extended = {name: _statistic(name) for name in ExtendedStatistics or []}
    simple = {name: _statistic(name) for name in Statistics or []}
    metric = call.table(Metric).find("name", Namespace, MetricName, _key(_pairs(Dimensions or [], "Dimensions")))
    points = []
    for unit, series in (_series(call, metric.id, StartTime, EndTime, Period, Unit) if metric else {}).items():
        for at, samples in series.items():
            point: dict[str, Any] = {"Timestamp": float(at), "Unit": unit}
            point |= {name: compute(samples) for name, compute in simple.items()}
            if extended:
                point["ExtendedStatistics"] = {n: v for n, c in extended.items() if (v := c(samples)) is not None}
            points.append(point)
    return {"Label": MetricName, "Datapoints": points}


def _check_times(start: float, end: float, period: int) -> None:
    if start >= end:
        raise error.InvalidParameterValueException("The parameter StartTime must be less than the parameter EndTime.")
    if period not in (1, 5, 10, 20, 30) and period % 60:
        raise error.InvalidParameterValueException(
            "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.")


def _statistic(name: str) -> Any:
    compute = statistic(name)
    if compute is None:
        if name[:2].upper() in ("TM", "TC", "TS", "WM", "PR", "IQ"):
            raise not_implemented(f"cloudwatch: the statistic {name}")
        raise error.InvalidParameterValueException(f"The value {name} for parameter Stat is not supported.")
    return compute


def _series(call: Call, metric: int, start: float, end: float, period: int,
            unit: str | None) -> dict[str, dict[int, Samples]]:
    """Unit → period's start → samples, from all resolutions that the period can be made of."""
    first, table = aligned(start, period), call.table(Bucket)
    parts: dict[str, list[tuple[int, Samples]]] = {}
    for resolution in _RESOLUTIONS:
        if period % resolution:
            continue
        for row in table.scan(metric, resolution, low=first, before=math.ceil(end)):
            if unit is None or row.unit == unit:
                parts.setdefault(row.unit, []).append((row.start, row.samples()))
    return {u: by_period(found, first, period) for u, found in parts.items()}


@operation
def get_metric_data(call: Call, MetricDataQueries: list[dict[str, Any]], StartTime: float, EndTime: float,
                    ScanBy: str = "TimestampDescending", page: Page[Any] = Page(_MOST_DATA)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""
    if len(MetricDataQueries) > _MOST_QUERIES:
        raise error.ValidationError(f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.")
    if len({q["Id"] for q in MetricDataQueries}) != len(MetricDataQueries):
        raise error.ValidationError("The values for parameter id in MetricDataQueries are not unique.")
    results = []
    skip, room = int(page.after or 0), page.limit
    for query in MetricDataQueries:
        if not query.get("ReturnData", True) and "Expression" not in query:
            continue
        points = _points(call, query, StartTime, EndTime)
        points.sort(reverse=ScanBy == "TimestampDescending")
        mine, skip = points[skip:], max(0, skip - len(points))
        taken, room = mine[:room], room - min(room, len(mine))
        if len(taken) < len(mine):
            page.next = int(page.after or 0) + page.limit
        results.append({"Id": query["Id"], "Label": query.get("Label") or query["MetricStat"]["Metric"].get("MetricName"),
                        "Timestamps": [at for at, _ in taken], "Values": [value for _, value in taken],
                        "StatusCode": "Complete" if len(taken) == len(mine) else "PartialData"})
    return {"MetricDataResults": results, "Messages": []}


def _points(call: Call, query: dict[str, Any], start: float, end: float) -> list[tuple[float, float]]:
    if "Expression" in query:
        raise not_implemented("cloudwatch: metric math and SQL expressions")
    if query.get("AccountId", call.account) != call.account:
        raise not_implemented("cloudwatch: metrics of another account")
    if "MetricStat" not in query:
        raise error.ValidationError("Either the parameter MetricStat or Expression is required.")
    wanted = query["MetricStat"]
    _check_times(start, end, wanted["Period"])
    compute, metric = _statistic(wanted["Stat"]), wanted["Metric"]
    row = call.table(Metric).find("name", metric.get("Namespace", ""), metric.get("MetricName", ""),
                                  _key(_pairs(metric.get("Dimensions", []), "Dimensions")))
    if row is None:
        return []
    together: dict[int, Samples] = {}
    for series in _series(call, row.id, start, end, wanted["Period"], wanted.get("Unit")).values():
        for at, samples in series.items():
            together.setdefault(at, Samples()).merge(samples)
    return [(float(at), value) for at, samples in together.items() if (value := compute(samples)) is not None]


@operation
def describe_insight_rules(call: Call, NextToken: str | None = None, MaxResults: int = _MOST_RULES) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeInsightRules.html"""
    found = call.contributors.rules(NextToken, MaxResults + 1)
    return {"InsightRules": [{"Name": rule.name, "State": "ENABLED", "Schema": '{"Name": "ServiceLogRule", "Version": 1}',
                              "Definition": rule.definition, "ManagedRule": True} for rule in found[:MaxResults]],
            "NextToken": found[MaxResults - 1].name if len(found) > MaxResults else None}


@operation
def get_insight_rule_report(call: Call, RuleName: str, StartTime: float, EndTime: float, Period: int,
                            MaxContributorCount: int = 10, Metrics: list[str] | None = None,
                            OrderBy: str = "Sum") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetInsightRuleReport.html"""
    _check_times(StartTime, EndTime, Period)
    if Period % insights.MINUTE:
        raise error.InvalidParameterValueException("The parameter Period must be a multiple of 60.")
    if not 1 <= MaxContributorCount <= _MOST_CONTRIBUTORS:
        raise error.InvalidParameterValueException(
            f"The parameter MaxContributorCount must be between 1 and {_MOST_CONTRIBUTORS}.")
    if OrderBy not in insights.ORDERS or (strange := set(Metrics or ()) - insights.METRICS.keys()):
        wrong = f"OrderBy {OrderBy}" if OrderBy not in insights.ORDERS else f"Metrics {', '.join(sorted(strange))}"
        raise error.InvalidParameterValueException(f"The value of {wrong} is not supported.")
    rule = call.contributors.rule(RuleName)
    if rule is None:
        raise error.ResourceNotFoundException(
            f"The insight rule {RuleName} does not exist.", ResourceType="InsightRule", ResourceId=RuleName)
    start = aligned(StartTime, Period)
    rows = call.contributors.counted(RuleName, start, math.ceil(EndTime))
    counts = ((row.minute, row.keys, row.count) for row in rows)
    return {"KeyLabels": rule.labels, "AggregationStatistic": "COUNT", **insights.report(
        insights.by_period(counts, start, Period), MaxContributorCount, Metrics or [], OrderBy)}
