"""Key policies."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import keys, policies

_ONLY = "default"


@operation
def put_key_policy(call: Call, KeyId: str, Policy: str, PolicyName: str = _ONLY,
                   BypassPolicyLockoutSafetyCheck: bool = False) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""
    key = keys.changeable(call, KeyId)
    _check_name(PolicyName)
    call.table(type(key)).change(key.KeyId, KeyPolicy=policies.checked(call, Policy, BypassPolicyLockoutSafetyCheck))


def _check_name(name: str) -> None:
    if name != _ONLY:
        raise error.NotFoundException("No such policy exists")


@operation
def get_key_policy(call: Call, KeyId: str, PolicyName: str = _ONLY) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html"""
    key = keys.own(call, KeyId)
    _check_name(PolicyName)
    return {"Policy": key.KeyPolicy, "PolicyName": _ONLY}


@operation
def list_key_policies(call: Call, KeyId: str, page: Page[str] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html"""
    keys.own(call, KeyId)
    return {"PolicyNames": page.cut([_ONLY], str)}
