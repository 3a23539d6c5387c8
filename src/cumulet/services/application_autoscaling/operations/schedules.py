"""Scheduled actions: put, told, deleted."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, cron, error, operation

from ..background import act, arm, key
from ..listing import listed
from ..resources import ScalableTarget, ScheduledAction
from ..subjects import check
from .targets import check_bounds, named, needs_resource, registered

_MOST = 200                             # of one target


@operation
def put_scheduled_action(call: Call, ServiceNamespace: str, ScheduledActionName: str, ResourceId: str, ScalableDimension: str,
                         Schedule: str | None = None, Timezone: str | None = None, StartTime: float | None = None,
                         EndTime: float | None = None, ScalableTargetAction: dict[str, int] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html"""
    check(ServiceNamespace, ResourceId, ScalableDimension)
    registered(call, ServiceNamespace, ResourceId, ScalableDimension)
    table = call.table(ScheduledAction)
    row = table.get(ServiceNamespace, ResourceId, ScalableDimension, ScheduledActionName)
    if row is None:
        if Schedule is None or ScalableTargetAction is None:
            raise error.ValidationException("Both Schedule and ScalableTargetAction are required to create a scheduled action")
        if table.count(ServiceNamespace, ResourceId, ScalableDimension) >= _MOST:
            raise error.LimitExceededException(f"A scalable target can have {_MOST} scheduled actions at most")
        row = ScheduledAction(namespace=ServiceNamespace, resource=ResourceId, dimension=ScalableDimension,
                              name=ScheduledActionName, identity=call.uuid(), schedule=Schedule, created=call.now)
    if ScalableTargetAction is not None:
        row.least, row.most = ScalableTargetAction.get("MinCapacity"), ScalableTargetAction.get("MaxCapacity")
    row.schedule, row.timezone = Schedule or row.schedule, Timezone or row.timezone
    row.start, row.end, row.begun = StartTime, EndTime, call.now
    _check(row)
    call.put(row)
    arm(call, row, call.now)
    return {}


def _check(row: ScheduledAction) -> None:
    if row.least is None and row.most is None:
        raise error.ValidationException("ScalableTargetAction must specify MinCapacity, MaxCapacity or both")
    check_bounds(row.dimension, row.least, row.most)
    try:
        cron.schedule(row.schedule)
    except cron.BadSchedule:
        raise error.ValidationException(f"Invalid schedule expression: {row.schedule}") from None
    try:
        cron.zone(row.timezone or "UTC")
    except cron.BadSchedule:
        raise error.ValidationException(f"Invalid timezone: {row.timezone}") from None
    if row.start is not None and row.end is not None and row.start >= row.end:
        raise error.ValidationException("The start time must be before the end time")


@operation
def delete_scheduled_action(call: Call, ServiceNamespace: str, ScheduledActionName: str, ResourceId: str,
                            ScalableDimension: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScheduledAction.html"""
    table = call.table(ScheduledAction)
    row = table.get(ServiceNamespace, ResourceId, ScalableDimension, ScheduledActionName)
    if row is None:
        raise error.ObjectNotFoundException(
            f"No scheduled action {ScheduledActionName} found for {named(ServiceNamespace, ResourceId, ScalableDimension)}")
    call.cancel(act, "|".join(key(row)))
    table.delete(*key(row))
    return {}


@operation
def describe_scheduled_actions(call: Call, ServiceNamespace: str, ScheduledActionNames: list[str] | None = None,
                               ResourceId: str | None = None, ScalableDimension: str | None = None,
                               page: Page[ScheduledAction] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScheduledActions.html"""
    if ScalableDimension is not None and ResourceId is None:
        raise needs_resource()
    rows = listed(call.table(ScheduledAction), None, (ServiceNamespace,), page,
                  lambda row: (not ScheduledActionNames or row.name in ScheduledActionNames)
                  and ResourceId in (None, row.resource) and ScalableDimension in (None, row.dimension),
                  lambda row: (row.resource, row.dimension, row.name))
    return {"ScheduledActions": [_told(call, row) for row in rows]}


def _told(call: Call, row: ScheduledAction) -> dict[str, Any]:
    bounds = {"MinCapacity": row.least, "MaxCapacity": row.most}
    target = call.get(ScalableTarget, row.resource, row.dimension, row.namespace)
    partition = call.arn(target).split(":")[1]
    return {"ScheduledActionName": row.name, "ServiceNamespace": row.namespace, "ResourceId": row.resource,
            "ScheduledActionARN": f"arn:{partition}:autoscaling:{call.region}:{call.account}:scheduledAction:{row.identity}:"
            f"resource/{row.namespace}/{row.resource}:scheduledActionName/{row.name}",
            "ScalableDimension": row.dimension, "Schedule": row.schedule, "Timezone": row.timezone, "StartTime": row.start,
            "EndTime": row.end, "CreationTime": row.created,
            "ScalableTargetAction": {word: value for word, value in bounds.items() if value is not None}}
