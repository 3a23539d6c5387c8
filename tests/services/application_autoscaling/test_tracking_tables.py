"""Target tracking: a table under load gets more, and gives it back when it is not."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import Cloud

from ..events.conftest import Inbox, connect
from .conftest import READS, WRITES, refused, tracking

Load = Callable[[int], None]
Units = Callable[[], tuple[int, int]]


@pytest.fixture
def minute(cloud: Cloud, dynamodb: Any) -> Load:
    """A minute in which the table takes so many writes of ten units. (The clock is not near the end of one.)"""
    cloud.clock.advance((80 - cloud.clock.now() % 60) % 60)

    def go(writes: int) -> None:
        if writes:
            dynamodb.batch_write_item(RequestItems={"things": [
                {"PutRequest": {"Item": {"id": {"S": str(n)}, "text": {"S": "x" * 10_000}}}} for n in range(writes)]})
        cloud.clock.advance(60)

    return go


def activities(scaling: Any, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scaling.describe_scaling_activities(ServiceNamespace="dynamodb", **more)["ScalingActivities"]
    return found


@pytest.fixture
def scaled(scaling: Any, things: str) -> Any:
    scaling.register_scalable_target(**WRITES, MinCapacity=2, MaxCapacity=20)
    scaling.put_scaling_policy(PolicyName="half", **WRITES, **tracking(50))
    return scaling


def test_a_table_under_load_is_scaled_up_and_later_down(scaled: Any, units: Units, minute: Load) -> None:
    minute(20)
    assert units() == (5, 5), "one minute is no alarm"
    for _ in range(2):
        minute(20)
    assert units() == (5, 7), "200 units a minute are 3.33 a second, half of which is 6.67"
    [up] = activities(scaled)
    assert (up["Description"], up["StatusCode"]) == ("Setting write capacity units to 7.", "Successful")
    assert up["Cause"].startswith("monitor alarm TargetTracking-table/things-AlarmHigh-")
    assert up["Cause"].endswith(" in state ALARM triggered policy half")
    for _ in range(13):
        minute(1)
    assert units() == (5, 7), "thirteen minutes are no alarm"
    for _ in range(4):
        minute(1)
    assert units() == (5, 2), "the minimum"
    assert activities(scaled)[0]["Cause"].startswith("monitor alarm TargetTracking-table/things-AlarmLow-")


def test_a_table_that_nobody_uses_keeps_what_it_has(scaled: Any, cloud: Cloud, units: Units, minute: Load) -> None:
    minute(1)
    cloud.clock.advance(3600)
    assert units() == (5, 5)
    for _ in range(9):
        minute(20)
    assert units()[1] > 5, "noticed again"


def test_the_maximum_is_not_exceeded_and_that_is_told(cloud: Cloud, scaled: Any, units: Units, minute: Load) -> None:
    inbox = Inbox(cloud, "inbox")
    connect(cloud.client("events"), inbox, {"source": ["aws.application-autoscaling"], "detail": {"scaledToMax": [True]}})
    scaled.register_scalable_target(**WRITES, MaxCapacity=6)
    for _ in range(6):
        minute(20)
    assert units() == (5, 6)
    assert len(activities(scaled)) == 1
    [held, _] = activities(scaled, IncludeNotScaledActivities=True)
    assert (held["Description"], held["StatusCode"]) == ("Attempting to scale due to alarm triggered", "Failed")
    assert held["NotScaledReasons"] == [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 6}]
    [event] = inbox.events()
    assert event["detail-type"] == "Application Auto Scaling Scaling Activity State Change"
    assert {name: value for name, value in event["detail"].items() if not name.endswith("Time")} == {
        "oldDesiredCapacity": 5, "newDesiredCapacity": 6, "minCapacity": 2, "maxCapacity": 6, "resourceId": "table/things",
        "scalableDimension": WRITES["ScalableDimension"], "serviceNamespace": "dynamodb", "statusCode": "Successful",
        "scaledToMax": True, "direction": "scale-out"}


def test_scaling_is_suspended_and_resumed(scaled: Any, units: Units, minute: Load) -> None:
    scaled.register_scalable_target(**WRITES, SuspendedState={"DynamicScalingOutSuspended": True})
    for _ in range(4):
        minute(20)
    assert units() == (5, 5)
    scaled.register_scalable_target(**WRITES, SuspendedState={"DynamicScalingOutSuspended": False})
    minute(20)
    assert units() == (5, 7)


def test_scale_in_is_disabled(scaled: Any, units: Units, minute: Load) -> None:
    scaled.put_scaling_policy(PolicyName="half", **WRITES, **tracking(50, DisableScaleIn=True))
    for _ in range(17):
        minute(1)
    assert units() == (5, 5)


def test_a_cooldown_holds_the_next_addition_back(scaled: Any, units: Units, minute: Load) -> None:
    scaled.put_scaling_policy(PolicyName="half", **WRITES, **tracking(50, ScaleOutCooldown=600))
    for _ in range(3):
        minute(20)
    assert units() == (5, 7)
    for _ in range(4):
        minute(23)
    assert units() == (5, 7), "an addition of one is not larger than that of two"
    for _ in range(7):
        minute(23)
    assert units() == (5, 8), "230 units a minute, ten minutes later"


def test_reads_are_scaled_by_reads(scaling: Any, dynamodb: Any, cloud: Cloud, things: str, units: Units) -> None:
    scaling.register_scalable_target(**READS, MinCapacity=1, MaxCapacity=20)
    cloud.clock.advance((80 - cloud.clock.now() % 60) % 60)
    scaling.put_scaling_policy(PolicyName="reads", **READS, **tracking(20, "DynamoDBReadCapacityUtilization"))
    dynamodb.put_item(TableName="things", Item={"id": {"S": "a"}, "text": {"S": "x" * 390_000}})
    for _ in range(3):
        dynamodb.get_item(TableName="things", Key={"id": {"S": "a"}}, ConsistentRead=True)
        cloud.clock.advance(60)
    assert units() == (8, 5), "96 units a minute are 1.6 a second, a fifth of 8"


def test_a_customized_metric_is_followed(scaling: Any, cloud: Cloud, things: str, units: Units) -> None:
    cloudwatch = cloud.client("cloudwatch")
    cloud.clock.advance((80 - cloud.clock.now() % 60) % 60)
    scaling.register_scalable_target(**WRITES, MinCapacity=2, MaxCapacity=50)
    metric = {"Namespace": "shop", "MetricName": "orders", "Dimensions": [{"Name": "city", "Value": "Bonn"}]}
    config = {"TargetValue": 100, "CustomizedMetricSpecification": {**metric, "Statistic": "Average"}}
    scaling.put_scaling_policy(PolicyName="orders", **WRITES, PolicyType="TargetTrackingScaling",
                               TargetTrackingScalingPolicyConfiguration=config)
    for _ in range(4):
        cloudwatch.put_metric_data(Namespace="shop", MetricData=[
            {"MetricName": "orders", "Dimensions": metric["Dimensions"], "Value": 200, "Timestamp": cloud.clock.now()}])
        cloud.clock.advance(60)
    assert units()[1] >= 10, "twice the target: twice the capacity"
    [told] = scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
    assert told["TargetTrackingScalingPolicyConfiguration"] == config
    one = {"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum"}}
    config["CustomizedMetricSpecification"] = {"Metrics": [one]}
    scaling.put_scaling_policy(PolicyName="orders", **WRITES, TargetTrackingScalingPolicyConfiguration=config)
    config["CustomizedMetricSpecification"] = {"Metrics": [{"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Usual"}}]}
    assert "Usual" in refused(scaling.put_scaling_policy, PolicyName="orders", **WRITES,
                              TargetTrackingScalingPolicyConfiguration=config)
    config["CustomizedMetricSpecification"] = {"Metrics": [one, {"Id": "e", "Expression": "m * 2"}]}
    assert "metric math" in refused(scaling.put_scaling_policy, "NotImplemented", PolicyName="orders", **WRITES,
                                    TargetTrackingScalingPolicyConfiguration=config)


def test_a_table_that_is_gone_is_not_scaled(scaled: Any, dynamodb: Any, units: Units, minute: Load) -> None:
    minute(20)
    dynamodb.delete_table(TableName="things")
    minute(0)
    minute(0)
    minute(0)
    assert activities(scaled) == []
