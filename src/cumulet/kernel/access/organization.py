"""Accounts and the organizations that hold them: what every decision asks. The Organizations and Account services edit them.

All rows are the partition's, since a decision in one account asks about another's organization. `account` is whose a row is:
the member's own for `Account`, the management account's for all else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ..declare import stored

if TYPE_CHECKING:
    from ..store.contract import Transaction

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
Levels = tuple[tuple[tuple[str, str], ...], ...]

_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_EVERYBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'


class Managed(NamedTuple):
    """A policy that AWS gives every organization."""

    id: str
    type: str
    name: str
    description: str
    content: str


MANAGED = {m.id: m for m in (
    Managed("p-FullAWSAccess", SCP, "FullAWSAccess", "Allows access to every operation", _EVERYTHING),
    Managed("p-RCPFullAWSAccess", RCP, "RCPFullAWSAccess", "Allows access to every resource", _EVERYBODY))}
FULL = {m.type: m.id for m in MANAGED.values()}


@stored(key=("account",), scope="global",
        indexes={"organization": ("organization", "account"), "parent": ("parent", "account"), "email": ("email",)})
class Account(msgspec.Struct, kw_only=True):
    """What is known of an account: accounts that nobody spoke of have no row.

    organization: its id, None for a standalone account.  parent: the root or unit that holds it.
    state: ACTIVE, PENDING_CLOSURE, SUSPENDED (closed, may come back), CLOSED.
    """

    account: str
    name: str
    email: str
    created: float
    state: str = "ACTIVE"
    organization: str | None = None
    parent: str | None = None
    joined: float = 0.0
    method: str = ""
    closed: float = 0.0
    tags: dict[str, str] = {}


@stored(key=("id",), indexes={"account": ("account",)}, unique=("account",), scope="global")
class Organization(msgspec.Struct, kw_only=True):
    """An organization and its root. enabled: the policy types of the root.  version: another with each change in it."""

    id: str
    account: str
    root: str
    features: str
    created: float
    version: str
    enabled: list[str] = []
    root_tags: dict[str, str] = {}


@stored(key=("id",), indexes={"parent": ("parent", "id"), "name": ("parent", "name"), "organization": ("organization", "id")},
        unique=("name",), scope="global")
class Unit(msgspec.Struct, kw_only=True):
    """An organizational unit. path: `o-…/r-…/ou-…/`, itself included."""

    id: str
    account: str
    organization: str
    parent: str
    name: str
    path: str
    tags: dict[str, str] = {}


@stored(key=("id",), indexes={"name": ("organization", "type", "name"), "list": ("organization", "type", "id")},
        unique=("name",), scope="global")
class OrganizationPolicy(msgspec.Struct, kw_only=True):
    """A policy of an organization's own."""

    id: str
    account: str
    organization: str
    type: str
    name: str
    description: str
    content: str
    updated: float
    tags: dict[str, str] = {}


@stored(key=("target", "type", "policy"), indexes={"policy": ("organization", "policy", "target")}, scope="global")
class PolicyAttachment(msgspec.Struct, kw_only=True):
    """A policy on a root, unit or account."""

    target: str
    type: str
    policy: str
    organization: str
    account: str
    created: float


@stored(key=("organization", "member", "service"), indexes={"service": ("organization", "service", "member")}, scope="global")
class DelegatedAdministrator(msgspec.Struct, kw_only=True):
    """A member that administers a service for the organization."""

    organization: str
    member: str
    service: str
    account: str
    enabled: float


class Place(NamedTuple):
    """Where an account stands: its organization, who manages that, and the ids from the root down to its parent."""

    id: str
    management: str
    root: str
    ancestors: tuple[str, ...]
    enabled: tuple[str, ...]

    @property
    def path(self) -> str:
        return "/".join((self.id, *self.ancestors, ""))


_NO_LEVELS: Levels = ()


