"""When a key was last used."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import keys


@operation
def get_key_last_usage(call: Call, KeyId: str) -> dict[str, Any]:
    """To a quarter of an hour: see `keys.note_use`.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
    """
    key = keys.own(call, KeyId)
    used = {"Operation": key.used_by, "Timestamp": key.used_at, "KmsRequestId": key.used_in} if key.used_at else None
    return {"KeyId": key.KeyId, "KeyLastUsage": used, "TrackingStartDate": key.created, "KeyCreationDate": key.created}
