"""What was done to a target, as DescribeScalingActivities tells it, for six weeks.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call

from .resources import Activity, ScalableTarget

_KEPT = 6 * 7 * 86_400


def record(call: Call, target: ScalableTarget, description: str, cause: str, status: str, message: str = "",
           reasons: list[dict[str, Any]] | None = None, ended: bool = False, before: int = 0,
           capacity: int | None = None) -> Activity:
    """Write an activity; the oldest go."""
    table = call.table(Activity)
    for old in table.scan(index="age", before=call.now - _KEPT, limit=100):
        table.delete(old.number)
    return table.insert(Activity(
        namespace=target.ServiceNamespace, resource=target.ResourceId, dimension=target.ScalableDimension, identity=call.uuid(),
        description=description, cause=cause, status=status, message=message, started=call.now,
        ended=call.now if ended else None, reasons=reasons or [], before=before, capacity=capacity))


def remembered(call: Call, row: Activity) -> bool:
    """Is it told?"""
    return row.started >= call.now - _KEPT


def fulfilled(call: Call, target: ScalableTarget, row: Activity) -> None:
    """A change is done. EventBridge hears of those that reach the maximum.

    https://docs.aws.amazon.com/autoscaling/application/userguide/monitoring-eventbridge.html
    """
    if row.capacity == target.MaxCapacity > row.before:
        call.emit("Application Auto Scaling Scaling Activity State Change", {
            "startTime": _written(row.started), "endTime": _written(call.now), "newDesiredCapacity": row.capacity,
            "oldDesiredCapacity": row.before, "minCapacity": target.MinCapacity, "maxCapacity": target.MaxCapacity,
            "resourceId": row.resource, "scalableDimension": row.dimension, "serviceNamespace": row.namespace,
            "statusCode": "Successful", "scaledToMax": True, "direction": "scale-out"})


def _written(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
