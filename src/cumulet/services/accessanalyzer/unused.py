"""Access that nobody uses: roles, access keys, passwords, and services that policies open."""

from __future__ import annotations

from collections.abc import Iterator

from cumulet.kernel import Call, principals

from . import catalogue
from .external import Zone
from .patterns import match
from .recommending import policies
from .resources import Analyzer
from .scanning import ROLE, Found
from .statements import Unreadable, read

USER = "AWS::IAM::User"
_UNUSED_DAYS = 90
_DAY = 86400.0


def unused(call: Call, analyzer: Analyzer, within: Zone) -> Iterator[Found]:
    """Roles, access keys and passwords that nobody used for some days."""
    said = (analyzer.AnalyzerConfiguration or {}).get("unusedAccess", {})
    before = call.now - said.get("unusedAccessAge", _UNUSED_DAYS) * _DAY
    for account in sorted(within.accounts):
        yield from _unused_in(call if account == call.account else call.elsewhere(account), before)


def _unused_in(call: Call, before: float) -> Iterator[Found]:
    for role in call.table(principals.Role).scan():
        if role.Path.startswith("/aws-service-role/"):
            continue
        if max(role.used_at, role.created) < before:
            yield Found(call.arn(role), ROLE, call.account, "UnusedIAMRole", "role", used=role.used_at or None)
        elif role.created < before:
            yield from _permissions(call, call.arn(role), ROLE, [role.RoleId], before)
    for user in call.table(principals.User).scan():
        yield from _of_user(call, user, before)
        if user.created < before:
            groups = [one.group for one in call.table(principals.Membership).scan(user.UserId)]
            yield from _permissions(call, call.arn(user), USER, [user.UserId, *groups], before)


def _of_user(call: Call, user: principals.User, before: float) -> Iterator[Found]:
    """A user's keys and password."""
    for key in call.table(principals.AccessKey).scan(user.UserId, index="user"):
        if key.active and max(key.used_at, key.created) < before:
            yield Found(call.arn(user), USER, call.account, "UnusedIAMUserAccessKey", key.id, used=key.used_at or None,
                        key_id=key.id)
    profile = call.table(principals.passwords.LoginProfile).get(user.UserId)
    if profile is not None and max(user.password_used, profile.created) < before:
        yield Found(call.arn(user), USER, call.account, "UnusedIAMUserPassword", "password", used=user.password_used or None)


def _permissions(call: Call, arn: str, type: str, entities: list[str], before: float) -> Iterator[Found]:
    """The services that an entity's policies open and that it did not use. entities: itself, and its groups."""
    opened = {service for entity in entities for _, text, _ in policies(call, entity) for service in _opened(text)}
    if not opened:
        return
    used: dict[str, float] = {}
    for use in call.table(principals.used.Use).scan(entities[0]):
        used[use.service] = max(use.at, used.get(use.service, 0.0))
    services = [(service, used.get(service)) for service in sorted(opened) if used.get(service, 0.0) < before]
    if services:
        yield Found(arn, type, call.account, "UnusedPermission", "permissions", services=services)


def _opened(text: str) -> set[str]:
    """Services of which a policy allows something."""
    try:
        statements = [one for one in read(text) if one.allows]
    except Unreadable:
        return set()
    found: set[str] = set()
    for one in statements:
        prefixes = {action.partition(":")[0].lower() for action in one.actions}
        if one.not_action:
            whole = {action.partition(":")[0].lower() for action in one.actions if action.endswith(":*") or action == "*"}
            found |= {service for service in catalogue.services() if not any(match(p, service, True) for p in whole)}
        else:
            found |= {service for service in catalogue.services() if any(match(p, service, True) for p in prefixes)}
    return found
