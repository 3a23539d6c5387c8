"""Scalable targets in policies: calls name them by resource and dimension, policies by their ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call

from .resources import ScalableTarget

_ABOUT_ONE = ("RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy",
              "PutScheduledAction", "DeleteScheduledAction")


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html"""
    if call.operation not in _ABOUT_ONE:
        return None
    row = call.table(ScalableTarget).known(*(str(members.get(name, "")) for name in (
        "ResourceId", "ScalableDimension", "ServiceNamespace")))
    return [("", call.arn(row))] if row is not None else None


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_service-with-iam.html"""
    found = {"service-namespace": members.get("ServiceNamespace"), "scalable-dimension": members.get("ScalableDimension")}
    return {f"application-autoscaling:{name}": str(value) for name, value in found.items()
            if value and call.operation in _ABOUT_ONE}
