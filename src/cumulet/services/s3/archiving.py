"""Objects of Intelligent-Tiering that nobody reads go to its archive tiers, at midnight; what is read is noted, once a day."""

from __future__ import annotations

from cumulet.kernel import Call, task, timer

from . import contents, restoring, telling, tiering, versions
from .lifecycle import DAY, midnight_after
from .resources import Bucket, Configuration, Current, Extra, Version

_SLICE = 250


def begin(call: Call, bucket: Bucket) -> None:
    """From the next midnight on."""
    call.elsewhere(bucket.account, bucket.region).at(midnight_after(call.now, 0), archive, name=f"tiering {bucket.BucketName}",
                                                     bucket=bucket.BucketName, number=bucket.number)


@timer
def archive(call: Call, bucket: str, number: int) -> None:
    """Midnight: look at all objects, and again tomorrow, as long as there are configurations."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number or not call.table(Configuration).count(number, tiering.KIND):
        return
    begin(call, found)
    call.task(archive_on, bucket=bucket, number=number, after=b"", moment=call.now)


@task()
def archive_on(call: Call, bucket: str, number: int, after: bytes, moment: float) -> None:
    """One slice; the next one is a task of its own."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number:
        return
    rules = [row.said for row in call.table(Configuration).scan(number, tiering.KIND)]
    rows = call.table(Current).scan(number, after=after, limit=_SLICE)
    for row in rows:
        wanted, now_in = tiering.due(rules, row, moment), tiering.tier_of(row, moment)
        if wanted and wanted != now_in and now_in != tiering.DEEP:
            _move(call, found, row, wanted)
    if len(rows) == _SLICE:
        call.task(archive_on, bucket=bucket, number=number, after=rows[-1].key, moment=moment)


def _move(call: Call, bucket: Bucket, row: Version, tier: str) -> None:
    extra = row.extra or Extra()
    extra.tier, extra.restored_at, extra.restored_until = tier, 0.0, 0.0
    versions.change(call, row, extra=extra)
    telling.changed(call, bucket, "IntelligentTiering", row, intelligentTieringEventData={"destinationAccessTier": tier})


def note_read(call: Call, row: Version) -> None:
    """An object of Intelligent-Tiering was read."""
    if contents.storage_class(row.facts) == tiering.CLASS and call.now - tiering.last_read(row) >= DAY:
        extra = row.extra or Extra()
        extra.accessed = call.now
        versions.change(call, row, extra=extra)


def bring_back(call: Call, row: Version, tier: str, speed: str) -> None:
    """To the Frequent Access tier, when the time that AWS names is over."""
    extra = row.extra or Extra()
    extra.restored_at = call.now + restoring.takes(tier, speed)
    versions.change(call, row, extra=extra)
