"""What Organizations' calls are about: ARNs of the organization, whoever calls. Who may beside their own policies, the
operations know (standing.py): nothing here belongs to another account in the sense of policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, organization

from . import names
from .resources import Account, Handshake, Organization, OrganizationPolicy, ResourcePolicy, Unit

_IDS = ("AccountId", "PolicyId", "TargetId", "ResourceId", "OrganizationalUnitId", "ParentId", "ChildId", "RootId",
        "SourceParentId", "DestinationParentId", "HandshakeId")
_ANYTHING = [("", "*")]


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html"""
    given = [str(members[name]) for name in _IDS if members.get(name)]
    handshakes = [id for id in given if id.startswith("h-")]
    found = [("", names.handshake_arn(row)) for id in handshakes if (row := call.table(Handshake).get(id)) is not None]
    place = organization.organization_of(call.tx, call.account)
    within = call.table(Organization).get(place.id) if place else None
    if within is not None:
        found += [("", names.arn_of(call, within, id)) for id in given if id not in handshakes]
        if call.operation in ("CreatePolicy", "PutResourcePolicy"):
            kind = f"policy/{within.id}/{str(members.get('Type', '')).lower()}" if call.operation == "CreatePolicy" else \
                f"resourcepolicy/{within.id}"
            found.append(("", f"arn:aws:organizations::{within.account}:{kind}/*"))
    return found or _ANYTHING


def guard(call: Call, arn: str) -> Guard:
    """Nobody's in particular; with the tags of what it is."""
    kind, *_, id = arn.split(":", 5)[-1].split("/")
    row: Any = None
    if kind == "root":
        within = call.table(Organization).find("account", arn.split(":")[4])
        return Guard(tags=tuple(within.root_tags.items()) if within else ())
    if kind == "resourcepolicy":
        row = next((r for r in call.table(ResourcePolicy).scan(arn.split("/")[1]) if r.id == id), None)
    elif kind in ("account", "ou", "policy"):
        table: Any = {"account": Account, "ou": Unit, "policy": OrganizationPolicy}[kind]
        row = call.table(table).get(id)
    return Guard(tags=tuple(row.tags.items()) if row is not None else ())


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html#awsorganizations-policy-keys"""
    found: dict[str, str | list[str]] = {}
    kind = members.get("PolicyType") or members.get("Type") or members.get("Filter")
    if id := members.get("PolicyId"):
        row = organization.MANAGED.get(str(id)) or call.table(OrganizationPolicy).get(id)
        kind = row.Type if row else None
    if isinstance(kind, str):
        found["organizations:policytype"] = kind
    if members.get("ServicePrincipal"):
        found["organizations:serviceprincipal"] = str(members["ServicePrincipal"])
    return found
