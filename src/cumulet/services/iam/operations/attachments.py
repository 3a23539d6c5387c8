"""Managed policies of users, groups and roles."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import catalogue, service_roles
from ..entities import holder_id
from ..resources import Attachment

_MOST = 10
Attached = dict[str, Any]


def _attach(call: Call, kind: str, holder: str, arn: str) -> None:
    entity = holder_id(call, kind, holder, change=True)
    policy = catalogue.known(call, arn)
    if policy is None:
        raise error.NoSuchEntityException(f"Policy {arn} does not exist or is not attachable.")
    if policy.Path.startswith(service_roles.PATH):
        raise error.PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
    table = call.table(Attachment)
    if table.get(entity, arn) is None and table.count(entity) >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for PoliciesPer{kind.title()}: {_MOST}")
    table.put(Attachment(entity=entity, policy=arn))


def _detach(call: Call, kind: str, holder: str, arn: str) -> None:
    if not call.table(Attachment).delete(holder_id(call, kind, holder, change=True), arn):
        raise error.NoSuchEntityException(f"Policy {arn} was not found.")


def _listed(call: Call, kind: str, holder: str, prefix: str, page: Page[Any]) -> Attached:
    found = []
    for row in call.table(Attachment).scan(holder_id(call, kind, holder), after=page.after):
        policy = catalogue.known(call, row.policy)
        if policy is not None and policy.Path.startswith(prefix):
            found.append({"PolicyName": policy.ManagedPolicyName, "PolicyArn": row.policy})
    return {"AttachedPolicies": page.cut(found, lambda one: one["PolicyArn"])}


@operation
def attach_user_policy(call: Call, UserName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html"""
    _attach(call, "user", UserName, PolicyArn)


@operation
def detach_user_policy(call: Call, UserName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html"""
    _detach(call, "user", UserName, PolicyArn)


@operation
def list_attached_user_policies(call: Call, UserName: str, PathPrefix: str = "/",
                                page: Page[Any] = Page(100, 1000)) -> Attached:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html"""
    return _listed(call, "user", UserName, PathPrefix, page)


@operation
def attach_group_policy(call: Call, GroupName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html"""
    _attach(call, "group", GroupName, PolicyArn)


@operation
def detach_group_policy(call: Call, GroupName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html"""
    _detach(call, "group", GroupName, PolicyArn)


@operation
def list_attached_group_policies(call: Call, GroupName: str, PathPrefix: str = "/",
                                 page: Page[Any] = Page(100, 1000)) -> Attached:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html"""
    return _listed(call, "group", GroupName, PathPrefix, page)


@operation
def attach_role_policy(call: Call, RoleName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html"""
    _attach(call, "role", RoleName, PolicyArn)


@operation
def detach_role_policy(call: Call, RoleName: str, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html"""
    _detach(call, "role", RoleName, PolicyArn)


@operation
def list_attached_role_policies(call: Call, RoleName: str, PathPrefix: str = "/",
                                page: Page[Any] = Page(100, 1000)) -> Attached:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html"""
    return _listed(call, "role", RoleName, PathPrefix, page)
