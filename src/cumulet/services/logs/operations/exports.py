"""Exports of events to buckets."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from ..exporting import export, write
from ..names import invalid
from ..resources import Export, LogGroup

_RUNNING = ("PENDING", "RUNNING")


@operation
def create_export_task(call: Call, logGroupName: str, from_: int, to: int, destination: str, taskName: str | None = None,
                       logStreamNamePrefix: str = "", destinationPrefix: str = "exportedlogs") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateExportTask.html"""
    call.get(LogGroup, logGroupName)
    if from_ > to:
        raise invalid("The start of the range must not be after its end.")
    if any(row.status in _RUNNING for row in call.table(Export).scan()):
        raise error.LimitExceededException("Resource limit exceeded.")
    row = Export(id=call.uuid(), name=taskName, group=logGroupName, prefix=logStreamNamePrefix, start=from_, end=to,
                 bucket=destination, folder=destinationPrefix, made=call.now)
    try:
        write(call, row, "aws-logs-write-test", b"Permission Check Successful")
    except AwsError as problem:
        raise invalid("PutObject call on the given bucket failed. Please check if CloudWatch Logs has been granted permission "
                      "to perform this operation.") from problem
    call.put(row)
    call.task(export, id=row.id)
    return {"taskId": row.id}


@operation
def cancel_export_task(call: Call, taskId: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CancelExportTask.html"""
    row = call.table(Export).get(taskId)
    if row is None:
        raise error.ResourceNotFoundException("The specified export task does not exist.")
    if row.status not in _RUNNING:
        raise error.InvalidOperationException("The specified export task has already finished.")
    call.table(Export).change(taskId, status="CANCELLED", ended=call.now)


@operation
def describe_export_tasks(call: Call, taskId: str | None = None, statusCode: str | None = None,
                          page: Page[Export] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeExportTasks.html"""
    rows = [row for row in call.table(Export).scan(index="made", reverse=True, before=tuple(page.after) if page.after else None)
            if taskId in (None, row.id) and statusCode in (None, row.status)]
    return {"exportTasks": [
        {"taskId": row.id, "taskName": row.name, "logGroupName": row.group, "from": row.start, "to": row.end,
         "destination": row.bucket, "destinationPrefix": row.folder, "status": {"code": row.status, "message": row.message},
         "executionInfo": {"creationTime": int(row.made * 1000), "completionTime": int(row.ended * 1000) or None}}
        for row in page.cut(rows[:page.limit + 1], lambda row: [row.made, row.id])]}
