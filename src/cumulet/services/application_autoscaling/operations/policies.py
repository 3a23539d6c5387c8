"""Scaling policies: put, told, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from .. import metrics, scaling
from ..background import watch
from ..listing import listed
from ..resources import Doc, ScalableTarget, ScalingPolicy
from ..subjects import DIMENSIONS, check
from .targets import named, needs_resource, registered

_TRACKING = "TargetTrackingScaling"
_MOST = 50                              # policies of one target
_LARGEST = 2.0 ** 360
_LEAST_PERCENT, _MOST_PERCENT = 20, 90  # of DynamoDB's utilization


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)


@operation
def put_scaling_policy(call: Call, PolicyName: str, ServiceNamespace: str, ResourceId: str, ScalableDimension: str,
                       PolicyType: str | None = None, TargetTrackingScalingPolicyConfiguration: Doc | None = None,
                       StepScalingPolicyConfiguration: Doc | None = None,
                       PredictiveScalingPolicyConfiguration: Doc | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html"""
    check(ServiceNamespace, ResourceId, ScalableDimension)
    target = registered(call, ServiceNamespace, ResourceId, ScalableDimension)
    row = call.table(ScalingPolicy).get(PolicyName, ServiceNamespace, ResourceId, ScalableDimension)
    kind = PolicyType or (row.PolicyType if row is not None else None)
    if kind is None:
        raise _invalid("PolicyType is required to create a scaling policy")
    if kind != _TRACKING or StepScalingPolicyConfiguration or PredictiveScalingPolicyConfiguration:
        raise _invalid(f"{kind if kind != _TRACKING else 'A configuration of another policy type'} is not supported for the "
                       f"scalable dimension {ScalableDimension}")
    if TargetTrackingScalingPolicyConfiguration is None:
        raise _invalid("TargetTrackingScalingPolicyConfiguration is required for the policy type TargetTrackingScaling")
    _check(target, TargetTrackingScalingPolicyConfiguration)
    _must_be_alone(call, target, PolicyName, TargetTrackingScalingPolicyConfiguration)
    if row is None:
        row = ScalingPolicy(PolicyName=PolicyName, ServiceNamespace=ServiceNamespace, ResourceId=ResourceId,
                            ScalableDimension=ScalableDimension, PolicyType=kind, identity=call.uuid(), created=call.now,
                            TargetTrackingScalingPolicyConfiguration=TargetTrackingScalingPolicyConfiguration)
    row.TargetTrackingScalingPolicyConfiguration = TargetTrackingScalingPolicyConfiguration
    row.held = ""
    _must_be_known(call, target, row)
    call.put(row)
    watch(call, target)
    return {"PolicyARN": call.arn(row)}


def _must_be_known(call: Call, target: ScalableTarget, row: ScalingPolicy) -> None:
    """Raise when CloudWatch cannot tell the metric."""
    try:
        metrics.read(call, target, row, int(call.now) - 1, int(call.now))
    except AwsError as problem:
        raise problem if problem.status == 501 else _invalid(problem.message) from None


def _check(target: ScalableTarget, config: Mapping[str, Any]) -> None:
    predefined, custom = config.get("PredefinedMetricSpecification"), config.get("CustomizedMetricSpecification")
    if (predefined is None) == (custom is None):
        raise _invalid("Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified")
    if not -_LARGEST <= config["TargetValue"] <= _LARGEST or config["TargetValue"] <= 0:
        raise _invalid("TargetValue must be a positive number of at most 2^360")
    if any(config.get(name, 0) < 0 for name in ("ScaleOutCooldown", "ScaleInCooldown")):
        raise _invalid("Cooldowns must not be negative")
    if custom is not None:
        metrics.customized(custom)
        return
    assert predefined is not None
    kind = predefined["PredefinedMetricType"]
    if kind != DIMENSIONS[target.ScalableDimension].metric:
        raise _invalid(f"The predefined metric type {kind} is not supported for the scalable dimension "
                       f"{target.ScalableDimension}")
    if "ResourceLabel" in predefined:
        raise _invalid(f"ResourceLabel cannot be specified for the predefined metric type {kind}")
    if target.ServiceNamespace == "dynamodb" and not _LEAST_PERCENT <= config["TargetValue"] <= _MOST_PERCENT:
        raise _invalid(f"TargetValue of {kind} must be between {_LEAST_PERCENT} and {_MOST_PERCENT}")


def _must_be_alone(call: Call, target: ScalableTarget, name: str, config: Mapping[str, Any]) -> None:
    """One policy a metric, fifty a target."""
    others = [one for one in scaling.policies(call, target) if one.PolicyName != name]
    if len(others) >= _MOST:
        raise error.LimitExceededException(f"A scalable target can have {_MOST} scaling policies at most")
    for one in others:
        theirs = one.TargetTrackingScalingPolicyConfiguration
        if all(theirs.get(spec) == config.get(spec)
               for spec in ("PredefinedMetricSpecification", "CustomizedMetricSpecification")):
            raise _invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")


@operation
def delete_scaling_policy(call: Call, PolicyName: str, ServiceNamespace: str, ResourceId: str,
                          ScalableDimension: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html"""
    if not call.table(ScalingPolicy).delete(PolicyName, ServiceNamespace, ResourceId, ScalableDimension):
        raise error.ObjectNotFoundException(
            f"No scaling policy {PolicyName} found for {named(ServiceNamespace, ResourceId, ScalableDimension)}")
    return {}


@operation
def describe_scaling_policies(call: Call, ServiceNamespace: str, PolicyNames: list[str] | None = None,
                              ResourceId: str | None = None, ScalableDimension: str | None = None,
                              page: Page[ScalingPolicy] = Page(10)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html"""
    if ScalableDimension is not None and ResourceId is None:
        raise needs_resource()
    rows = listed(call.table(ScalingPolicy), "target", (ServiceNamespace,), page,
                  lambda row: (not PolicyNames or row.PolicyName in PolicyNames) and ResourceId in (None, row.ResourceId)
                  and ScalableDimension in (None, row.ScalableDimension),
                  lambda row: (row.ResourceId, row.ScalableDimension, row.PolicyName))
    return {"ScalingPolicies": [_told(call, row) for row in rows]}


def _told(call: Call, row: ScalingPolicy) -> dict[str, Any]:
    return {"PolicyARN": call.arn(row), "PolicyName": row.PolicyName, "ServiceNamespace": row.ServiceNamespace,
            "ResourceId": row.ResourceId, "ScalableDimension": row.ScalableDimension, "PolicyType": row.PolicyType,
            "CreationTime": row.created,
            "TargetTrackingScalingPolicyConfiguration": row.TargetTrackingScalingPolicyConfiguration}
