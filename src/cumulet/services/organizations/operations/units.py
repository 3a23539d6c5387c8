"""Organizational units, and who is in what."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from .. import shown, standing, tree
from ..resources import Account, PolicyAttachment, Unit
from ..tagging import tagged

Tags = list[dict[str, str]]


@operation
def create_organizational_unit(call: Call, ParentId: str, Name: str, Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html"""
    within = standing.manager(call)
    above = tree.parent(call, within, ParentId)
    row = tree.make_unit(call, within, above, Name, tagged({}, Tags))
    return {"OrganizationalUnit": shown.unit(within, row)}


@operation
def describe_organizational_unit(call: Call, OrganizationalUnitId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganizationalUnit.html"""
    within = standing.reader(call)
    return {"OrganizationalUnit": shown.unit(within, tree.unit(call, within, OrganizationalUnitId))}


@operation
def update_organizational_unit(call: Call, OrganizationalUnitId: str, Name: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdateOrganizationalUnit.html"""
    within = standing.manager(call)
    row = tree.unit(call, within, OrganizationalUnitId)
    if Name is not None and Name != row.Name:
        if call.table(Unit).find("name", row.ParentId, Name) is not None:
            raise tree.duplicate_unit()
        row.Name = Name
        call.put(row)
    return {"OrganizationalUnit": shown.unit(within, row)}


@operation
def delete_organizational_unit(call: Call, OrganizationalUnitId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganizationalUnit.html"""
    row = tree.unit(call, standing.manager(call), OrganizationalUnitId)
    if call.table(Unit).count(row.Id, index="parent") or call.table(Account).count(row.Id, index="parent"):
        raise error.OrganizationalUnitNotEmptyException(
            "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try"
            " the operation again.")
    call.table(PolicyAttachment).delete_all(row.Id)
    call.table(Unit).delete(row.Id)


@operation
def list_organizational_units_for_parent(call: Call, ParentId: str, page: Page[Unit] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListOrganizationalUnitsForParent.html"""
    within = standing.reader(call)
    tree.parent(call, within, ParentId)
    rows = call.table(Unit).scan(ParentId, index="parent", after=page.after, limit=page.limit + 1)
    return {"OrganizationalUnits": [shown.unit(within, row) for row in page.cut(rows, lambda row: row.Id)]}


@operation
def list_children(call: Call, ParentId: str, ChildType: str, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListChildren.html"""
    tree.parent(call, standing.reader(call), ParentId)
    kind: Any = Account if ChildType == "ACCOUNT" else Unit
    rows = call.table(kind).scan(ParentId, index="parent", after=page.after, limit=page.limit + 1)
    ids = [row.account if ChildType == "ACCOUNT" else row.Id for row in rows]
    return {"Children": [{"Id": id, "Type": ChildType} for id in page.cut(ids, lambda id: id)]}


@operation
def list_parents(call: Call, ChildId: str, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html"""
    within = standing.reader(call)
    try:
        parent = tree.account(call, within, ChildId).parent if ChildId.isdigit() else tree.unit(call, within, ChildId).ParentId
    except AwsError:
        raise error.ChildNotFoundException("You specified a child that doesn't exist.") from None
    kind = "ROOT" if parent == within.root else "ORGANIZATIONAL_UNIT"
    return {"Parents": page.cut([{"Id": parent, "Type": kind}], lambda told: told["Id"])}
