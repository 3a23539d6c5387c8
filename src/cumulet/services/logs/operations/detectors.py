"""Anomaly detectors, and what they found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import patterns
from ..detecting import Anomaly, Known, arm, forget, look, pattern_id, told_tokens
from ..names import arn_of, group_of, invalid
from ..queryclusters import ANY, severity
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
                                anomalyVisibilityTime: int = 21, tags: Mapping[str, str] = {}) -> dict[str, Any]:
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
    call.task(look, id=row.id)
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
    if row.trained:
        arm(call, row)
    elif enabled:
        call.task(look, id=row.id)


@operation
def delete_log_anomaly_detector(call: Call, anomalyDetectorArn: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogAnomalyDetector.html"""
    forget(call, _found(call, anomalyDetectorArn))


def _told(call: Call, row: AnomalyDetector) -> dict[str, Any]:
    status = "PAUSED" if not row.enabled else "ANALYZING" if row.trained else "TRAINING"
    return {"detectorName": row.name, "logGroupArnList": [call.arn(LogGroup(LogGroupName=row.group))],
            "evaluationFrequency": row.frequency, "filterPattern": row.pattern, "anomalyVisibilityTime": row.days,
            "anomalyDetectorStatus": status,
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


# --- anomalies ---

_UNITS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600}
_PRIORITIES = {"FATAL": "HIGH", "CRITICAL": "HIGH", "ERROR": "HIGH", "WARN": "MEDIUM"}


@operation
def list_anomalies(call: Call, anomalyDetectorArn: str | None = None, suppressionState: str | None = None,
                   page: Page[Anomaly] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListAnomalies.html"""
    only = _found(call, anomalyDetectorArn).id if anomalyDetectorArn is not None else None
    rows = [row for row in call.table(Anomaly).scan(after=page.after) if only in (None, row.detector)
            and suppressionState in (None, "SUPPRESSED" if row.is_suppressed(call.now) else "UNSUPPRESSED")]
    return {"anomalies": [_told_anomaly(call, row) for row in page.cut(rows[:page.limit + 1], lambda row: row.id)]}


def _told_anomaly(call: Call, row: Anomaly) -> dict[str, Any]:
    detector = call.table(AnomalyDetector).get(row.detector)
    group = detector.group if detector is not None else ""
    suppressed = row.is_suppressed(call.now)
    state = "Baseline" if row.baseline else "Suppressed" if suppressed else "Active"
    return {"anomalyId": row.id, "patternId": pattern_id(row.pattern), "patternString": row.pattern,
            "anomalyDetectorArn": arn_of(call, "anomaly-detector", row.detector),
            "patternRegex": re.escape(row.pattern).replace(re.escape(ANY), ".*"),
            "priority": _PRIORITIES.get(severity(row.pattern) or "", "LOW"), "firstSeen": row.first, "lastSeen": row.last,
            "description": f"A pattern that was not seen before: {row.pattern}", "active": state == "Active", "state": state,
            "histogram": row.histogram, "logSamples": [{"timestamp": time, "message": text} for time, text in row.samples],
            "patternTokens": told_tokens(row.pattern), "logGroupArnList": [call.arn(LogGroup(LogGroupName=group))],
            "suppressed": suppressed, "suppressedDate": row.since if suppressed else None,
            "suppressedUntil": row.until if suppressed else None,
            "isPatternLevelSuppression": row.suppressed == "pattern" if suppressed else None}


@operation
def update_anomaly(call: Call, anomalyDetectorArn: str, anomalyId: str | None = None, patternId: str | None = None,
                   suppressionType: str | None = None, suppressionPeriod: Mapping[str, Any] | None = None,
                   baseline: bool = False) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UpdateAnomaly.html"""
    detector = _found(call, anomalyDetectorArn)
    if (anomalyId is None) == (patternId is None):
        raise invalid("Exactly one of anomalyId and patternId must be specified.")
    if suppressionType == "LIMITED" and not suppressionPeriod:
        raise invalid("suppressionPeriod must be specified for a limited suppression.")
    rows = [row for row in call.table(Anomaly).scan(detector.id, index="detector")
            if row.id == anomalyId or pattern_id(row.pattern) == patternId]
    if not rows:
        raise error.ResourceNotFoundException("The specified anomaly does not exist.")
    for row in rows:
        row.suppressed = ("anomaly" if anomalyId is not None else "pattern") if suppressionType else ""
        row.since, row.until = int(call.now * 1000), 0
        if suppressionType == "LIMITED" and suppressionPeriod:
            seconds = suppressionPeriod.get("value", 0) * _UNITS[suppressionPeriod.get("suppressionUnit", "SECONDS")]
            row.until = int((call.now + seconds) * 1000)
        row.baseline = row.baseline or baseline
        call.put(row)
        if baseline:
            call.put(Known(detector=detector.id, pattern=row.pattern))
