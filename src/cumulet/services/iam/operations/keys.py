"""Access keys."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, Principal, error, operation, principals

from ..entities import caller, keys_of
from ..resources import AccessKey, User
from .users import principal_of

_MOST = 2


def _name(user: User | None) -> str | None:
    return user.UserName if user else None


def _owned(call: Call, user: User | None, key: str) -> AccessKey:
    row = call.table(AccessKey).get(key)
    if row is None or row.user != (user.UserId if user else ""):
        raise error.NoSuchEntityException(f"The Access Key with id {key} cannot be found.")
    return row


@operation
def create_access_key(call: Call, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html"""
    user = caller(call, UserName)
    owner = user.UserId if user else ""
    if len(keys_of(call, owner)) >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for AccessKeysPerUser: {_MOST}")
    arn = f"arn:aws:iam::{call.account}:root"
    who = principal_of(call, user, "") if user else Principal("root", call.account, arn, call.account, arn)
    made = principals.handing.long_term(call, who, owner)
    return {"AccessKey": {"UserName": _name(user) or "root", "AccessKeyId": made.id, "Status": "Active",
                          "SecretAccessKey": made.secret, "CreateDate": call.now}}


@operation
def list_access_keys(call: Call, UserName: str | None = None, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html"""
    user = caller(call, UserName)
    rows = [r for r in keys_of(call, user.UserId if user else "") if page.after is None or [r.created, r.id] > list(page.after)]
    return {"AccessKeyMetadata": [
        {"UserName": _name(user), "AccessKeyId": row.id, "Status": "Active" if row.active else "Inactive",
         "CreateDate": row.created} for row in page.cut(rows, lambda row: [row.created, row.id])]}


@operation
def update_access_key(call: Call, AccessKeyId: str, Status: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html"""
    _owned(call, caller(call, UserName), AccessKeyId)
    call.table(AccessKey).change(AccessKeyId, active=Status == "Active")


@operation
def delete_access_key(call: Call, AccessKeyId: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html"""
    _owned(call, caller(call, UserName), AccessKeyId)
    call.table(AccessKey).delete(AccessKeyId)


@operation
def get_access_key_last_used(call: Call, AccessKeyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html"""
    row = call.table(AccessKey).get(AccessKeyId)
    if row is None:
        raise error.NoSuchEntityException(f"The Access Key with id {AccessKeyId} cannot be found.")
    user = call.table(User).find("id", row.user) if row.user else None
    used: dict[str, Any] = {"ServiceName": row.used_service or "N/A", "Region": row.used_region or "N/A"}
    if row.used_at:
        used["LastUsedDate"] = row.used_at
    return {"UserName": _name(user), "AccessKeyLastUsed": used}
