"""Users."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cumulet.kernel import Call, Page, Principal, error, operation, principals

from .. import shown, trust
from ..entities import (
    caller,
    check_boundary,
    end,
    in_path,
    keys_of,
    listing,
    make_room,
    tag_page,
    tagged,
    unique_id,
    untagged,
)
from ..resources import AccessKey, Membership, ServiceCredential, SigningCertificate, SshPublicKey, User, VirtualMFADevice

Tags = list[dict[str, str]]


@operation
def create_user(call: Call, UserName: str, Path: str = "/", PermissionsBoundary: str | None = None,
                Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html"""
    make_room(call, User, UserName, f"User with name {UserName} already exists.")
    check_boundary(call, PermissionsBoundary)
    row = User(UserName=UserName, UserId=unique_id(call, "AIDA"), folded=UserName.lower(), Path=Path,
               PermissionsBoundary=PermissionsBoundary, tags=tagged(None, Tags), created=call.now)
    return {"User": shown.user(call, call.put(row))}


@operation
def get_user(call: Call, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html"""
    row = caller(call, UserName)
    if row is None:
        return {"User": {"Path": "/", "UserId": call.account, "Arn": call.principal.arn, "CreateDate": 0.0}}
    return {"User": shown.user(call, row)}


@operation
def list_users(call: Call, PathPrefix: str = "/", page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html"""
    rows = listing(call, User, page, lambda row: row.UserName, in_path(PathPrefix))
    return {"Users": [shown.user(call, row, False) for row in rows]}


@operation
def update_user(call: Call, UserName: str, NewPath: str | None = None, NewUserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html"""
    row = call.get(User, UserName)
    name = NewUserName or UserName
    if name.lower() != row.folded:
        make_room(call, User, name, f"User with name {name} already exists.")
    call.table(User).delete(UserName)
    before = call.arn(row)
    row.UserName, row.folded, row.Path = name, name.lower(), NewPath or row.Path
    call.put(row)
    trust.follow(call, before, call.arn(row))
    for key in keys_of(call, row.UserId):
        key.principal = principal_of(call, row, key.id)
        call.put(key)
    for session in _sessions(call, before):
        who = session.principal
        session.principal = structs.replace(who, subject=call.arn(row), arn=call.arn(row) if who.kind == "user" else who.arn)
        call.put(session)


def _sessions(call: Call, arn: str) -> list[principals.Session]:
    """Temporary credentials of a user, and of those whom it let in; they know it by its ARN."""
    return [one for one in call.table(principals.Session).iterate() if one.principal.subject == arn]


def principal_of(call: Call, row: User, key: str) -> Principal:
    """Whom an access key of this user stands for."""
    arn = call.arn(row)
    return Principal("user", call.account, arn, row.UserId, arn, key)


@operation
def delete_user(call: Call, UserName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html"""
    row = call.get(User, UserName)
    if call.table(AccessKey).count(row.UserId, index="user"):
        raise error.DeleteConflictException("Cannot delete entity, must delete access keys first.")
    if call.table(Membership).count(row.UserId):
        raise error.DeleteConflictException("Cannot delete entity, must remove user from all groups first.")
    for kind, noun in ((SigningCertificate, "signing certificates"), (SshPublicKey, "SSH public keys"),
                       (ServiceCredential, "service specific credentials")):
        if call.table(kind).count(row.UserId):
            raise error.DeleteConflictException(f"Cannot delete entity, must delete {noun} first.")
    if call.table(principals.passwords.LoginProfile).get(row.UserId) is not None:
        raise error.DeleteConflictException("Cannot delete entity, must delete login profile first.")
    if call.table(VirtualMFADevice).count(row.UserId, index="user"):
        raise error.DeleteConflictException("Cannot delete entity, must delete MFA device first.")
    end(call, row.UserId)
    for session in _sessions(call, call.arn(row)):
        call.table(principals.Session).delete(session.id)
    call.table(User).delete(UserName)
    trust.follow(call, call.arn(row), row.UserId)


@operation
def put_user_permissions_boundary(call: Call, UserName: str, PermissionsBoundary: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html"""
    check_boundary(call, PermissionsBoundary)
    call.get(User, UserName)
    call.table(User).change(UserName, PermissionsBoundary=PermissionsBoundary)


@operation
def delete_user_permissions_boundary(call: Call, UserName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html"""
    call.get(User, UserName)
    call.table(User).change(UserName, PermissionsBoundary=None)


@operation
def tag_user(call: Call, UserName: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html"""
    call.table(User).change(UserName, tags=tagged(call.get(User, UserName), Tags))


@operation
def untag_user(call: Call, UserName: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html"""
    call.table(User).change(UserName, tags=untagged(call.get(User, UserName), TagKeys))


@operation
def list_user_tags(call: Call, UserName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html"""
    return tag_page(call.get(User, UserName), page)
