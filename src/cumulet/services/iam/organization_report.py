"""The access advisor of an organization: which services its policies leave open, and which account used each last."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Call, organization, principals

from . import advisor
from .resources import OrganizationReport

_SCP = organization.SCP


def services(call: Call, report: OrganizationReport) -> list[str]:
    """Those that the given policy allows, else those that every level over the entity allows (the management account: all)."""
    if report.policy is not None:
        return sorted(advisor.opened([organization.content_of(call.tx, report.policy)]))
    found = set(advisor.service_names())
    place = organization.organization_of(call.tx, call.account)
    targets = report.path.split("/")[1:]
    if place is None or _SCP not in place.enabled or targets[-1] == place.management:
        return sorted(found)
    for target in targets:
        attached = call.table(organization.PolicyAttachment).scan(target, _SCP)
        found &= advisor.opened([organization.content_of(call.tx, one.policy) for one in attached])
    return sorted(found)


def accounts(call: Call, path: str) -> Sequence[tuple[str, str]]:
    """(account, its path) of the entity: itself, or the members below a root or unit, but for the management account."""
    place = organization.organization_of(call.tx, call.account)
    if place is None:
        return []
    found = []
    for row in call.table(organization.Account).scan(place.id, index="organization"):
        there = organization.organization_of(call.tx, row.account)
        own = f"{there.path}{row.account}" if there is not None else ""
        if own == path or (own.startswith(path + "/") and row.account != place.management):
            found.append((row.account, own))
    return found


def last_uses(call: Call, report: OrganizationReport) -> dict[str, tuple[str, str, float, str, int]]:
    """Of each service that is open and was used."""
    found: dict[str, tuple[str, str, float, str, int]] = {}
    wanted = set(report.services)
    for account, path in accounts(call, report.path):
        latest: dict[str, tuple[float, str]] = {}
        for use in call.elsewhere(account).table(principals.used.Use).iterate():
            if use.service in wanted and use.at > call.now - advisor.TRACKED:
                latest[use.service] = max(latest.get(use.service, (0.0, "")), (use.at, use.region))
        for service, (at, region) in latest.items():
            before = found.get(service)
            count = before[4] + 1 if before else 1
            found[service] = (*before[:4], count) if before and before[2] >= at else (account, path, at, region, count)
    return found
