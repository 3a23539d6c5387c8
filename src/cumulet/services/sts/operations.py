"""The operations of STS."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Principal, error, operation, parse_arn, principals

from .sessions import begin, invalid, packed, policies, tags_of

Role = principals.Role
Listed = list[dict[str, str]]
_HOUR = 3600


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
def get_session_token(call: Call, DurationSeconds: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""
    who = call.principal
    _no_session(who, "GetSessionToken")
    seconds = DurationSeconds or 12 * _HOUR
    return {"Credentials": begin(call, who, min(seconds, _HOUR) if who.kind == "root" else seconds)}


def _no_session(who: Principal, operation: str) -> None:
    if who.kind not in ("root", "user") or who.access_key.startswith("ASIA"):
        raise error.AccessDenied(f"Cannot call {operation} with session credentials", 403)


@operation
def get_federation_token(call: Call, Name: str, Policy: str | None = None, PolicyArns: Listed = [],
                         DurationSeconds: int | None = None, Tags: Listed = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html"""
    who = call.principal
    _no_session(who, "GetFederationToken")
    texts, tags = policies(call, Policy, PolicyArns), tags_of(Tags)
    arn = f"arn:aws:sts::{call.account}:federated-user/{Name}"
    name = f"{call.account}:{Name}"
    session = Principal("federated", call.account, arn, name, who.subject, session_policies=texts, tags=tuple(tags.items()))
    seconds = DurationSeconds or 12 * _HOUR
    return {"Credentials": begin(call, session, min(seconds, _HOUR) if who.kind == "root" else seconds),
            "FederatedUser": {"FederatedUserId": name, "Arn": arn}, "PackedPolicySize": packed(texts, tags)}


@operation
def assume_role(call: Call, RoleArn: str, RoleSessionName: str, PolicyArns: Listed = [], Policy: str | None = None,
                DurationSeconds: int | None = None, Tags: Listed = [], TransitiveTagKeys: list[str] = [],
                ExternalId: str | None = None, SourceIdentity: str | None = None) -> dict[str, Any]:
    """Whether the role trusts the caller, and this external id, has been decided by access.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    who = call.principal
    arn = parse_arn(RoleArn)
    if arn is None or arn.service != "iam" or not arn.resource.startswith("role/") or not _is_account(arn.account):
        raise invalid(f"{RoleArn} is invalid")
    there = call.elsewhere(account=arn.account)
    role = there.table(Role).get(arn.resource.rpartition("/")[2])
    if role is None or there.arn(role).split(":", 5)[5] != arn.resource:
        raise error.AccessDenied(f"User: {who.arn} is not authorized to perform: sts:AssumeRole on resource: {RoleArn}", 403)
    seconds = _duration(who, role, DurationSeconds)
    texts, given = policies(there, Policy, PolicyArns), tags_of(Tags)
    if unknown := [key for key in TransitiveTagKeys if key not in given]:
        raise invalid(f"The specified transitive tag key must be included in the requested tags: {', '.join(unknown)}")
    inherited = {k: v for k, v in who.tags if k in who.transitive}
    if set(inherited) & set(given):
        raise invalid("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key"
                      " from the calling session.")
    if who.source_identity and SourceIdentity not in (None, who.source_identity):
        raise error.AccessDenied("The source identity of a session cannot be changed", 403)
    name = f"{role.RoleId}:{RoleSessionName}"
    session = Principal(
        "role", arn.account, f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{role.RoleName}/{RoleSessionName}", name,
        there.arn(role), session_policies=texts, tags=tuple((inherited | given).items()),
        source_identity=SourceIdentity or who.source_identity, transitive=(*inherited, *TransitiveTagKeys))
    there.table(Role).change(role.RoleName, used_at=call.now, used_in=call.region)
    return {"Credentials": begin(there, session, seconds), "AssumedRoleUser": {"AssumedRoleId": name, "Arn": session.arn},
            "PackedPolicySize": packed(texts, given), "SourceIdentity": session.source_identity or None}


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdigit()


def _duration(who: Principal, role: Role, wanted: int | None) -> int:
    """Seconds of a session of this role; roles that are assumed by roles last an hour at most."""
    seconds = wanted or _HOUR
    if who.kind == "role" and seconds > _HOUR:
        raise invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
    if seconds > role.MaxSessionDuration:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return seconds
