"""Storage Lens: its configurations are put, told, listed, deleted, tagged."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import lens, lens_due, tagging, tokens
from ..lens_rows import LensConfiguration
from ..owner import check_account

_PAGE = 20


@operation
def put_storage_lens_configuration(call: Call, ConfigId: str, AccountId: str, StorageLensConfiguration: dict[str, Any],
                                   Tags: list[dict[str, str]] | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutStorageLensConfiguration.html"""
    check_account(call, AccountId)
    lens.check(call, ConfigId, StorageLensConfiguration)
    old = lens.known(call, ConfigId)
    tags = tagging.checked(Tags) if Tags is not None else old.tags if old is not None else {}
    row = LensConfiguration(name=ConfigId, said=StorageLensConfiguration, tags=tags)
    call.put(row)
    lens_due.begin(call, row)


@operation
def get_storage_lens_configuration(call: Call, ConfigId: str, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetStorageLensConfiguration.html"""
    check_account(call, AccountId)
    row = lens.find(call, ConfigId)
    return {"StorageLensConfiguration": row.said | {"StorageLensArn": lens.arn_of(call, row.name)}}


@operation
def list_storage_lens_configurations(call: Call, AccountId: str, NextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListStorageLensConfigurations.html"""
    check_account(call, AccountId)
    rows = call.table(LensConfiguration).scan()
    if call.region == lens.HOME and all(row.name != lens.DEFAULT for row in rows):
        rows = sorted([*rows, lens.find(call, lens.DEFAULT)], key=lambda row: row.name)
    after = tokens.after(NextToken)
    rows = [row for row in rows if row.name > after]
    return {"NextToken": tokens.written(rows[_PAGE - 1].name) if len(rows) > _PAGE else None,
            "StorageLensConfigurationList": [
                {"Id": row.name, "StorageLensArn": lens.arn_of(call, row.name), "HomeRegion": call.region,
                 "IsEnabled": row.said["IsEnabled"]} for row in rows[:_PAGE]]}


@operation
def delete_storage_lens_configuration(call: Call, ConfigId: str, AccountId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteStorageLensConfiguration.html"""
    check_account(call, AccountId)
    if ConfigId == lens.DEFAULT:
        raise error.named("DefaultConfigurationDeleteForbidden", "The Default configuration cannot be deleted.", 403)
    lens.find(call, ConfigId)
    call.table(LensConfiguration).delete(ConfigId)
    lens_due.end(call, ConfigId)


@operation
def put_storage_lens_configuration_tagging(call: Call, ConfigId: str, AccountId: str,
                                           Tags: list[dict[str, str]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutStorageLensConfigurationTagging.html"""
    _tag(call, AccountId, ConfigId, tagging.checked(Tags))
    return {}


@operation
def get_storage_lens_configuration_tagging(call: Call, ConfigId: str, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetStorageLensConfigurationTagging.html"""
    check_account(call, AccountId)
    return {"Tags": tagging.told(lens.find(call, ConfigId).tags)}


@operation
def delete_storage_lens_configuration_tagging(call: Call, ConfigId: str, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteStorageLensConfigurationTagging.html"""
    _tag(call, AccountId, ConfigId, {})
    return {}


def _tag(call: Call, account: str, name: str, tags: dict[str, str]) -> None:
    check_account(call, account)
    row = lens.find(call, name)
    row.tags = tags
    call.put(row)
