"""States of keys: enabled, disabled, scheduled for deletion, taken back."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import background, keys, rotation


@operation
def enable_key(call: Call, KeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html"""
    key = keys.changeable(call, KeyId)
    keys.check_state(call, key, "Enabled", "Disabled")
    key.Enabled = True
    rotation.catch_up(call, key)
    call.put(key)


@operation
def disable_key(call: Call, KeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html"""
    key = keys.changeable(call, KeyId)
    keys.check_state(call, key, "Enabled", "Disabled")
    call.table(type(key)).change(key.KeyId, Enabled=False)


@operation
def schedule_key_deletion(call: Call, KeyId: str, PendingWindowInDays: int = 30) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""
    key = keys.changeable(call, KeyId)
    keys.not_leaving(call, key)
    if not 7 <= PendingWindowInDays <= 30:
        raise error.ValidationException("PendingWindowInDays must be between 7 and 30 (inclusive)")
    key.window = PendingWindowInDays
    if key.primary == call.region and len(key.regions) > 1:
        key.waits_for_replicas = True
        call.put(key)
    else:
        background.start_waiting(call, key)
    return {"KeyId": call.arn(key), "DeletionDate": key.leaving, "KeyState": keys.state_of(key),
            "PendingWindowInDays": PendingWindowInDays}


@operation
def cancel_key_deletion(call: Call, KeyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html"""
    key = keys.changeable(call, KeyId)
    if key.leaving is None and not key.waits_for_replicas:
        raise error.KMSInvalidStateException(f"{call.arn(key)} is not pending deletion.")
    call.cancel(background.delete_key, key.KeyId)
    key.leaving, key.waits_for_replicas, key.window, key.Enabled = None, False, 0, False
    call.put(key)
    return {"KeyId": call.arn(key)}
