"""Roles in STS: beside the role itself, tags and a source identity need to be allowed; who is trusted is the role's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn, principals


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html"""
    if call.operation == "GetFederationToken":
        named = f"arn:{call.principal.arn.split(':')[1]}:sts::{call.account}:federated-user/{members.get('Name', '')}"
        return [("", named), *([("sts:TagSession", named)] if members.get("Tags") else [])]
    if call.operation == "AssumeRoot":
        return [("", root_arn(call, str(members.get("TargetPrincipal", ""))))]
    role = members.get("RoleArn")
    if call.operation != "AssumeRole" or not role:
        return None
    found = [("", str(role))]
    if members.get("Tags"):
        found.append(("sts:TagSession", str(role)))
    if members.get("SourceIdentity"):
        found.append(("sts:SetSourceIdentity", str(role)))
    return found


def root_arn(call: Call, target: str) -> str:
    """The root user of an account that is given by its id or by this ARN."""
    return f"arn:{call.principal.arn.split(':')[1]}:iam::{target}:root" if target.isdigit() else target


def guard(call: Call, arn: str) -> Guard | None:
    """A role lets in whom its trust policy names, and nobody else. Who may be a root, the operation knows: what the caller's
    own policies say is all that is left to decide."""
    parts = parse_arn(arn)
    if parts is not None and parts.service == "iam" and parts.resource == "root":
        return Guard()
    if parts is None or parts.service != "iam" or not parts.resource.startswith("role/"):
        return None
    row = call.table(principals.Role).known(parts.resource.rpartition("/")[2])
    if row is None:
        return None
    return Guard(call.account, (("trust policy", row.AssumeRolePolicyDocument),), True, tuple(row.tags.items()))


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts"""
    names = {"sts:externalid": "ExternalId", "sts:rolesessionname": "RoleSessionName", "sts:sourceidentity": "SourceIdentity",
             "sts:transitivetagkeys": "TransitiveTagKeys", "sts:durationseconds": "DurationSeconds"}
    if call.operation == "GetWebIdentityToken":
        return {"sts:identitytokenaudience": [str(one) for one in members.get("Audience") or ()],
                "sts:signingalgorithm": str(members.get("SigningAlgorithm", "")),
                "sts:durationseconds": str(members.get("DurationSeconds", 300))}
    if call.operation == "AssumeRoot":
        return {"sts:taskpolicyarn": str((members.get("TaskPolicyArn") or {}).get("arn", ""))}
    found = {key: members[name] for key, name in names.items() if members.get(name)}
    return {key: value if isinstance(value, list) else str(value) for key, value in found.items()}
