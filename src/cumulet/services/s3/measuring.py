"""What CloudWatch is told of buckets: their requests as they are answered, and at midnight how much they hold.

A bucket is measured at the midnight behind a day on which it was changed, and every day while it has a metrics configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from cumulet.kernel import Answer, Call, task, timer

from . import configurations, contents, directories, requestmetrics, tiering
from .lifecycle import midnight_after
from .resources import Bucket, Configuration, Current, Older, Part, Upload

_DATA = 1000                                    # in one PutMetricData
_SLICE = 5000
_CURRENT = """SELECT "key", "size", "facts", "extra" FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" > ?
    ORDER BY "key" LIMIT ?"""
_OLDER = """SELECT "key", "size", "facts", "extra", "order" FROM {table} WHERE scope = {scope} AND "bucket" = ?
    AND ("key", "order") > (?, ?) ORDER BY "key", "order" LIMIT ?"""
_TYPES = {
    "STANDARD": "StandardStorage", "STANDARD_IA": "StandardIAStorage", "ONEZONE_IA": "OneZoneIAStorage",
    "REDUCED_REDUNDANCY": "ReducedRedundancyStorage", "GLACIER": "GlacierStorage",
    "GLACIER_IR": "GlacierInstantRetrievalStorage", "DEEP_ARCHIVE": "DeepArchiveStorage",
    tiering.CLASS: "IntelligentTieringFAStorage", directories.CLASS: "ExpressOneZoneStorage"}
_TIERS = {"ARCHIVE_ACCESS": "IntelligentTieringAAStorage", "DEEP_ARCHIVE_ACCESS": "IntelligentTieringDAAStorage"}


def note(call: Call, bucket: Bucket, answers: Sequence[Answer], through: str) -> None:
    """Count some requests, and see whether the bucket is to be measured. through: the access point that they came by."""
    rules = [row.said for row in configurations.all_of(call, bucket, requestmetrics.KIND)]
    data: list[dict[str, Any]] = []
    tags = _tags(call, bucket, answers) if requestmetrics.is_about_tags(rules) else {}
    for rule in rules:
        mine = [one for one in answers
                if requestmetrics.counts(rule, one.members[1], tags.get(one.members[1] or "", {}), through)]
        data += requestmetrics.data(bucket.BucketName, rule["Id"], mine)
    if data:
        _tell(call, bucket, data)
    if any(one.method in ("PUT", "POST", "DELETE") and one.status < 300 for one in answers):
        begin(call, bucket)


def _tags(call: Call, bucket: Bucket, answers: Sequence[Answer]) -> dict[str, dict[str, str]]:
    """The tags that the objects of these requests have now."""
    found = {}
    for key in {one.members[1] for one in answers if one.members[1]}:
        row = call.table(Current).get(bucket.number, key.encode())
        found[key] = (row.tags if row is not None else None) or {}
    return found


def _tell(call: Call, bucket: Bucket, data: list[dict[str, Any]]) -> None:
    peers = call.as_service(call.arn(bucket), account=bucket.account, region=bucket.region)
    rest = iter(data)
    while some := list(islice(rest, _DATA)):
        peers.cloudwatch.put_metric_data(Namespace=requestmetrics.NAMESPACE, MetricData=some)


# --- how much it holds --------------------------------------------------------------------------------------------------


def begin(call: Call, bucket: Bucket) -> None:
    """Measure the bucket at the next midnight."""
    if bucket.measured > call.now:
        return
    due = midnight_after(call.now, 0)
    call.table(Bucket).change(bucket.BucketName, measured=due)
    call.elsewhere(bucket.account, bucket.region).at(due, measure, name=f"measure {bucket.BucketName}",
                                                     bucket=bucket.BucketName, number=bucket.number)


@timer
def measure(call: Call, bucket: str, number: int) -> None:
    """Midnight: sum up, slice by slice."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number:
        return
    if call.table(Configuration).count(number, requestmetrics.KIND):
        begin(call, found)
    call.task(measure_on, bucket=bucket, number=number, older=False, after=b"", order=0, moment=call.now, sums={}, objects=0)


@task()
def measure_on(call: Call, bucket: str, number: int, older: bool, after: bytes, order: int, moment: float,
               sums: dict[str, int], objects: int) -> None:
    """One slice; the next one is a task of its own. Behind the last one come the uploads, and all is told."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number:
        return
    rows = call.table(Older).sql(_OLDER, number, after, order, _SLICE) if older else \
        call.table(Current).sql(_CURRENT, number, after, _SLICE)
    for row in rows:
        kind = _type(row[2], row[3])
        sums[kind] = sums.get(kind, 0) + row[1]
    objects += len(rows)
    if len(rows) == _SLICE or not older:
        full = len(rows) == _SLICE
        call.task(measure_on, bucket=bucket, number=number, older=older or not full, after=bytes(rows[-1][0]) if full else b"",
                  order=rows[-1][4] if full and older else 0, moment=moment, sums=sums, objects=objects)
        return
    for kind, size in _parts(call, number):
        sums[kind], objects = sums.get(kind, 0) + size, objects + (not found.zone)      # directory buckets count no parts
    _tell(call, found, list(_data(bucket, moment, sums, objects)))


def _type(facts: Any, extra: Any) -> str:
    """The storage type of a row, from its columns as they are kept."""
    if facts is None:
        return _TYPES["STANDARD"]
    storage = contents.storage_class(msgspec.msgpack.decode(facts))
    if storage == tiering.CLASS and extra is not None:
        return _TIERS.get(msgspec.msgpack.decode(extra).get("tier", ""), _TYPES[storage])
    return _TYPES[storage]


def _parts(call: Call, number: int) -> Iterator[tuple[str, int]]:
    """Storage type and size of each part of an upload that is not complete."""
    for upload in call.table(Upload).iterate(number):
        kind = _TYPES[contents.storage_class(upload.facts)]
        for part in call.table(Part).iterate(upload.number):
            yield kind, part.size


def _data(bucket: str, moment: float, sums: Mapping[str, int], objects: int) -> Iterator[dict[str, Any]]:
    def datum(name: str, kind: str, unit: str, value: float) -> dict[str, Any]:
        return {"MetricName": name, "Unit": unit, "Value": value, "Timestamp": moment,
                "Dimensions": [{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": kind}]}

    yield datum("NumberOfObjects", "AllStorageTypes", "Count", float(objects))
    for kind, size in sums.items():
        yield datum("BucketSizeBytes", kind, "Bytes", float(size))
