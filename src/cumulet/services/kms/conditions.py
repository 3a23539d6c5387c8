"""KMS's condition keys: of the request, of the key that it is about, of who asks through whom.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call

from .grants import canonical_text
from .resources import Alias, Key

Values = dict[str, str | list[str]]
# Members whose values are condition keys as they stand.
_PLAIN = ("GranteePrincipal", "GranteeServicePrincipal", "RetiringPrincipal", "RetiringServicePrincipal", "ReplicaRegion",
          "PrimaryRegion", "SigningAlgorithm", "MacAlgorithm", "KeyAgreementAlgorithm", "EncapsulationAlgorithm",
          "ExpirationModel", "WrappingAlgorithm", "WrappingKeySpec", "RotationPeriodInDays", "ValidTo")
_BY_DEFAULT: dict[str, dict[str, Any]] = {
    "Sign": {"MessageType": "RAW"}, "Verify": {"MessageType": "RAW"},
    "EnableKeyRotation": {"RotationPeriodInDays": 365},
    "ImportKeyMaterial": {"ExpirationModel": "KEY_MATERIAL_EXPIRES"}}
_ENCRYPTING = frozenset({"Encrypt", "Decrypt"})


def of_request(call: Call, members: Mapping[str, Any]) -> Values:
    """What the request itself says."""
    said = {**_BY_DEFAULT.get(call.operation, {}), **members}
    found: Values = {"kms:" + name.lower(): _text(said[name]) for name in (*_PLAIN, "MessageType") if name in said}
    if call.operation != "ReEncrypt":                  # of which each side has its own: see `access.target_keys`
        found |= of_cryptography(members, call.operation in _ENCRYPTING)
    if "BypassPolicyLockoutSafetyCheck" in members or call.operation in ("CreateKey", "PutKeyPolicy", "ReplicateKey"):
        found["kms:bypasspolicylockoutsafetycheck"] = _text(members.get("BypassPolicyLockoutSafetyCheck", False))
    if call.operation == "ScheduleKeyDeletion":
        found["kms:schedulekeydeletionpendingwindowindays"] = _text(members.get("PendingWindowInDays", 30))
    if "KeyPairSpec" in members:
        found["kms:datakeypairspec"] = members["KeyPairSpec"]
    if "GrantId" in members:
        found["kms:grantid"] = members["GrantId"]
    return found | _of_grant(call, members)


def of_cryptography(members: Mapping[str, Any], encrypting: bool = True) -> Values:
    """How something is encrypted or decrypted, and under which name of the key."""
    context: Mapping[str, str] = members.get("EncryptionContext") or {}
    found: Values = {f"kms:encryptioncontext:{name.lower()}": value for name, value in context.items()}
    if context:
        found["kms:encryptioncontextkeys"] = list(context)
    if encrypting or "EncryptionAlgorithm" in members:
        found["kms:encryptionalgorithm"] = members.get("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    name = str(members.get("KeyId", ""))
    if "alias/" in name:
        found["kms:requestalias"] = name[name.index("alias/"):]
    return found


def _of_grant(call: Call, members: Mapping[str, Any]) -> Values:
    if call.operation != "CreateGrant":
        return {"kms:grantisforawsresource": _text(bool(via(call)))} if call.operation in ("ListGrants", "RevokeGrant") else {}
    constraints = members.get("Constraints") or {}
    found: Values = {"kms:grantoperations": list(members.get("Operations") or ()),
                     "kms:grantisforawsresource": _text(bool(via(call)))}
    kinds = [name for name in ("EncryptionContextEquals", "EncryptionContextSubset") if name in constraints]
    if kinds:
        found["kms:grantconstrainttype"] = kinds
    equals = constraints.get("EncryptionContextEquals")
    pairs = {**(constraints.get("EncryptionContextSubset") or {}), **(equals or {})}
    found |= {f"kms:grantconstraintcontext:{name.lower()}": value for name, value in pairs.items()}
    if equals is not None:
        found["kms:grantconstraintequals"] = canonical_text(equals)
    if "SourceArn" in constraints:
        found["kms:grantconstraintsourcearn"] = constraints["SourceArn"]
    return found


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def via(call: Call) -> str:
    """The service that asks: for itself, or on behalf of its caller."""
    service = call.principal.arn if call.principal.kind == "service" else call.via[-1] if call.via else ""
    return f"{service.partition('.')[0]}.{call.region}.amazonaws.com" if service else ""


def of_caller(call: Call) -> Values:
    """Who asks."""
    found: Values = {"kms:calleraccount": call.principal.account}
    if service := via(call):
        found["kms:viaservice"] = service
    return found


def of_key(call: Call, key: Key) -> Values:
    """What the key is. call: seen from where it is."""
    found: Values = {"kms:keyorigin": key.Origin, "kms:multiregion": _text(key.MultiRegion),
                     "kms:resourcealiases": [alias.AliasName for alias in call.table(Alias).scan(key.KeyId, index="target")],
                     **of_spec(key.KeySpec, key.KeyUsage)}
    if key.MultiRegion:
        found["kms:multiregionkeytype"] = "PRIMARY" if key.primary == call.region else "REPLICA"
    return found


def of_spec(spec: str, usage: str) -> Values:
    """The kind of a key, under the present and the older names of its keys."""
    return {"kms:keyspec": spec, "kms:keyusage": usage, "kms:customermasterkeyspec": spec, "kms:customermasterkeyusage": usage}
