"""Lookup tables: CSV that queries enrich events with."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from ..lookups import parsed
from ..names import arn_of, invalid, starting_with
from ..resources import Query
from ..settings import LookupTable
from .tags import checked_tags

_MOST = 100


def _body(call: Call, body: str | None, query: str | None) -> str:
    """The CSV that is given, or that a query's results make."""
    if (body is None) == (query is None):
        raise invalid("Exactly one of tableBody and queryId must be specified.")
    if body is not None:
        return body
    row = call.table(Query).get(query or "")
    if row is None:
        raise error.ResourceNotFoundException("The specified query does not exist.")
    if row.status not in ("Complete", "Cancelled"):
        raise invalid("The query must be complete or cancelled.")
    names = list(dict.fromkeys(cell["field"] for line in row.results for cell in line if cell["field"] != "@ptr"))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({cell["field"]: cell["value"] for cell in line} for line in row.results)
    return out.getvalue()


def _found(call: Call, arn: str) -> LookupTable:
    kind, _, name = arn.rpartition(":lookup-table:")
    row = call.table(LookupTable).get(name) if kind else None
    if row is None or arn != arn_of(call, "lookup-table", name):
        raise error.ResourceNotFoundException("The specified lookup table does not exist.")
    return row


@operation
def create_lookup_table(call: Call, lookupTableName: str, description: str | None = None, tableBody: str | None = None,
                        queryId: str | None = None, tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLookupTable.html"""
    table = call.table(LookupTable)
    if table.get(lookupTableName) is not None:
        raise error.ResourceAlreadyExistsException("The specified lookup table already exists.")
    if table.count() >= _MOST:
        raise error.LimitExceededException("Resource limit exceeded.")
    body = _body(call, tableBody, queryId)
    said = parsed(body)
    table.put(LookupTable(name=lookupTableName, description=description, body=body, fields=said.fields, records=len(said.rows),
                          created=call.now, modified=call.now, tags=checked_tags({}, tags)))
    return {"lookupTableArn": arn_of(call, "lookup-table", lookupTableName), "createdAt": int(call.now * 1000)}


@operation
def update_lookup_table(call: Call, lookupTableArn: str, description: str | None = None, tableBody: str | None = None,
                        queryId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UpdateLookupTable.html"""
    row = _found(call, lookupTableArn)
    row.body = _body(call, tableBody, queryId)
    said = parsed(row.body)
    row.fields, row.records, row.modified = said.fields, len(said.rows), call.now
    row.description = description if description is not None else row.description
    call.put(row)
    return {"lookupTableArn": lookupTableArn, "lastUpdatedTime": int(row.modified * 1000)}


@operation
def delete_lookup_table(call: Call, lookupTableArn: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLookupTable.html"""
    call.table(LookupTable).delete(_found(call, lookupTableArn).name)


def _told(call: Call, row: LookupTable) -> dict[str, Any]:
    return {"lookupTableArn": arn_of(call, "lookup-table", row.name), "lookupTableName": row.name,
            "description": row.description, "sizeBytes": len(row.body.encode()), "lastUpdatedTime": int(row.modified * 1000)}


@operation
def get_lookup_table(call: Call, lookupTableArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLookupTable.html"""
    row = _found(call, lookupTableArn)
    return {**_told(call, row), "tableBody": row.body}


@operation
def describe_lookup_tables(call: Call, lookupTableNamePrefix: str = "", maxResults: int = 50,
                           nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLookupTables.html"""
    rows = starting_with(call, LookupTable, (), lookupTableNamePrefix, nextToken, maxResults + 1)
    return {"lookupTables": [{**_told(call, row), "tableFields": row.fields, "recordsCount": row.records}
                             for row in rows[:maxResults]],
            "nextToken": rows[maxResults - 1].name if len(rows) > maxResults else None}
