"""Managed policies of users, groups and roles."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import catalogue
from ..entities import changeable
from ..resources import Attachment, Group, Role, User

_MOST = 10
Attached = dict[str, Any]


def _attach(call: Call, entity: str, noun: str, arn: str) -> None:
    if catalogue.known(call, arn) is None:
        raise error.NoSuchEntityException(f"Policy {arn} does not exist or is not attachable.")
    table = call.table(Attachment)
    if table.get(entity, arn) is None and table.count(entity) >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for PoliciesPer{noun}: {_MOST}")
    table.put(Attachment(entity=entity, policy=arn))


def _detach(call: Call, entity: str, arn: str) -> None:
    if not call.table(Attachment).delete(entity, arn):
        raise error.NoSuchEntityException(f"Policy {arn} was not found.")


def _listed(call: Call, entity: str, prefix: str, page: Page[Any]) -> Attached:
    found = []
    for row in call.table(Attachment).scan(entity, after=page.after):
        policy = catalogue.known(call, row.policy)
        if policy is not None and policy.Path.startswith(prefix):
            found.append({"PolicyName": policy.ManagedPolicyName, "PolicyArn": row.policy})
    return {"AttachedPolicies": page.cut(found, lambda one: one["PolicyArn"])}


@operation
def attach_user_policy(call: Call, UserName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html"""
    _attach(call, call.get(User, UserName).UserId, "User", PolicyArn)


@operation
def detach_user_policy(call: Call, UserName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html"""
    _detach(call, call.get(User, UserName).UserId, PolicyArn)


@operation
def list_attached_user_policies(call: Call, UserName: str, PathPrefix: str = "/",
                                page: Page[Any] = Page(100, 1000)) -> Attached:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html"""
    return _listed(call, call.get(User, UserName).UserId, PathPrefix, page)


@operation
def attach_group_policy(call: Call, GroupName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html"""
    _attach(call, call.get(Group, GroupName).GroupId, "Group", PolicyArn)


@operation
def detach_group_policy(call: Call, GroupName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html"""
    _detach(call, call.get(Group, GroupName).GroupId, PolicyArn)


@operation
def list_attached_group_policies(call: Call, GroupName: str, PathPrefix: str = "/",
                                 page: Page[Any] = Page(100, 1000)) -> Attached:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html"""
    return _listed(call, call.get(Group, GroupName).GroupId, PathPrefix, page)


@operation
def attach_role_policy(call: Call, RoleName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html"""
    _attach(call, changeable(call, RoleName).RoleId, "Role", PolicyArn)


@operation
def detach_role_policy(call: Call, RoleName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html"""
    _detach(call, changeable(call, RoleName).RoleId, PolicyArn)


@operation
def list_attached_role_policies(call: Call, RoleName: str, PathPrefix: str = "/",
                                page: Page[Any] = Page(100, 1000)) -> Attached:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html"""
    return _listed(call, call.get(Role, RoleName).RoleId, PathPrefix, page)
