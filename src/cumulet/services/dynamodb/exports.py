"""Exports of tables into buckets: what may be asked, how it is told, and the words of the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from cumulet.kernel import AwsError, Call, error, not_implemented, parse_arn

from . import exportfilters, exporting, ion, journal, keys
from .archives import Export, Journal
from .backups import known_table

Doc = dict[str, Any]
TOKEN_LIVES = 8 * 3600.0
_SHORTEST, _LONGEST = 900.0, 86_400.0        # of what an incremental export covers


def begin(call: Call, asked: Doc) -> Export:
    """Hold the table still and begin to write. asked: the request's members."""
    table, layout = known_table(call, asked["TableArn"])
    request = digest(asked)
    token = asked.get("ClientToken") or call.uuid()
    before: Export | None = asked_before(call, Export, token, request, error.ExportConflictException)
    if before is not None:
        return before
    about = journal.known(call, table.number)
    if about is None:
        raise error.PointInTimeRecoveryUnavailableException(
            f"Point in time recovery is not enabled for table '{table.TableName}'")
    if asked["ExportFormat"] == "ION":
        ion.library()
    if asked.get("FilterSpecification") is not None and asked["ExportType"] == "INCREMENTAL_EXPORT":
        raise not_implemented("FilterSpecification of an incremental export")
    exportfilters.of(keys.facts_of(layout.facts), asked.get("FilterSpecification"))
    id = f"{int(call.now * 1000):014d}-{call.token(8)}"
    arn = call.arn(table)
    told = asked | {"ExportArn": f"{arn}/export/{id}", "TableArn": arn, "TableId": table.identity, "StartTime": call.now,
                    "ClientToken": token}
    reader = f"export-{id}"
    base = -1
    if asked["ExportType"] == "INCREMENTAL_EXPORT":
        told["IncrementalExportSpecification"] = window = _window(call, about, asked)
        base = journal.change_at(call, table.number, window["ExportFromTime"], including=False)
        change = journal.change_at(call, table.number, window["ExportToTime"], including=False)
        journal.pin(call, layout, reader, base)
    else:
        told["ExportTime"] = moment = asked["ExportTime"] if asked.get("ExportTime") is not None else call.now
        _within(moment, about, call.now)
        change = journal.pin(call, layout, reader, journal.change_at(call, table.number, moment))
    told.pop("ExportTime" if base >= 0 else "IncrementalExportSpecification", None)
    export = Export(id=id, table=arn, place=table.number, base=base, change=change, told=told, request=request, token=token,
                    caller=call.principal.subject)
    exporting.write(call.aws, export, "_started", b"")                       # the caller must be allowed to
    call.put(export)
    call.task(exporting.write_slice, export=id)
    return export


def asked_before(call: Call, kind: type[Any], token: str, request: bytes, conflict: Callable[[str], AwsError]) -> Any | None:
    """The export (import, bulk put) that was asked for with this token already."""
    found = [row for row in call.table(kind).scan(token, index="token")
             if not row.ended or row.ended > call.now - TOKEN_LIVES]
    if found and found[-1].request != request:
        raise conflict(f"{kind.__name__} with the same ClientToken but different parameters has been requested before")
    return found[-1] if found else None


def digest(asked: Doc) -> bytes:
    """What tells one request from another."""
    return hashlib.sha256(orjson.dumps(asked, default=bytes.hex, option=orjson.OPT_SORT_KEYS)).digest()


def _window(call: Call, about: Journal, asked: Doc) -> Doc:
    """From when until when an incremental export goes."""
    given = asked.get("IncrementalExportSpecification") or {}
    start = given.get("ExportFromTime")
    if start is None:
        raise error.ValidationException("ExportFromTime is required in IncrementalExportSpecification for INCREMENTAL_EXPORT")
    end = given["ExportToTime"] if given.get("ExportToTime") is not None else call.now
    if not _SHORTEST <= end - start <= _LONGEST:
        raise error.ValidationException("The difference between ExportFromTime and ExportToTime must be between 15 minutes and "
                                        "24 hours")
    for moment in (start, end):
        _within(moment, about, call.now)
    return {"ExportFromTime": start, "ExportToTime": end, "ExportViewType": given.get("ExportViewType") or "NEW_AND_OLD_IMAGES"}


def _within(moment: float, about: Journal, now: float) -> None:
    if not journal.earliest(about, now) <= moment <= now:
        raise error.InvalidExportTimeException("The specified export time is outside of the point in time recovery window")


def find(call: Call, arn: str) -> Export:
    parsed = parse_arn(arn)
    row = call.table(Export).get(arn.rpartition("/")[2]) if parsed is not None else None
    if row is None or row.told["ExportArn"] != arn:
        raise _missing(arn)
    return row


def _missing(arn: str) -> AwsError:
    return error.ExportNotFoundException(f"Export not found: {arn}")


def described(export: Export) -> Doc:
    """ExportDescription."""
    told = export.told | {"ExportStatus": export.status}
    if export.failure is not None:
        return told | {"EndTime": export.ended, "FailureCode": export.failure[0], "FailureMessage": export.failure[1]}
    if export.ended:
        told |= {"EndTime": export.ended, "ItemCount": export.items, "BilledSizeBytes": export.size,
                 "ExportManifest": exporting.key_of(export, "manifest-summary.json")}
    return told


def iso(moment: float) -> str:
    """A moment as manifests write it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def summary(export: Export) -> bytes:
    """manifest-summary.json."""
    told = export.told
    words: Doc = {
        "version": "2023-08-01" if export.base >= 0 else "2020-06-30", "exportArn": told["ExportArn"],
        "startTime": iso(told["StartTime"]), "endTime": iso(export.ended), "tableArn": told["TableArn"],
        "tableId": told["TableId"]}
    if export.base >= 0:
        window = told["IncrementalExportSpecification"]
        words |= {"exportFromTime": iso(window["ExportFromTime"]), "exportToTime": iso(window["ExportToTime"])}
    else:
        words["exportTime"] = iso(told["ExportTime"])
    words |= {"s3Bucket": told["S3Bucket"], "s3Prefix": told.get("S3Prefix"), "s3SseAlgorithm": told.get("S3SseAlgorithm"),
              "s3SseKmsKeyId": told.get("S3SseKmsKeyId"), "manifestFilesS3Key": exporting.key_of(export, "manifest-files.json"),
              "billedSizeBytes": export.size, "itemCount": export.items, "outputFormat": told["ExportFormat"]}
    if export.base >= 0:
        words["outputView"] = told["IncrementalExportSpecification"]["ExportViewType"]
    return orjson.dumps(words | {"exportType": told["ExportType"]})
