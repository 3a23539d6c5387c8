"""Queries of Logs Insights, and those that are kept under a name."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, not_implemented, operation

from ..blocks import read_id
from ..effective import masked, masks
from ..lookups import lookups
from ..names import group_of, invalid, name_of
from ..querying import begin_query
from ..queryrows import Source, fields_of
from ..queryrun import Run
from ..queryvalues import text
from ..reading import Walk
from ..resources import LogGroup, Numbered, Query, QueryDefinition, Tally

_MOST_GROUPS = 50
_SECONDS_UNTIL = 10**11                # what is more is milliseconds
_SAMPLE, _BLOCKS, _AROUND = 1000, 8, 450_000


@operation
def start_query(call: Call, startTime: int, endTime: int, queryString: str, logGroupName: str | None = None,
                logGroupNames: Sequence[str] | None = None, logGroupIdentifiers: Sequence[str] | None = None,
                limit: int | None = None, queryLanguage: str = "CWLI") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html"""
    if queryLanguage != "CWLI":
        raise not_implemented(f"logs: queries in {queryLanguage}")
    given = [each for each in (logGroupName and [logGroupName], logGroupNames, logGroupIdentifiers) if each]
    if len(given) != 1:
        raise invalid("Exactly one of logGroupName, logGroupNames or logGroupIdentifiers must be specified.")
    names = list(dict.fromkeys(name_of(call, each) for each in given[0]))
    if len(names) > _MOST_GROUPS:
        raise invalid(f"A query can have {_MOST_GROUPS} log groups at most.")
    for name in names:
        if call.table(LogGroup).get(name) is None:
            raise error.ResourceNotFoundException(f"Log group '{name}' does not exist for account ID '{call.account}'")
    start, end = _milliseconds(startTime, 0), _milliseconds(endTime, 999)
    if start > end:
        raise error.MalformedQueryException("Query's end date and time is before its start date and time.")
    run = Run(queryString, call.now * 1000, limit, call.matches)     # is it a query?
    lookups(call, run.wanted)                                        # and is all there that it needs?
    row = Query(id=call.uuid(), groups=names, text=queryString, start=start, end=end, limit=limit, made=call.now,
                who=call.principal.arn)
    return {"queryId": begin_query(call, row).id}


def _milliseconds(at: int, more: int) -> int:
    return at * 1000 + more if at < _SECONDS_UNTIL else at


def _query(call: Call, id: str) -> Query:
    row = call.table(Query).get(id)
    if row is None:
        raise error.ResourceNotFoundException("The specified query does not exist.")
    return row


@operation
def get_query_results(call: Call, queryId: str, nextToken: str | None = None, maxItems: int = 10_000) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html"""
    row = _query(call, queryId)
    if nextToken is not None and not nextToken.isdigit():
        raise invalid("The specified nextToken is invalid.")
    begin = int(nextToken or 0)
    end = begin + (maxItems or 10_000)
    return {"results": row.results[begin:end], "status": row.status, "queryLanguage": "CWLI",
            "statistics": {"recordsMatched": float(row.matched), "recordsScanned": float(row.scanned),
                           "bytesScanned": float(row.size), "logGroupsScanned": float(len(row.groups)),
                           "resultCount": float(len(row.results))},
            "nextToken": str(end) if end < len(row.results) else None}


@operation
def stop_query(call: Call, queryId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html"""
    row = _query(call, queryId)
    if row.status not in ("Scheduled", "Running"):
        raise invalid(f"The query is not running: its status is {row.status}.")
    call.table(Query).change(queryId, status="Cancelled")
    return {"success": True}


