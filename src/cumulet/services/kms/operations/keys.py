"""Keys: made, told, listed, described, enabled, disabled; scheduled for deletion and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, not_implemented, operation

from .. import grants, keys, materials, policies, specs, tags
from ..resources import Key


@operation
def create_key(call: Call, Policy: str | None = None, Description: str = "", KeyUsage: str | None = None,
               CustomerMasterKeySpec: str | None = None, KeySpec: str | None = None, Origin: str = "AWS_KMS",
               CustomKeyStoreId: str | None = None, BypassPolicyLockoutSafetyCheck: bool = False,
               Tags: Sequence[Mapping[str, str]] = (), MultiRegion: bool = False,
               XksKeyId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"""
    if KeySpec and CustomerMasterKeySpec:
        raise error.ValidationException("You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
                                        "CustomerMasterKeySpec is deprecated.")
    spec = KeySpec or CustomerMasterKeySpec or "SYMMETRIC_DEFAULT"
    usage = specs.check_usage(spec, KeyUsage)
    if CustomKeyStoreId is not None:
        raise error.CustomKeyStoreNotFoundException(f"Custom key store {CustomKeyStoreId} does not exist.")
    if Origin in ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"):
        raise error.ValidationException(f"A CustomKeyStoreId must be specified when the Origin is {Origin}.")
    if XksKeyId is not None:
        raise error.ValidationException("XksKeyId is only valid with Origin EXTERNAL_KEY_STORE.")
    policy = policies.default(call) if Policy is None else policies.checked(call, Policy, BypassPolicyLockoutSafetyCheck)
    key = Key(KeyId=f"mrk-{call.token(32)}" if MultiRegion else call.uuid(), Description=Description, KeyPolicy=policy,
              KeySpec=spec, KeyUsage=usage, Origin=Origin, MultiRegion=MultiRegion, created=call.now,
              tags=tags.added({}, Tags))
    if MultiRegion:
        key.primary, key.regions = call.region, [call.region]
    if Origin == "AWS_KMS":
        key.current = materials.add(call, key, materials.fresh(call, spec)).id
    call.put(key)
    return {"KeyMetadata": keys.metadata(call, key)}


@operation
def describe_key(call: Call, KeyId: str, GrantTokens: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html"""
    call, key = keys.find(call, KeyId)
    grants.check_tokens(call, GrantTokens)
    return {"KeyMetadata": keys.metadata(call, key)}


@operation
def list_keys(call: Call, ResourceOwners: Sequence[str] = ("SELF",), page: Page[Key] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html"""
    if "OTHER_ACCOUNTS_VIA_RAM" in ResourceOwners:
        raise not_implemented("kms:ListKeys with OTHER_ACCOUNTS_VIA_RAM")
    found = page.cut(keys.all_keys(call, page.after, page.limit + 1), lambda key: key.KeyId)
    return {"Keys": [{"KeyId": key.KeyId, "KeyArn": call.arn(key)} for key in found]}


@operation
def update_key_description(call: Call, KeyId: str, Description: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html"""
    key = keys.changeable(call, KeyId)
    keys.not_leaving(call, key)
    call.table(type(key)).change(key.KeyId, Description=Description)
