"""What happens unasked in IAM: service-linked roles end, once their deletion was asked for."""

from __future__ import annotations

from cumulet.kernel import Call, task

from .resources import Attachment, Role, RoleDeletion


@task(retries=3)
def end_service_linked_role(call: Call, task: str) -> None:
    """Runs again harmlessly: what is gone stays gone."""
    deletion = call.table(RoleDeletion).get(task)
    if deletion is None or not deletion.running:
        return
    role = call.table(Role).find("id", deletion.role)
    if role is not None:
        call.table(Attachment).delete_all(role.RoleId)
        call.table(Role).delete(role.RoleName)
    deletion.running = False
    call.put(deletion)
