"""CloudWatch metrics over the wire: what is put comes back as statistics, in all three protocols."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from conftest import Cloud, Start, new_account
from cumulet.kernel import Call
from cumulet.services.cloudwatch import background
from cumulet.services.cloudwatch.buckets import Samples, statistic

MINUTE = 60


def period_start(cloud: Cloud) -> float:
    return cloud.clock.now() // 3600 * 3600 - 3600


def put(cloud: Cloud, values: list[float], at: float, name: str = "Latency", **more: Any) -> None:
    cloud.client("cloudwatch").put_metric_data(
        Namespace="Shop", MetricData=[{"MetricName": name, "Value": v, "Timestamp": at, **more} for v in values])


def data(cloud: Cloud, stat: str, start: float, end: float, period: int = MINUTE, **more: Any) -> list[float]:
    found = cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": "Latency"},
                                                      "Period": period, "Stat": stat}}],
        StartTime=start, EndTime=end, **more)
    return found["MetricDataResults"][0]["Values"]


@pytest.mark.parametrize(("stat", "expected"), [("SampleCount", 4), ("Sum", 10), ("Average", 2.5), ("Minimum", 1),
                                                ("Maximum", 4), ("p50", 2.5), ("p100", 4)])
def test_statistics_of_what_was_put(cloud: Cloud, stat: str, expected: float) -> None:
    at = period_start(cloud)
    put(cloud, [1, 2, 3, 4], at)
    assert data(cloud, stat, at, at + MINUTE) == [expected]


def test_periods_are_cut_at_their_multiples_newest_first(cloud: Cloud) -> None:
    at = period_start(cloud)
    for minute, value in enumerate([1.0, 2.0, 3.0]):
        put(cloud, [value], at + minute * MINUTE)
    assert data(cloud, "Sum", at, at + 3 * MINUTE) == [3, 2, 1]
    assert data(cloud, "Sum", at, at + 3 * MINUTE, ScanBy="TimestampAscending") == [1, 2, 3]
    assert data(cloud, "Sum", at, at + 3 * MINUTE, period=3600) == [6]


def test_values_with_counts_and_statistic_sets(cloud: Cloud) -> None:
    at = period_start(cloud)
    client = cloud.client("cloudwatch")
    client.put_metric_data(Namespace="Shop", MetricData=[
        {"MetricName": "Latency", "Values": [1.0, 5.0], "Counts": [3.0, 1.0], "Timestamp": at},
        {"MetricName": "Latency", "Timestamp": at,
         "StatisticValues": {"SampleCount": 2, "Sum": 20, "Minimum": 8, "Maximum": 12}}])
    assert data(cloud, "SampleCount", at, at + MINUTE) == [6]
    assert data(cloud, "Sum", at, at + MINUTE) == [28]
    assert data(cloud, "Maximum", at, at + MINUTE) == [12]


def test_get_metric_statistics(cloud: Cloud) -> None:
    at = period_start(cloud)
    put(cloud, [1, 3], at, Unit="Seconds")
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="Shop", MetricName="Latency", StartTime=at, EndTime=at + MINUTE, Period=60,
        Statistics=["Average", "Sum"], ExtendedStatistics=["p0"], Unit="Seconds")
    point = found["Datapoints"][0]
    assert (point["Average"], point["Sum"], point["Unit"], point["ExtendedStatistics"]) == (2, 4, "Seconds", {"p0": 1})


def test_metrics_are_listed_by_name_and_dimension_in_pages(cloud: Cloud) -> None:
    client = cloud.client("cloudwatch")
    client.put_metric_data(Namespace="Shop", MetricData=[
        {"MetricName": f"M{i:03}", "Value": 1, "Dimensions": [{"Name": "Shard", "Value": str(i % 2)}]} for i in range(700)])
    pages = list(client.get_paginator("list_metrics").paginate(Namespace="Shop"))
    assert [len(p["Metrics"]) for p in pages] == [500, 200]
    found = client.list_metrics(Namespace="Shop", MetricName="M001", Dimensions=[{"Name": "Shard"}], RecentlyActive="PT3H")
    assert found["Metrics"][0]["Dimensions"] == [{"Name": "Shard", "Value": "1"}]
    assert client.list_metrics(Namespace="Other")["Metrics"] == []


@pytest.mark.parametrize(("datum", "code"), [
    ({"MetricName": "m", "Value": math.nan}, "InvalidParameterValue"),
    ({"MetricName": "m"}, "MissingParameter"),
    ({"MetricName": "m", "Value": 1, "Values": [1]}, "InvalidParameterCombination"),
    ({"MetricName": "m", "Value": 1, "Timestamp": 0}, "InvalidParameterValue"),
    ({"MetricName": "m", "Values": [1, 2], "Counts": [1]}, "InvalidParameterValue"),
    ({"MetricName": "m", "Value": 1, "StorageResolution": 7}, "InvalidParameterValue")])
def test_bad_data_is_refused_and_nothing_of_it_kept(cloud: Cloud, datum: dict[str, Any], code: str) -> None:
    client = cloud.client("cloudwatch")
    with pytest.raises(ClientError) as problem:
        client.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "good", "Value": 1}, datum])
    assert problem.value.response["Error"]["Code"] == code
    assert client.list_metrics(Namespace="Shop")["Metrics"] == []


def test_data_at_rest_is_looked_at_only_when_it_is_old_enough(start_cloud: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(start_cloud(), new_account())
    sweeps = []
    real = background._next_due

    def counted(call: Call) -> float | None:
        due = real(call)
        sweeps.append(due)
        return due

    monkeypatch.setattr(background, "_next_due", counted)
    put(cloud, [1, 3], cloud.clock.now())
    cloud.clock.advance(457 * 86_400)
    assert 3 <= len(sweeps) <= 8                                  # after the first hour, three ages, and its end
    assert sweeps[-1] is None
    assert cloud.client("cloudwatch").list_metrics(Namespace="Shop")["Metrics"] == []


def test_fine_data_is_rolled_up_as_it_ages(cloud: Cloud) -> None:
    at = cloud.clock.now() // 3600 * 3600
    put(cloud, [1, 3], at, StorageResolution=1)
    cloud.clock.advance(4 * 3600)
    assert data(cloud, "Sum", at, at + MINUTE, period=1) == []
    assert data(cloud, "Sum", at, at + MINUTE) == [4]
    cloud.clock.advance(64 * 86_400)
    assert data(cloud, "Sum", at, at + 3600, period=3600) == [4]
    assert data(cloud, "Sum", at, at + MINUTE) == []


def test_metric_math_says_that_it_is_not_there(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="metric math") as problem:
        cloud.client("cloudwatch").get_metric_data(MetricDataQueries=[{"Id": "e", "Expression": "1+1"}],
                                                   StartTime=time.time() - 60, EndTime=time.time())
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_percentiles_lie_between_the_extremes_and_never_fall(values: list[float]) -> None:
    samples = Samples()
    for value in values:
        samples.add(value)
    told = [samples.percentile(p) for p in (0, 25, 50, 75, 100)]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (min(values), max(values))
    assert statistic("Sum")(samples) == samples.sum
