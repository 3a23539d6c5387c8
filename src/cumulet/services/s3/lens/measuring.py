"""A day's metrics are summed up: bucket by bucket, a slice of each a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import Call, on, parse_arn, task

from .. import contents
from ..resources import Bucket, Current, Extra, Older, Part, Upload
from . import exporting, metrics, scopes
from .rows import ACCOUNT, BUCKET, GROUP_ACCOUNT, GROUP_BUCKET, PREFIX, LensRun, LensSum

_ROWS, _UPLOADS = 500, 200                       # of a slice: each may add to as many prefixes as are told of, times this
_BUCKETS = 100
_CURRENT = """SELECT "key", "size", "modified", "facts", "tags", "extra", 0, 0 FROM {table}
    WHERE scope = {scope} AND "bucket" = ? AND "key" > ? ORDER BY "key" LIMIT ?"""
_OLDER = """SELECT "key", "size", "modified", "facts", "tags", "extra", "order", "marker" FROM {table}
    WHERE scope = {scope} AND "bucket" = ? AND ("key", "order") > (?, ?) ORDER BY "key", "order" LIMIT ?"""
_STAGES = ("current", "older", "uploads")
_read = msgspec.msgpack.decode


@on("cumulet.events", "Storage Lens Due")
def lens_due(call: Call, event: dict[str, Any]) -> None:
    """S3 Control tells that a day is over for a configuration."""
    said = event["detail"]
    row = LensRun(id=call.uuid(), arn=said["arn"], said=said["configuration"], groups=said["groups"], midnight=said["midnight"])
    call.put(row)
    _next_bucket(call, row, "")


def _next_bucket(call: Call, row: LensRun, after: str) -> None:
    """Measure the bucket behind this one; behind the last one all is told."""
    while True:
        some = call.table(Bucket).scan(call.account, index="owned", after=after, limit=_BUCKETS)
        for bucket in some:
            if scopes.is_measured(row.said, bucket):
                call.task(measure_slice, run=row.id, bucket=bucket.BucketName, number=bucket.number, stage=_STAGES[0],
                          after=b"", order=0, upload="")
                return
        if len(some) < _BUCKETS:
            exporting.begin(call, row)
            return
        after = some[-1].BucketName


@task(retries=5)
def measure_slice(call: Call, run: str, bucket: str, number: int, stage: str, after: bytes, order: int, upload: str) -> None:
    """One slice; the next one, or the next bucket, is a task of its own."""
    row, found = call.table(LensRun).get(run), call.table(Bucket).get(bucket)
    if row is None:
        return
    if found is None or found.number != number:
        _next_bucket(call, row, bucket)
        return
    sums = _Sums(row, found)
    if stage == _STAGES[0] and not after:
        _settings(call, sums)
    if stage == "uploads":
        place = _add_uploads(call, sums, after, upload)
    else:
        place = _add_versions(call, sums, stage, after, order)
    sums.keep(call)
    if place is None:
        following = _STAGES.index(stage) + 1
        if following == len(_STAGES):
            _next_bucket(call, row, bucket)
            return
        stage, place = _STAGES[following], _Place(b"", 0, "")
    call.task(measure_slice, run=run, bucket=bucket, number=number, stage=stage, after=place.key, order=place.order,
              upload=place.upload)


class _Place(NamedTuple):
    """Behind which a slice begins."""

    key: bytes
    order: int
    upload: str


class _Sums:
    """What a slice adds to the metrics of its bucket, and of all that is around and in it."""

    def __init__(self, run: LensRun, bucket: Bucket) -> None:
        self.run, self.bucket = run, bucket
        self._prefixes = scopes.prefixes(run.said)
        self._found: dict[tuple[str, str, str, str], dict[str, int]] = {}

    def _add(self, record: str, bucket: str, value: str, storage: str, more: dict[str, int]) -> None:
        metrics.add(self._found.setdefault((record, bucket, value, storage), {}), more)

    def add_to_account(self, storage: str, more: dict[str, int]) -> None:
        self._add(ACCOUNT, "", self.bucket.account, storage, more)

    def add_to_bucket(self, storage: str, more: dict[str, int]) -> None:
        self._add(BUCKET, self.bucket.BucketName, self.bucket.BucketName, storage, more)

    def add(self, key: str, storage: str, more: dict[str, int], thing: scopes.Thing | None = None) -> None:
        """Something that is stored. thing: the object, if it is one, for the groups."""
        self.add_to_account(storage, more)
        self.add_to_bucket(storage, more)
        for prefix in self._prefixes.of(key) if self._prefixes is not None else ():
            self._add(PREFIX, self.bucket.BucketName, prefix, storage, more)
        if thing is None:
            return
        for group in self.run.groups:
            if scopes.belongs(group["filter"], thing):
                self._add(GROUP_ACCOUNT, "", group["arn"], storage, more)
                self._add(GROUP_BUCKET, self.bucket.BucketName, group["arn"], storage, more)

    def keep(self, call: Call) -> None:
        """Add all that was found to what was found before."""
        table, region = call.table(LensSum), self.bucket.region
        for (record, bucket, value, storage), more in self._found.items():
            row = table.get(self.run.id, record, region, bucket, value, storage) or LensSum(
                run=self.run.id, record=record, region=region, bucket=bucket, value=value, storage=storage, metrics={})
            metrics.add(row.metrics, more)
            table.put(row)


def _settings(call: Call, sums: _Sums) -> None:
    """What the bucket itself adds; rules are counted where it is asked for."""
    bucket, account_level = sums.bucket, sums.run.said["AccountLevel"]
    for level, add in ((account_level, sums.add_to_account), (account_level["BucketLevel"], sums.add_to_bucket)):
        add("", metrics.of_bucket(bucket))
        if (level.get("AdvancedCostOptimizationMetrics") or {}).get("IsEnabled"):
            add("", metrics.of_lifecycle(bucket))
        if (level.get("AdvancedDataProtectionMetrics") or {}).get("IsEnabled"):
            add("", metrics.of_replication(bucket, _targets(call, bucket)))


def _targets(call: Call, bucket: Bucket) -> Iterator[Bucket | None]:
    for rule in (bucket.replication or {}).get("Rules", ()):
        arn = parse_arn(rule["Destination"]["Bucket"])
        yield call.table(Bucket).known(arn.resource) if arn is not None else None


def _add_versions(call: Call, sums: _Sums, stage: str, after: bytes, order: int) -> _Place | None:
    """Current objects, or older versions and delete markers."""
    number, current = sums.bucket.number, stage == "current"
    rows = call.table(Current).sql(_CURRENT, number, after, _ROWS) if current else \
        call.table(Older).sql(_OLDER, number, after, order, _ROWS)
    for raw, size, modified, facts, tags, extra, _, marker in rows:
        key = bytes(raw).decode()
        if marker:
            sums.add(key, contents.STANDARD, metrics.of_marker(bytes(raw)))
            continue
        more = metrics.of_version(size, _read(extra, type=Extra) if extra is not None else None, current)
        thing = scopes.Thing(key, size, sums.run.midnight - modified, (_read(tags) if tags is not None else None) or {})
        sums.add(key, contents.storage_class(_read(facts) if facts is not None else None), more, thing)
    return _Place(bytes(rows[-1][0]), rows[-1][6], "") if len(rows) == _ROWS else None


def _add_uploads(call: Call, sums: _Sums, after: bytes, upload: str) -> _Place | None:
    """Uploads that are not complete, with their parts."""
    rows = call.table(Upload).scan(sums.bucket.number, after=(after, upload) if after else None, limit=_UPLOADS)
    for row in rows:
        size = sum(part.size for part in call.table(Part).iterate(row.number))
        more = metrics.of_upload(size, sums.run.midnight - row.initiated)
        sums.add(row.key.decode(), contents.storage_class(row.facts), more)
    return _Place(rows[-1].key, 0, rows[-1].upload) if len(rows) == _UPLOADS else None
