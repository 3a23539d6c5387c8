"""Grants: permissions on one key, given to one principal, ended by whoever may retire or revoke them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from .ciphertexts import canonical
from .resources import Grant, Key, Retirable
from .specs import SPECS

_TOKEN = "g1"
MOST = 50_000
_MANAGING = ("DescribeKey", "CreateGrant", "RetireGrant")
WITH_CONTEXT = frozenset({
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"})


def operations_of(key: Key) -> frozenset[str]:
    """What a grant on this key may permit."""
    family = SPECS[key.KeySpec].family
    found = {*_MANAGING}
    if family == "symmetric":
        found |= WITH_CONTEXT
    else:
        found |= {"ENCRYPT_DECRYPT": {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"}, "SIGN_VERIFY": {"Sign", "Verify"},
                  "GENERATE_VERIFY_MAC": {"GenerateMac", "VerifyMac"}, "KEY_AGREEMENT": {"DeriveSharedSecret"},
                  "ENCAPSULATE_DECAPSULATE": {"Encapsulate", "Decapsulate"}}[key.KeyUsage]
        if family != "hmac":
            found.add("GetPublicKey")
    return frozenset(found)


def check(key: Key, operations: Sequence[str], constraints: Mapping[str, Any]) -> None:
    """Raises for a grant that AWS refuses on this key."""
    known = operations_of(key)
    if wrong := [name for name in operations if name not in known]:
        raise error.ValidationException(f"The operation {wrong[0]} is not supported for a KMS key of the spec {key.KeySpec}")
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        if len(constraints.get(name, ())) > 8:
            raise error.ValidationException("Grant constraints can include at most 8 encryption context pairs")
    if key.KeySpec != "SYMMETRIC_DEFAULT" and ("EncryptionContextEquals" in constraints
                                                 or "EncryptionContextSubset" in constraints):
        raise error.ValidationException("Encryption context constraints are only valid for symmetric encryption KMS keys")


def check_parties(grantee: str | None, grantee_service: str | None, retiring: str | None, retiring_service: str | None,
                  constraints: Mapping[str, Any]) -> None:
    """Raises unless it is said whose grant this is, and by whom it ends, as AWS wants it."""
    if (grantee is None) == (grantee_service is None):
        raise error.ValidationException("You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
    if retiring is not None and retiring_service is not None:
        raise error.ValidationException("You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.")
    if grantee_service is not None and ("SourceArn" not in constraints or not (retiring or retiring_service)):
        raise error.ValidationException("A GranteeServicePrincipal needs a SourceArn grant constraint and a RetiringPrincipal "
                                        "or RetiringServicePrincipal.")


def _retirer(call: Call, grant: Grant) -> tuple[Call, str] | None:
    """Where a grant is listed as one to retire, and for whom."""
    who = grant.retiring or grant.retiring_service
    if who is None:
        return None
    arn = parse_arn(who)
    return call.elsewhere(arn.account if arn is not None else call.account), who


def keep(call: Call, key: Key, grant: Grant) -> None:
    """A grant is there (again); the account of the retiring principal finds it as well."""
    if call.table(Grant).get(grant.key, grant.id) is None:
        call.table(type(key)).change(key.KeyId, grants=key.grants + 1)
    call.put(grant)
    if (found := _retirer(call, grant)) is not None:
        there, who = found
        there.put(Retirable(principal=who, grant=grant.id, account=call.account, key=grant.key))


def forget(call: Call, key: Key, grant: Grant) -> None:
    """A grant ends."""
    call.table(Grant).delete(grant.key, grant.id)
    call.table(type(key)).change(key.KeyId, grants=key.grants - 1)
    unlist(call, grant)


def unlist(call: Call, grant: Grant) -> None:
    """The retiring principal does not find it any more."""
    if (found := _retirer(call, grant)) is not None:
        there, who = found
        there.table(Retirable).delete(who, grant.id)


def same(one: Grant, other: Grant) -> bool:
    """Would the second be the first again? (Their ids and dates aside.)"""
    return all(getattr(one, name) == getattr(other, name) for name in one.__struct_fields__ if name not in ("id", "created"))


# --- tokens -----------------------------------------------------------------------------------------------------------


def token(call: Call, grant: Grant) -> str:
    """A new token of a grant; all of them mean the same. (Grants count at once, so a token opens nothing by itself.)"""
    text = f"{_TOKEN} {call.account} {call.region} {grant.key} {grant.id} {call.token(32)}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def by_token(call: Call, text: str) -> tuple[Call, str, str]:
    """Where the grant of a token is: the call seen from there, the key and the grant. It may be gone."""
    try:
        plain = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode()
        version, account, region, key, grant, _ = plain.split()
    except ValueError:
        raise invalid_token() from None
    if version != _TOKEN:
        raise invalid_token()
    return call.elsewhere(account, region), key, grant


def invalid_token() -> AwsError:
    return error.InvalidGrantTokenException("The grant token is invalid.")


def check_tokens(call: Call, tokens: Sequence[str]) -> None:
    """Grants count at once here, so their tokens are only looked at."""
    for one in tokens:
        by_token(call, one)


# --- as policies ------------------------------------------------------------------------------------------------------


def as_policy(grant: Grant, call: Call) -> str:
    """What a grant says for this call, as a policy of the key; "" when nothing. Grants of a key are retired one by one."""
    if call.operation == "RetireGrant":
        parties = [_party(grant.retiring, grant.retiring_service), {"AWS": f"arn:aws:iam::{grant.issuer}:root"}]
        if "RetireGrant" in grant.operations:
            parties.append(_party(grant.grantee, grant.grantee_service))
        this_one = {"StringEquals": {"kms:GrantId": grant.id}}
        return _policy([_allow(who, ["RetireGrant"], this_one) for who in parties if who])
    source = {"ArnEquals": {"aws:SourceArn": grant.source_arn}} if grant.source_arn else {}
    limited = [name for name in grant.operations if name in WITH_CONTEXT and (grant.equals or grant.subset)]
    free = [name for name in grant.operations if name not in (*limited, "RetireGrant", "CreateGrant")]
    who = _party(grant.grantee, grant.grantee_service)
    statements = [_allow(who, limited, {**source, **_context(grant)})] if limited else []
    if free:
        statements.append(_allow(who, free, source))
    if "CreateGrant" in grant.operations:
        statements.append(_allow(who, ["CreateGrant"], {**source, **_no_wider(grant)}))
    return _policy(statements)


def _no_wider(grant: Grant) -> dict[str, Any]:
    """A grant made by the right of another one permits no more than that one does."""
    wanted = {f"kms:GrantConstraintContext:{k}": v for k, v in {**(grant.subset or {}), **(grant.equals or {})}.items()}
    if grant.equals is not None:
        wanted["kms:GrantConstraintEquals"] = canonical_text(grant.equals)
    found: dict[str, Any] = {"ForAllValues:StringEquals": {"kms:GrantOperations": grant.operations}}
    return {**found, "StringEquals": wanted} if wanted else found


def canonical_text(context: Mapping[str, str]) -> str:
    """An encryption context as one value of a condition."""
    return canonical({name.lower(): value for name, value in context.items()}).hex()


def _party(principal: str | None, service: str | None) -> dict[str, str]:
    return {"AWS": principal} if principal else {"Service": service} if service else {}


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else ""


def _allow(who: Mapping[str, str], operations: Sequence[str], condition: Mapping[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": dict(who), "Action": [f"kms:{name}" for name in operations], "Resource": "*",
            **({"Condition": dict(condition)} if condition else {})}


def _context(grant: Grant) -> dict[str, Any]:
    wanted = {**(grant.subset or {}), **(grant.equals or {})}
    found: dict[str, Any] = {"StringEquals": {f"kms:EncryptionContext:{k}": v for k, v in wanted.items()}}
    if grant.equals is not None:
        found["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": list(grant.equals)}
    return found


def as_listed(call: Call, grant: Grant, key: Key) -> dict[str, Any]:
    """GrantListEntry."""
    constraints = {"EncryptionContextEquals": grant.equals, "EncryptionContextSubset": grant.subset,
                   "SourceArn": grant.source_arn}
    constraints = {k: v for k, v in constraints.items() if v is not None}
    return {"KeyId": call.arn(key), "GrantId": grant.id, "Name": grant.name or "", "CreationDate": grant.created,
            "GranteePrincipal": grant.grantee, "RetiringPrincipal": grant.retiring,
            "IssuingAccount": f"arn:aws:iam::{grant.issuer}:root", "Operations": grant.operations,
            "Constraints": constraints or None, "GranteeServicePrincipal": grant.grantee_service,
            "RetiringServicePrincipal": grant.retiring_service}
