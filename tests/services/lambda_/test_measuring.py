"""What CloudWatch knows of invocations."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import Cloud
from services.lambda_.conftest import Deploy

FAILS = "def handler(event, context):\n    if event.get('fail'): raise ValueError('no')\n    return event"

Metric = Callable[..., float]


@pytest.fixture
def metric(cloud: Cloud) -> Metric:
    """A statistic of the last and the next minutes, as soon as it is what is expected; dimensions by name."""
    metrics = cloud.client("cloudwatch")

    def found(name: str, statistic: str, **dimensions: str) -> float:
        now = datetime.now(UTC)
        span = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
        results = metrics.get_metric_data(**span, MetricDataQueries=[
            {"Id": "m", "MetricStat": {"Stat": statistic, "Period": 3600, "Metric": {
                "Namespace": "AWS/Lambda", "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()]}}}])["MetricDataResults"]
        return float(sum(results[0]["Values"]))

    def expected(name: str, statistic: str, value: float, **dimensions: str) -> float:
        end = time.monotonic() + 10
        while (there := found(name, statistic, **dimensions)) != value and time.monotonic() < end:
            time.sleep(0.1)
        return there

    def either(name: str, statistic: str, value: float | None = None, **dimensions: str) -> float:
        return found(name, statistic, **dimensions) if value is None else expected(name, statistic, value, **dimensions)

    return either


def test_invocations_are_measured(deploy: Deploy, metric: Metric) -> None:
    function = deploy(FAILS, "measured")
    version = function.client.publish_version(FunctionName="measured")["Version"]
    function.client.create_alias(FunctionName="measured", Name="live", FunctionVersion=version)
    assert function({}) == {}
    assert function.raw({"fail": True})["FunctionError"] == "Unhandled"
    assert function({}, Qualifier="live") == {}
    assert metric("Invocations", "Sum", 3, FunctionName="measured") == 3
    assert metric("Errors", "Sum", FunctionName="measured") == 1
    assert metric("Throttles", "Sum", FunctionName="measured") == 0
    assert metric("Errors", "SampleCount", FunctionName="measured") == 3
    assert metric("Duration", "p50", FunctionName="measured") > 0
    assert metric("ConcurrentExecutions", "Maximum", FunctionName="measured") == 1
    assert metric("Invocations", "Sum", FunctionName="measured", Resource="measured") == 2
    assert metric("Invocations", "Sum", FunctionName="measured", Resource="measured:live", ExecutedVersion=version) == 1
    assert metric("Invocations", "Sum") == 3             # of all functions of the region


def test_a_throttled_invocation_is_no_invocation(deploy: Deploy, metric: Metric) -> None:
    function = deploy(name="none")
    function.client.put_function_concurrency(FunctionName="none", ReservedConcurrentExecutions=0)
    with pytest.raises(function.client.exceptions.TooManyRequestsException):
        function.raw({})
    assert metric("Throttles", "Sum", 1, FunctionName="none") == 1
    assert metric("Invocations", "SampleCount", FunctionName="none") == 0


def test_asynchronous_events_and_lost_dead_letters_are_measured(cloud: Cloud, deploy: Deploy, metric: Metric) -> None:
    queues = cloud.client("sqs")
    url: Any = queues.create_queue(QueueName="dead")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function = deploy(FAILS, "later", DeadLetterConfig={"TargetArn": arn})
    function.client.put_function_event_invoke_config(FunctionName="later", MaximumRetryAttempts=0)
    queues.delete_queue(QueueUrl=url)
    function.raw({"fail": True}, InvocationType="Event", LogType="None")
    assert metric("AsyncEventsReceived", "Sum", 1, FunctionName="later") == 1
    assert metric("DeadLetterErrors", "Sum", 1, FunctionName="later") == 1
    assert metric("Errors", "Sum", 1, FunctionName="later") == 1
