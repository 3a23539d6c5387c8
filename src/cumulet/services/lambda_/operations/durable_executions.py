"""Durable executions: told, listed, paused, stopped, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..durable import executions, history
from ..durable.executions import named
from ..durable.rows import STOPPED, SUCCEEDED, Execution, Happening
from ..names import function, split


@operation
def get_durable_execution(call: Call, DurableExecutionArn: str, IncludeExecutionData: bool = True) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecution.html"""
    row = named(call, DurableExecutionArn)
    data = IncludeExecutionData
    shown = _summary(row) | {
        "Version": row.version, "TraceHeader": {"XAmznTraceId": row.trace} if row.trace else None,
        "ExecutionDataIncluded": data,
        "DurableConfig": {"RetentionPeriodInDays": row.retention, "ExecutionTimeout": row.timeout},
        "ExpectedExecutionTimeoutTimestamp": row.deadline if row.open and row.left is None else None}
    if row.pause is not None:
        shown["PauseDetails"] = row.pause if data else {k: v for k, v in row.pause.items() if k != "Reason"}
    if data:
        shown |= {"InputPayload": row.input, "Result": row.result if row.status == SUCCEEDED else None, "Error": row.error}
    return shown


def _summary(row: Execution) -> dict[str, Any]:
    return {"DurableExecutionArn": row.arn, "DurableExecutionName": row.name, "FunctionArn": row.invoked, "Status": row.status,
            "StartTimestamp": row.started, "EndTimestamp": row.ended}


@operation
def list_durable_executions_by_function(
        call: Call, FunctionName: str, Qualifier: str | None = None, DurableExecutionName: str | None = None,
        Statuses: Sequence[str] = (), StartedAfter: float | None = None, StartedBefore: float | None = None,
        ReverseOrder: bool = False, page: Page[Execution] = Page(100, 1000)) -> dict[str, Any]:
    """Newest first, unless ReverseOrder says otherwise.

    https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
    """
    name, qualifier = split(call, FunctionName, Qualifier)
    function(call, name, qualifier)
    end = {"after" if ReverseOrder else "before": page.after} if page.after is not None else {}
    rows = call.table(Execution).scan(name, index="function", reverse=not ReverseOrder, **end)
    found = [row for row in rows
             if DurableExecutionName in (None, row.name) and (not Statuses or row.status in Statuses)
             and (not qualifier or qualifier == row.version or row.invoked == f"{row.base}:{qualifier}")
             and (StartedAfter is None or row.started > StartedAfter)
             and (StartedBefore is None or row.started < StartedBefore)]
    return {"DurableExecutions": [_summary(row) for row in page.cut(found, lambda row: (row.started, row.id))]}


@operation
def get_durable_execution_history(call: Call, DurableExecutionArn: str, IncludeExecutionData: bool = True,
                                  ReverseOrder: bool = False, page: Page[Happening] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionHistory.html"""
    row = named(call, DurableExecutionArn)
    end = {"before" if ReverseOrder else "after": page.after} if page.after is not None else {}
    events = call.table(Happening).scan(row.id, reverse=ReverseOrder, limit=page.limit + 1, **end)
    return {"Events": [history.told(event, IncludeExecutionData) for event in page.cut(events, lambda event: event.number)]}


@operation
def stop_durable_execution(call: Call, DurableExecutionArn: str, Error: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_StopDurableExecution.html"""
    row = named(call, DurableExecutionArn)
    if row.open:
        executions.finish(call, row, STOPPED, fault=Error or {})
    return {"StopTimestamp": row.ended}


@operation
def delete_durable_execution(call: Call, DurableExecutionArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteDurableExecution.html"""
    row = named(call, DurableExecutionArn)
    if row.open:
        raise error.ResourceConflictException(f"Durable execution cannot be deleted: its status is {row.status}.")
    executions.forget(call, row)
    return {"DeletionRequestTimestamp": call.now}


@operation
def pause_durable_execution(call: Call, DurableExecutionArn: str, ClientToken: str | None = None, Reason: str | None = None,
                            ExecutionTimeoutPaused: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PauseDurableExecution.html"""
    row = named(call, DurableExecutionArn)
    if not executions.repeated(call, row, ClientToken):
        executions.pause(call, row, Reason, ExecutionTimeoutPaused)
    return {}


@operation
def resume_durable_execution(call: Call, DurableExecutionArn: str, ClientToken: str | None = None,
                             Reason: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ResumeDurableExecution.html"""
    row = named(call, DurableExecutionArn)
    if not executions.repeated(call, row, ClientToken):
        executions.resume(call, row, Reason)
    return {}
