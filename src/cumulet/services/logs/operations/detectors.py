"""Anomaly detectors: kept and told. None of them learns here, so none ever finds an anomaly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import patterns
from ..names import arn_of, group_of, invalid
from ..resources import LogGroup
from ..settings import AnomalyDetector
from .tags import checked_tags


def _found(call: Call, arn: str) -> AnomalyDetector:
    kind, _, id = arn.rpartition(":anomaly-detector:")
    row = call.table(AnomalyDetector).get(id) if kind else None
    if row is None or arn != arn_of(call, "anomaly-detector", id):
        raise error.ResourceNotFoundException("The specified anomaly detector does not exist.")
    return row


@operation
def create_log_anomaly_detector(call: Call, logGroupArnList: Sequence[str], detectorName: str | None = None,
                                evaluationFrequency: str = "FIFTEEN_MIN", filterPattern: str | None = None,
                                anomalyVisibilityTime: int = 7, tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogAnomalyDetector.html"""
    if len(logGroupArnList) != 1 or not logGroupArnList[0].startswith("arn:"):
        raise invalid("Exactly one log group ARN must be specified.")
    group = group_of(call, None, logGroupArnList[0])
    if any(row.group == group.LogGroupName for row in call.table(AnomalyDetector).scan()):
        raise error.LimitExceededException("The log group has an anomaly detector already.")
    patterns.compiled(filterPattern or "")
    row = AnomalyDetector(id=call.uuid(), name=detectorName, group=group.LogGroupName, frequency=evaluationFrequency,
                          pattern=filterPattern, days=anomalyVisibilityTime, enabled=True, created=call.now, modified=call.now,
                          tags=checked_tags({}, tags))
    call.put(row)
    return {"anomalyDetectorArn": arn_of(call, "anomaly-detector", row.id)}


@operation
def update_log_anomaly_detector(call: Call, anomalyDetectorArn: str, enabled: bool, evaluationFrequency: str | None = None,
                                filterPattern: str | None = None, anomalyVisibilityTime: int | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UpdateLogAnomalyDetector.html"""
    row = _found(call, anomalyDetectorArn)
    patterns.compiled(filterPattern or "")
    row.enabled, row.modified = enabled, call.now
    row.frequency = evaluationFrequency or row.frequency
    row.pattern = filterPattern if filterPattern is not None else row.pattern
    row.days = anomalyVisibilityTime or row.days
    call.put(row)


@operation
def delete_log_anomaly_detector(call: Call, anomalyDetectorArn: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogAnomalyDetector.html"""
    call.table(AnomalyDetector).delete(_found(call, anomalyDetectorArn).id)


def _told(call: Call, row: AnomalyDetector) -> dict[str, Any]:
    return {"detectorName": row.name, "logGroupArnList": [call.arn(LogGroup(LogGroupName=row.group))],
            "evaluationFrequency": row.frequency, "filterPattern": row.pattern, "anomalyVisibilityTime": row.days,
            "anomalyDetectorStatus": "INITIALIZING" if row.enabled else "PAUSED",
            "creationTimeStamp": int(row.created * 1000), "lastModifiedTimeStamp": int(row.modified * 1000)}


@operation
def get_log_anomaly_detector(call: Call, anomalyDetectorArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogAnomalyDetector.html"""
    return _told(call, _found(call, anomalyDetectorArn))


@operation
def list_log_anomaly_detectors(call: Call, filterLogGroupArn: str | None = None,
                               page: Page[AnomalyDetector] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogAnomalyDetectors.html"""
    name = group_of(call, None, filterLogGroupArn).LogGroupName if filterLogGroupArn is not None else None
    rows = [row for row in call.table(AnomalyDetector).scan(after=page.after) if name in (None, row.group)]
    return {"anomalyDetectors": [{"anomalyDetectorArn": arn_of(call, "anomaly-detector", row.id), **_told(call, row)}
                                 for row in page.cut(rows[:page.limit + 1], lambda row: row.id)]}
