"""Instance profiles."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import shown
from ..entities import changeable, in_path, listing, make_room, tag_page, tagged, unique_id, untagged
from ..resources import InstanceProfile, Role

Tags = list[dict[str, str]]


@operation
def create_instance_profile(call: Call, InstanceProfileName: str, Path: str = "/", Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html"""
    make_room(call, InstanceProfile, InstanceProfileName, f"Instance Profile {InstanceProfileName} already exists.")
    row = InstanceProfile(InstanceProfileName=InstanceProfileName, InstanceProfileId=unique_id(call, "AIPA"), Path=Path,
                          folded=InstanceProfileName.lower(), tags=tagged(None, Tags), created=call.now)
    return {"InstanceProfile": shown.profile(call, call.put(row))}


@operation
def get_instance_profile(call: Call, InstanceProfileName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html"""
    return {"InstanceProfile": shown.profile(call, call.get(InstanceProfile, InstanceProfileName))}


@operation
def list_instance_profiles(call: Call, PathPrefix: str = "/", page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html"""
    rows = listing(call, InstanceProfile, page, lambda row: row.InstanceProfileName, in_path(PathPrefix))
    return {"InstanceProfiles": [shown.profile(call, row) for row in rows]}


@operation
def list_instance_profiles_for_role(call: Call, RoleName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html"""
    role = call.get(Role, RoleName)
    found = call.table(InstanceProfile).scan(role.RoleId, index="role", after=page.after, limit=page.limit + 1)
    return {"InstanceProfiles": [shown.profile(call, row) for row in page.cut(found, lambda row: row.InstanceProfileName)]}


@operation
def add_role_to_instance_profile(call: Call, InstanceProfileName: str, RoleName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html"""
    row, role = call.get(InstanceProfile, InstanceProfileName), changeable(call, RoleName)
    if row.role is not None:
        raise error.LimitExceededException("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    call.table(InstanceProfile).change(InstanceProfileName, role=role.RoleId, Roles=[RoleName])


@operation
def remove_role_from_instance_profile(call: Call, InstanceProfileName: str, RoleName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html"""
    row, role = call.get(InstanceProfile, InstanceProfileName), changeable(call, RoleName)
    if row.role != role.RoleId:
        raise error.NoSuchEntityException(f"Role {RoleName} in instance profile {InstanceProfileName} cannot be found.")
    call.table(InstanceProfile).change(InstanceProfileName, role=None, Roles=None)


@operation
def delete_instance_profile(call: Call, InstanceProfileName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html"""
    if call.get(InstanceProfile, InstanceProfileName).role is not None:
        raise error.DeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
    call.table(InstanceProfile).delete(InstanceProfileName)


@operation
def tag_instance_profile(call: Call, InstanceProfileName: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html"""
    row = call.get(InstanceProfile, InstanceProfileName)
    call.table(InstanceProfile).change(InstanceProfileName, tags=tagged(row, Tags))


@operation
def untag_instance_profile(call: Call, InstanceProfileName: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html"""
    row = call.get(InstanceProfile, InstanceProfileName)
    call.table(InstanceProfile).change(InstanceProfileName, tags=untagged(row, TagKeys))


@operation
def list_instance_profile_tags(call: Call, InstanceProfileName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html"""
    return tag_page(call.get(InstanceProfile, InstanceProfileName), page)
