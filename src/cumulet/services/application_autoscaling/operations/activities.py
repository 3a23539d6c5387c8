"""What was done to targets, the latest first."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from ..listing import listed
from ..records import remembered
from ..resources import Activity
from .targets import needs_resource


@operation
def describe_scaling_activities(call: Call, ServiceNamespace: str, ResourceId: str | None = None,
                                ScalableDimension: str | None = None, IncludeNotScaledActivities: bool = False,
                                page: Page[Activity] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html"""
    if ScalableDimension is not None and ResourceId is None:
        raise needs_resource()
    prefix = (ServiceNamespace,) if ResourceId is None else (ServiceNamespace, ResourceId)
    rows = listed(call.table(Activity), "all" if ResourceId is None else "of", prefix, page,
                  lambda row: ScalableDimension in (None, row.dimension) and remembered(call, row)
                  and (IncludeNotScaledActivities or not row.reasons), lambda row: row.number, latest_first=True)
    return {"ScalingActivities": [_told(row) for row in rows]}


def _told(row: Activity) -> dict[str, Any]:
    return {"ActivityId": row.identity, "ServiceNamespace": row.namespace, "ResourceId": row.resource,
            "ScalableDimension": row.dimension, "Description": row.description, "Cause": row.cause, "StartTime": row.started,
            "EndTime": row.ended, "StatusCode": row.status, "StatusMessage": row.message or None,
            "NotScaledReasons": row.reasons or None}
