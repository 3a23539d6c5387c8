"""Tags of roots, units, accounts, policies and the resource policy."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, organization

from .. import standing
from ..resources import Account, Organization, OrganizationPolicy, ResourcePolicy, Unit
from ..tagging import tagged

Tagged = Organization | Account | OrganizationPolicy | ResourcePolicy | Unit


def _row(call: Call, within: Organization, id: str) -> Tagged:
    row: Tagged | None
    if id == within.root:
        return within
    if id.isdigit():
        row = call.table(Account).get(id)
    elif id.startswith("ou-"):
        row = call.table(Unit).get(id)
    elif id.startswith("rp-"):
        row = call.table(ResourcePolicy).get(within.id)
        row = row if row is not None and row.id == id else None
    else:
        row = call.table(OrganizationPolicy).get(id)
    if row is None or (not isinstance(row, Organization) and row.organization != within.id):
        raise error.TargetNotFoundException("You specified a target that doesn't exist.")
    return row


def _tags(row: Tagged) -> dict[str, str]:
    return row.root_tags if isinstance(row, Organization) else row.tags


def _put(call: Call, row: Tagged, tags: dict[str, str]) -> None:
    if isinstance(row, Organization):
        row.root_tags = tags
    else:
        row.tags = tags
    call.put(row)


def _immutable(id: str) -> None:
    if id in organization.MANAGED:
        raise standing.invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")


@operation
def tag_resource(call: Call, ResourceId: str, Tags: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html"""
    within = standing.editor(call, "", ResourceId)
    _immutable(ResourceId)
    row = _row(call, within, ResourceId)
    _put(call, row, tagged(_tags(row), Tags))


@operation
def untag_resource(call: Call, ResourceId: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_UntagResource.html"""
    within = standing.editor(call, "", ResourceId)
    _immutable(ResourceId)
    row = _row(call, within, ResourceId)
    _put(call, row, {k: v for k, v in _tags(row).items() if k not in TagKeys})


@operation
def list_tags_for_resource(call: Call, ResourceId: str, page: Page[Any] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html"""
    within = standing.reader(call)
    tags = {} if ResourceId in organization.MANAGED else _tags(_row(call, within, ResourceId))
    told = [{"Key": k, "Value": v} for k, v in sorted(tags.items()) if page.after is None or k > page.after]
    return {"Tags": page.cut(told, lambda tag: tag["Key"])}
