"""Policies: written, told, changed, deleted; which types of them count."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, organization

from .. import contents, names, shown, standing, tree
from ..resources import Organization, OrganizationPolicy, PolicyAttachment
from ..standing import constraint, invalid
from ..tagging import tagged

Tags = list[dict[str, str]]
Policy = OrganizationPolicy | organization.Managed


def found(call: Call, within: Organization, id: str) -> Policy:
    """The policy of this id, AWS's or the organization's."""
    row = organization.MANAGED.get(id) or call.table(OrganizationPolicy).get(id)
    if row is None or (isinstance(row, OrganizationPolicy) and row.organization != within.id):
        raise error.PolicyNotFoundException("We can't find a policy with the PolicyId that you specified.")
    return row


def _type_of(call: Call, id: str) -> str:
    row = organization.MANAGED.get(id) or call.table(OrganizationPolicy).get(id)
    return row.Type if row else ""


def own(call: Call, id: str) -> OrganizationPolicy:
    """A policy that may be changed, by somebody who may change it."""
    row = found(call, standing.editor(call, _type_of(call, id), id), id)
    if isinstance(row, organization.Managed):
        raise invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")
    return row


def _available(within: Organization) -> None:
    if within.features != "ALL":
        raise error.PolicyTypeNotAvailableForOrganizationException(
            "You can't use the specified policy type with the feature set currently enabled for this organization.")


def _free_name(call: Call, within: Organization, kind: str, name: str) -> None:
    taken = any(m.Type == kind and m.Name == name for m in organization.MANAGED.values())
    if taken or call.table(OrganizationPolicy).find("name", within.id, kind, name) is not None:
        raise error.DuplicatePolicyException("A policy with the specified name and type already exists.")


@operation
def create_policy(call: Call, Content: str, Name: str, Type: str, Description: str = "", Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html"""
    within = standing.editor(call, Type)
    _available(within)
    _free_name(call, within, Type, Name)
    if call.table(OrganizationPolicy).count(within.id, Type, index="list") >= contents.limits(Type)[2]:
        raise constraint("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of policies of this type.")
    row = OrganizationPolicy(Id=names.new(call, "p-", 10), account=within.account, organization=within.id, Type=Type, Name=Name,
                             Description=Description, Content=contents.check(Type, Content), updated=call.now,
                             kind=Type.lower(), tags=tagged({}, Tags), created=call.now)
    return {"Policy": shown.policy(call.put(row))}


@operation
def describe_policy(call: Call, PolicyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html"""
    return {"Policy": shown.policy(found(call, standing.reader(call, _type_of(call, PolicyId)), PolicyId))}


@operation
def update_policy(call: Call, PolicyId: str, Name: str | None = None, Description: str | None = None,
                  Content: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdatePolicy.html"""
    row = own(call, PolicyId)
    if Name is not None and Name != row.Name:
        _free_name(call, standing.member(call), row.Type, Name)
        row.Name = Name
    if Description is not None:
        row.Description = Description
    if Content is not None:
        row.Content = contents.check(row.Type, Content)
    row.updated = call.now
    return {"Policy": shown.policy(call.put(row))}


@operation
def delete_policy(call: Call, PolicyId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeletePolicy.html"""
    row = own(call, PolicyId)
    if call.table(PolicyAttachment).scan(row.organization, row.Id, index="policy", limit=1):
        raise error.PolicyInUseException("This policy is attached to one or more entities. You must detach it from all roots,"
                                         " OUs and accounts before performing this operation.")
    call.table(OrganizationPolicy).delete(row.Id)


@operation
def list_policies(call: Call, Filter: str, page: Page[Policy] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html"""
    within = standing.reader(call, Filter)
    managed = [m for m in organization.MANAGED.values() if m.Type == Filter]
    after = None if page.after in organization.MANAGED else page.after
    own_rows = call.table(OrganizationPolicy).scan(within.id, Filter, index="list", after=after, limit=page.limit + 1)
    rows: list[Policy] = [*([] if page.after else managed), *own_rows]
    return {"Policies": [shown.summary(row) for row in page.cut(rows, lambda row: row.Id)]}


# --- types --------------------------------------------------------------------------------------------------------------


def _root(within: Organization, id: str) -> None:
    if id != within.root:
        raise error.RootNotFoundException("You specified a root that doesn't exist.")


@operation
def enable_policy_type(call: Call, RootId: str, PolicyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html"""
    within = standing.editor(call, PolicyType, RootId)
    _root(within, RootId)
    _available(within)
    if PolicyType in within.enabled:
        raise error.PolicyTypeAlreadyEnabledException("The specified policy type is already enabled.")
    within.enabled = [*within.enabled, PolicyType]
    call.put(within)
    if full := organization.FULL.get(PolicyType):
        for place in tree.places(call, within):
            tree.hang(call, within, place, PolicyType, full)
    return {"Root": shown.root(within)}


@operation
def disable_policy_type(call: Call, RootId: str, PolicyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisablePolicyType.html"""
    within = standing.editor(call, PolicyType, RootId)
    _root(within, RootId)
    if PolicyType not in within.enabled:
        raise not_enabled()
    within.enabled = [kind for kind in within.enabled if kind != PolicyType]
    call.put(within)
    for place in tree.places(call, within):
        call.table(PolicyAttachment).delete_all(place, PolicyType)
    return {"Root": shown.root(within)}


def not_enabled() -> Exception:
    return error.PolicyTypeNotEnabledException("This operation can be performed only for enabled policy types.")
