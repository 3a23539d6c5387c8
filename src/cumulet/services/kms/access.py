"""Keys in policies: which keys a call is about, the key policy and the grants that guard each, and KMS's condition keys.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, Guard, Principal, parse_arn

from . import ciphertexts, conditions, granted, grants, managed
from .keys import alias_arn, seen
from .resources import Alias, Grant, Key

Targets = list[tuple[str, str]]
Given = list[tuple[str, str]]
_OF_NO_KEY = frozenset({
    "ListKeys", "ListAliases", "ListRetirableGrants", "GenerateRandom", "DescribeCustomKeyStores", "CreateCustomKeyStore",
    "ConnectCustomKeyStore", "DisconnectCustomKeyStore", "DeleteCustomKeyStore", "UpdateCustomKeyStore"})


def targets(call: Call, members: Mapping[str, Any]) -> Targets | None:
    """Aliases mean their keys; a ciphertext names the key that reads it, a grant token the key of its grant."""
    operation = call.operation
    if operation in _OF_NO_KEY:
        return [("", "*")]
    if operation == "CreateKey":
        return [("", "*"), *_tagging(members)]
    if operation.endswith("Alias"):
        return _of_alias(call, members)
    if operation == "ReEncrypt":
        return [("kms:ReEncryptFrom", _read_by(call, members.get("SourceKeyId"), members)),
                ("kms:ReEncryptTo", _arn(call, str(members["DestinationKeyId"])))]
    if operation == "RetireGrant" and "GrantToken" in members:
        return [("", _granted(call, str(members["GrantToken"])))]
    arn = _read_by(call, members.get("KeyId"), members)
    if operation == "ReplicateKey":
        return [("", arn), ("kms:CreateKey", "*"), *_tagging(members)]
    if operation == "UpdatePrimaryRegion":
        return [("", arn), ("", arn.replace(f":{call.region}:", f":{members['PrimaryRegion']}:", 1))]
    return [("", arn)]


def _tagging(members: Mapping[str, Any]) -> Targets:
    return [("kms:TagResource", "*")] if members.get("Tags") else []


def _of_alias(call: Call, members: Mapping[str, Any]) -> Targets:
    """The alias, the key that it names, and the one that it is to name."""
    name = str(members["AliasName"])
    found = [("", alias_arn(call, name))]
    alias = call.table(Alias).get(name)
    if alias is not None and call.operation != "CreateAlias":
        found.append(("", call.arn(Key(KeyId=alias.TargetKeyId))))
    if "TargetKeyId" in members:
        found.append(("", _arn(call, str(members["TargetKeyId"]))))
    return found


def _arn(call: Call, name: str) -> str:
    """The ARN of a key, however it is named; of an alias that names none, the alias's own."""
    parts = parse_arn(name)
    there = call
    if parts is not None:
        there, name = call.elsewhere(parts.account, parts.region), parts.resource.removeprefix("key/")
    if not name.startswith("alias/"):
        return there.arn(Key(KeyId=name))
    alias = there.table(Alias).known(name)
    return there.arn(Key(KeyId=alias.TargetKeyId)) if alias is not None else alias_arn(there, name)


def _read_by(call: Call, named: Any, members: Mapping[str, Any]) -> str:
    if named:
        return _arn(call, str(named))
    try:
        header = ciphertexts.read_header(members.get("CiphertextBlob") or b"")
    except AwsError:
        return "*"
    return call.elsewhere(header.account).arn(Key(KeyId=header.key))


def _granted(call: Call, token: str) -> str:
    try:
        there, key, _ = grants.by_token(call, token)
    except AwsError:
        return "*"
    return there.arn(Key(KeyId=key))


def _grant_of(call: Call, token: str) -> str:
    try:
        return grants.by_token(call, token)[2]
    except AwsError:
        return ""


def guard(call: Call, arn: str) -> Guard | None:
    """The key policy decides alone, beside grants (`given`). An alias is guarded by nothing of its own."""
    parts = parse_arn(arn)
    if parts is None:
        return None
    if parts.resource.startswith(managed.PREFIX):
        text = managed.policy_of(call, parts.resource)
        return Guard(call.account, (("key policy", text),), exclusive=True) if text else Guard(call.account)
    key = seen(call, parts.resource.removeprefix("key/"))
    if key is None:
        return None
    return Guard(call.account, (("key policy", key.KeyPolicy),), exclusive=True, tags=tuple(key.tags.items()))


def given(call: Call, arn: str, principal: Principal | None, action: str = "",
          members: Mapping[str, Any] | None = None) -> Given:
    """The grants on one key that may matter to this principal, as policies. A key has up to 50,000 of them."""
    parts = parse_arn(arn)
    key = seen(call, parts.resource.removeprefix("key/")) if parts is not None else None
    if key is None or not key.grants:
        return []
    if principal is None:
        found: Iterable[Grant] = call.table(Grant).iterate(key.KeyId)
    elif call.operation == "RetireGrant":
        row = call.table(Grant).get(key.KeyId, _retired(call, members or {}))
        found = [row] if row is not None else []
    else:
        found = granted.relevant(call, key.KeyId, principal, action, members)
    return [(f"grant {grant.id}", text) for grant in found if (text := grants.as_policy(grant, call))]


def _retired(call: Call, members: Mapping[str, Any]) -> str:
    """The grant that a RetireGrant names."""
    return _grant_of(call, str(members["GrantToken"])) if "GrantToken" in members else str(members.get("GrantId", ""))


def keys(call: Call, members: Mapping[str, Any]) -> conditions.Values:
    """Of the request, and of the caller."""
    found = conditions.of_request(call, members) | conditions.of_caller(call)
    if call.operation == "CreateKey":
        spec = members.get("KeySpec") or members.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
        multi = "true" if members.get("MultiRegion") else "false"
        return found | conditions.of_spec(spec, members.get("KeyUsage", "ENCRYPT_DECRYPT")) | {
            "kms:keyorigin": members.get("Origin", "AWS_KMS"), "kms:multiregion": multi}
    if call.operation == "ReEncrypt":
        wanted = targets(call, members) or []
        found["kms:reencryptonsamekey"] = "true" if wanted[0][1] == wanted[1][1] else "false"
    if call.operation == "RetireGrant" and "GrantToken" in members:
        found["kms:grantid"] = _grant_of(call, str(members["GrantToken"]))
    return found


# ReEncrypt decrypts by some of its members and encrypts by others: action → the names of one side's members elsewhere.
_SIDES = {
    "kms:ReEncryptFrom": {"SourceKeyId": "KeyId", "SourceEncryptionContext": "EncryptionContext",
                          "SourceEncryptionAlgorithm": "EncryptionAlgorithm"},
    "kms:ReEncryptTo": {"DestinationKeyId": "KeyId", "DestinationEncryptionContext": "EncryptionContext",
                        "DestinationEncryptionAlgorithm": "EncryptionAlgorithm"}}


def target_keys(call: Call, members: Mapping[str, Any], action: str, arn: str) -> conditions.Values:
    """Of the key that one action is on, and of ReEncrypt's side that is about it."""
    found: conditions.Values = {}
    if side := _SIDES.get(action):
        found = conditions.of_cryptography({side[name]: value for name, value in members.items() if name in side})
    if ":key/" not in arn:                             # an alias, or a key that is not there yet: the key that it is for
        arn = next((one for _, one in targets(call, members) or () if ":key/" in one), "")
    parts = parse_arn(arn)
    if parts is None:
        return found
    there = call.elsewhere(parts.account, parts.region)
    key = seen(there, parts.resource.removeprefix("key/"))
    return found if key is None else found | conditions.of_key(there, key)
