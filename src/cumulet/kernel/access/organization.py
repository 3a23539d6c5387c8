"""Accounts and the organizations that hold them: what every decision asks. The Organizations and Account services edit them.

All rows are the partition's, since a decision in one account asks about another's organization. `account` is whose a row is:
the member's own for `Account`, the management account's for all else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from ..declare import Resource, Tagging, Verbs, fixed, linked, member, resource, stored

if TYPE_CHECKING:
    from ..store.contract import Transaction

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
OPT_TAKES = 20.0                 # seconds from a wish about a region to its fulfilment; AWS takes minutes to hours
Levels = tuple[tuple[tuple[str, str], ...], ...]

_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_EVERYBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'


class Managed(NamedTuple):
    """A policy that AWS gives every organization."""

    Id: str
    Type: str
    Name: str
    Description: str
    Content: str


MANAGED = {m.Id: m for m in (
    Managed("p-FullAWSAccess", SCP, "FullAWSAccess", "Allows access to every operation", _EVERYTHING),
    Managed("p-RCPFullAWSAccess", RCP, "RCPFullAWSAccess", "Allows access to every resource", _EVERYBODY))}
FULL = {m.Type: m.Id for m in MANAGED.values()}


@stored(key=("account",), scope="global",
        indexes={"organization": ("organization", "account"), "parent": ("parent", "account"), "email": ("email",)})
class Account(msgspec.Struct, kw_only=True):
    """What is known of an account: accounts that nobody spoke of have no row.

    organization: its id, None for a standalone account.  parent: the root or unit that holds it.
    state: ACTIVE, PENDING_CLOSURE, SUSPENDED (closed, may come back), CLOSED.
    regions: those that were opted into (True) or out of, and when.
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
    regions: dict[str, tuple[bool, float]] = {}
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


@resource("AWS::Organizations::OrganizationalUnit", id="Id",
          arn="arn:{partition}:organizations::{account}:ou/{organization}/{Id}", missing="OrganizationalUnitNotFoundException",
          missing_message="You specified an organizational unit that doesn't exist.",
          verbs=Verbs(create="CreateOrganizationalUnit", read="DescribeOrganizationalUnit", update="UpdateOrganizationalUnit",
                      delete="DeleteOrganizationalUnit", list="ListOrganizationalUnitsForParent"),
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"), columns=("Name", "ParentId"),
          returns={"Arn": "arn", "Id": "Id"}, unique=("name",), scope="global",
          indexes={"parent": ("ParentId", "Id"), "name": ("ParentId", "Name"), "organization": ("organization", "Id")})
class Unit(Resource, kw_only=True):
    """An organizational unit. path: `o-…/r-…/ou-…/`, itself included."""

    Id: Annotated[str, member("OrganizationalUnitId")]
    Name: str
    ParentId: Annotated[str, fixed]
    account: str
    organization: str
    path: str


@resource("AWS::Organizations::Policy", id="Id",
          arn="arn:{partition}:organizations::{account}:policy/{organization}/{kind}/{Id}", missing="PolicyNotFoundException",
          missing_message="We can't find a policy with the PolicyId that you specified.",
          verbs=Verbs(create="CreatePolicy", read="DescribePolicy", update="UpdatePolicy", delete="DeletePolicy",
                      list="ListPolicies"),
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"), columns=("Name", "Type"),
          returns={"Arn": "arn", "Id": "Id"}, unique=("name",), scope="global",
          indexes={"name": ("organization", "Type", "Name"), "list": ("organization", "Type", "Id")})
class OrganizationPolicy(Resource, kw_only=True):
    """A policy of an organization's own. kind: its type, as ARNs write it."""

    Id: Annotated[str, member("PolicyId")]
    Name: str
    Type: Annotated[str, fixed]
    Content: str
    Description: str = ""
    TargetIds: Annotated[list[str] | None, linked("AttachPolicy", "DetachPolicy", "TargetId",
                                                  read="ListTargetsForPolicy")] = None
    account: str
    organization: str
    kind: str
    updated: float


@stored(key=("target", "type", "policy"), indexes={"policy": ("organization", "policy", "target")}, scope="global")
class PolicyAttachment(msgspec.Struct, kw_only=True):
    """A policy on a root, unit or account. rank: those that were put there before it have lower ones."""

    target: str
    type: str
    policy: str
    organization: str
    account: str
    created: float
    rank: int = 0


@stored(key=("organization", "member", "service"), indexes={"service": ("organization", "service", "member")}, scope="global")
class DelegatedAdministrator(msgspec.Struct, kw_only=True):
    """A member that administers a service for the organization."""

    organization: str
    member: str
    service: str
    account: str
    enabled: float


@stored(key=("organization", "service"), scope="global")
class ServiceAccess(msgspec.Struct, kw_only=True):
    """A service that the organization trusts."""

    organization: str
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


