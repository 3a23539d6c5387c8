"""Inline policies of users, groups and roles."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import documents
from ..entities import holder_id
from ..resources import InlinePolicy


def _put(call: Call, kind: str, holder: str, name: str, document: Any) -> None:
    text, entity = documents.checked(document), holder_id(call, kind, holder, change=True)
    table = call.table(InlinePolicy)
    total = sum(documents.size(row.document) for row in table.scan(entity) if row.name != name) + documents.size(text)
    most = documents.INLINE[kind]
    if total > most:
        raise error.LimitExceededException(f"Maximum policy size of {most} bytes exceeded for {kind} {holder}")
    table.put(InlinePolicy(entity=entity, name=name, document=text))


def _get(call: Call, kind: str, holder: str, name: str) -> dict[str, Any]:
    row = call.table(InlinePolicy).get(holder_id(call, kind, holder), name)
    if row is None:
        raise _missing(kind, name)
    return {f"{kind.title()}Name": holder, "PolicyName": name, "PolicyDocument": documents.encoded(row.document)}


def _delete(call: Call, kind: str, holder: str, name: str) -> None:
    if not call.table(InlinePolicy).delete(holder_id(call, kind, holder, change=True), name):
        raise _missing(kind, name)


def _missing(kind: str, name: str) -> Exception:
    return error.NoSuchEntityException(f"The {kind} policy with name {name} cannot be found.")


def _listed(call: Call, kind: str, holder: str, page: Page[Any]) -> dict[str, Any]:
    found = call.table(InlinePolicy).scan(holder_id(call, kind, holder), after=page.after, limit=page.limit + 1)
    return {"PolicyNames": [row.name for row in page.cut(found, lambda row: row.name)]}


@operation
def put_user_policy(call: Call, UserName: str, PolicyName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html"""
    _put(call, "user", UserName, PolicyName, PolicyDocument)


@operation
def get_user_policy(call: Call, UserName: str, PolicyName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html"""
    return _get(call, "user", UserName, PolicyName)


@operation
def delete_user_policy(call: Call, UserName: str, PolicyName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html"""
    _delete(call, "user", UserName, PolicyName)


@operation
def list_user_policies(call: Call, UserName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html"""
    return _listed(call, "user", UserName, page)


@operation
def put_group_policy(call: Call, GroupName: str, PolicyName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html"""
    _put(call, "group", GroupName, PolicyName, PolicyDocument)


@operation
def get_group_policy(call: Call, GroupName: str, PolicyName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html"""
    return _get(call, "group", GroupName, PolicyName)


@operation
def delete_group_policy(call: Call, GroupName: str, PolicyName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html"""
    _delete(call, "group", GroupName, PolicyName)


@operation
def list_group_policies(call: Call, GroupName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html"""
    return _listed(call, "group", GroupName, page)


@operation
def put_role_policy(call: Call, RoleName: str, PolicyName: str, PolicyDocument: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
    _put(call, "role", RoleName, PolicyName, PolicyDocument)


@operation
def get_role_policy(call: Call, RoleName: str, PolicyName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html"""
    return _get(call, "role", RoleName, PolicyName)


@operation
def delete_role_policy(call: Call, RoleName: str, PolicyName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html"""
    _delete(call, "role", RoleName, PolicyName)


@operation
def list_role_policies(call: Call, RoleName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html"""
    return _listed(call, "role", RoleName, page)
