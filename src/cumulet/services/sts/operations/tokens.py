"""Who one is, and sessions of oneself."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Principal, error, operation, principals

from ..factors import second_factor
from ..sessions import HOUR, Listed, begin, invalid, packed, policies, tags_of


@operation
def get_caller_identity(call: Call) -> dict[str, str]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""
    who = call.principal
    return {"UserId": who.id, "Account": who.account, "Arn": who.arn}


@operation
def get_access_key_info(call: Call, AccessKeyId: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html"""
    account = AccessKeyId if len(AccessKeyId) == 12 and AccessKeyId.isdigit() else principals.account_in(AccessKeyId)
    if not account:
        raise invalid("Invalid access key id format")
    return {"Account": account}


@operation
def get_session_token(call: Call, DurationSeconds: int | None = None, SerialNumber: str | None = None,
                      TokenCode: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""
    who = call.principal
    _no_session(who, "GetSessionToken")
    seconds = DurationSeconds or 12 * HOUR
    session = second_factor(call, who, SerialNumber, TokenCode)
    return {"Credentials": begin(call, session, min(seconds, HOUR) if who.kind == "root" else seconds)}


def _no_session(who: Principal, operation: str) -> None:
    if who.kind not in ("root", "user") or who.access_key.startswith("ASIA"):
        raise error.AccessDenied(f"Cannot call {operation} with session credentials", 403)


@operation
def get_federation_token(call: Call, Name: str, Policy: str | None = None, PolicyArns: Listed = [],
                         DurationSeconds: int | None = None, Tags: Listed = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html"""
    who = call.principal
    _no_session(who, "GetFederationToken")
    limits, tags = policies(call, Policy, PolicyArns), tags_of(Tags)
    arn = f"arn:aws:sts::{call.account}:federated-user/{Name}"
    name = f"{call.account}:{Name}"
    session = Principal("federated", call.account, arn, name, who.subject, session_policies=limits.texts,
                        tags=tuple(tags.items()))
    seconds = DurationSeconds or 12 * HOUR
    return {"Credentials": begin(call, session, min(seconds, HOUR) if who.kind == "root" else seconds),
            "FederatedUser": {"FederatedUserId": name, "Arn": arn}, "PackedPolicySize": packed(limits, tags)}
