"""Provisioned concurrency: a function's alias gets as many environments as its load needs."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import Call
from cumulet.kernel.access.contract import service_principal

from .conftest import refused, tracking

LIVE = {"ServiceNamespace": "lambda", "ResourceId": "function:app:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency"}
Told = Callable[..., int]


@pytest.fixture
def function(cloud: Cloud) -> Any:
    """A function with an alias."""
    client, package = cloud.client("lambda"), io.BytesIO()
    with zipfile.ZipFile(package, "w") as z:
        z.writestr("app.py", "def handler(event, context): return event")
    client.create_function(FunctionName="app", Role="arn:aws:iam::000000000000:role/r", Runtime="python3.11",
                           Handler="app.handler", Code={"ZipFile": package.getvalue()}, Publish=True)
    client.create_alias(FunctionName="app", Name="live", FunctionVersion="1")
    return client


@pytest.fixture
def provisioned(cloud: Cloud, function: Any) -> Told:
    """How many environments the alias wants; ready: when they are there."""

    def told(ready: bool = False) -> int:
        cloud.clock.idle()
        end = time.monotonic() + 20
        while True:
            [found] = function.list_provisioned_concurrency_configs(FunctionName="app")["ProvisionedConcurrencyConfigs"] or [
                {"Status": "READY", "RequestedProvisionedConcurrentExecutions": 0}]
            if not ready or found["Status"] == "READY":
                return int(found["RequestedProvisionedConcurrentExecutions"])
            assert time.monotonic() < end
            time.sleep(0.02)

    return told


def busy(cloud: Cloud, running: int) -> None:
    """A minute in which so many events were worked on at once, as Lambda tells CloudWatch of it."""

    def tell(tx: Any) -> None:
        metrics = Call(cloud.kernel, tx, "lambda", "Test", cloud.account, "us-east-1",
                       service_principal("lambda.amazonaws.com", cloud.account), cloud.clock.now()).metrics("AWS/Lambda")
        metrics.add("ConcurrentExecutions", (("FunctionName", "app"), ("Resource", "app:live")),
                    cloud.clock.now() // 60 * 60, float(running), 1, "Count")
        metrics.tell()

    cloud.thread.call(cloud.kernel.store.run(tell))
    cloud.clock.advance(60)


def test_a_busy_function_gets_more_environments(cloud: Cloud, scaling: Any, provisioned: Told) -> None:
    scaling.register_scalable_target(**LIVE, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(PolicyName="p", **LIVE, **tracking(0.7, "LambdaProvisionedConcurrencyUtilization"))
    assert provisioned(ready=True) == 1
    cloud.clock.advance((80 - cloud.clock.now() % 60) % 60)
    for _ in range(2):
        busy(cloud, 1)
    assert provisioned() == 1
    for _ in range(2):
        busy(cloud, 1)
    assert provisioned(ready=True) == 2, "one of one is above 0.7: two have room"
    cloud.clock.advance(6)
    [more, first] = scaling.describe_scaling_activities(**LIVE)["ScalingActivities"]
    assert (first["Cause"], first["StatusCode"]) == ("minimum capacity was set to 1", "Successful")
    assert (more["Description"], more["StatusCode"]) == ("Setting provisioned concurrency to 2.", "Successful")
    assert more["StatusMessage"] == "Successfully set provisioned concurrency to 2. Change successfully fulfilled by lambda."
    assert more["Cause"].startswith("monitor alarm TargetTracking-function:app:live-AlarmHigh-")


def test_a_schedule_takes_all_of_them_away(cloud: Cloud, scaling: Any, provisioned: Told) -> None:
    scaling.register_scalable_target(**LIVE, MinCapacity=1, MaxCapacity=1)
    [begun] = scaling.describe_scaling_activities(**LIVE)["ScalingActivities"] or [{}]
    assert begun.get("StatusCode", "InProgress") in ("InProgress", "Successful")
    scaling.put_scheduled_action(ScheduledActionName="night", **LIVE, Schedule="rate(1 hour)",
                                 ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0})
    assert provisioned(ready=True) == 1
    cloud.clock.advance(3605)
    assert provisioned() == 0
    assert scaling.describe_scaling_activities(**LIVE)["ScalingActivities"][0]["Description"] == (
        "Setting provisioned concurrency to 0.")


def test_what_is_changed_meanwhile_is_told_as_overridden(cloud: Cloud, scaling: Any, function: Any, provisioned: Told) -> None:
    scaling.register_scalable_target(**LIVE, MinCapacity=1, MaxCapacity=2)
    assert provisioned() == 1
    function.put_provisioned_concurrency_config(FunctionName="app", Qualifier="live", ProvisionedConcurrentExecutions=2)
    cloud.clock.advance(6)
    assert scaling.describe_scaling_activities(**LIVE)["ScalingActivities"][-1]["StatusCode"] == "Overridden"


def test_environments_that_do_not_come_are_given_up(cloud: Cloud, scaling: Any, function: Any) -> None:
    function.update_function_configuration(FunctionName="app", Handler="nothing.there")
    function.publish_version(FunctionName="app")
    broken = LIVE | {"ResourceId": "function:app:2"}
    scaling.register_scalable_target(**broken, MinCapacity=1, MaxCapacity=2)
    cloud.clock.advance(60)
    assert scaling.describe_scaling_activities(**broken)["ScalingActivities"][0]["StatusCode"] == "InProgress"
    cloud.clock.advance(620)
    [told] = scaling.describe_scaling_activities(**broken)["ScalingActivities"]
    assert (told["StatusCode"], told["StatusMessage"]) == (
        "Unfulfilled", "Successfully set provisioned concurrency to 1. Change was not fulfilled by lambda.")


def test_the_metric_of_a_table_is_not_a_functions(scaling: Any, function: Any) -> None:
    scaling.register_scalable_target(**LIVE, MinCapacity=0, MaxCapacity=1)
    assert "DynamoDBReadCapacityUtilization is not supported" in refused(
        scaling.put_scaling_policy, PolicyName="p", **LIVE, **tracking(50, "DynamoDBReadCapacityUtilization"))


def test_a_change_that_lambda_refuses_is_told_as_failed(cloud: Cloud, scaling: Any, function: Any) -> None:
    scaling.register_scalable_target(**LIVE, MinCapacity=5000, MaxCapacity=5000)
    cloud.clock.idle()
    [told] = scaling.describe_scaling_activities(**LIVE)["ScalingActivities"]
    assert told["StatusCode"] == "Failed"
    assert told["StatusMessage"].startswith("Failed to set provisioned concurrency to 5000. Reason: Requested Provisioned")
