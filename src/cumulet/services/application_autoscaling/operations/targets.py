"""Scalable targets: registered, told, deregistered."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from .. import subjects
from ..background import act, begin, evaluate, key, place, watch
from ..listing import listed
from ..resources import ScalableTarget, ScalingPolicy, ScheduledAction
from .tags import merged

_SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


def named(namespace: str, resource: str, dimension: str) -> str:
    """As errors name a target."""
    return f"service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"


def registered(call: Call, namespace: str, resource: str, dimension: str) -> ScalableTarget:
    """The target that policies and scheduled actions are for."""
    row = call.table(ScalableTarget).get(resource, dimension, namespace)
    if row is None:
        raise error.ObjectNotFoundException(f"No scalable target registered for {named(namespace, resource, dimension)}")
    return row


@operation(accepts=("RoleARN",))         # AWS takes the service-linked role for all that can be scaled here
def register_scalable_target(call: Call, ServiceNamespace: str, ResourceId: str, ScalableDimension: str,
                             MinCapacity: int | None = None, MaxCapacity: int | None = None,
                             SuspendedState: dict[str, bool] | None = None,
                             Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    subjects.check(ServiceNamespace, ResourceId, ScalableDimension)
    row = call.table(ScalableTarget).get(ResourceId, ScalableDimension, ServiceNamespace)
    if row is None:
        if MinCapacity is None or MaxCapacity is None:
            raise error.ValidationException("Both MinCapacity and MaxCapacity are required to register a new scalable target")
        row = ScalableTarget(ServiceNamespace=ServiceNamespace, ResourceId=ResourceId, ScalableDimension=ScalableDimension,
                             MinCapacity=MinCapacity, MaxCapacity=MaxCapacity, identity=call.token(34), created=call.now)
        _check_room(call, row)
        row.tags = merged({}, Tags or {}, call.arn(row))
    elif {**row.tags, **(Tags or {})} != row.tags:
        raise error.ValidationException("Tags can be given to a new scalable target only; use TagResource for this one")
    row.MinCapacity = MinCapacity if MinCapacity is not None else row.MinCapacity
    row.MaxCapacity = MaxCapacity if MaxCapacity is not None else row.MaxCapacity
    row.SuspendedState = {**row.SuspendedState, **(SuspendedState or {})}
    check_bounds(ScalableDimension, row.MinCapacity, row.MaxCapacity)
    subjects.must_exist(call, row)
    row.RoleARN = subjects.link(call, row)
    call.put(row)
    watch(call, row)
    begin(call, row)
    return {"ScalableTargetARN": call.arn(row)}


def check_bounds(dimension: str, least: int | None, most: int | None) -> None:
    """Raise when these are no bounds of a capacity."""
    lowest = subjects.DIMENSIONS[dimension].least
    for word, value in (("Minimum", least), ("Maximum", most)):
        if value is not None and value < lowest:
            raise error.ValidationException(f"{word} capacity must be greater than or equal to {lowest}")
    if least is not None and most is not None and least > most:
        raise error.ValidationException("Maximum capacity cannot be less than minimum capacity")


def _check_room(call: Call, row: ScalableTarget) -> None:
    most = subjects.DIMENSIONS[row.ScalableDimension].most
    if call.table(ScalableTarget).count(row.ServiceNamespace, index="namespace") >= most:
        raise error.LimitExceededException(f"Only {most} scalable targets of {row.ServiceNamespace} can be registered")


@operation
def deregister_scalable_target(call: Call, ServiceNamespace: str, ResourceId: str, ScalableDimension: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html"""
    table = call.table(ScalableTarget)
    row = table.get(ResourceId, ScalableDimension, ServiceNamespace)
    if row is None:
        raise error.ObjectNotFoundException(
            f"No scalable target found for {named(ServiceNamespace, ResourceId, ScalableDimension)}")
    of = (ServiceNamespace, ResourceId, ScalableDimension)
    for action in call.table(ScheduledAction).scan(*of):
        call.cancel(act, "|".join(key(action)))
    call.table(ScheduledAction).delete_all(*of)
    call.table(ScalingPolicy).delete_all(*of, index="target")
    call.cancel(evaluate, place(row))
    table.delete(ResourceId, ScalableDimension, ServiceNamespace)
    return {}


@operation
def describe_scalable_targets(call: Call, ServiceNamespace: str, ResourceIds: list[str] | None = None,
                              ScalableDimension: str | None = None, page: Page[ScalableTarget] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html"""
    if ScalableDimension is not None and not ResourceIds:
        raise needs_resource()
    rows = listed(call.table(ScalableTarget), "namespace", (ServiceNamespace,), page,
                  lambda row: (not ResourceIds or row.ResourceId in ResourceIds)
                  and ScalableDimension in (None, row.ScalableDimension), lambda row: (row.ResourceId, row.ScalableDimension))
    return {"ScalableTargets": [_told(call, row) for row in rows]}


def needs_resource() -> AwsError:
    return error.ValidationException("A resource ID must be specified with a scalable dimension")


def _told(call: Call, row: ScalableTarget) -> dict[str, Any]:
    return {"ServiceNamespace": row.ServiceNamespace, "ResourceId": row.ResourceId, "ScalableDimension": row.ScalableDimension,
            "MinCapacity": row.MinCapacity, "MaxCapacity": row.MaxCapacity, "RoleARN": row.RoleARN,
            "CreationTime": row.created, "ScalableTargetARN": call.arn(row),
            "SuspendedState": {name: row.SuspendedState.get(name, False) for name in _SUSPENSIONS}}
