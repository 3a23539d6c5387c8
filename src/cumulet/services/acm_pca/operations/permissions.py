"""Permissions of services, and resource policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation, principals

from ..authorities import usable
from ..resources import CertificateAuthority, Permission

_PRINCIPAL = "acm.amazonaws.com"


@operation
def create_permission(call: Call, CertificateAuthorityArn: str, Principal: str, Actions: Sequence[str],
                      SourceAccount: str | None = None) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreatePermission.html"""
    call, row = usable(call, CertificateAuthorityArn)
    if Principal != _PRINCIPAL:
        raise error.named("ValidationException", f"The principal must be {_PRINCIPAL}.", 400)
    try:
        call.table(Permission).insert(Permission(
            authority=row.id, principal=Principal, source_account=SourceAccount or call.account,
            actions=sorted(set(Actions)), at=call.now))
    except Conflict as problem:
        raise error.PermissionAlreadyExistsException(f"{Principal} has a permission already.") from problem


@operation
def list_permissions(call: Call, CertificateAuthorityArn: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_ListPermissions.html"""
    call, row = usable(call, CertificateAuthorityArn)
    rows = call.table(Permission).scan(row.id, after=page.after, limit=page.limit + 1)
    return {"Permissions": [
        {"CertificateAuthorityArn": row.Arn, "CreatedAt": one.at, "Principal": one.principal,
         "SourceAccount": one.source_account, "Actions": one.actions}
        for one in page.cut(rows, lambda one: one.principal)]}


@operation
def delete_permission(call: Call, CertificateAuthorityArn: str, Principal: str, SourceAccount: str | None = None) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_DeletePermission.html"""
    call, row = usable(call, CertificateAuthorityArn)
    found = call.table(Permission).get(row.id, Principal)
    if found is None or (SourceAccount is not None and SourceAccount != found.source_account):
        raise error.ResourceNotFoundException(f"{Principal} has no permission.")
    call.table(Permission).delete(row.id, Principal)


@operation
def put_policy(call: Call, ResourceArn: str, Policy: str) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_PutPolicy.html"""
    call, row = usable(call, ResourceArn)
    try:
        statements = principals.check_resource_policy(Policy)["Statement"]
    except principals.MalformedPolicy as problem:
        raise error.InvalidPolicyException(f"The policy is not one: {problem}") from problem
    for one in statements if isinstance(statements, list) else [statements]:
        if not {"Effect", "Action", "Principal", "Resource"} <= one.keys():
            raise error.InvalidPolicyException("Each statement needs Effect, Principal, Action and Resource.")
        resources = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
        if resources != [row.Arn]:
            raise error.InvalidPolicyException(f"The resource of each statement must be {row.Arn}.")
    call.table(CertificateAuthority).change(row.Arn, policy=Policy)


@operation
def get_policy(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_GetPolicy.html"""
    call, row = usable(call, ResourceArn)
    if row.policy is None:
        raise error.ResourceNotFoundException(f"No policy is attached to {ResourceArn}.")
    return {"Policy": row.policy}


@operation
def delete_policy(call: Call, ResourceArn: str) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_DeletePolicy.html"""
    call, row = usable(call, ResourceArn)
    call.table(CertificateAuthority).change(row.Arn, policy=None)
