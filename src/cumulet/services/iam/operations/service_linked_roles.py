"""Service-linked roles: made for a service, changed by nobody, deleted by a task."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import service_roles, shown
from ..background import end_service_linked_role
from ..entities import make_room, unique_id
from ..resources import Attachment, Role, RoleDeletion


@operation
def create_service_linked_role(call: Call, AWSServiceName: str, Description: str | None = None,
                               CustomSuffix: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html"""
    linked = service_roles.of(AWSServiceName)
    if linked is None:
        raise error.InvalidInputException(f"Service-linked roles are not supported for {AWSServiceName}.")
    if CustomSuffix is not None and not linked.suffixed:
        raise error.InvalidInputException(f"Custom suffix is not allowed for {AWSServiceName}")
    name = f"{linked.name}_{CustomSuffix}" if CustomSuffix else linked.name
    if call.table(Role).get(name) is not None:
        raise error.InvalidInputException(f"Service role name {name} has been taken in this account, please try a different"
                                          " suffix.")
    make_room(call, Role, name, f"Role with name {name} already exists.")
    row = Role(RoleName=name, RoleId=unique_id(call, "AROA"), folded=name.lower(), Description=Description,
               Path=f"{service_roles.PATH}{AWSServiceName}/", AssumeRolePolicyDocument=linked.trust, created=call.now)
    call.put(Attachment(entity=row.RoleId, policy=linked.policy))
    return {"Role": shown.role(call, call.put(row))}


@operation
def delete_service_linked_role(call: Call, RoleName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html"""
    row = call.get(Role, RoleName)
    if not row.Path.startswith(service_roles.PATH):
        raise error.InvalidInputException(f"{RoleName} is not a service-linked role.")
    running = next((one for one in call.table(RoleDeletion).scan(row.RoleId, index="role") if one.running), None)
    if running is None:
        principal = row.Path.removeprefix(service_roles.PATH).rstrip("/")
        running = call.put(RoleDeletion(id=service_roles.task_id(principal, RoleName, call.uuid()), role=row.RoleId))
        call.task(end_service_linked_role, task=running.id)
    return {"DeletionTaskId": running.id}


@operation
def get_service_linked_role_deletion_status(call: Call, DeletionTaskId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html"""
    row = call.table(RoleDeletion).get(DeletionTaskId)
    if row is None:
        raise error.NoSuchEntityException(f"The deletion task {DeletionTaskId} cannot be found.")
    return {"Status": "IN_PROGRESS" if row.running else "SUCCEEDED"}
