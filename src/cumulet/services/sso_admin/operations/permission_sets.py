"""Permission sets."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import durations, standing
from ..resources import Assignment, PermissionSet, Provisioned

_MOST = 2000


def _shown(row: PermissionSet) -> dict[str, Any]:
    return {"Name": row.name, "PermissionSetArn": row.arn, "Description": row.description, "CreatedDate": row.created,
            "SessionDuration": row.duration, "RelayState": row.relay}


def _checked(duration: str) -> str:
    if not 3600 <= durations.seconds(duration) <= 43200:
        raise error.ValidationException("SessionDuration must be between 1 hour and 12 hours.")
    return duration


@operation
def create_permission_set(call: Call, InstanceArn: str, Name: str, Description: str | None = None,
                          SessionDuration: str = "PT1H", RelayState: str | None = None,
                          Tags: list[dict[str, str]] = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    table = place.call.table(PermissionSet)
    if table.find("name", InstanceArn, Name) is not None:
        raise error.ConflictException(f"PermissionSet with name {Name} already exists.")
    if table.count(InstanceArn, index="instance") >= _MOST:
        raise error.ServiceQuotaExceededException(f"An instance has at most {_MOST} permission sets.")
    id = InstanceArn.rpartition("/")[2]
    row = PermissionSet(arn=call.token(16, prefix=f"arn:aws:sso:::permissionSet/{id}/ps-"), instance=InstanceArn, name=Name,
                        created=call.now, description=Description, duration=_checked(SessionDuration), relay=RelayState,
                        tags=standing.tagged({}, Tags))
    return {"PermissionSet": _shown(place.call.put(row))}


@operation
def describe_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribePermissionSet.html"""
    return {"PermissionSet": _shown(standing.sets(call, InstanceArn).set(PermissionSetArn))}


@operation
def list_permission_sets(call: Call, InstanceArn: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListPermissionSets.html"""
    place = standing.sets(call, InstanceArn)
    rows = place.call.table(PermissionSet).scan(InstanceArn, index="instance", after=page.after, limit=page.limit + 1)
    return {"PermissionSets": [row.arn for row in page.cut(rows, lambda row: row.arn)]}


@operation
def update_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str, Description: str | None = None,
                          SessionDuration: str | None = None, RelayState: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UpdatePermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    row.description = Description if Description is not None else row.description
    row.duration = _checked(SessionDuration) if SessionDuration is not None else row.duration
    row.relay = RelayState if RelayState is not None else row.relay
    row.version += 1
    place.call.put(row)


@operation
def delete_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeletePermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    if place.call.table(Assignment).scan(row.arn, limit=1) or place.call.table(Provisioned).scan(row.arn, limit=1):
        raise error.ConflictException("The permission set is assigned to an account, and cannot be deleted.")
    place.call.table(PermissionSet).delete(row.arn)
