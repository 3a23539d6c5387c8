"""The tree of an organization: its root, units and accounts, and what hangs where."""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import AwsError, Call, error, organization, principals

from . import names
from .resources import Account, Organization, PolicyAttachment, Unit
from .standing import constraint

DEEPEST, MOST_UNITS, MOST_ACCOUNTS = 5, 2000, 10_000


class Node(NamedTuple):
    """A place in the tree that policies and tags can be put on."""

    id: str
    kind: str
    name: str
    arn: str


def parent(call: Call, within: Organization, id: str, missing: str = "ParentNotFoundException") -> Unit | None:
    """The unit of this id, None for the root; raises when there is neither."""
    if id == within.root:
        return None
    unit = call.table(Unit).get(id)
    if unit is None or unit.organization != within.id:
        raise AwsError(missing, "You specified a parent that doesn't exist.")
    return unit


def unit(call: Call, within: Organization, id: str) -> Unit:
    row = call.table(Unit).get(id)
    if row is None or row.organization != within.id:
        raise error.OrganizationalUnitNotFoundException("You specified an organizational unit that doesn't exist.")
    return row


def account(call: Call, within: Organization, id: str, missing: str = "AccountNotFoundException") -> Account:
    row = call.table(Account).get(id)
    if row is None or row.organization != within.id:
        raise AwsError(missing, "You specified an account that doesn't exist.")
    return row


def target(call: Call, within: Organization, id: str) -> Node:
    """What a policy can hang on."""
    if id == within.root:
        return Node(id, "ROOT", "Root", names.root_arn(within))
    ou = call.table(Unit).get(id)
    if ou is not None and ou.organization == within.id:
        return Node(id, "ORGANIZATIONAL_UNIT", ou.Name, names.unit_arn(within, ou))
    row = call.table(Account).get(id)
    if row is not None and row.organization == within.id:
        return Node(id, "ACCOUNT", row.name, names.account_arn(within, id))
    raise error.TargetNotFoundException("You specified a target that doesn't exist.")


def chain(call: Call, within: Organization, node: Node) -> list[str]:
    """The ids from the root down to the node, itself included."""
    if node.kind == "ROOT":
        return [node.id]
    if node.kind == "ORGANIZATIONAL_UNIT":
        return unit(call, within, node.id).path.split("/")[1:-1]
    place = organization.organization_of(call.tx, node.id)
    return [*(place.ancestors if place else ()), node.id]


def make_unit(call: Call, within: Organization, above: Unit | None, name: str, tags: dict[str, str]) -> Unit:
    """A new unit under a unit, or under the root (None)."""
    table = call.table(Unit)
    upper = above.Id if above else within.root
    if table.find("name", upper, name) is not None:
        raise duplicate_unit()
    path = above.path if above else f"{within.id}/{within.root}/"
    if path.count("/") - 1 > DEEPEST:
        raise constraint("OU_DEPTH_LIMIT_EXCEEDED", f"You have exceeded the OU depth limit of {DEEPEST}.")
    if table.count(within.id, index="organization") >= MOST_UNITS:
        raise constraint("OU_NUMBER_LIMIT_EXCEEDED", f"You have exceeded the limit of {MOST_UNITS} OUs in an organization.")
    id = names.new(call, f"ou-{within.root[2:]}-", 8)
    row = Unit(Id=id, account=within.account, organization=within.id, ParentId=upper, Name=name, path=f"{path}{id}/", tags=tags,
               created=call.now)
    hang_full(call, within, id)
    return table.insert(row)


def duplicate_unit() -> AwsError:
    return error.DuplicateOrganizationalUnitException("An OU with the same name already exists.")


def join(call: Call, within: Organization, row: Account, method: str) -> None:
    """An account comes in, under the root."""
    row.organization, row.parent, row.joined, row.method = within.id, within.root, call.now, method
    call.put(row)
    hang_full(call, within, row.account)
    if within.features == "ALL":
        link(call, row.account)


def link(call: Call, account: str) -> None:
    """The role by which Organizations works in an account."""
    if call.elsewhere(account).table(principals.Role).get("AWSServiceRoleForOrganizations") is None:
        call.as_service(account=account).iam.create_service_linked_role(AWSServiceName="organizations.amazonaws.com")


def part(call: Call, row: Account) -> None:
    """An account goes: its policies and tags stay behind."""
    call.table(PolicyAttachment).delete_all(row.account)
    row.organization = row.parent = None
    row.tags = {}
    call.put(row)


def hang_full(call: Call, within: Organization, target: str) -> None:
    """Each new place begins with the full-access policies of the types that are enabled."""
    for kind, policy in organization.FULL.items():
        if kind in within.enabled:
            hang(call, within, target, kind, policy)


def hang(call: Call, within: Organization, target: str, kind: str, policy: str) -> None:
    rank = max((a.rank for a in call.table(PolicyAttachment).scan(target, kind)), default=0) + 1
    call.put(PolicyAttachment(target=target, type=kind, policy=policy, organization=within.id, account=within.account,
                              created=call.now, rank=rank))


def places(call: Call, within: Organization) -> list[str]:
    """The ids of everything that policies can hang on."""
    return [within.root, *(u.Id for u in call.table(Unit).iterate(within.id, index="organization")),
            *(a.account for a in call.table(Account).iterate(within.id, index="organization"))]
