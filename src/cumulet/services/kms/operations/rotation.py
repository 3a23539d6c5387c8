"""Rotation of symmetric keys: by the calendar, on demand, and what there was."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import keys, materials, rotation
from ..resources import Key, Material

_MOST_ON_DEMAND = 25


def _symmetric(call: Call, key: Key) -> None:
    if key.KeySpec != "SYMMETRIC_DEFAULT":
        raise error.UnsupportedOperationException(f"{call.arn(key)} key spec is {key.KeySpec} which is not valid for this "
                                                  "operation.")


def _rotated_by_calendar(call: Call, key: Key) -> None:
    """Raises unless this key can be rotated by KMS itself, from here."""
    _symmetric(call, key)
    if key.Origin != "AWS_KMS":
        raise error.UnsupportedOperationException(f"{call.arn(key)} origin is {key.Origin} which is not valid for this "
                                                  "operation.")
    _primary(call, key)


def _primary(call: Call, key: Key) -> None:
    if key.MultiRegion and key.primary != call.region:
        raise error.UnsupportedOperationException(f"{call.arn(key)} is a multi-Region replica key which is not valid for this "
                                                  "operation.")


@operation
def enable_key_rotation(call: Call, KeyId: str, RotationPeriodInDays: int | None = None) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html"""
    key = keys.changeable(call, KeyId)
    _rotated_by_calendar(call, key)
    keys.check_state(call, key, "Enabled")
    period = RotationPeriodInDays or (key.RotationPeriodInDays if key.EnableKeyRotation else None) or rotation.YEAR
    if key.EnableKeyRotation and period == key.RotationPeriodInDays:
        return
    rotation.set_calendar(call, key, True, period)
    rotation.schedule(call, key, call.now)
    call.put(key)


@operation
def disable_key_rotation(call: Call, KeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html"""
    key = keys.changeable(call, KeyId)
    _rotated_by_calendar(call, key)
    keys.check_state(call, key, "Enabled")
    rotation.set_calendar(call, key, False, None)
    rotation.cease(call, key)
    call.put(key)


@operation
def get_key_rotation_status(call: Call, KeyId: str) -> dict[str, Any]:
    """Of keys that cannot be rotated it is always false.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    there, key = keys.find(call, KeyId, aliases=False)
    on = key.EnableKeyRotation and key.leaving is None and not key.waits_for_replicas
    told: dict[str, Any] = {"KeyId": there.arn(key), "KeyRotationEnabled": on}
    if on:
        told["RotationPeriodInDays"] = key.RotationPeriodInDays
        told["NextRotationDate"] = rotation.next_date(there, key)
    return told


@operation
def rotate_key_on_demand(call: Call, KeyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html"""
    key = keys.changeable(call, KeyId)
    _symmetric(call, key)
    _primary(call, key)
    keys.check_state(call, key, "Enabled")
    if key.on_demand >= _MOST_ON_DEMAND:
        raise error.LimitExceededException(f"The on-demand rotation limit of {_MOST_ON_DEMAND} has been reached for "
                                           f"{call.arn(key)}.")
    if key.rotates_at is not None and 0 <= key.rotates_at - call.now < 1200:
        raise error.ConflictException("An automatic rotation of this key is scheduled to begin within the next 20 minutes.")
    key.on_demand += 1
    if key.Origin == "EXTERNAL":
        rotation.to_imported(call, key)
    else:
        rotation.rotate(call, key, "ON_DEMAND")
    call.put(key)
    return {"KeyId": call.arn(key)}


@operation
def list_key_rotations(call: Call, KeyId: str, IncludeKeyMaterial: str = "ROTATIONS_ONLY",
                       page: Page[Material] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html"""
    key = keys.own(call, KeyId)
    _symmetric(call, key)
    keys.not_leaving(call, key)
    found = [row for row in materials.every(call, key) if page.after is None or row.number > page.after]
    if IncludeKeyMaterial == "ROTATIONS_ONLY":
        found = [row for row in found if row.rotated_at is not None]
    return {"Rotations": [_entry(call, key, row) for row in page.cut(found, lambda row: row.number)]}


def _entry(call: Call, key: Key, row: Material) -> dict[str, Any]:
    told: dict[str, Any] = {"KeyId": call.arn(key), "KeyMaterialId": row.id, "KeyMaterialState": row.state,
                            "RotationDate": row.rotated_at, "RotationType": row.rotation}
    if key.Origin == "EXTERNAL":
        told |= {"ImportState": "IMPORTED" if row.sealed is not None else "PENDING_IMPORT",
                 "KeyMaterialDescription": row.description, "ValidTo": row.valid_to}
        if row.sealed is not None:
            told["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE" if row.valid_to is None else "KEY_MATERIAL_EXPIRES"
    return told
