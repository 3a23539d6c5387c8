"""Scheduled queries: made, told, changed, deleted; their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, cron, error, not_implemented, operation

from ..lookups import lookups
from ..names import arn_of, name_of
from ..queryrun import Run
from ..resources import LogGroup, ScheduledQuery, Triggered
from ..scheduling import arm, due, status_of
from .tags import checked_tags


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)


def _arn(call: Call, row: ScheduledQuery) -> str:
    return arn_of(call, "scheduled-query", row.id)


def _found(call: Call, identifier: str) -> ScheduledQuery:
    """By name or ARN."""
    table = call.table(ScheduledQuery)
    row = table.get(identifier.rpartition(":")[2]) if identifier.startswith("arn:") else table.find("name", identifier)
    if row is None:
        raise error.ResourceNotFoundException(f"Scheduled query {identifier} does not exist.")
    return row


def _check(call: Call, row: ScheduledQuery, language: str) -> None:
    if language != "CWLI":
        raise not_implemented(f"logs: queries in {language}")
    try:
        cron.zone(row.zone)
        if cron.schedule(row.schedule).cron is None:
            raise cron.BadSchedule(row.schedule)
    except cron.BadSchedule:
        raise _invalid("The schedule expression or its timezone is not valid.") from None
    if row.since <= row.until:
        raise _invalid("startTimeOffset must be more than endTimeOffset.")
    for name in row.groups:
        if call.table(LogGroup).get(name) is None:
            raise error.ResourceNotFoundException(f"Log group '{name}' does not exist for account ID '{call.account}'")
    lookups(call, Run(row.text, call.now * 1000, None, call.matches).wanted)


@operation
def create_scheduled_query(call: Call, name: str, queryLanguage: str, queryString: str, scheduleExpression: str,
                           executionRoleArn: str, logGroupIdentifiers: Sequence[str] = (), startTimeOffset: int | None = None,
                           endTimeOffset: int = 0, description: str | None = None, timezone: str = "UTC",
                           scheduleStartTime: int | None = None, scheduleEndTime: int | None = None,
                           state: str = "ENABLED", tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateScheduledQuery.html"""
    if call.table(ScheduledQuery).find("name", name) is not None:
        raise error.ConflictException(f"Scheduled query {name} already exists.")
    if startTimeOffset is None or not logGroupIdentifiers:
        raise not_implemented("logs: scheduled queries without startTimeOffset and log groups")
    row = ScheduledQuery(
        id=call.uuid(), name=name, description=description, text=queryString, schedule=scheduleExpression, zone=timezone,
        groups=[name_of(call, each) for each in logGroupIdentifiers], since=startTimeOffset, until=endTimeOffset,
        role=executionRoleArn, state=state, start=_seconds(scheduleStartTime), end=_seconds(scheduleEndTime),
        created=call.now, modified=call.now, tags=checked_tags({}, tags))
    _check(call, row, queryLanguage)
    call.put(row)
    arm(call, row)
    return {"scheduledQueryArn": _arn(call, row), "state": state}


def _seconds(at: int | None) -> float | None:
    """Epoch times come in seconds, or in milliseconds."""
    return None if at is None else at / 1000 if at > 10**11 else float(at)


@operation
def update_scheduled_query(call: Call, identifier: str, queryLanguage: str, queryString: str, scheduleExpression: str,
                           executionRoleArn: str, logGroupIdentifiers: Sequence[str] = (), startTimeOffset: int | None = None,
                           endTimeOffset: int = 0, description: str | None = None, timezone: str = "UTC",
                           scheduleStartTime: int | None = None, scheduleEndTime: int | None = None,
                           state: str = "ENABLED") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UpdateScheduledQuery.html"""
    row = _found(call, identifier)
    if startTimeOffset is None or not logGroupIdentifiers:
        raise not_implemented("logs: scheduled queries without startTimeOffset and log groups")
    row.text, row.schedule, row.role, row.zone = queryString, scheduleExpression, executionRoleArn, timezone
    row.groups = [name_of(call, each) for each in logGroupIdentifiers]
    row.since, row.until, row.description, row.state = startTimeOffset, endTimeOffset, description, state
    row.start, row.end, row.modified = _seconds(scheduleStartTime), _seconds(scheduleEndTime), call.now
    _check(call, row, queryLanguage)
    call.put(row)
    arm(call, row)
    return _told(call, row)


@operation
def delete_scheduled_query(call: Call, identifier: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteScheduledQuery.html"""
    row = _found(call, identifier)
    call.cancel(due, row.id)
    call.table(Triggered).delete_all(row.id)
    call.table(ScheduledQuery).delete(row.id)


def _brief(call: Call, row: ScheduledQuery) -> dict[str, Any]:
    last = next(iter(call.table(Triggered).scan(row.id, reverse=True, limit=1)), None)
    return {"scheduledQueryArn": _arn(call, row), "name": row.name, "state": row.state, "scheduleType": "CUSTOMER_MANAGED",
            "lastTriggeredTime": int(last.at * 1000) if last else None, "scheduleExpression": row.schedule,
            "lastExecutionStatus": status_of(call, last) if last else None, "timezone": row.zone,
            "creationTime": int(row.created * 1000), "lastUpdatedTime": int(row.modified * 1000)}


def _told(call: Call, row: ScheduledQuery) -> dict[str, Any]:
    return {**_brief(call, row), "description": row.description, "queryLanguage": "CWLI", "queryString": row.text,
            "logGroupIdentifiers": row.groups, "startTimeOffset": row.since, "endTimeOffset": row.until,
            "executionRoleArn": row.role, "scheduleStartTime": int(row.start * 1000) if row.start else None,
            "scheduleEndTime": int(row.end * 1000) if row.end else None}


@operation
def get_scheduled_query(call: Call, identifier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetScheduledQuery.html"""
    return _told(call, _found(call, identifier))


@operation
def list_scheduled_queries(call: Call, state: str | None = None, scheduleType: str | None = None,
                           page: Page[ScheduledQuery] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListScheduledQueries.html"""
    rows = [row for row in call.table(ScheduledQuery).scan(index="name")
            if state in (None, row.state) and scheduleType in (None, "CUSTOMER_MANAGED") and row.name > (page.after or "")]
    return {"scheduledQueries": [_brief(call, row) for row in page.cut(rows[:page.limit + 1], lambda row: row.name)]}


@operation
def get_scheduled_query_history(call: Call, identifier: str, startTime: int, endTime: int,
                                executionStatuses: Sequence[str] = (), page: Page[Triggered] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetScheduledQueryHistory.html"""
    row = _found(call, identifier)
    first, last = _seconds(startTime) or 0.0, _seconds(endTime) or 0.0
    runs = [run for run in call.table(Triggered).scan(row.id, low=first, high=last)
            if page.after is None or run.at > page.after]
    told = [(run, status_of(call, run)) for run in runs]
    kept = [run for run, status in told if not executionStatuses or status in executionStatuses]
    return {"name": row.name, "scheduledQueryArn": _arn(call, row), "triggerHistory": [
        {"queryId": run.query, "executionStatus": status_of(call, run), "triggeredTimestamp": int(run.at * 1000)}
        for run in page.cut(kept[:page.limit + 1], lambda run: run.at)]}
