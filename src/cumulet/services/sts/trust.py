"""The role that somebody wants to become: found, believed, begun. What all ways into a role have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, Principal, error, parse_arn, principals

from .sessions import HOUR, Policies, begin, invalid, packed

Role = principals.Role
_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_MOST_TAGS = 50


class Wish(NamedTuple):
    """What a session shall be. tags: those of this request; inherited: those of the session that asks; keys: what policies may
    ask of its provider."""

    name: str
    seconds: int
    policies: Policies = Policies()
    tags: Mapping[str, str] = {}
    inherited: Mapping[str, str] = {}
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    mfa_at: float = 0.0
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()


def find(call: Call, role_arn: str) -> tuple[Call, Role | None]:
    """The role's account, and the role; None when there is none of exactly this ARN."""
    arn = parse_arn(role_arn)
    if arn is None or arn.service != "iam" or not arn.resource.startswith("role/") or not _is_account(arn.account):
        raise invalid(f"{role_arn} is invalid")
    there = call.elsewhere(account=arn.account)
    role = there.table(Role).get(arn.resource.rpartition("/")[2])
    return there, role if role is not None and there.arn(role).split(":", 5)[5] == arn.resource else None


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdigit()


def seconds_for(role: Role, wanted: int | None) -> int:
    seconds = wanted or HOUR
    if seconds > role.MaxSessionDuration:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return seconds


def become(there: Call, role: Role, wish: Wish) -> dict[str, Any]:
    """Credentials of a session of this role."""
    tags = dict(wish.inherited) | dict(wish.tags)
    if len(tags) > _MOST_TAGS:
        raise invalid(f"The number of session tags exceeds the limit of {_MOST_TAGS}")
    arn = there.arn(role)
    partition = arn.split(":")[1]
    id = f"{role.RoleId}:{wish.name}"
    session = Principal(
        "role", there.account, f"arn:{partition}:sts::{there.account}:assumed-role/{role.RoleName}/{wish.name}", id, arn,
        session_policies=wish.policies.texts, tags=tuple(tags.items()), mfa_at=wish.mfa_at,
        source_identity=wish.source_identity, transitive=(*wish.inherited, *wish.transitive), keys=wish.keys)
    there.table(Role).change(role.RoleName, used_at=there.now, used_in=there.region)
    return {"Credentials": begin(there, session, wish.seconds), "AssumedRoleUser": {"AssumedRoleId": id, "Arn": session.arn},
            "PackedPolicySize": packed(wish.policies, wish.tags), "SourceIdentity": wish.source_identity or None}


def believe(there: Call, role: Role, provider: str, keys: Mapping[str, list[str]], wish: Wish) -> None:
    """Raise unless the role trusts what this identity provider says: it has no identity here that could be allowed anything,
    so the trust policy (and the organization's resource control policies) decide alone, in every mode."""
    operation = there.operation
    actions = [f"sts:{operation}"]
    if wish.tags:
        actions.append("sts:TagSession")
    if wish.source_identity:
        actions.append("sts:SetSourceIdentity")
    # Somebody of no account: all that could limit an own identity allows everything.
    who = Principal("federated", "", provider, provider, ":root", session_policies=(_ALL,))
    context = {**keys, "aws:FederatedProvider": [provider], "sts:RoleSessionName": [wish.name],
               **{f"aws:RequestTag/{key}": [value] for key, value in wish.tags.items()},
               **({"aws:TagKeys": list(wish.tags)} if wish.tags else {}),
               **({"sts:TransitiveTagKeys": list(wish.transitive)} if wish.transitive else {}),
               **({"sts:SourceIdentity": [wish.source_identity]} if wish.source_identity else {})}
    for action in actions:
        told = principals.simulate(there, who, [("", _ALL)], [], action, there.arn(role),
                                   resource_policy=role.AssumeRolePolicyDocument, context=context, owner=there.account)
        if told.decision != "allowed":
            raise refused(operation, action)


def carried(provider: str, keys: Mapping[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The condition keys that a session keeps of the provider that it came by."""
    return (("aws:federatedprovider", (provider,)), *((key.lower(), tuple(values)) for key, values in keys.items()))


def refused(operation: str, action: str = "") -> AwsError:
    return error.AccessDenied(f"Not authorized to perform {action or 'sts:' + operation}", 403)
