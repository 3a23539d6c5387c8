"""Inline policies of users, groups and roles."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import documents
from ..entities import changeable
from ..resources import Group, InlinePolicy, Role, User


def _put(call: Call, entity: str, kind: str, entity_name: str, name: str, document: Any) -> None:
    text = documents.checked(document)
    table = call.table(InlinePolicy)
    total = sum(documents.size(row.document) for row in table.scan(entity) if row.name != name) + documents.size(text)
    if total > documents.INLINE[kind]:
        raise error.LimitExceededException(
            f"Maximum policy size of {documents.INLINE[kind]} bytes exceeded for {kind} {entity_name}")
    table.put(InlinePolicy(entity=entity, name=name, document=text))


def _get(call: Call, entity: str, kind: str, name: str) -> dict[str, Any]:
    row = call.table(InlinePolicy).get(entity, name)
    if row is None:
        raise error.NoSuchEntityException(f"The {kind} policy with name {name} cannot be found.")
    return {"PolicyName": name, "PolicyDocument": documents.encoded(row.document)}


def _delete(call: Call, entity: str, kind: str, name: str) -> None:
    if not call.table(InlinePolicy).delete(entity, name):
        raise error.NoSuchEntityException(f"The {kind} policy with name {name} cannot be found.")


def _listed(call: Call, entity: str, page: Page[Any]) -> dict[str, Any]:
    found = call.table(InlinePolicy).scan(entity, after=page.after, limit=page.limit + 1)
    return {"PolicyNames": [row.name for row in page.cut(found, lambda row: row.name)]}


@operation
def put_user_policy(call: Call, UserName: str, PolicyName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html"""
    _put(call, call.get(User, UserName).UserId, "user", UserName, PolicyName, PolicyDocument)


@operation
def get_user_policy(call: Call, UserName: str, PolicyName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html"""
    return {"UserName": UserName} | _get(call, call.get(User, UserName).UserId, "user", PolicyName)


@operation
def delete_user_policy(call: Call, UserName: str, PolicyName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html"""
    _delete(call, call.get(User, UserName).UserId, "user", PolicyName)


@operation
def list_user_policies(call: Call, UserName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html"""
    return _listed(call, call.get(User, UserName).UserId, page)


@operation
def put_group_policy(call: Call, GroupName: str, PolicyName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html"""
    _put(call, call.get(Group, GroupName).GroupId, "group", GroupName, PolicyName, PolicyDocument)


@operation
def get_group_policy(call: Call, GroupName: str, PolicyName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html"""
    return {"GroupName": GroupName} | _get(call, call.get(Group, GroupName).GroupId, "group", PolicyName)


@operation
def delete_group_policy(call: Call, GroupName: str, PolicyName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html"""
    _delete(call, call.get(Group, GroupName).GroupId, "group", PolicyName)


@operation
def list_group_policies(call: Call, GroupName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html"""
    return _listed(call, call.get(Group, GroupName).GroupId, page)


@operation
def put_role_policy(call: Call, RoleName: str, PolicyName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
    _put(call, changeable(call, RoleName).RoleId, "role", RoleName, PolicyName, PolicyDocument)


@operation
def get_role_policy(call: Call, RoleName: str, PolicyName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html"""
    return {"RoleName": RoleName} | _get(call, call.get(Role, RoleName).RoleId, "role", PolicyName)


@operation
def delete_role_policy(call: Call, RoleName: str, PolicyName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html"""
    _delete(call, changeable(call, RoleName).RoleId, "role", PolicyName)


@operation
def list_role_policies(call: Call, RoleName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html"""
    return _listed(call, call.get(Role, RoleName).RoleId, page)
