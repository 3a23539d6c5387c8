"""A day's metrics are told: to CloudWatch, and in the files of a bucket, a slice of them a task; the manifest comes last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from cumulet.kernel import AwsError, Call, Spool, task

from .. import delivered
from . import files, metrics, scopes
from .rows import ACCOUNT, BUCKET, PREFIX, LensRun, LensSum

PRINCIPAL = "storage-lens.s3.amazonaws.com"
_NAMESPACE, _VERSION = "AWS/S3/Storage-Lens", "1.0"
_DATA, _METRICS = 1000, 25                       # in one PutMetricData; of one sum, at most
_SUMS = 400                                      # in one file: about ten thousand lines
_DAY = 86_400
_PUBLISHED = (ACCOUNT, BUCKET)                   # what CloudWatch hears of; they come first
_Place = list[str]                               # behind which a slice begins: a sum's key without its run


def begin(call: Call, row: LensRun) -> None:
    """All is summed up."""
    call.task(publish, run=row.id, place=None)


@task(retries=5)
def publish(call: Call, run: str, place: _Place | None) -> None:
    """CloudWatch hears of accounts and buckets; then come the files."""
    row = call.table(LensRun).get(run)
    if row is None:
        return
    export = row.said.get("DataExport") or {}
    if (export.get("CloudWatchMetrics") or {}).get("IsEnabled"):
        rows = _slice(call, row, place, _DATA // _METRICS)
        data = [one for found in rows if found.record in _PUBLISHED for one in _data(call, row, found)]
        if data:
            call.as_service(row.arn, name=PRINCIPAL).cloudwatch.put_metric_data(Namespace=_NAMESPACE, MetricData=data)
        if rows and rows[-1].record in _PUBLISHED:
            call.task(publish, run=run, place=_place(rows[-1]))
            return
    if export.get("S3BucketDestination") is not None:
        call.task(write_metrics, run=run)
    else:
        _forget(call, row)


def _slice(call: Call, row: LensRun, place: _Place | None, limit: int) -> list[LensSum]:
    return call.table(LensSum).scan(row.id, after=tuple(place) if place is not None else None, limit=limit)


def _place(row: LensSum) -> _Place:
    return [row.record, row.region, row.bucket, row.value, row.storage]


def _data(call: Call, row: LensRun, found: LensSum) -> Iterator[dict[str, Any]]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-lens-cloudwatch-metrics-dimensions.html"""
    named = {"configuration_id": row.said["Id"], "metrics_version": _VERSION, "aws_account_number": call.account,
             "aws_region": found.region, "record_type": found.record, "bucket_name": found.bucket,
             "storage_class": found.storage}
    dimensions = [{"Name": name, "Value": value} for name, value in named.items() if value]
    for name, value in metrics.told(found.metrics).items():
        yield {"MetricName": name, "Value": float(value), "Unit": "Bytes" if "Bytes" in name else "Count",
               "Timestamp": row.midnight - _DAY, "Dimensions": dimensions}


# --- files --------------------------------------------------------------------------------------------------------------


class _Piece(NamedTuple):
    """A slice of the export. lines: what its file says.  last: where it ends, if others may be behind it."""

    row: LensRun
    lines: list[list[Any]]
    last: _Place | None


@task(retries=5)
async def write_metrics(call: Call, run: str) -> None:
    """One file; the next slice is a task of its own."""
    piece = await call.run(_piece, run)
    if piece is None:
        return
    data = b""
    try:
        if piece.lines:
            places = call.blobs.temporary(), call.blobs.temporary()
            data = await asyncio.to_thread(files.packed, _destination(piece.row), piece.lines, places)
        await call.run(_go_on, piece, data)
    except AwsError:                             # the destination does not take exports: there is none this time
        await call.run(_forget, piece.row)


def _piece(call: Call, run: str) -> _Piece | None:
    row = call.table(LensRun).get(run)
    if row is None:
        return None
    rows, date = _slice(call, row, row.place, _SUMS), files.day(row.midnight)
    told = _large_enough(call, row, rows)
    lines = [files.line(row.said["Id"], date, call.account, one.region, one.storage, one.record,
                        quote(one.value) if one.record == PREFIX else one.value, one.bucket, name, value)
             for one in told for name, value in metrics.told(one.metrics).items()]
    return _Piece(row, lines, _place(rows[-1]) if len(rows) == _SUMS else None)


def _large_enough(call: Call, row: LensRun, rows: list[LensSum]) -> list[LensSum]:
    """Without the prefixes that hold too little of their buckets."""
    wanted, sizes = scopes.prefixes(row.said), dict[tuple[str, str, str, str], int]()

    def size(record: str, region: str, bucket: str, value: str) -> int:
        key = record, region, bucket, value
        if key not in sizes:
            sizes[key] = sum(metrics.size_of(one.metrics) for one in call.table(LensSum).scan(row.id, *key))
        return sizes[key]

    def is_large(one: LensSum) -> bool:
        whole = size(BUCKET, one.region, one.bucket, one.bucket)
        return wanted is not None and size(PREFIX, one.region, one.bucket, one.value) * 100 >= whole * wanted.least

    return [one for one in rows if one.record != PREFIX or is_large(one)]


def _go_on(call: Call, piece: _Piece, data: bytes) -> None:
    """Put the file, unless that was done already; then the next slice, or the manifest."""
    row, there = call.table(LensRun).get(piece.row.id), _destination(piece.row)
    if row is None or row.place != piece.row.place:
        return
    folder, date = files.folder(there, call.account, row.said["Id"]), files.day(row.midnight)
    if data:
        key = f"{folder}/reports/dt={date}/{call.uuid()}.{files.ending(there)}"
        _put(call, row, key, data)
        row.files = [*row.files, {"key": key, "size": len(data), "md5Checksum": delivered.md5(data)}]
    if piece.last is not None:
        row.place = piece.last
        call.put(row)
        call.task(write_metrics, run=row.id)
        return
    said = files.manifest(there, call.account, row.said["Id"], date, row.files)
    _put(call, row, f"{folder}/manifests/dt={date}/manifest.json", msgspec.json.encode(said))
    _forget(call, row)


def _destination(row: LensRun) -> dict[str, Any]:
    found: dict[str, Any] = row.said["DataExport"]["S3BucketDestination"]
    return found


def _put(call: Call, row: LensRun, key: str, data: bytes) -> None:
    """As the principal that the destination's policy lets in.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage_lens_iam_permissions.html
    """
    there = _destination(row)
    call.as_service(row.arn, name=PRINCIPAL).s3.put_object(
        Bucket=there["Arn"].rpartition(":")[2].rpartition("/")[2], Key=key, Body=Spool(data), ACL="bucket-owner-full-control",
        ExpectedBucketOwner=there["AccountId"], **delivered.encryption(there))


def _forget(call: Call, row: LensRun) -> None:
    """It is told: nothing of it is needed any more."""
    call.table(LensSum).delete_all(row.id)
    call.table(LensRun).delete(row.id)
