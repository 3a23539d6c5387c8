"""Instances: one an account, or one for an organization."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, organization

from .. import provisioning, standing
from ..resources import Instance


def _short(row: Instance) -> dict[str, Any]:
    return {"InstanceArn": row.arn, "IdentityStoreId": row.store, "OwnerAccountId": row.account, "Name": row.name or None,
            "IdentityStoreArn": f"arn:aws:identitystore::{row.account}:identitystore/{row.store}",
            "CreatedDate": row.created, "Status": "ACTIVE", "PrimaryRegion": row.region,
            "Regions": [{"RegionName": row.region, "Status": "ACTIVE", "AddedDate": row.created, "IsPrimaryRegion": True}]}


@operation
def create_instance(call: Call, Name: str = "", ClientToken: str = "", Tags: list[dict[str, str]] = []) -> dict[str, Any]:
    """In a management account it makes the organization's instance, which AWS leaves to its console.

    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateInstance.html
    """
    old = call.table(Instance).find("account", call.account)
    if old is not None:
        if ClientToken and old.asked == ClientToken:
            return {"InstanceArn": old.arn}
        raise error.ConflictException("An instance of IAM Identity Center already exists in this account.")
    place = organization.organization_of(call.tx, call.account)
    managed = place.id if place is not None and place.management == call.account else ""
    row = Instance(arn=call.token(16, prefix="arn:aws:sso:::instance/ssoins-"), account=call.account, region=call.region,
                   name=Name, store=call.token(10, prefix="d-"), created=call.now, mark=call.token(16), organization=managed,
                   enabled=bool(managed), asked=ClientToken, tags=standing.tagged({}, Tags))
    call.put(row)
    return {"InstanceArn": row.arn}


@operation
def describe_instance(call: Call, InstanceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeInstance.html"""
    row = standing.of(call, InstanceArn).instance
    return {**_short(row), "PermissionSetsEnabled": row.enabled,
            "EncryptionConfigurationDetails": {"KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"}}


@operation
def list_instances(call: Call, RegionScope: str = "CURRENT_REGION", page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListInstances.html"""
    rows = [row for row in standing.visible(call) if (RegionScope == "ALL_REGIONS" or row.region == call.region)
            and (page.after is None or row.arn > page.after)]
    return {"Instances": [_short(row) for row in page.cut(rows, lambda row: row.arn)]}


@operation
def update_instance(call: Call, InstanceArn: str, Name: str | None = None,
                    PermissionSetsEnabled: bool | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UpdateInstance.html"""
    row = _owned(call, InstanceArn)
    if PermissionSetsEnabled is False:
        raise error.ValidationException("Permission sets cannot be disabled: the only accepted value is true.")
    row.name = Name if Name is not None else row.name
    row.enabled = row.enabled or bool(PermissionSetsEnabled)
    call.put(row)


@operation
def delete_instance(call: Call, InstanceArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteInstance.html"""
    row = _owned(call, InstanceArn)
    provisioning.forget(standing.Place(row, call))
    call.table(Instance).delete(row.arn)
    call.emit("Instance Deleted", {"instanceArn": row.arn, "identityStoreId": row.store}, [row.arn], source="aws.sso")


def _owned(call: Call, arn: str) -> Instance:
    row = standing.of(call, arn).instance
    if row.account != call.account:
        raise standing.denied(call)
    return row
