"""Who has which permission set in which account. Changes take their time: a task carries them out."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, operation

from .. import background, standing
from ..resources import Assignment, Provisioned, Request


def _principal(place: standing.Place, type: str, id: str) -> None:
    """Raise when nobody of the directory has this id."""
    store = place.call.as_service(account=place.instance.account).identitystore
    try:
        if type == "USER":
            store.describe_user(IdentityStoreId=place.instance.store, UserId=id)
        else:
            store.describe_group(IdentityStoreId=place.instance.store, GroupId=id)
    except AwsError:
        raise standing.missing(type, id) from None


def target(place: standing.Place, id: str) -> str:
    """An account of the instance's; raises when it is none."""
    if id not in standing.accounts(place):
        raise standing.missing("Account", id)
    return id


def begin(place: standing.Place, asked: Request) -> Request:
    """Keep what is asked for, and have it done."""
    place.call.put(asked)
    place.call.task(background.carry_out, request=asked.id)
    return asked


def shown(row: Request) -> dict[str, Any]:
    return {"Status": row.status, "RequestId": row.id, "FailureReason": row.reason, "TargetId": row.target,
            "TargetType": "AWS_ACCOUNT", "PermissionSetArn": row.set, "PrincipalType": row.type, "PrincipalId": row.principal,
            "CreatedDate": row.created}


@operation(accepts=("TargetType",))
def create_account_assignment(call: Call, InstanceArn: str, TargetId: str, PermissionSetArn: str, PrincipalType: str,
                              PrincipalId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    _principal(place, PrincipalType, PrincipalId)
    asked = Request(id=call.uuid(), instance=InstanceArn, kind="assign", set=row.arn, target=target(place, TargetId),
                    created=call.now, type=PrincipalType, principal=PrincipalId)
    return {"AccountAssignmentCreationStatus": shown(begin(place, asked))}


@operation(accepts=("TargetType",))
def delete_account_assignment(call: Call, InstanceArn: str, TargetId: str, PermissionSetArn: str, PrincipalType: str,
                              PrincipalId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteAccountAssignment.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    if place.call.table(Assignment).get(row.arn, TargetId, PrincipalType, PrincipalId) is None:
        raise standing.missing("AccountAssignment", PrincipalId)
    asked = Request(id=call.uuid(), instance=InstanceArn, kind="unassign", set=row.arn, target=TargetId, created=call.now,
                    type=PrincipalType, principal=PrincipalId)
    return {"AccountAssignmentDeletionStatus": shown(begin(place, asked))}


@operation
def list_account_assignments(call: Call, InstanceArn: str, AccountId: str, PermissionSetArn: str,
                             page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignments.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    rows = place.call.table(Assignment).scan(row.arn, AccountId, after=tuple(page.after) if page.after else None,
                                             limit=page.limit + 1)
    return {"AccountAssignments": [_assignment(one) for one in page.cut(rows, lambda one: (one.type, one.principal))]}


def _assignment(row: Assignment) -> dict[str, Any]:
    return {"AccountId": row.target, "PermissionSetArn": row.set, "PrincipalType": row.type, "PrincipalId": row.principal}


@operation
def list_account_assignments_for_principal(call: Call, InstanceArn: str, PrincipalId: str, PrincipalType: str,
                                           Filter: dict[str, str] = {}, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """Of a user also those of its groups.

    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html
    """
    place = standing.sets(call, InstanceArn)
    _principal(place, PrincipalType, PrincipalId)
    holders = [(PrincipalType, PrincipalId)]
    if PrincipalType == "USER":
        holders += [("GROUP", group) for group in groups_of(place, PrincipalId)]
    table = place.call.table(Assignment)
    rows = sorted((one.target, one.set, one.type, one.principal) for holder in holders
                   for one in table.scan(*holder, index="principal") if one.target == Filter.get("AccountId", one.target))
    rest = [one for one in rows if page.after is None or one > tuple(page.after)]
    return {"AccountAssignments": [{"AccountId": account, "PermissionSetArn": arn, "PrincipalType": type, "PrincipalId": id}
                                   for account, arn, type, id in page.cut(rest, tuple)]}


def groups_of(place: standing.Place, user: str) -> list[str]:
    """The ids of a user's groups."""
    store = place.call.as_service(account=place.instance.account).identitystore
    found: list[str] = []
    token = None
    while True:
        told = store.list_group_memberships_for_member(IdentityStoreId=place.instance.store, MemberId={"UserId": user},
                                                       MaxResults=100, NextToken=token)
        found += [one["GroupId"] for one in told["GroupMemberships"]]
        token = told.get("NextToken")
        if not token:
            return found


@operation
def list_accounts_for_provisioned_permission_set(
        call: Call, InstanceArn: str, PermissionSetArn: str, ProvisioningStatus: str | None = None,
        page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountsForProvisionedPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    rows = [one.target for one in place.call.table(Provisioned).scan(row.arn, after=page.after)
            if ProvisioningStatus in (None, _status(one.version, row.version))]
    return {"AccountIds": page.cut(rows, str)}


@operation
def list_permission_sets_provisioned_to_account(
        call: Call, InstanceArn: str, AccountId: str, ProvisioningStatus: str | None = None,
        page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListPermissionSetsProvisionedToAccount.html"""
    place = standing.sets(call, InstanceArn)
    rows = [one.set for one in place.call.table(Provisioned).scan(AccountId, index="target", after=page.after)
            if ProvisioningStatus in (None, _status(one.version, place.set(one.set).version))]
    return {"PermissionSets": page.cut(rows, str)}


def _status(has: int, latest: int) -> str:
    return "LATEST_PERMISSION_SET_PROVISIONED" if has == latest else "LATEST_PERMISSION_SET_NOT_PROVISIONED"
