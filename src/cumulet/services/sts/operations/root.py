"""Becoming the root of a member account, for one task."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Principal, error, operation, organization, parse_arn, principals

from ..access import root_arn
from ..sessions import begin, invalid

_LONGEST = 900
_TASKS = "arn:aws:iam::aws:policy/root-task/"
_IAM = "iam.amazonaws.com"
_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@operation
def assume_root(call: Call, TargetPrincipal: str, TaskPolicyArn: dict[str, str],
                DurationSeconds: int | None = None) -> dict[str, Any]:
    """The task's policy says what is denied; everything else is the root's.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    arn = parse_arn(root_arn(call, TargetPrincipal))
    if arn is None or arn.service != "iam" or arn.resource != "root":
        raise invalid(f"{TargetPrincipal} is no account")
    task = TaskPolicyArn.get("arn", "")
    text = principals.aws_policies.document(task) if task.startswith(_TASKS) else None
    if text is None:
        raise invalid(f"Policy {task} is not a task policy of AssumeRoot")
    if DurationSeconds is not None and DurationSeconds > _LONGEST:
        raise invalid(f"DurationSeconds must be {_LONGEST} at most")
    feature = "RootCredentialsManagement" if task.startswith(_TASKS + "IAM") else "RootSessions"
    if not _may(call, arn.account, feature):
        raise error.AccessDenied(f"User: {call.principal.arn} is not authorized to perform: sts:AssumeRoot on resource: "
                                 f"arn:{arn.partition}:iam::{arn.account}:root", 403)
    there = call.elsewhere(account=arn.account)
    session = Principal("root", arn.account, f"arn:{arn.partition}:sts::{arn.account}:assumed-root", arn.account,
                        f"arn:{arn.partition}:iam::{arn.account}:root", session_policies=(text, _ALL),
                        source_identity=call.principal.source_identity)
    return {"Credentials": begin(there, session, DurationSeconds or _LONGEST),
            "SourceIdentity": session.source_identity or None}


def _may(call: Call, target: str, feature: str) -> bool:
    """The management account, or IAM's delegated administrator, over another member; once IAM is trusted with this."""
    own, theirs = (organization.organization_of(call.tx, account) for account in (call.account, target))
    if own is None or theirs is None or own.id != theirs.id or target == own.management:
        return False
    access = call.table(principals.RootAccess).get(own.id)
    if access is None or feature not in access.features or call.table(organization.ServiceAccess).get(own.id, _IAM) is None:
        return False
    return call.account == own.management or \
        call.table(organization.DelegatedAdministrator).get(own.id, call.account, _IAM) is not None
