"""Storage Lens groups: made, told, listed, changed, deleted. Their tags are those of any resource."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Conflict, error, operation

from .. import lens, lens_groups, tagging, tokens
from ..lens_rows import LensGroup
from ..owner import check_account

_MOST = 50
_PAGE = 20


@operation
def create_storage_lens_group(call: Call, AccountId: str, StorageLensGroup: dict[str, Any],
                              Tags: list[dict[str, str]] | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateStorageLensGroup.html"""
    check_account(call, AccountId)
    lens_groups.check(StorageLensGroup["Filter"])
    table = call.table(LensGroup)
    row = LensGroup(name=StorageLensGroup["Name"], filter=StorageLensGroup["Filter"], tags=tagging.checked(Tags or []))
    try:
        table.insert(row)
    except Conflict:
        raise error.named("ConfigurationAlreadyExists", "The specified configuration already exists.", 409) from None
    if table.count() > _MOST:
        raise lens.bad("TooManyConfigurations", "You have attempted to create more Storage Lens group configurations than the "
                       "50 allowed.")


@operation
def get_storage_lens_group(call: Call, Name: str, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetStorageLensGroup.html"""
    check_account(call, AccountId)
    row = lens.find_group(call, Name)
    return {"StorageLensGroup": {"Name": row.name, "Filter": row.filter, "StorageLensGroupArn": lens.group_arn(call, row.name)}}


@operation
def list_storage_lens_groups(call: Call, AccountId: str, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListStorageLensGroups.html"""
    check_account(call, AccountId)
    rows = call.table(LensGroup).scan(after=tokens.after(NextToken), limit=_PAGE + 1)
    return {"NextToken": tokens.written(rows[_PAGE - 1].name) if len(rows) > _PAGE else None,
            "StorageLensGroupList": [
                {"Name": row.name, "StorageLensGroupArn": lens.group_arn(call, row.name), "HomeRegion": call.region}
                for row in rows[:_PAGE]]}


@operation
def update_storage_lens_group(call: Call, Name: str, AccountId: str, StorageLensGroup: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateStorageLensGroup.html"""
    check_account(call, AccountId)
    lens.find_group(call, Name)
    if StorageLensGroup["Name"] != Name:
        raise lens.bad("MismatchedName", "The name specified in the request doesn't match the Storage Lens group name.")
    lens_groups.check(StorageLensGroup["Filter"])
    call.table(LensGroup).change(Name, filter=StorageLensGroup["Filter"])


@operation
def delete_storage_lens_group(call: Call, Name: str, AccountId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteStorageLensGroup.html"""
    check_account(call, AccountId)
    lens.find_group(call, Name)
    call.table(LensGroup).delete(Name)
