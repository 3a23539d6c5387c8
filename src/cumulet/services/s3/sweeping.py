"""What a bucket's lifecycle rules do to what is in it, a slice at a time."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call

from . import contents, lifecycle, locking, telling, uploads, versions
from .lifecycle import Thing
from .resources import Bucket, Current, Older, Upload, Version

STAGES = ("current", "older", "uploads")
_SLICE = 500
_CURRENT = ('SELECT "key" FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" > ? ORDER BY "key" LIMIT '
            f"{_SLICE}")
_OLDER = ('SELECT DISTINCT "key" FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" > ? ORDER BY "key" LIMIT '
          f"{_SLICE}")


def expiration(bucket: Bucket, row: Version) -> str | None:
    """x-amz-expiration of a current object."""
    return lifecycle.header(lifecycle.expiry(bucket.lifecycle, _thing(row), row.modified)) if bucket.lifecycle else None


def _thing(row: Version) -> Thing:
    return Thing(row.key.decode(), row.size, row.tags or {})


def slice_of(call: Call, bucket: Bucket, stage: str, after: bytes, now: float) -> bytes | None:
    """Apply the rules to the next keys; the last one, when there may be more."""
    if stage == "uploads":
        for upload in list(call.table(Upload).iterate(bucket.number)):
            ends = lifecycle.abandoned(bucket.lifecycle, upload.key.decode(), upload.initiated)
            if ends is not None and ends[0] <= now:
                uploads.abort(call, upload)
        return None
    current = stage == "current"
    keys = [row[0] for row in (call.table(Current).sql(_CURRENT, bucket.number, after) if current else
                               call.table(Older).sql(_OLDER, bucket.number, after))]
    for key in keys:
        if current:
            _current(call, bucket, key, now)
        else:
            _older(call, bucket, key, now)
    return keys[-1] if len(keys) == _SLICE else None


def _current(call: Call, bucket: Bucket, key: bytes, now: float) -> None:
    row = call.table(Current).get(bucket.number, key)
    if row is None:
        return
    thing = _thing(row)
    ends = lifecycle.expiry(bucket.lifecycle, thing, row.modified)
    if ends is not None and ends[0] <= now:
        telling.deleted(call, bucket, thing.key, versions.delete(call, bucket, key, None), "LifecycleExpiration")
        return
    _move(call, bucket, row, lifecycle.moved_to(bucket.lifecycle, thing, contents.storage_class(row.facts), row.modified, now,
                                        bucket.least_moved))


def _older(call: Call, bucket: Bucket, key: bytes, now: float) -> None:
    """The noncurrent versions of a key, newest first; each became noncurrent when the next newer one was made."""
    current = call.table(Current).get(bucket.number, key)
    rows = call.table(Older).scan(bucket.number, key)
    since = current.modified if current is not None else None
    newer = 0
    for row in rows:
        if since is not None:                    # the newest of all is current, if only as a delete marker
            if lifecycle.is_over(bucket.lifecycle, _thing(row), since, now, newer):
                _forget(call, bucket, row)
            elif not row.marker:
                storage = contents.storage_class(row.facts)
                wanted = lifecycle.moved_to(bucket.lifecycle, _thing(row), storage, since, now, bucket.least_moved, newer)
                _move(call, bucket, row, wanted)
            newer += 1
        since = row.modified
    left = call.table(Older).scan(bucket.number, key, limit=2)
    if current is None and len(left) == 1 and left[0].marker and lifecycle.marker_is_over(
            bucket.lifecycle, _thing(left[0]), left[0].modified, now):
        _forget(call, bucket, left[0])


def _forget(call: Call, bucket: Bucket, row: Version) -> None:
    try:
        locking.check_deletable(row, False, call.now)
    except AwsError:                             # it stays as long as its lock wants, and is looked at again tomorrow
        return
    done = versions.delete(call, bucket, row.key, versions.public(row))
    telling.deleted(call, bucket, row.key.decode(), done, "LifecycleExpiration")


def _move(call: Call, bucket: Bucket, row: Version, storage: str | None) -> None:
    """To another storage class; nothing else of a version changes."""
    if storage is None:
        return
    facts: dict[str, Any] = (row.facts or {}) | {"StorageClass": storage}
    row.facts = facts
    versions.change(call, row, facts=facts, listing=contents.fragment(row))
    telling.changed(call, bucket, "LifecycleTransition", row, lifecycleEventData={
        "transitionEventData": {"destinationStorageClass": storage}})
