"""What bulk puts tell into a bucket: a file for each hundred records of which some were not put, then the manifests.

Records lie in files of lines under `AWSDynamoDB/ID/errors/` and `…/condition-check-failures/`; each line names its place in the
input. The summary comes last: who sees it sees all.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/BulkPutItems.Output.html
"""

from __future__ import annotations

from typing import Any

import orjson

from cumulet.kernel import Call

from . import exporting, exports
from .archives import Bulk, ExportFile

_FOLDERS = {"ERROR": "errors", "CONDITION_CHECK_FAILURE": "condition-check-failures"}


def tell(call: Call, row: Bulk, kind: str, records: list[dict[str, Any]]) -> None:
    """Write down records that were not put, if they are asked for."""
    if not records or kind not in row.told["OutputS3Configuration"]["OutputType"]:
        return
    data = b"".join(orjson.dumps(record) + b"\n" for record in records)
    row.files += 1
    key, etag = _write(call, row, f"{_FOLDERS[kind]}/{row.files:08d}.json", data)
    call.put(ExportFile(row.id, row.files, orjson.dumps(
        {"outputType": kind, "itemCount": len(records), "md5Checksum": exporting.md5(data), "etag": etag,
         "dataFileS3Key": key}) + b"\n"))


def finish(call: Call, row: Bulk) -> None:
    """Write the list of files and the summary, each with its checksum."""
    files = b"".join(file.line for file in call.table(ExportFile).scan(row.id))
    for name, data in (("manifest-files", files), ("manifest-summary", _summary(row))):
        _write(call, row, f"{name}.json", data)
        _write(call, row, f"{name}.checksum", exporting.md5(data).encode())


def _write(call: Call, row: Bulk, name: str, data: bytes) -> tuple[str, str]:
    key = key_of(row, name)
    peers = exporting.as_caller(call, row.caller)
    return key, exporting.put_object(peers, row.told["OutputS3Configuration"], key, data)


def key_of(row: Bulk, name: str) -> str:
    """The key of an object of a report."""
    prefix = row.told["OutputS3Configuration"].get("S3KeyPrefix")
    return (f"{prefix.rstrip('/')}/" if prefix else "") + f"AWSDynamoDB/{row.id}/{name}"


def _summary(row: Bulk) -> bytes:
    told = row.told
    [table] = told["TableDetails"]
    return orjson.dumps({
        "bulkOperationArn": told["BulkOperationArn"], "bulkOperationStatus": row.status, "tableName": table["TableName"],
        "tableId": table["TableId"], "startTime": exports.iso(told["StartTime"]), "endTime": exports.iso(row.ended),
        "inputS3Bucket": told["InputS3Configuration"]["S3Bucket"],
        "inputS3KeyPrefix": told["InputS3Configuration"].get("S3KeyPrefix"),
        "manifestFilesS3Key": key_of(row, "manifest-files.json"), "processedItemCount": row.processed,
        "failedItemCount": row.errors, "conditionCheckFailureCount": row.unmet, "processedInputBytes": row.size})
