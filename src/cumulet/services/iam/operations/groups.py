"""Groups, and who is in them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import shown
from ..entities import end, in_path, listing, make_room, unique_id
from ..resources import Group, Membership, User

_MOST_GROUPS = 10


@operation
def create_group(call: Call, GroupName: str, Path: str = "/") -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html"""
    make_room(call, Group, GroupName, f"Group with name {GroupName} already exists.")
    row = Group(GroupName=GroupName, GroupId=unique_id(call, "AGPA"), folded=GroupName.lower(), Path=Path, created=call.now)
    return {"Group": shown.group(call, call.put(row))}


@operation
def get_group(call: Call, GroupName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html"""
    row = call.get(Group, GroupName)
    found = call.table(Membership).scan(row.GroupId, index="group", after=page.after, limit=page.limit + 1)
    users = [call.table(User).find("id", m.user) for m in page.cut(found, lambda m: m.user)]
    return {"Group": shown.group(call, row), "Users": [shown.user(call, u, False) for u in users if u is not None]}


@operation
def list_groups(call: Call, PathPrefix: str = "/", page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html"""
    rows = listing(call, Group, page, lambda row: row.GroupName, in_path(PathPrefix))
    return {"Groups": [shown.group(call, row) for row in rows]}


@operation
def update_group(call: Call, GroupName: str, NewPath: str | None = None, NewGroupName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html"""
    row = call.get(Group, GroupName)
    name = NewGroupName or GroupName
    if name.lower() != row.folded:
        make_room(call, Group, name, f"Group with name {name} already exists.")
    call.table(Group).delete(GroupName)
    row.GroupName, row.folded, row.Path = name, name.lower(), NewPath or row.Path
    call.put(row)


@operation
def delete_group(call: Call, GroupName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html"""
    row = call.get(Group, GroupName)
    if call.table(Membership).count(row.GroupId, index="group"):
        raise error.DeleteConflictException("Cannot delete entity, must remove users from group first.")
    end(call, row.GroupId)
    call.table(Group).delete(GroupName)


@operation
def add_user_to_group(call: Call, GroupName: str, UserName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html"""
    group, user = call.get(Group, GroupName), call.get(User, UserName)
    table = call.table(Membership)
    if table.get(user.UserId, group.GroupId) is None and table.count(user.UserId) >= _MOST_GROUPS:
        raise error.LimitExceededException(f"Cannot exceed quota for GroupsPerUser: {_MOST_GROUPS}")
    call.put(Membership(user=user.UserId, group=group.GroupId))


@operation
def remove_user_from_group(call: Call, GroupName: str, UserName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html"""
    group, user = call.get(Group, GroupName), call.get(User, UserName)
    call.table(Membership).delete(user.UserId, group.GroupId)


@operation
def list_groups_for_user(call: Call, UserName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html"""
    user = call.get(User, UserName)
    found = call.table(Membership).scan(user.UserId, after=page.after, limit=page.limit + 1)
    groups = [call.table(Group).find("id", m.group) for m in page.cut(found, lambda m: m.group)]
    return {"Groups": [shown.group(call, g) for g in groups if g is not None]}
