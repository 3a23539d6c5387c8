"""Imports of objects into new tables: what may be asked, and how it is told."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, not_implemented

from . import encryption, exports, fetching, importing, importlogs, tables, throttling
from .archives import Import
from .definitions import save, settle
from .resources import Table

Doc = dict[str, Any]
_HONOURED = frozenset({"TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput",
                       "GlobalSecondaryIndexes", "OnDemandThroughput", "SSESpecification"})


def begin(call: Call, asked: Doc) -> Import:
    """Make the table and begin to bring items in. asked: the request's members."""
    request = exports.digest(asked)
    token = asked.get("ClientToken") or call.uuid()
    before: Import | None = exports.asked_before(call, Import, token, request, error.ImportConflictException)
    if before is not None:
        return before
    _check(asked)
    table = _table(call, asked["TableCreationParameters"])
    wanted = asked["TableCreationParameters"].get("SSESpecification")
    facts = encryption.change(call, table, settle(call, table, "CREATING"), wanted)
    save(call, table, facts)
    id = f"{int(call.now * 1000):014d}-{call.token(8)}"
    arn = call.arn(table)
    told = asked | {"ImportArn": f"{arn}/import/{id}", "TableArn": arn, "TableId": table.identity, "StartTime": call.now,
                    "ClientToken": token, "CloudWatchLogGroupArn": importlogs.arn_of(arn)}
    row = Import(id=id, table=arn, told=told, caller=call.principal.subject, request=request, token=token)
    call.put(row)
    call.task(importing.bring_in, id=id, run=0)
    return row


def _check(asked: Doc) -> None:
    for member in asked["TableCreationParameters"]:
        if member not in _HONOURED:
            raise not_implemented(f"{member} of TableCreationParameters")
    fetching.check(asked["InputFormat"], asked["InputCompressionType"])
    if asked.get("InputFormatOptions") and asked["InputFormat"] != "CSV":
        raise error.ValidationException("InputFormatOptions are only allowed for InputFormat CSV")


def _table(call: Call, wanted: Doc) -> Table:
    mode = wanted.get("BillingMode") or "PROVISIONED"
    table = Table(
        TableName=wanted["TableName"], AttributeDefinitions=wanted["AttributeDefinitions"], KeySchema=wanted["KeySchema"],
        BillingMode=mode, ProvisionedThroughput=wanted.get("ProvisionedThroughput"),
        GlobalSecondaryIndexes=wanted.get("GlobalSecondaryIndexes") or [], created=call.now, identity=call.uuid(),
        on_demand_since=call.now if mode == "PAY_PER_REQUEST" else 0.0, OnDemandThroughput=wanted.get("OnDemandThroughput"))
    tables.check(table)
    throttling.check_all(table)
    return table


def find(call: Call, arn: str) -> Import:
    row = call.table(Import).get(arn.rpartition("/")[2])
    if row is None or row.told["ImportArn"] != arn:
        raise error.ImportNotFoundException(f"Import not found: {arn}")
    return row


def described(row: Import) -> Doc:
    """ImportTableDescription."""
    told = row.told | {"ImportStatus": row.status, "ErrorCount": row.errors, "ProcessedSizeBytes": row.size,
                       "ProcessedItemCount": row.processed, "ImportedItemCount": row.imported, "EndTime": row.ended or None}
    if row.failure is not None:
        told |= {"FailureCode": row.failure[0], "FailureMessage": row.failure[1]}
    return told


def summary(row: Import) -> Doc:
    """ImportSummary."""
    names = ("ImportArn", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "CloudWatchLogGroupArn")
    return {name: row.told[name] for name in names} | {"ImportStatus": row.status, "EndTime": row.ended or None}
