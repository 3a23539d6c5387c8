"""Rows as answers tell them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call

from .catalogue import Usage
from .documents import encoded
from .entities import boundary, listed
from .resources import Attachment, Group, InstanceProfile, ManagedPolicy, PolicyVersion, Role, User


def user(call: Call, row: User, full: bool = True) -> dict[str, Any]:
    """full: as Get and Create tell it; lists leave out tags and the boundary."""
    told = {"Path": row.Path, "UserName": row.UserName, "UserId": row.UserId, "Arn": call.arn(row), "CreateDate": row.created,
            "PasswordLastUsed": row.password_used or None}
    return told | ({"PermissionsBoundary": boundary(row.PermissionsBoundary), "Tags": listed(row.tags) or None} if full else {})


def group(call: Call, row: Group) -> dict[str, Any]:
    return {"Path": row.Path, "GroupName": row.GroupName, "GroupId": row.GroupId, "Arn": call.arn(row),
            "CreateDate": row.created}


def role(call: Call, row: Role, full: bool = True) -> dict[str, Any]:
    """full: as Get tells it; lists leave out tags, the boundary and the last use."""
    told = {"Path": row.Path, "RoleName": row.RoleName, "RoleId": row.RoleId, "Arn": call.arn(row), "CreateDate": row.created,
            "AssumeRolePolicyDocument": encoded(row.AssumeRolePolicyDocument), "Description": row.Description,
            "MaxSessionDuration": row.MaxSessionDuration}
    if full:
        used = {"LastUsedDate": row.used_at, "Region": row.used_in} if row.used_at else {}
        told |= {"PermissionsBoundary": boundary(row.PermissionsBoundary), "Tags": listed(row.tags) or None,
                 "RoleLastUsed": used}
    return told


def policy(call: Call, row: ManagedPolicy, full: bool = True, usage: Usage | None = None) -> dict[str, Any]:
    """usage: counted already, for a listing."""
    arn = row.PolicyArn
    attached = usage.attached[arn] if usage else call.table(Attachment).count(arn, index="policy")
    bounded = usage.bounds[arn] if usage else sum(call.table(kind).count(arn, index="boundary") for kind in (User, Role))
    told = {"PolicyName": row.ManagedPolicyName, "PolicyId": row.PolicyId, "Arn": row.PolicyArn, "Path": row.Path,
            "DefaultVersionId": row.default, "AttachmentCount": attached,
            "PermissionsBoundaryUsageCount": bounded, "IsAttachable": True, "CreateDate": row.created,
            "UpdateDate": row.updated}
    return told | ({"Description": row.Description, "Tags": listed(row.tags) or None} if full else {})


def version(row: PolicyVersion, default: str, document: bool = True) -> dict[str, Any]:
    name = f"v{row.number}"
    return {"VersionId": name, "IsDefaultVersion": name == default, "CreateDate": row.created,
            "Document": encoded(row.document) if document else None}


def profile(call: Call, row: InstanceProfile) -> dict[str, Any]:
    within = call.table(Role).find("id", row.role) if row.role else None
    return {"Path": row.Path, "InstanceProfileName": row.InstanceProfileName, "InstanceProfileId": row.InstanceProfileId,
            "Arn": call.arn(row), "CreateDate": row.created, "Tags": listed(row.tags) or None,
            "Roles": [role(call, within, False)] if within else []}
