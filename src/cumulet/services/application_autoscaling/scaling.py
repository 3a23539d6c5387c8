"""Capacity is changed: into its bounds, or as policies want it; and what is told of that."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from cumulet.kernel import AwsError, Call

from . import metrics, subjects
from .records import fulfilled, record
from .resources import Activity, Doc, ScalableTarget, ScalingPolicy
from .subjects import DIMENSIONS, Standing
from .tracking import MINUTE, SPAN, Wish, alarms, cooled_out, together, wish

Ending = Awaitable[Any] | None


def policies(call: Call, target: ScalableTarget) -> list[ScalingPolicy]:
    """Of one target."""
    return call.table(ScalingPolicy).scan(target.ServiceNamespace, target.ResourceId, target.ScalableDimension, index="target")


def into_bounds(call: Call, target: ScalableTarget, standing: Standing) -> tuple[Activity | None, Ending]:
    """Not less than the minimum, nor more than the maximum."""
    if standing.capacity is None:
        return None, None
    if standing.capacity < target.MinCapacity:
        return _change(call, target, standing.capacity, target.MinCapacity, f"minimum capacity was set to {target.MinCapacity}")
    if standing.capacity > target.MaxCapacity:
        return _change(call, target, standing.capacity, target.MaxCapacity, f"maximum capacity was set to {target.MaxCapacity}")
    return None, None


def _change(call: Call, target: ScalableTarget, before: int, capacity: int, cause: str) -> tuple[Activity | None, Ending]:
    words = DIMENSIONS[target.ScalableDimension].words
    described = f"Setting {words} to {capacity}."
    try:
        with call.tx.savepoint():
            ending = subjects.change(call, target, capacity)
    except AwsError as problem:
        record(call, target, described, cause, "Failed", ended=True,
               message=f"Failed to set {words} to {capacity}. Reason: {problem.message or problem.code}")
        return None, None
    waits = DIMENSIONS[target.ScalableDimension].waits and capacity > 0
    status = "InProgress" if waits else "Successful"
    row = record(call, target, described, cause, status, message(target, capacity, status), ended=not waits, before=before,
                 capacity=capacity)
    if not waits:
        fulfilled(call, target, row)
    return row, ending


def message(target: ScalableTarget, capacity: int, status: str) -> str:
    """As activities tell what came of it."""
    done = f"Successfully set {DIMENSIONS[target.ScalableDimension].words} to {capacity}. "
    of = target.ServiceNamespace
    return done + {"InProgress": f"Waiting for change to be fulfilled by {of}.", "Overridden": "It was changed since.",
                   "Successful": f"Change successfully fulfilled by {of}.",
                   "Unfulfilled": f"Change was not fulfilled by {of}."}[status]


def track(call: Call, target: ScalableTarget, standing: Standing) -> tuple[Activity | None, Ending]:
    """As the policies want it. While a change is under way, they wait."""
    if standing.capacity is None or not standing.settled:
        return None, None
    end = _minute(call)
    found = [(policy, _wish(target, policy, standing.capacity, read, end)) for policy, read in series(call, target)]
    wanted = together((one, not policy.TargetTrackingScalingPolicyConfiguration.get("DisableScaleIn")) for policy, one in found)
    for policy, one in found:
        if one is None and policy.held:
            call.table(ScalingPolicy).change(*_key(policy), held="")
    if wanted is None:
        return None, None
    policy = next(policy for policy, one in found if one == wanted)
    side = "Out" if wanted.out else "In"
    if target.SuspendedState.get(f"DynamicScaling{side}Suspended"):
        return None, None
    capacity = min(max(wanted.capacity, target.MinCapacity), target.MaxCapacity)
    if capacity == standing.capacity or (capacity > standing.capacity) != wanted.out:
        _hold(call, target, policy, wanted, standing.capacity)
        return None, None
    if not _cooled(call, target, policy, wanted, capacity - standing.capacity):
        return None, None
    activity, ending = _change(call, target, standing.capacity, capacity, _cause(target, policy, wanted))
    if activity is not None:
        _note(call, target, policy, wanted, capacity - standing.capacity)
    return activity, ending


def series(call: Call, target: ScalableTarget) -> list[tuple[ScalingPolicy, dict[int, float]]]:
    """The metrics of its policies in the minutes that count."""
    end = _minute(call)
    return [(policy, metrics.read(call, target, policy, end - SPAN, end)) for policy in policies(call, target)]


def _minute(call: Call) -> int:
    """Where the last whole minute ended."""
    return int(call.now // MINUTE) * MINUTE


def _wish(target: ScalableTarget, policy: ScalingPolicy, capacity: int, read: dict[int, float], end: int) -> Wish | None:
    config = policy.TargetTrackingScalingPolicyConfiguration
    units = target.ServiceNamespace == "dynamodb" and "PredefinedMetricSpecification" in config
    of = alarms(config["TargetValue"], units)
    return wish(metrics.compared(target, policy, read, capacity), end, of, capacity)


def _cooled(call: Call, target: ScalableTarget, policy: ScalingPolicy, wanted: Wish, by: int) -> bool:
    config = policy.TargetTrackingScalingPolicyConfiguration
    if wanted.out:
        return cooled_out(call.now, target.out_at, config.get("ScaleOutCooldown", 0), by, target.out_by)
    return call.now >= target.in_at + float(config.get("ScaleInCooldown", 0))


def _note(call: Call, target: ScalableTarget, policy: ScalingPolicy, wanted: Wish, by: int) -> None:
    """Cooldowns begin; that of a scale-in ends with a scale-out."""
    known: dict[str, Any] = {"out_at": call.now, "out_by": by, "in_at": 0.0} if wanted.out else {"in_at": call.now}
    call.table(ScalableTarget).change(target.ResourceId, target.ScalableDimension, target.ServiceNamespace, **known)
    call.table(ScalingPolicy).change(*_key(policy), held="")


def _hold(call: Call, target: ScalableTarget, policy: ScalingPolicy, wanted: Wish, capacity: int) -> None:
    """An alarm that changes nothing is told once, until it is over."""
    reason: Doc = {"Code": "AlreadyAtDesiredCapacity", "CurrentCapacity": capacity}
    if wanted.out and capacity >= target.MaxCapacity:
        reason = {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": target.MaxCapacity}
    elif not wanted.out and capacity <= target.MinCapacity:
        reason = {"Code": "AlreadyAtMinCapacity", "MinCapacity": target.MinCapacity}
    if policy.held != reason["Code"]:
        call.table(ScalingPolicy).change(*_key(policy), held=reason["Code"])
        record(call, target, "Attempting to scale due to alarm triggered", _cause(target, policy, wanted), "Failed",
               reasons=[reason])


def _cause(target: ScalableTarget, policy: ScalingPolicy, wanted: Wish) -> str:
    alarm = f"TargetTracking-{target.ResourceId}-Alarm{'High' if wanted.out else 'Low'}-{policy.identity}"
    return f"monitor alarm {alarm} in state ALARM triggered policy {policy.PolicyName}"


def _key(policy: ScalingPolicy) -> tuple[str, str, str, str]:
    return policy.PolicyName, policy.ServiceNamespace, policy.ResourceId, policy.ScalableDimension
