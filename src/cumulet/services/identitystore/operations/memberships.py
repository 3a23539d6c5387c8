"""Who is in which group."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import stores
from ..resources import Group, Membership, User

Member = dict[str, str]


def _shown(row: Membership) -> dict[str, Any]:
    return {"IdentityStoreId": row.store, "MembershipId": row.id, "MembershipArn": stores.arn(row), "GroupId": row.group,
            "MemberId": {"UserId": row.user}, "CreatedAt": row.created, "CreatedBy": row.created_by,
            "UpdatedAt": row.created, "UpdatedBy": row.created_by}


def _short(row: Membership) -> dict[str, Any]:
    return {"IdentityStoreId": row.store, "MembershipId": row.id, "MembershipArn": stores.arn(row)}


@operation
def create_group_membership(call: Call, IdentityStoreId: str, GroupId: str, MemberId: Member) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_CreateGroupMembership.html"""
    there = stores.store(call, IdentityStoreId)
    group, user = there.get(Group, GroupId), there.get(User, MemberId["UserId"])
    if there.call.table(Membership).find("pair", there.id, group.id, user.id) is not None:
        raise stores.conflict("Member and Group relationship already exists.")
    row = Membership(store=there.id, id=call.uuid(), group=group.id, user=user.id, created=call.now,
                     created_by=call.principal.arn)
    return _short(there.call.put(row))


@operation
def describe_group_membership(call: Call, IdentityStoreId: str, MembershipId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DescribeGroupMembership.html"""
    return _shown(stores.store(call, IdentityStoreId).get(Membership, MembershipId))


@operation
def delete_group_membership(call: Call, IdentityStoreId: str, MembershipId: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DeleteGroupMembership.html"""
    there = stores.store(call, IdentityStoreId)
    there.call.table(Membership).delete(there.id, there.get(Membership, MembershipId).id)


@operation
def get_group_membership_id(call: Call, IdentityStoreId: str, GroupId: str, MemberId: Member) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_GetGroupMembershipId.html"""
    there = stores.store(call, IdentityStoreId)
    group, user = there.get(Group, GroupId), there.get(User, MemberId["UserId"])
    row = there.call.table(Membership).find("pair", there.id, group.id, user.id)
    if row is None:
        raise stores.missing("GROUP_MEMBERSHIP", "")
    return _short(row)


@operation
def list_group_memberships(call: Call, IdentityStoreId: str, GroupId: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListGroupMemberships.html"""
    there = stores.store(call, IdentityStoreId)
    rows = there.call.table(Membership).scan(there.id, there.get(Group, GroupId).id, index="group", after=page.after,
                                             limit=page.limit + 1)
    return {"GroupMemberships": [_shown(row) for row in page.cut(rows, lambda row: row.id)]}


@operation
def list_group_memberships_for_member(call: Call, IdentityStoreId: str, MemberId: Member,
                                      page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListGroupMembershipsForMember.html"""
    there = stores.store(call, IdentityStoreId)
    rows = there.call.table(Membership).scan(there.id, there.get(User, MemberId["UserId"]).id, index="user",
                                             after=page.after, limit=page.limit + 1)
    return {"GroupMemberships": [_shown(row) for row in page.cut(rows, lambda row: row.id)]}


@operation
def is_member_in_groups(call: Call, IdentityStoreId: str, MemberId: Member, GroupIds: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_IsMemberInGroups.html"""
    there = stores.store(call, IdentityStoreId)
    user = there.get(User, MemberId["UserId"])
    groups = [there.get(Group, id) for id in GroupIds]
    table = there.call.table(Membership)
    return {"Results": [{"GroupId": group.id, "MemberId": {"UserId": user.id},
                         "MembershipExists": table.find("pair", there.id, group.id, user.id) is not None}
                        for group in groups]}