@operation(accepts=("maxResults",))
def list_log_groups_for_query(call: Call, queryId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroupsForQuery.html"""
    return {"logGroupIdentifiers": _query(call, queryId).groups}      # fifty at most: always one page


@operation
def describe_queries(call: Call, logGroupName: str | None = None, status: str | None = None, maxResults: int = 1000,
                     nextToken: str | None = None, queryLanguage: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueries.html"""
    rows = [row for row in call.table(Query).scan(index="made", reverse=True)
            if logGroupName in (None, *row.groups) and status in (None, row.status) and queryLanguage in (None, "CWLI")]
    begin = next((i + 1 for i, row in enumerate(rows) if row.id == nextToken), 0)
    found = rows[begin:begin + maxResults]
    return {"queries": [
        {"queryId": row.id, "queryString": row.text, "status": row.status, "createTime": int(row.made * 1000),
         "logGroupName": row.groups[0], "queryLanguage": "CWLI", "bytesScanned": float(row.size), "userIdentity": row.who,
         "queryDuration": int((row.ended - row.made) * 1000) if row.ended else None} for row in found],
        "nextToken": found[-1].id if begin + maxResults < len(rows) else None}


# --- one event, and the fields of a group ---


@operation
def get_log_record(call: Call, logRecordPointer: str, unmask: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogRecord.html"""
    try:
        place = read_id(b64decode(logRecordPointer, validate=True).decode())
    except (NoBase64, ValueError):
        place = None
    if place is None:
        raise invalid("The specified pointer is invalid.")
    time, stream, number = place
    tally = call.table(Tally).get(stream)
    named = call.table(Numbered).get(tally.group) if tally is not None else None
    if tally is not None and named is not None:
        walk = Walk(tally.group, time, time, streams=(stream,))
        while not walk.done:
            for event in walk.step(call, _BLOCKS, _SAMPLE):
                if event.number == number:
                    message = event.message if unmask else masked(masks(call, named.name), event.message, event.came)
                    source = Source(stream, tally.name, f"{call.account}:{named.name}")
                    fields = fields_of(event.time, message, event.came, event.number, source)
                    return {"logRecord": {name: text(value) for name, value in fields.items()}}
    raise error.ResourceNotFoundException("The specified log record does not exist.")


@operation
def get_log_group_fields(call: Call, logGroupName: str | None = None, logGroupIdentifier: str | None = None,
                         time: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogGroupFields.html"""
    group = group_of(call, logGroupName, logGroupIdentifier)
    now = int(call.now * 1000)
    middle = _milliseconds(time, 0) if time is not None else now - _AROUND
    walk = Walk(group.number, middle - _AROUND, middle + _AROUND, ahead=False)
    events = walk.step(call, _BLOCKS, _SAMPLE)[:_SAMPLE]
    counts: dict[str, int] = {}
    source = Source(0, "", "")
    for event in events:
        for name in fields_of(event.time, event.message, event.came, event.number, source):
            counts[name] = counts.get(name, 0) + 1
    found = [{"name": name, "percent": round(100 * count / len(events))} for name, count in counts.items() if name != "@ptr"]
    return {"logGroupFields": sorted(found, key=lambda each: str(each["name"]))}


# --- definitions ---


@operation
def put_query_definition(call: Call, name: str, queryString: str, queryDefinitionId: str | None = None,
                         logGroupNames: Sequence[str] = (), queryLanguage: str = "CWLI",
                         parameters: Sequence[dict[str, str]] = (), clientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html"""
    if queryLanguage != "CWLI":
        raise not_implemented(f"logs: queries in {queryLanguage}")
    table = call.table(QueryDefinition)
    if queryDefinitionId is not None and table.get(queryDefinitionId) is None:
        raise error.ResourceNotFoundException("The specified query definition does not exist.")
    if clientToken is not None and (before := table.find("token", clientToken)) is not None:
        return {"queryDefinitionId": before.id}
    row = QueryDefinition(id=queryDefinitionId or call.uuid(), name=name, text=queryString, groups=list(logGroupNames),
                          modified=call.now, token=clientToken, parameters=list(parameters))
    table.put(row)
    return {"queryDefinitionId": row.id}


@operation
def describe_query_definitions(call: Call, queryDefinitionNamePrefix: str = "", maxResults: int = 1000,
                               nextToken: str | None = None, queryLanguage: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueryDefinitions.html"""
    rows = [row for row in call.table(QueryDefinition).scan(index="name")
            if row.name.startswith(queryDefinitionNamePrefix) and queryLanguage in (None, "CWLI")]
    begin = next((i + 1 for i, row in enumerate(rows) if row.id == nextToken), 0)
    found = rows[begin:begin + maxResults]
    return {"queryDefinitions": [
        {"queryDefinitionId": row.id, "name": row.name, "queryString": row.text, "lastModified": int(row.modified * 1000),
         "logGroupNames": row.groups, "queryLanguage": "CWLI", "parameters": row.parameters or None} for row in found],
        "nextToken": found[-1].id if begin + maxResults < len(rows) else None}


@operation
def delete_query_definition(call: Call, queryDefinitionId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteQueryDefinition.html"""
    if not call.table(QueryDefinition).delete(queryDefinitionId):
        raise error.ResourceNotFoundException("The specified query definition does not exist.")
    return {"success": True}