def control_policies(tx: Transaction, account: str, kind: str) -> Levels:
    """The SCPs or RCPs over an account: of each level, root first, (how `explain` calls it, text). () where none count."""
    memory = _memory(tx, account)
    if memory is None:
        return _NO_LEVELS
    found: Levels | None = memory.get((account, kind))
    if found is None:
        found = memory[account, kind] = _levels(tx, account, kind)
    return found


def organization_of(tx: Transaction, account: str) -> Place | None:
    """Where an account stands; None when it is in no organization."""
    memory = _memory(tx, account)
    if memory is None:
        return None
    if account not in memory:
        memory[account] = _place(tx, account)
    place: Place | None = memory[account]
    return place


def org_id(tx: Transaction, account: str) -> str | None:
    """For aws:PrincipalOrgID, aws:ResourceOrgID and aws:SourceOrgID."""
    place = organization_of(tx, account)
    return place.id if place else None


def org_paths(tx: Transaction, account: str) -> list[str] | None:
    """For aws:PrincipalOrgPaths, aws:ResourceOrgPaths and aws:SourceOrgPaths."""
    place = organization_of(tx, account)
    return [place.path] if place else None


def is_closed(tx: Transaction, account: str) -> bool:
    """Whether nobody may act in this account any more."""
    memory = _memory(tx, account)
    if memory is None:
        return False
    found = memory.get((account, "closed"))
    if found is None:
        row = tx.table(Account, "", "").get(account)
        found = memory[account, "closed"] = row is not None and row.state in ("SUSPENDED", "CLOSED")
    return bool(found)


def changed(tx: Transaction, organization: str, version: str) -> None:
    """To be called with every write to these tables. version: any text that was never given before."""
    tx.store.memory.pop("organization", None)
    tx.table(Organization, "", "").change(organization, version=version)


def _memory(tx: Transaction, account: str) -> Any:
    """What was found out since these tables last changed; None when there is nothing to find out.

    One process alone empties its memory when it writes (and the store does when rows go back). Where other nodes write as
    well, what they wrote last is read; an account without a row costs one look, another two.
    """
    store = tx.store
    found: dict[Any, Any] | None = store.memory.get("organization")
    if not store.blocking:
        if found is None:
            found = store.memory["organization"] = {"any": bool(tx.table(Account, "", "").scan(limit=1))}
        return found if found["any"] else None
    row = tx.table(Account, "", "").get(account)
    if row is None:
        return None
    within = tx.table(Organization, "", "").get(row.organization) if row.organization else None
    seen = (row, within.version if within else "")
    if found is None or len(found) > 10_000:
        found = store.memory["organization"] = {}
    known = found.get(account)
    if known is None or known[0] != seen:
        known = found[account] = (seen, {})
    return known[1]


def _place(tx: Transaction, account: str) -> Place | None:
    row = tx.table(Account, "", "").get(account)
    within = tx.table(Organization, "", "").get(row.organization) if row is not None and row.organization else None
    if row is None or within is None:
        return None
    unit = tx.table(Unit, "", "").get(row.parent)
    ancestors = tuple(unit.path.split("/")[1:-1]) if unit is not None else (within.root,)
    return Place(within.id, within.account, within.root, ancestors, tuple(within.enabled))


def _levels(tx: Transaction, account: str, kind: str) -> Levels:
    place = organization_of(tx, account)
    if place is None or kind not in place.enabled or (kind == SCP and account == place.management):
        return ()
    word = "service control policy" if kind == SCP else "resource control policy"
    levels = []
    for target in (*place.ancestors, account):
        attached = tx.table(PolicyAttachment, "", "").scan(target, kind)
        levels.append(tuple((f"{word} {one.policy} on {target}", _text(tx, one.policy)) for one in attached))
    return tuple(levels)


def _text(tx: Transaction, policy: str) -> str:
    if policy in MANAGED:
        return MANAGED[policy].content
    row = tx.table(OrganizationPolicy, "", "").get(policy)
    return row.content if row is not None else '{"Statement":[]}'
