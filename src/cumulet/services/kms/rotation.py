"""Rotation: new material for a symmetric key, by its calendar or when asked; what the old one encrypted stays readable."""

from __future__ import annotations

from collections.abc import Iterator

from cumulet.kernel import Call, error, timer

from . import materials
from .resources import Key, Material, ReplicaKey

YEAR = 365
_DAY = 86_400.0


def everywhere(call: Call, key: Key) -> Iterator[tuple[Call, Key]]:
    """A key and those that share its id and material in other Regions; `key` itself is given as the very row."""
    yield call, key
    for region in key.regions:
        if region != call.region:
            there = call.elsewhere(region=region)
            found = there.table(ReplicaKey).get(key.KeyId) or there.table(Key).get(key.KeyId)
            if found is not None:
                yield there, found


def set_calendar(call: Call, key: Key, on: bool, period: int | None) -> None:
    """Whether it is rotated by the calendar is the same in all Regions; the caller keeps `key`."""
    for there, row in everywhere(call, key):
        row.EnableKeyRotation, row.RotationPeriodInDays = on, period
        if row is not key:
            there.put(row)


def schedule(call: Call, key: Key, since: float) -> None:
    """The next rotation is a period after `since`; the caller keeps the row. Only the primary key has a timer."""
    assert key.RotationPeriodInDays is not None
    schedule_at(call, key, since + key.RotationPeriodInDays * _DAY)


def schedule_at(call: Call, key: Key, when: float) -> None:
    """As `schedule`, at a moment that is known."""
    key.rotates_at = when
    call.at(when, rotate_by_calendar, name=key.KeyId, key_id=key.KeyId)


def cease(call: Call, key: Key) -> None:
    """No more rotations by the calendar; the caller keeps the row."""
    key.rotates_at = None
    call.cancel(rotate_by_calendar, key.KeyId)


def next_date(call: Call, key: Key) -> float | None:
    """When the calendar turns next: the primary key knows."""
    if not key.MultiRegion or key.primary == call.region:
        return key.rotates_at
    return next((row.rotates_at for there, row in everywhere(call, key) if there.region == key.primary), None)


def rotate(call: Call, key: Key, kind: str) -> None:
    """New material, in every Region that has the key; the caller keeps `key`."""
    plain = materials.fresh(call, key.KeySpec)
    for there, row in everywhere(call, key):
        added = materials.add(there, row, plain)
        _promote(there, row, added, kind)
        if row is not key:
            there.put(row)


def to_imported(call: Call, key: Key) -> None:
    """The imported material that waits becomes the current one, in every Region; the caller keeps `key`."""
    for there, row in everywhere(call, key):
        waiting = next((m for m in materials.every(there, row) if m.state == "PENDING_ROTATION"), None)
        if waiting is None or waiting.sealed is None:
            raise error.KMSInvalidStateException(f"{there.arn(row)} has no key material that is pending rotation.")
        _promote(there, row, waiting, "ON_DEMAND")
        if row is not key:
            there.put(row)


def _promote(call: Call, key: Key, material: Material, kind: str) -> None:
    table = call.table(Material)
    table.change(key.KeyId, key.current or "", state="NON_CURRENT")
    table.change(key.KeyId, material.id, state="CURRENT", rotated_at=call.now, rotation=kind)
    key.current = material.id
    call.emit("KMS CMK Rotation", {"key-id": key.KeyId}, (call.arn(key),))


@timer
def rotate_by_calendar(call: Call, key_id: str) -> None:
    """A period is over. A disabled key is rotated when it is enabled again (`catch_up`); one that is leaving never."""
    key = call.table(Key).get(key_id) or call.table(ReplicaKey).get(key_id)
    if key is None or not key.EnableKeyRotation or key.rotates_at is None:
        return
    if key.Enabled and key.leaving is None and not key.waits_for_replicas:
        _turn(call, key)
        call.put(key)


def catch_up(call: Call, key: Key) -> None:
    """A key that is in use again, and should have been rotated meanwhile; the caller keeps the row."""
    if key.EnableKeyRotation and key.rotates_at is not None and key.rotates_at <= call.now:
        _turn(call, key)


def _turn(call: Call, key: Key) -> None:
    rotate(call, key, "AUTOMATIC")
    schedule(call, key, call.now)
