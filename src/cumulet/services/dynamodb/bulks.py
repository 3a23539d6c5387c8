"""Bulk puts of objects into tables that are there: what may be asked, and how it is told.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/BulkPutItems.Requesting.html
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error

from . import backups, bulking, exports, fetching, keys
from .archives import Bulk
from .resources import Facts, Layout, Table

Doc = dict[str, Any]
_TOLD = ("BulkOperationArn", "TableDetails", "ClientToken", "InputS3Configuration", "OutputS3Configuration", "StartTime",
         "MaxWriteRequestUnits", "PerformanceTier")


def begin(call: Call, asked: Doc) -> Bulk:
    """Begin to put items. asked: the request's members."""
    request = exports.digest(asked)
    token = asked.get("ClientToken") or call.uuid()
    before: Bulk | None = exports.asked_before(call, Bulk, token, request, _mismatch)
    if before is not None:
        return before
    table, layout = _open_table(call, asked["TableName"])
    source = asked["InputS3Configuration"]
    fetching.check(source["InputFormat"], source.get("InputCompressionType"))
    _check_output(asked["OutputS3Configuration"])
    id = f"{int(call.now * 1000):014d}-{call.token(8)}"
    told = asked | {"BulkOperationArn": f"{call.arn(table)}/bulk-operation/{id}", "StartTime": call.now, "ClientToken": token,
                    "TableDetails": [{"TableName": table.TableName, "TableId": table.identity}]}
    row = Bulk(id=id, table=table.TableName, place=layout.number, told=told, caller=call.principal.subject, request=request,
               token=token)
    call.put(row)
    call.task(bulking.put_next, id=id, run=0)
    return row


def _mismatch(message: str) -> AwsError:
    return error.IdempotentParameterMismatchException(message, Message=message)


def _open_table(call: Call, name: str) -> tuple[Table, Layout]:
    """A table that takes bulk puts now."""
    try:
        table, layout = backups.known_table(call, name)
    except AwsError as problem:
        if problem.code != "TableNotFoundException":
            raise
        raise error.ResourceNotFoundException("Requested resource not found") from None
    facts: Facts = keys.facts_of(layout.facts)
    if facts.regions:
        raise error.ValidationException("Bulk put items does not support global tables")
    if facts.state or facts.filling:
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being updated: {table.TableName}")
    return table, layout


def _check_output(output: Doc) -> None:
    if not output.get("S3Bucket"):
        raise error.ValidationException("S3Bucket is required in OutputS3Configuration")
    if not output["OutputType"]:
        raise error.ValidationException("OutputType must name ERROR, CONDITION_CHECK_FAILURE or both")
    if (output.get("S3SseAlgorithm") == "KMS") != bool(output.get("S3SseKmsKeyId")):
        raise error.ValidationException("S3SseKmsKeyId must be specified when, and only when, S3SseAlgorithm is KMS")


def find(call: Call, arn: str) -> Bulk:
    row = call.table(Bulk).get(arn.rpartition("/")[2])
    if row is None or row.told["BulkOperationArn"] != arn:
        raise error.ResourceNotFoundException(f"Bulk operation not found: {arn}")
    return row


def cancel(call: Call, row: Bulk) -> None:
    """Have it stopped; what was put stays."""
    if row.status == "CANCELLING":
        return
    if row.status != "IN_PROGRESS":
        raise error.ValidationException(f"The bulk operation cannot be cancelled because its status is {row.status}")
    row.status = "CANCELLING"
    call.put(row)
    call.task(bulking.stop_bulk, id=row.id)


def described(call: Call, row: Bulk) -> Doc:
    """BulkOperationDescription."""
    told = {name: row.told.get(name) for name in _TOLD} | summary(row) | {
        "ProcessedItemCount": row.processed, "ProcessedInputBytes": row.size, "TotalInputBytes": row.total,
        "FailedItemCount": row.errors, "BulkOperationUsage": [_usage(call, row)]}
    if row.failure is not None:
        told |= {"FailureCode": row.failure[0], "FailureMessage": row.failure[1]}
    return told


def _usage(call: Call, row: Bulk) -> Doc:
    layout = call.table(Layout).get(row.table)
    wide = {index.name for index in keys.facts_of(layout.facts).indexes if index.wide} if layout is not None else set()
    of = {name: {"BulkPutBytes": size} for name, size in row.usage.items() if name}
    return {"TableName": row.table, "BulkPutBytes": sum(row.usage.values()),
            "Table": {"BulkPutBytes": row.usage.get("", 0)},
            "LocalSecondaryIndexes": {name: told for name, told in of.items() if name not in wide} or None,
            "GlobalSecondaryIndexes": {name: told for name, told in of.items() if name in wide} or None,
            "VectorIndexes": {name: {"BulkPutVectorBytes": size} for name, size in row.vectors.items()} or None}


def summary(row: Bulk) -> Doc:
    """BulkOperationSummary."""
    return {"BulkOperationArn": row.told["BulkOperationArn"], "BulkOperationStatus": row.status,
            "StartTime": row.told["StartTime"], "EndTime": row.ended or None}
