"""Roles."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import documents, service_roles, shown, trust
from ..entities import changeable, check_boundary, end, in_path, listing, make_room, tag_page, tagged, unique_id, untagged
from ..resources import InstanceProfile, Role

Tags = list[dict[str, str]]


def _trust(call: Call, document: Any) -> str:
    text = documents.checked(document, trust=True)
    trust.check(call, text)
    if documents.size(text) > documents.TRUST:
        raise error.LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {documents.TRUST}")
    return text


@operation
def create_role(call: Call, RoleName: str, AssumeRolePolicyDocument: str, Path: str = "/", Description: str | None = None,
                MaxSessionDuration: int = 3600, PermissionsBoundary: str | None = None, Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""
    if Path.startswith(service_roles.PATH):
        raise error.InvalidInputException(f"The path {service_roles.PATH} is reserved for service-linked roles.")
    if Path.startswith(service_roles.RESERVED) and call.principal.kind != "service":
        raise error.InvalidInputException(f"The path {service_roles.RESERVED} is reserved for AWS services.")
    make_room(call, Role, RoleName, f"Role with name {RoleName} already exists.")
    check_boundary(call, PermissionsBoundary)
    row = Role(RoleName=RoleName, RoleId=unique_id(call, "AROA"), folded=RoleName.lower(), Path=Path, Description=Description,
               AssumeRolePolicyDocument=_trust(call, AssumeRolePolicyDocument), MaxSessionDuration=MaxSessionDuration,
               PermissionsBoundary=PermissionsBoundary, tags=tagged(None, Tags), created=call.now)
    return {"Role": shown.role(call, call.put(row))}


@operation
def get_role(call: Call, RoleName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html"""
    return {"Role": shown.role(call, call.get(Role, RoleName))}


@operation
def list_roles(call: Call, PathPrefix: str = "/", page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html"""
    rows = listing(call, Role, page, lambda row: row.RoleName, in_path(PathPrefix))
    return {"Roles": [shown.role(call, row, False) for row in rows]}


@operation
def update_role(call: Call, RoleName: str, Description: str | None = None, MaxSessionDuration: int | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html"""
    row = changeable(call, RoleName)
    row.Description = Description if Description is not None else row.Description
    row.MaxSessionDuration = MaxSessionDuration or row.MaxSessionDuration
    call.put(row)


@operation
def update_role_description(call: Call, RoleName: str, Description: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html"""
    row = call.get(Role, RoleName)
    if row.Path.startswith(service_roles.RESERVED):          # of a service-linked role, the description may be changed
        row = changeable(call, RoleName)
    row.Description = Description
    return {"Role": shown.role(call, call.put(row))}


@operation
def update_assume_role_policy(call: Call, RoleName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html"""
    changeable(call, RoleName)
    call.table(Role).change(RoleName, AssumeRolePolicyDocument=_trust(call, PolicyDocument))


@operation
def delete_role(call: Call, RoleName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""
    row = changeable(call, RoleName)
    if call.table(InstanceProfile).count(row.RoleId, index="role"):
        raise error.DeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
    end(call, row.RoleId)
    call.table(Role).delete(RoleName)
    trust.follow(call, call.arn(row), row.RoleId)


@operation
def put_role_permissions_boundary(call: Call, RoleName: str, PermissionsBoundary: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html"""
    check_boundary(call, PermissionsBoundary)
    changeable(call, RoleName)
    call.table(Role).change(RoleName, PermissionsBoundary=PermissionsBoundary)


@operation
def delete_role_permissions_boundary(call: Call, RoleName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html"""
    changeable(call, RoleName)
    call.table(Role).change(RoleName, PermissionsBoundary=None)


@operation
def tag_role(call: Call, RoleName: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html"""
    call.table(Role).change(RoleName, tags=tagged(call.get(Role, RoleName), Tags))


@operation
def untag_role(call: Call, RoleName: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html"""
    call.table(Role).change(RoleName, tags=untagged(call.get(Role, RoleName), TagKeys))


@operation
def list_role_tags(call: Call, RoleName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html"""
    return tag_page(call.get(Role, RoleName), page)