def is_blank(tx: Transaction) -> bool:
    """Whether it is known at once that these tables are empty: nobody is in an organization, closed, or out of a region."""
    if tx.store.blocking:                            # other nodes write as well
        return False
    memory: _Memory | None = tx.store.memory.get("organization")
    return memory is not None and memory.writer is None and not memory.any


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


def is_shut(tx: Transaction, account: str, region: str, now: float) -> bool:
    """Whether the account opted out of this region, long enough ago."""
    memory = _memory(tx, account)
    if memory is None:
        return False
    found: dict[str, float] | None = memory.get((account, "shut"))
    if found is None:
        row = tx.table(Account, "", "").get(account)
        regions = row.regions if row is not None else {}
        found = memory[account, "shut"] = {name: since + OPT_TAKES for name, (wanted, since) in regions.items() if not wanted}
    return region in found and found[region] <= now


def known(tx: Transaction, account: str, now: float) -> Account:
    """What is known of an account; one that nobody spoke of has a name and an address made of its id."""
    row = tx.table(Account, "", "").get(account)
    return row or Account(account=account, name=f"account-{account}", email=f"root@{account}.example", created=now)


def changed(tx: Transaction, organization: str, version: str) -> None:
    """To be called before writes to these tables. version: any text that was never given before."""
    store = tx.store
    if store.blocking:
        store.memory.setdefault("organization seen", {})[id(tx)] = (tx, None)
        written = store.memory.setdefault("organization versions", {})
        written[version] = tx
        for oldest in list(written)[:-_MOST_WRITTEN]:
            written.pop(oldest, None)
    else:
        store.memory["organization"] = _Memory(tx, False, {})
    tx.table(Organization, "", "").change(organization, version=version)


class _Memory(NamedTuple):
    """writer: the transaction that changed these tables last, and remembers nothing of what it sees half done."""

    writer: Transaction | None
    any: bool
    found: dict[Any, Any]


_MOST_WRITTEN, _MOST_KNOWN = 64, 10_000


def _memory(tx: Transaction, account: str) -> dict[Any, Any] | None:
    """What was found out since these tables last changed; None when there is nothing to find out.

    One process alone forgets when it writes (and the store does when rows go back). Where other nodes write as well, what
    they wrote last is read; an account without a row costs one look, another two.
    """
    if tx.store.blocking:
        return _versioned(tx, account)
    memory: _Memory | None = tx.store.memory.get("organization")
    if memory is not None and memory.writer is None:
        return memory.found if memory.any else None
    if memory is not None and memory.writer is tx:
        return {}
    any_account = bool(tx.table(Account, "", "").scan(limit=1))
    tx.store.memory["organization"] = memory = _Memory(None, any_account, {})
    return memory.found if any_account else None


def _versioned(tx: Transaction, account: str) -> dict[Any, Any] | None:
    """A transaction that changes none of this sees what it saw before, so it looks once for each account."""
    all_seen = tx.store.memory.setdefault("organization seen", {})
    mine = all_seen.get(id(tx))
    if mine is None or mine[0] is not tx:
        if len(all_seen) > _MOST_WRITTEN:
            # Of transactions that are over, most likely; those that write are kept apart as long as there is room.
            for one in [k for k, (_, seen) in list(all_seen.items()) if seen is not None] or list(all_seen):
                all_seen.pop(one, None)
        mine = all_seen[id(tx)] = (tx, {})
    seen: dict[str, Any] | None = mine[1]
    if seen is None:
        return _looked(tx, account)
    if account not in seen:
        seen[account] = _looked(tx, account)
    found: dict[Any, Any] | None = seen[account]
    return found


def _looked(tx: Transaction, account: str) -> dict[Any, Any] | None:
    row = tx.table(Account, "", "").get(account)
    if row is None:
        return None
    within = tx.table(Organization, "", "").get(row.organization) if row.organization else None
    version = within.version if within else ""
    memory = tx.store.memory
    written = memory.setdefault("organization versions", {})
    if version in written:
        if written[version] is tx:
            return {}
        written.pop(version, None)               # another transaction sees it: it is committed
    known = memory.setdefault("organization", {})
    if len(known) > _MOST_KNOWN:
        known.clear()
    was, found = known.get(account, ((), {}))
    if was != (row, version):
        found = {}
        known[account] = ((row, version), found)
    return found  # type: ignore[no-any-return]


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
        levels.append(tuple((f"{word} {one.policy} on {target}", content_of(tx, one.policy)) for one in attached))
    return tuple(levels)


def content_of(tx: Transaction, policy: str) -> str:
    """The text of a policy, AWS's or an organization's."""
    if policy in MANAGED:
        return MANAGED[policy].Content
    row = tx.table(OrganizationPolicy, "", "").get(policy)
    return row.Content if row is not None else '{"Statement":[]}'
