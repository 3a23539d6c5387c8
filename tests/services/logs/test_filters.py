"""Metric filters that reach CloudWatch, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused


def transformation(**more: Any) -> list[dict[str, Any]]:
    return [{"metricName": "Seen", "metricNamespace": "App", "metricValue": "1", **more}]


def statistics(cloud: Cloud, *dimensions: tuple[str, str]) -> dict[str, float]:
    now = cloud.clock.now()
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="App", MetricName="Seen", StartTime=now - 3600, EndTime=now + 3600, Period=7200 * 12,
        Statistics=["Sum", "SampleCount"], Dimensions=[{"Name": n, "Value": v} for n, v in dimensions])["Datapoints"]
    return {key: sum(point[key] for point in points) for key in ("Sum", "SampleCount")}


def test_events_become_a_metric(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    put(["ERROR before"])
    logs.put_metric_filter(logGroupName=group, filterName="errors", filterPattern="ERROR",
                           metricTransformations=transformation(unit="Count"))
    put(["ERROR 1", "fine", "ERROR 2"])
    assert statistics(cloud) == {"Sum": 2.0, "SampleCount": 2.0}
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 1
    logs.delete_metric_filter(logGroupName=group, filterName="errors")
    put(["ERROR 3"])
    assert statistics(cloud)["Sum"] == 2.0
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 0
    with refused("ResourceNotFoundException", "metric filter"):
        logs.delete_metric_filter(logGroupName=group, filterName="errors")


def test_values_and_dimensions_come_from_the_event(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    logs.put_metric_filter(logGroupName=group, filterName="latency", filterPattern="{ $.ms > 0 }", metricTransformations=
                           transformation(metricValue="$.ms", dimensions={"Path": "$.path"}))
    put(['{"ms": 5, "path": "/a"}', '{"ms": 7.5, "path": "/a"}', '{"ms": 100, "path": "/b"}', '{"ms": 0, "path": "/a"}',
         '{"ms": 3}', "text"])
    assert statistics(cloud, ("Path", "/a")) == {"Sum": 12.5, "SampleCount": 2.0}
    assert statistics(cloud, ("Path", "/b")) == {"Sum": 100.0, "SampleCount": 1.0}
    assert statistics(cloud) == {"Sum": 3.0, "SampleCount": 1.0}


def test_where_events_came_from_chooses_them_and_is_a_dimension(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    ours = f'@aws.region IN ["eu-west-1", "us-east-1"] AND (@aws.account = "{cloud.account}" OR @aws.region != "us-east-1")'
    for name, criteria in (("ours", ours), ("others", '@aws.region NOT IN ["us-east-1"]')):
        logs.put_metric_filter(logGroupName=group, filterName=name, filterPattern="", fieldSelectionCriteria=criteria,
                               emitSystemFieldDimensions=["@aws.account", "@aws.region"],
                               metricTransformations=transformation())
    put(["a", "b"])
    assert statistics(cloud, ("@aws.account", cloud.account), ("@aws.region", "us-east-1"))["Sum"] == 2.0
    assert statistics(cloud)["Sum"] == 0
    told = logs.describe_metric_filters(logGroupName=group, filterNamePrefix="ours")["metricFilters"][0]
    assert (told["fieldSelectionCriteria"], told["emitSystemFieldDimensions"]) == (ours, ["@aws.account", "@aws.region"])


@pytest.mark.parametrize("criteria", [
    "nonsense", "@aws.region", '@aws.region = "a" AND', '@aws.zone = "a"', "@aws.region IN []", '(@aws.region = "a"',
    '@aws.region = "a" "b"', '@aws.region LIKE "a"', "@aws.region ~ 5", "(" * 2000])
def test_criteria_that_cannot_be_read(logs: Any, group: str, criteria: str) -> None:
    with refused("InvalidParameterException", "Invalid field selection criteria"):
        logs.put_metric_filter(logGroupName=group, filterName="f", filterPattern="", metricTransformations=transformation(),
                               fieldSelectionCriteria=criteria)


def test_system_fields_are_counted_as_dimensions(logs: Any, group: str) -> None:
    said: dict[str, Any] = {"logGroupName": group, "filterName": "f", "filterPattern": "{ $.a = 1 }"}
    two = transformation(dimensions={"A": "$.a", "B": "$.b"})
    with refused("InvalidParameterException", "3 dimensions at most"):
        logs.put_metric_filter(**said, metricTransformations=two, emitSystemFieldDimensions=["@aws.account", "@aws.region"])
    with refused("InvalidParameterException", "system fields are"):
        logs.put_metric_filter(**said, metricTransformations=two, emitSystemFieldDimensions=["@source.log"])


def test_a_default_value_stands_for_minutes_without_a_match(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    logs.put_metric_filter(logGroupName=group, filterName="bytes", filterPattern="[ip, bytes]",
                           metricTransformations=transformation(metricValue="$bytes", defaultValue=-1.0))
    put(["1.1.1.1 40", "nothing"], at=-600)
    put(["nothing", "here"], at=-300)
    put(["nothing here either"], at=-200)
    assert statistics(cloud) == {"Sum": 38.0, "SampleCount": 3.0}


def test_metric_filters_are_listed(logs: Any, group: str) -> None:
    logs.create_log_group(logGroupName="other")
    for where, name in ((group, "b"), (group, "a1"), (group, "a2"), ("other", "a1")):
        logs.put_metric_filter(logGroupName=where, filterName=name, filterPattern="x",
                               metricTransformations=transformation(metricName="M" + name))

    def listed(**members: Any) -> list[tuple[str, str]]:
        return [(f["filterName"], f["logGroupName"]) for page in logs.get_paginator("describe_metric_filters").paginate(
            PaginationConfig={"PageSize": 2}, **members) for f in page["metricFilters"]]

    assert listed() == [("a1", group), ("a1", "other"), ("a2", group), ("b", group)]
    assert listed(logGroupName=group, filterNamePrefix="a") == [("a1", group), ("a2", group)]
    assert listed(metricName="Ma1", metricNamespace="App") == [("a1", group), ("a1", "other")]
    with refused("InvalidParameterException"):
        listed(metricName="Ma1")
    logs.put_metric_filter(logGroupName=group, filterName="b", filterPattern="y", metricTransformations=transformation())
    told = logs.describe_metric_filters(logGroupName=group, filterNamePrefix="b")["metricFilters"]
    assert [(f["filterPattern"], f["metricTransformations"][0]["metricName"]) for f in told] == [("y", "Seen")]


@pytest.mark.parametrize(("pattern", "more", "words"), [
    ("x", {"metricValue": "$.a"}, "no fields"), ("x", {"metricValue": "many"}, "neither a number"),
    ("{ $.a = 1 }", {"dimensions": {"A": "$.a"}, "defaultValue": 0.0}, "mutually exclusive"),
    ("x", {"dimensions": {"A": "$.a"}}, "dimensions are fields"),
    ("{ $.a = 1 }", {"dimensions": dict.fromkeys("abcd", "$.a")}, "3 dimensions"), ("a-b", {}, "Invalid character(s)")])
def test_metric_filters_that_are_refused(logs: Any, group: str, pattern: str, more: dict[str, Any], words: str) -> None:
    with refused("InvalidParameterException", words):
        logs.put_metric_filter(logGroupName=group, filterName="f", filterPattern=pattern,
                               metricTransformations=transformation(**more))


def test_limits_of_filters(logs: Any, group: str) -> None:
    def make(name: str, pattern: str = "x", where: str = group) -> None:
        logs.put_metric_filter(logGroupName=where, filterName=name, filterPattern=pattern,
                               metricTransformations=transformation())

    for i in range(5):
        make(f"r{i}", "%x%")
    with refused("LimitExceededException", "regular expressions"):
        make("r5", "%x%")
    for i in range(95):
        make(f"f{i}")
    with refused("LimitExceededException"):
        make("one more")
    logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    with refused("InvalidOperationException"):
        make("f", where="rare")


def test_a_pattern_is_tried_out(logs: Any) -> None:
    told = logs.test_metric_filter(filterPattern="[ip, bytes > 10]", logEventMessages=["1.1.1.1 5", "1.1.1.2 50"])["matches"]
    assert told == [{"eventNumber": 2, "eventMessage": "1.1.1.2 50", "extractedValues": {"$ip": "1.1.1.2", "$bytes": "50"}}]
    told = logs.test_metric_filter(filterPattern="", logEventMessages=["a", "b"])["matches"]
    assert [match["eventNumber"] for match in told] == [1, 2]


def test_subscriptions_go_to_what_is_here(logs: Any, group: str) -> None:
    with refused("NotImplemented", "subscription filters to firehose"):
        logs.put_subscription_filter(logGroupName=group, filterName="f", filterPattern="", roleArn="arn:aws:iam::1:role/r",
                                     destinationArn="arn:aws:firehose:us-east-1:000000000000:deliverystream/s")
    with refused("InvalidParameterException", "ARN of the destination"):
        logs.put_subscription_filter(logGroupName=group, filterName="f", filterPattern="", destinationArn="nonsense")
    assert logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"] == []
    with refused("ResourceNotFoundException", "subscription filter"):
        logs.delete_subscription_filter(logGroupName=group, filterName="f")
