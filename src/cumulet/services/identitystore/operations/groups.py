"""Groups."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import attributes, stores
from ..resources import Group, Membership
from .users import unique


def shown(row: Group) -> dict[str, Any]:
    return {"IdentityStoreId": row.store, "GroupId": row.id, "GroupArn": stores.arn(row), "Revision": str(row.revision),
            "CreatedAt": row.created, "CreatedBy": row.created_by, "UpdatedAt": row.updated, "UpdatedBy": row.updated_by,
            **row.attributes}


def _keep(there: stores.Store, row: Group) -> None:
    row.folded = row.attributes["DisplayName"].lower()
    same = there.call.table(Group).find("name", there.id, row.folded)
    if same is not None and same.id != row.id:
        raise stores.conflict("Duplicate GroupDisplayName")
    try:
        there.call.put(row)
    except Conflict:
        raise stores.conflict("Duplicate GroupDisplayName") from None


@operation
def create_group(call: Call, IdentityStoreId: str, DisplayName: str | None = None,
                 Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_CreateGroup.html"""
    there = stores.store(call, IdentityStoreId)
    given = {"DisplayName": DisplayName, "Description": Description}
    kept = stores.checked(attributes.GROUP, {name: value for name, value in given.items() if value is not None})
    row = Group(store=there.id, id=call.uuid(), folded="", created=call.now, created_by=call.principal.arn, updated=call.now,
                updated_by=call.principal.arn, attributes=kept)
    _keep(there, row)
    return {"IdentityStoreId": there.id, "GroupId": row.id, "GroupArn": stores.arn(row), "Revision": str(row.revision)}


@operation
def describe_group(call: Call, IdentityStoreId: str, GroupId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DescribeGroup.html"""
    return shown(stores.store(call, IdentityStoreId).get(Group, GroupId))


@operation
def list_groups(call: Call, IdentityStoreId: str, Filters: list[dict[str, str]] = [],
                page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListGroups.html"""
    there = stores.store(call, IdentityStoreId)
    if Filters:
        if attributes.capital(Filters[0]["AttributePath"]) != "DisplayName":
            raise error.ValidationException(f"The attribute path {Filters[0]['AttributePath']} is not supported")
        row = there.call.table(Group).find("name", there.id, Filters[0]["AttributeValue"].lower())
        return {"Groups": [shown(row)] if row else []}
    rows = there.call.table(Group).scan(there.id, after=page.after, limit=page.limit + 1)
    return {"Groups": [shown(row) for row in page.cut(rows, lambda row: row.id)]}


@operation
def update_group(call: Call, IdentityStoreId: str, GroupId: str, Operations: list[dict[str, Any]],
                 Revision: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_UpdateGroup.html"""
    there = stores.store(call, IdentityStoreId)
    row = there.get(Group, GroupId)
    stores.renew(call, row, attributes.GROUP, Operations, Revision)
    _keep(there, row)
    return {"IdentityStoreId": there.id, "GroupId": row.id, "GroupArn": stores.arn(row), "Revision": str(row.revision)}


@operation
def delete_group(call: Call, IdentityStoreId: str, GroupId: str, Revision: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DeleteGroup.html"""
    there = stores.store(call, IdentityStoreId)
    row = there.get(Group, GroupId)
    stores.same_revision(row, Revision)
    there.call.table(Membership).delete_all(there.id, row.id, index="group")
    there.call.table(Group).delete(there.id, row.id)


@operation
def get_group_id(call: Call, IdentityStoreId: str, AlternateIdentifier: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_GetGroupId.html"""
    there = stores.store(call, IdentityStoreId)
    path, value = unique(AlternateIdentifier, ("DisplayName",))
    row = there.call.table(Group).find("name", there.id, value.lower()) if path else None
    if row is None:
        raise stores.missing("GROUP", value)
    return {"IdentityStoreId": there.id, "GroupId": row.id, "GroupArn": stores.arn(row)}
