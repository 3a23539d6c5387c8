"""Provisioning anew, and how far requests are."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import standing
from ..resources import Provisioned, Request
from .assignments import begin, shown, target


@operation
def provision_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str, TargetType: str,
                             TargetId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ProvisionPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    everywhere = [one.target for one in place.call.table(Provisioned).scan(row.arn)]
    if TargetType == "AWS_ACCOUNT":
        if TargetId is None:
            raise error.ValidationException("TargetId is required when TargetType is AWS_ACCOUNT.")
        if target(place, TargetId) not in everywhere:
            raise error.ConflictException(f"The permission set is not assigned in the account {TargetId}.")
    elif TargetId is not None:
        raise error.ValidationException("TargetId must not be given when TargetType is ALL_PROVISIONED_ACCOUNTS.")
    asked = Request(id=call.uuid(), instance=InstanceArn, kind="provision", set=row.arn, target=TargetId or "",
                    created=call.now)
    return {"PermissionSetProvisioningStatus": _shown(begin(place, asked))}


def _shown(row: Request) -> dict[str, Any]:
    return {"Status": row.status, "RequestId": row.id, "AccountId": row.target or None, "PermissionSetArn": row.set,
            "FailureReason": row.reason, "CreatedDate": row.created}


def _get(call: Call, instance: str, kind: str, id: str) -> Request:
    row = standing.sets(call, instance).call.table(Request).get(id)
    if row is None or row.kind != kind or row.instance != instance:
        raise standing.missing("Request", id)
    return row


def _listed(call: Call, instance: str, kind: str, wanted: dict[str, str], page: Page[Any]) -> list[dict[str, Any]]:
    rows = standing.sets(call, instance).call.table(Request).scan(
        instance, kind, index="list", after=tuple(page.after) if page.after else None)
    found = [row for row in rows if row.status == wanted.get("Status", row.status)]
    return [{"Status": row.status, "RequestId": row.id, "CreatedDate": row.created}
            for row in page.cut(found, lambda row: (row.created, row.id))]


@operation
def describe_account_assignment_creation_status(call: Call, InstanceArn: str,
                                                AccountAssignmentCreationRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeAccountAssignmentCreationStatus.html"""
    row = _get(call, InstanceArn, "assign", AccountAssignmentCreationRequestId)
    return {"AccountAssignmentCreationStatus": shown(row)}


@operation
def describe_account_assignment_deletion_status(call: Call, InstanceArn: str,
                                                AccountAssignmentDeletionRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeAccountAssignmentDeletionStatus.html"""
    row = _get(call, InstanceArn, "unassign", AccountAssignmentDeletionRequestId)
    return {"AccountAssignmentDeletionStatus": shown(row)}


@operation
def describe_permission_set_provisioning_status(call: Call, InstanceArn: str,
                                                ProvisionPermissionSetRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribePermissionSetProvisioningStatus.html"""
    return {"PermissionSetProvisioningStatus": _shown(_get(call, InstanceArn, "provision", ProvisionPermissionSetRequestId))}


@operation
def list_account_assignment_creation_status(call: Call, InstanceArn: str, Filter: dict[str, str] = {},
                                            page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentCreationStatus.html"""
    return {"AccountAssignmentsCreationStatus": _listed(call, InstanceArn, "assign", Filter, page)}


@operation
def list_account_assignment_deletion_status(call: Call, InstanceArn: str, Filter: dict[str, str] = {},
                                            page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentDeletionStatus.html"""
    return {"AccountAssignmentsDeletionStatus": _listed(call, InstanceArn, "unassign", Filter, page)}


@operation
def list_permission_set_provisioning_status(call: Call, InstanceArn: str, Filter: dict[str, str] = {},
                                            page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListPermissionSetProvisioningStatus.html"""
    return {"PermissionSetsProvisioningStatus": _listed(call, InstanceArn, "provision", Filter, page)}
