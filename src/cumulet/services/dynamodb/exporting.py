"""Exports on their way: a data file for each slice of the table, then the manifests, each in one transaction with its objects.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import Any

import orjson

from cumulet.kernel import AwsError, Call, Spool, principals, task, timer

from . import exportfilters, exports, ion, journal, keys
from . import values as av
from .archives import Export, ExportFile
from .resources import Facts, Layout

_SLICE = 500                                 # items of a data file
KEPT = 90 * journal.DAY
_RAW = "abcdefghijklmnopqrstuvwxyz234567"


@task()
def write_slice(call: Call, export: str, after: list[bytes] | None = None) -> None:
    """Write the next data file; with the last one, the manifests."""
    row = call.table(Export).get(export)
    if row is None or row.status != "IN_PROGRESS":
        return
    peers = as_caller(call, row.caller)
    try:
        following = _data_file(call, peers, row, after)
        if following is None:
            _manifests(call, peers, row)
    except AwsError as problem:
        _end(call, row, "FAILED", ("S3" + problem.code, problem.message))
        return
    if following is not None:
        call.put(row)
        call.task(write_slice, export=export, after=following)
    else:
        _end(call, row, "COMPLETED")


@timer
def forget_export(call: Call, export: str) -> None:
    """Exports are told for 90 days."""
    call.table(Export).delete(export)


def _end(call: Call, row: Export, status: str, failure: tuple[str, str] | None = None) -> None:
    row.status, row.failure = status, failure
    row.ended = row.ended or call.now
    call.put(row)
    call.table(ExportFile).delete_all(row.id)
    journal.release(call, row.place, f"export-{row.id}")
    call.at(call.now + KEPT, forget_export, name=row.id, export=row.id)


def as_caller(call: Call, caller: str) -> Any:
    """Services with the rights of who asked."""
    there = call.elsewhere()
    there.principal = principals.principal_of(call, caller) or call.principal
    return there.aws


def key_of(export: Export, name: str) -> str:
    """The key of an object of an export; the data of all incremental ones lie together."""
    prefix = export.told.get("S3Prefix")
    folder = "AWSDynamoDB" if export.base >= 0 and name.startswith("data/") else f"AWSDynamoDB/{export.id}"
    return f"{prefix.rstrip('/')}/{folder}/{name}" if prefix else f"{folder}/{name}"


def write(peers: Any, export: Export, name: str, data: bytes) -> str:
    """Put one object of an export; its ETag."""
    return put_object(peers, export.told, key_of(export, name), data)


def put_object(peers: Any, place: dict[str, Any], key: str, data: bytes) -> str:
    """Put an object into the bucket that a request names, encrypted as it says; its ETag."""
    algorithm = {"KMS": "aws:kms"}.get(place.get("S3SseAlgorithm") or "", place.get("S3SseAlgorithm"))
    put = peers.s3.put_object(
        Bucket=place["S3Bucket"], Key=key, Body=Spool(data), ServerSideEncryption=algorithm,
        SSEKMSKeyId=place.get("S3SseKmsKeyId"), ExpectedBucketOwner=place.get("S3BucketOwner"))
    return str(put["ETag"]).strip('"')


def _data_file(call: Call, peers: Any, row: Export, after: list[bytes] | None) -> list[bytes] | None:
    """One data file; where the next begins."""
    if row.base >= 0:
        changed, following = journal.between(call, row.place, row.base, row.change, after, _SLICE)
        lines = [line for one in changed if (line := _changed(call, row, one))]
    else:
        found, following = journal.as_of(call, row.place, row.change, after, _SLICE)
        choose = exportfilters.of(_facts(call, row), row.told.get("FilterSpecification"))
        lines = [_whole(row, body) for entry in found if (body := choose(entry)) is not None]
    if not lines and (following is not None or row.files):
        return following
    text = b"".join(lines)
    data = gzip.compress(text, 6, mtime=int(call.now))
    kind = "json" if row.told["ExportFormat"] == "DYNAMODB_JSON" else "ion"
    name = f"data/{call.token(26, _RAW)}.{kind}.gz"
    etag = write(peers, row, name, data)
    row.files += 1
    row.items += len(lines)
    row.size += len(text)
    call.put(ExportFile(row.id, row.files, orjson.dumps(
        {"itemCount": len(lines), "md5Checksum": md5(data), "etag": etag, "dataFileS3Key": key_of(row, name)}) + b"\n"))
    return following


def _facts(call: Call, row: Export) -> Facts:
    layout = call.table(Layout).known(row.table.rpartition("/")[2])
    assert layout is not None                                    # a table that is read cannot be deleted
    return keys.facts_of(layout.facts)


def _whole(row: Export, body: bytes) -> bytes:
    """A line of a full export."""
    if row.told["ExportFormat"] == "DYNAMODB_JSON":
        return b'{"Item":' + body + b"}\n"
    return ion.line({"Item": ion.written(av.decode(body))})


def _changed(call: Call, row: Export, change: journal.Changed) -> bytes | None:
    """A line of an incremental export; none of what came and went, or is as it was."""
    old = av.decode(change.old.body) if change.old is not None else None
    new = av.decode(change.new.body) if change.new is not None else None
    if old == new:
        return None
    key = keys.part_of(_facts(call, row), new if new is not None else old or {})
    both = row.told["IncrementalExportSpecification"]["ExportViewType"] == "NEW_AND_OLD_IMAGES"
    images = {"Keys": key} | ({"OldImage": old} if old is not None and both else {}) | \
        ({"NewImage": new} if new is not None else {})
    micros = int(change.at * 1_000_000)
    if row.told["ExportFormat"] == "DYNAMODB_JSON":
        return orjson.dumps({"Metadata": {"WriteTimestampMicros": {"N": str(micros)}}} | images) + b"\n"
    return ion.line({"Record": {"Metadata": {"WriteTimestampMicros": micros}} | {
        name: ion.written(image) for name, image in images.items()}})


def _manifests(call: Call, peers: Any, row: Export) -> None:
    """The lists of files and the summary, each with its checksum. The summary comes last: who sees it sees all."""
    row.ended = call.now
    files = b"".join(file.line for file in call.table(ExportFile).scan(row.id))
    for name, data in (("manifest-files", files), ("manifest-summary", exports.summary(row))):
        write(peers, row, f"{name}.json", data)
        write(peers, row, f"{name}.checksum", md5(data).encode())


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
