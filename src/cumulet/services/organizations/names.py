"""Ids and ARNs."""

from __future__ import annotations

from string import ascii_lowercase, digits

from cumulet.kernel import Call, organization

from .resources import Account, Handshake, Organization, OrganizationPolicy, ResourcePolicy, Unit

_LETTERS = ascii_lowercase + digits


def new(call: Call, prefix: str, length: int) -> str:
    """`new(call, "o-", 10)`."""
    return call.token(length, _LETTERS, prefix)


def _arn(within: Organization, rest: str) -> str:
    return f"arn:aws:organizations::{within.account}:{rest}"


def organization_arn(within: Organization) -> str:
    return _arn(within, f"organization/{within.id}")


def root_arn(within: Organization) -> str:
    return _arn(within, f"root/{within.id}/{within.root}")


def account_arn(within: Organization, account: str) -> str:
    return _arn(within, f"account/{within.id}/{account}")


def unit_arn(within: Organization, unit: Unit) -> str:
    return _arn(within, f"ou/{within.id}/{unit.Id}")


def policy_arn(row: OrganizationPolicy | organization.Managed) -> str:
    kind = row.Type.lower()
    if isinstance(row, organization.Managed):
        return f"arn:aws:organizations::aws:policy/{kind}/{row.Id}"
    return f"arn:aws:organizations::{row.account}:policy/{row.organization}/{kind}/{row.Id}"


def handshake_arn(row: Handshake) -> str:
    return f"arn:aws:organizations::{row.account}:handshake/{row.organization}/{row.action.lower()}/{row.id}"


def resource_policy_arn(row: ResourcePolicy) -> str:
    return f"arn:aws:organizations::{row.account}:resourcepolicy/{row.organization}/{row.id}"


def arn_of(call: Call, within: Organization, id: str) -> str:
    """The ARN of a root, unit, account, policy or resource policy by its id, whether or not it is there."""
    kinds = {"ou": "ou", "r": "root", "rp": "resourcepolicy"}
    prefix = id.partition("-")[0]
    if prefix in kinds:
        return _arn(within, f"{kinds[prefix]}/{within.id}/{id}")
    if prefix == "p":
        row = organization.MANAGED.get(id) or call.table(OrganizationPolicy).get(id)
        return policy_arn(row) if row else _arn(within, f"policy/{within.id}/*/{id}")
    return account_arn(within, id)


def account_path(call: Call, row: Account) -> str:
    """`o-…/r-…/ou-…/123456789012/`."""
    place = organization.organization_of(call.tx, row.account)
    return f"{place.path}{row.account}/" if place else ""
