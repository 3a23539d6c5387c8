"""What happens in S3 unasked: lifecycle rules act at midnight, archived objects come back, and the objects of an account that
is reset go with their bytes."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Answer, Call, forget, task, timer

from . import (
    analysing,
    bodies,
    delivering,
    entrances,
    measuring,
    notices,
    restoring,
    sweeping,
    telling,
    transforming,
    uploads,
    versions,
)
from .lifecycle import midnight_after
from .metadata import journal
from .resources import Annotation, Bucket, Configuration, Current, Extra, Older, Renamed, Upload, Version

_BYTES = """SELECT "blob", "layout" FROM {table} WHERE scope = {scope} AND "bucket" = ? AND ("blob" <> '' OR "layout" <> 0)"""

_ELSEWHERE = """SELECT {columns} FROM {table} WHERE scope = {scope} AND "account" = ?"""


@forget
def objects_go(call: Call) -> None:
    """Versions, uploads and their bytes hang on their buckets' numbers; what another account's copies share stays."""
    for bucket in call.table(Bucket).iterate(call.account, index="owned"):
        if call.region and bucket.region != call.region:
            continue
        for upload in call.table(Upload).iterate(bucket.number):
            uploads.abort(call, upload)
        for kind in (Current, Older):
            table = call.table(kind)
            for blob, layout in table.sql(_BYTES, bucket.number):
                bodies.release_bytes(call, blob, layout)
            table.delete_all(bucket.number)
        call.table(Configuration).delete_all(bucket.number)
        delivering.forget(call, bucket)
        call.table(Renamed).delete_all(bucket.number)
        call.table(Annotation).delete_all(bucket.number)
        journal.forget(call, bucket.number)
    transforming.forget(call)
    if not call.region:
        for upload in call.table(Upload).rows(_ELSEWHERE, call.account):         # begun in buckets of others
            uploads.abort(call, upload)


# --- lifecycle ----------------------------------------------------------------------------------------------------------


def begin(call: Call, bucket: Bucket) -> None:
    """The rules of a bucket act from the next midnight on."""
    call.elsewhere(bucket.account, bucket.region).at(midnight_after(call.now, 0), sweep, name=f"lifecycle {bucket.BucketName}",
                                                     bucket=bucket.BucketName, number=bucket.number)


@timer
def sweep(call: Call, bucket: str, number: int) -> None:
    """Midnight: look at everything, slice by slice, and again tomorrow."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number or not found.lifecycle:
        return
    begin(call, found)
    call.task(sweep_on, bucket=bucket, number=number, stage=sweeping.STAGES[0], after=b"", moment=call.now)


@task()
def sweep_on(call: Call, bucket: str, number: int, stage: str, after: bytes, moment: float) -> None:
    """One slice of a bucket; the next slice, or the next stage, is a task of its own."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number or not found.lifecycle:
        return
    last = sweeping.slice_of(call, found, stage, after, moment)
    if last is not None:
        call.task(sweep_on, bucket=bucket, number=number, stage=stage, after=last, moment=moment)
        return
    following = sweeping.STAGES.index(stage) + 1
    if following < len(sweeping.STAGES):
        call.task(sweep_on, bucket=bucket, number=number, stage=sweeping.STAGES[following], after=b"", moment=moment)


def bring_back(call: Call, bucket: Bucket, row: Version, wanted: restoring.Wanted) -> None:
    """Make a copy of an archived object, or let the one that is there stay longer."""
    storage = restoring.archive_of(row)
    assert storage is not None
    assert wanted.days is not None
    extra = row.extra or Extra()
    if restoring.state_of(row, call.now) == restoring.THERE:
        extra.restored_until = restoring.until(call.now, wanted.days)
    else:
        extra.restored_at = call.now + restoring.takes(storage, wanted.tier)
        extra.restored_until = restoring.until(extra.restored_at, wanted.days)
        _announce(call, bucket, row, extra.restored_at, extra.restored_until)
    versions.change(call, row, extra=extra)


def hurry(call: Call, bucket: Bucket, row: Version, tier: str) -> bool:
    """A faster tier for a copy that is under way; False where this one is not faster."""
    storage, extra = restoring.archive_of(row), row.extra
    assert storage is not None
    assert extra is not None
    ready = call.now + restoring.takes(storage, tier)
    if ready >= extra.restored_at:
        return False
    extra.restored_at = ready
    versions.change(call, row, extra=extra)
    _remember(call, bucket, row, "ObjectRestore:Completed", ready, extra.restored_until)
    return True


def _announce(call: Call, bucket: Bucket, row: Version, ready: float, over: float) -> None:
    """Tell that a copy was asked for, and later that it is there, and that it went."""
    telling.changed(call, bucket, "ObjectRestore:Post", row)
    _remember(call, bucket, row, "ObjectRestore:Completed", ready, over)
    _remember(call, bucket, row, "ObjectRestore:Delete", over, over)


def _remember(call: Call, bucket: Bucket, row: Version, event: str, when: float, over: float) -> None:
    """To tell of it when it happens."""
    if bucket.notifications is not None:
        key, version = row.key.decode(), versions.public(row)
        call.at(when, tell_of_restore, name=f"{event} {bucket.number} {key} {version}", bucket=bucket.BucketName, key=key,
                version=version, event=event, over=over)


@timer
def tell_of_restore(call: Call, bucket: str, key: str, version: str, event: str, over: float) -> None:
    """A copy of an archived object is there, or went; unless it was to stay longer, or its object is gone."""
    found = call.table(Bucket).get(bucket)
    row = versions.exact(call, found, key.encode(), version) if found is not None else None
    if found is None or row is None or row.extra is None or (event.endswith("Delete") and row.extra.restored_until > over):
        return
    data = {"restoreEventData": {"lifecycleRestorationExpiryTime": notices.moment(row.extra.restored_until),
                                 "lifecycleRestoreStorageClass": restoring.archive_of(row)}}
    telling.changed(call, found, event, row, glacierEventData=data)


# --- what was answered --------------------------------------------------------------------------------------------------


@Answer.heard("Bucket", "Key", "VersionId")
def heard(call: Call, answers: Sequence[Answer]) -> None:
    """Requests go to the access logs, the metrics and the analyses of their buckets."""
    by_bucket: dict[str, list[Answer]] = {}
    for one in answers:
        if one.members[0]:
            by_bucket.setdefault(one.members[0], []).append(one)
    for name, those in by_bucket.items():
        bucket, through = call.table(Bucket).known(name), ""
        if bucket is None and (entrance := entrances.entrance(call, name)) is not None:
            bucket, through = call.table(Bucket).known(entrance.bucket), entrance.arn
        if bucket is None:
            continue
        if bucket.logging is not None:
            delivering.note(call, bucket, those, through)
        measuring.note(call, bucket, those, through)
        analysing.note(call, bucket, those)
