"""What a policy's metric was, minute by minute, as CloudWatch tells it.

https://docs.aws.amazon.com/autoscaling/application/userguide/monitoring-cloudwatch.html#predefined-metrics
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, not_implemented

from .resources import Doc, ScalableTarget, ScalingPolicy
from .subjects import parts
from .tracking import MINUTE


def read(call: Call, target: ScalableTarget, policy: ScalingPolicy, start: int, end: int) -> dict[int, float]:
    """A minute's beginning → the metric behind the policy: units consumed, events worked on, or what was customized."""
    custom = policy.TargetTrackingScalingPolicyConfiguration.get("CustomizedMetricSpecification")
    if custom is not None:
        stat = customized(custom)
    else:
        stat = _consumed(target) if target.ServiceNamespace == "dynamodb" else _running(target)
    told = call.as_service().cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": stat}], StartTime=float(start), EndTime=float(end))["MetricDataResults"][0]
    return {int(at): value for at, value in zip(told["Timestamps"], told["Values"], strict=True)}


def compared(target: ScalableTarget, policy: ScalingPolicy, found: Mapping[int, float], capacity: int) -> dict[int, float]:
    """What was read as what is compared with the target: how much of the capacity is utilized, unless it was customized."""
    if "CustomizedMetricSpecification" in policy.TargetTrackingScalingPolicyConfiguration:
        return dict(found)
    if not capacity:                                             # nothing is utilized where there is nothing
        return {}
    if target.ServiceNamespace == "dynamodb":
        return {at: 100 * total / MINUTE / capacity for at, total in found.items()}
    return {at: min(1.0, mean / capacity) for at, mean in found.items()}


def _stat(namespace: str, name: str, dimensions: Mapping[str, str], stat: str) -> Doc:
    return {"Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": [
        {"Name": key, "Value": value} for key, value in dimensions.items()]}, "Period": MINUTE, "Stat": stat}


def _consumed(target: ScalableTarget) -> Doc:
    named = parts(target)
    dimensions = {"TableName": named["table"]}
    if "index" in named:
        dimensions["GlobalSecondaryIndexName"] = named["index"]
    return _stat("AWS/DynamoDB", "Consumed" + target.ScalableDimension.rpartition(":")[2], dimensions, "Sum")


def _running(target: ScalableTarget) -> Doc:
    named = parts(target)
    function = named["function"]
    return _stat("AWS/Lambda", "ConcurrentExecutions",
                 {"FunctionName": function, "Resource": f"{function}:{named['qualifier']}"}, "Average")


def customized(custom: Mapping[str, Any]) -> Doc:
    """The metric that a CustomizedMetricSpecification names."""
    queries = custom.get("Metrics")
    if queries is None:
        found = _stat(custom.get("Namespace", ""), custom.get("MetricName", ""),
                      {one["Name"]: one["Value"] for one in custom.get("Dimensions") or ()}, custom.get("Statistic", ""))
        missing = next((name for name in ("MetricName", "Namespace", "Statistic") if not custom.get(name)), "")
        if missing:
            raise error.ValidationException(f"{missing} is required in a CustomizedMetricSpecification without Metrics")
        return found | ({"Unit": custom["Unit"]} if custom.get("Unit") else {})
    if any(custom.get(name) for name in ("MetricName", "Namespace", "Dimensions", "Statistic", "Unit")):
        raise error.ValidationException("A CustomizedMetricSpecification has either Metrics or a single metric")
    if len(queries) != 1 or "MetricStat" not in queries[0] or queries[0].get("Expression"):
        raise not_implemented("application-autoscaling: metric math")
    stat = queries[0]["MetricStat"]
    unit = {"Unit": stat["Unit"]} if "Unit" in stat else {}
    return {"Metric": stat["Metric"], "Period": MINUTE, "Stat": stat["Stat"], **unit}
