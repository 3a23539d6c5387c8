"""All of an account's users, groups, roles and policies, with their relations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cumulet.kernel import Call

from . import catalogue, shown
from .catalogue import Usage
from .documents import encoded
from .resources import Attachment, Group, InlinePolicy, InstanceProfile, ManagedPolicy, Membership, PolicyVersion, Role, User

# The kinds in the order in which they are told.
_KINDS = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")


def listed(call: Call, wanted: Sequence[str], after: Any, most: int) -> list[tuple[int, str, Any]]:
    """(kind, key, row) of the next `most`, behind (kind, key)."""
    found: list[tuple[int, str, Any]] = []
    for kind, word in enumerate(_KINDS):
        if (wanted and word not in wanted) or (after is not None and kind < after[0]):
            continue
        behind = after[1] if after is not None and kind == after[0] else None
        found += [(kind, key, row) for key, row in _rows(call, kind, behind, most - len(found))]
        if len(found) >= most:
            break
    return found


def _rows(call: Call, kind: int, after: str | None, most: int) -> list[tuple[str, Any]]:
    if kind == 0:
        return [(row.UserName, row) for row in call.table(User).scan(after=after, limit=most)]
    if kind == 1:
        return [(row.GroupName, row) for row in call.table(Group).scan(after=after, limit=most)]
    if kind == 2:
        return [(row.RoleName, row) for row in call.table(Role).scan(after=after, limit=most)]
    if kind == 3:
        return [(row.PolicyArn, row) for row in call.table(ManagedPolicy).scan(after=after, limit=most)]
    usage = Usage(call)
    used = sorted(arn for arn in {*usage.attached, *usage.bounds} if after is None or arn > after)
    return [(arn, row) for arn in used if (row := catalogue.shared(arn)) is not None][:most]


def _inline(call: Call, entity: str) -> list[dict[str, str]]:
    return [{"PolicyName": row.name, "PolicyDocument": encoded(row.document)} for row in call.table(InlinePolicy).scan(entity)]


def _attached(call: Call, entity: str) -> list[dict[str, str]]:
    found = [catalogue.known(call, row.policy) for row in call.table(Attachment).scan(entity)]
    return [{"PolicyName": row.ManagedPolicyName, "PolicyArn": row.PolicyArn} for row in found if row is not None]


def _user(call: Call, row: User, usage: Usage) -> dict[str, Any]:
    told = shown.user(call, row)
    groups = [call.table(Group).find("id", one.group) for one in call.table(Membership).scan(row.UserId)]
    told.pop("PasswordLastUsed")
    return told | {"UserPolicyList": _inline(call, row.UserId), "AttachedManagedPolicies": _attached(call, row.UserId),
                   "GroupList": [group.GroupName for group in groups if group is not None]}


def _group(call: Call, row: Group, usage: Usage) -> dict[str, Any]:
    return shown.group(call, row) | {"GroupPolicyList": _inline(call, row.GroupId),
                                     "AttachedManagedPolicies": _attached(call, row.GroupId)}


def _role(call: Call, row: Role, usage: Usage) -> dict[str, Any]:
    told = shown.role(call, row)
    profiles = call.table(InstanceProfile).scan(row.RoleId, index="role")
    for name in ("Description", "MaxSessionDuration"):
        told.pop(name)
    return told | {"InstanceProfileList": [shown.profile(call, one) for one in profiles],
                   "RolePolicyList": _inline(call, row.RoleId), "AttachedManagedPolicies": _attached(call, row.RoleId)}


def _policy(call: Call, row: ManagedPolicy, usage: Usage) -> dict[str, Any]:
    told = shown.policy(call, row, usage=usage)
    told.pop("Tags")
    versions = [catalogue.version(call, row, row.default)] if catalogue.shared(row.PolicyArn) is not None else \
        call.table(PolicyVersion).scan(row.PolicyArn, reverse=True)
    return told | {"PolicyVersionList": [shown.version(one, row.default) for one in versions]}


TOLD: Sequence[tuple[str, Callable[[Call, Any, Usage], dict[str, Any]]]] = (
    ("UserDetailList", _user), ("GroupDetailList", _group), ("RoleDetailList", _role), ("Policies", _policy),
    ("Policies", _policy))
