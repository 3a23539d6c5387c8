"""Log streams: made, told, deleted."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from ..keeping import forget_stream
from ..names import group_of, invalid, starting_with
from ..resources import LogGroup, LogStream, Tally
from ..taking import make_stream


@operation
def create_log_stream(call: Call, logGroupName: str, logStreamName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html"""
    group = call.get(LogGroup, logGroupName)
    if call.table(LogStream).get(logGroupName, logStreamName) is not None:
        raise error.ResourceAlreadyExistsException("The specified log stream already exists")
    try:
        make_stream(call, group, logStreamName)
    except Conflict:
        raise error.ResourceAlreadyExistsException("The specified log stream already exists") from None


@operation
def delete_log_stream(call: Call, logGroupName: str, logStreamName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html"""
    group = call.get(LogGroup, logGroupName)
    stream = call.get(LogStream, logGroupName, logStreamName)
    if group.DeletionProtectionEnabled:
        raise error.ValidationException("The log group has deletion protection enabled. Disable it, then delete the stream.")
    forget_stream(call, stream.number)
    call.table(LogStream).delete(logGroupName, logStreamName)


@operation
def describe_log_streams(call: Call, logGroupName: str | None = None, logGroupIdentifier: str | None = None,
                         logStreamNamePrefix: str = "", orderBy: str = "LogStreamName", descending: bool = False,
                         page: Page[Any] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html"""
    group = group_of(call, logGroupName, logGroupIdentifier)
    if orderBy == "LastEventTime":
        if logStreamNamePrefix:
            raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        bound = {"before" if descending else "after": tuple(page.after)} if page.after else {}
        tallies = call.table(Tally).scan(group.number, index="recent", reverse=descending, limit=page.limit + 1, **bound)
        found = [(call.get(LogStream, group.LogGroupName, tally.name), tally)
                 for tally in page.cut(tallies, lambda tally: [tally.last, tally.number])]
    else:
        rows = starting_with(call, LogStream, (group.LogGroupName,), logStreamNamePrefix, page.after, page.limit + 1,
                             reverse=descending)
        found = [(row, call.table(Tally).get(row.number)) for row in page.cut(rows, lambda row: row.LogStreamName)]
    return {"logStreams": [_told(call, stream, tally) for stream, tally in found if tally is not None]}


def _told(call: Call, stream: LogStream, tally: Tally) -> dict[str, Any]:
    some = tally.first is not None
    return {"logStreamName": stream.LogStreamName, "creationTime": int(stream.created * 1000), "arn": call.arn(stream),
            "firstEventTimestamp": tally.first, "lastEventTimestamp": tally.last if some else None,
            "lastIngestionTime": tally.ingested, "uploadSequenceToken": sequence_token(tally), "storedBytes": 0}


def sequence_token(tally: Tally) -> str:
    """What AWS still tells, and no longer asks for."""
    return f"{tally.number:028d}{tally.next:028d}"
