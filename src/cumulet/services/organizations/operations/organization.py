"""The organization itself, and its root."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, organization

from .. import names, shown, standing, tree
from ..resources import (
    Account,
    CreateAccountRequest,
    DelegatedAdministrator,
    Organization,
    OrganizationPolicy,
    PolicyAttachment,
    ResourcePolicy,
    ServiceAccess,
    Unit,
)


@operation
def create_organization(call: Call, FeatureSet: str = "ALL") -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html"""
    if organization.organization_of(call.tx, call.account) is not None:
        raise error.AlreadyInOrganizationException("The provided account is already a member of an organization.")
    row = Organization(id=names.new(call, "o-", 10), account=call.account, root=names.new(call, "r-", 4), features=FeatureSet,
                       created=call.now, version="", enabled=["SERVICE_CONTROL_POLICY"] if FeatureSet == "ALL" else [])
    call.put(row)
    standing.touch(call, row)
    tree.hang_full(call, row, row.root)
    tree.join(call, row, organization.known(call.tx, call.account, call.now), "INVITED")
    return {"Organization": shown.whole(call, row)}


@operation
def describe_organization(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html"""
    return {"Organization": shown.whole(call, standing.member(call))}


@operation
def delete_organization(call: Call) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganization.html"""
    row = standing.manager(call)
    if call.table(Account).count(row.id, index="organization") > 1:
        raise error.OrganizationNotEmptyException(
            "To delete organization you must first remove all member accounts (except the management account).")
    if call.table(Unit).count(row.id, index="organization"):
        raise error.OrganizationNotEmptyException("To delete organization you must first delete all organizational units.")
    if call.table(OrganizationPolicy).count(row.id, index="list"):
        raise error.OrganizationNotEmptyException("To delete organization you must first delete all policies.")
    tree.part(call, tree.account(call, row, row.account))
    call.table(PolicyAttachment).delete_all(row.root)
    call.table(DelegatedAdministrator).delete_all(row.id)
    call.table(ServiceAccess).delete_all(row.id)
    call.table(ResourcePolicy).delete_all(row.id)
    call.table(CreateAccountRequest).delete_all(row.id, index="list")
    call.table(Organization).delete(row.id)


@operation
def list_roots(call: Call, page: Page[Organization] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListRoots.html"""
    return {"Roots": [shown.root(row) for row in page.cut([standing.reader(call)], lambda row: row.id)]}
