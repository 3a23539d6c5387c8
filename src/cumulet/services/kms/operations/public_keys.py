"""The public half of asymmetric keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import grants, keys, materials, pairs, specs


@operation
def get_public_key(call: Call, KeyId: str, GrantTokens: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html"""
    call, key = keys.find(call, KeyId)
    grants.check_tokens(call, GrantTokens)
    if not specs.is_asymmetric(key.KeySpec):
        raise error.UnsupportedOperationException(f"{call.arn(key)} is not an asymmetric key.")
    keys.check_state(call, key, "Enabled")
    _, private = materials.open_current(call, key)
    return {"KeyId": call.arn(key), "PublicKey": pairs.public_of(private), "KeySpec": key.KeySpec,
            "CustomerMasterKeySpec": key.KeySpec if key.KeySpec in specs.OLDER else None, "KeyUsage": key.KeyUsage,
            **keys.algorithms(key)}
