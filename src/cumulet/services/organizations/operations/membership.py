"""Invitations, and the way to all features: handshakes between accounts."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, organization

from .. import handshakes, names, standing, tree
from ..handshakes import LASTS, OPEN, told, violation
from ..resources import Account, Handshake, Organization
from ..tagging import tagged


@operation
def invite_account_to_organization(call: Call, Target: dict[str, str], Notes: str | None = None,
                                   Tags: list[dict[str, str]] = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteAccountToOrganization.html"""
    within = standing.manager(call)
    if Target["Type"] not in ("ACCOUNT", "EMAIL"):
        raise standing.invalid("INVALID_PARTY_TYPE_TARGET", "You specified the wrong type of entity as a target.")
    if _migration(call, within) is not None:
        raise violation("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
                        "You can't issue new invitations to join an organization while it's in the process of enabling all"
                        " features.")
    email, account = _target(call, Target)
    if account is not None and account.organization == within.id:
        raise violation("ALREADY_IN_AN_ORGANIZATION", "The account is already a member of the organization.")
    for row in call.table(Handshake).scan(within.id, index="sent"):
        same = row.recipient == account.account if account else row.email == email
        if row.action == "INVITE" and same and handshakes.state(call, row) in OPEN:
            raise error.DuplicateHandshakeException("A handshake with the same action and target already exists.")
    if call.table(Account).count(within.id, index="organization") >= tree.MOST_ACCOUNTS:
        raise violation("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts.")
    row = Handshake(id=names.new(call, "h-", 32), organization=within.id, account=within.account, action="INVITE",
                    requested=call.now, expires=call.now + LASTS["INVITE"], recipient=account.account if account else "",
                    email=email, party=Target["Type"], state="OPEN", notes=Notes, tags=tagged({}, Tags))
    return {"Handshake": told(call, handshakes.begin(call, row))}


def _target(call: Call, target: dict[str, str]) -> tuple[str | None, Account | None]:
    """(address, account) of who is invited; any twelve digits are an account, and somebody may have an unknown address."""
    id = target["Id"]
    if target["Type"] == "EMAIL":
        if "@" not in id:
            raise standing.invalid("INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the target.")
        return id, call.table(Account).find("email", id)
    if len(id) != 12 or not id.isdigit():
        raise standing.invalid("INVALID_PATTERN_TARGET_ID", "You specified a target ID that doesn't match the pattern.")
    return None, organization.known(call.tx, id, call.now)


def _migration(call: Call, within: Organization) -> Handshake | None:
    """The request for all features that is under way."""
    for row in call.table(Handshake).scan(within.id, index="sent"):
        if row.party == "ORGANIZATION" and handshakes.state(call, row) in OPEN:
            return row
    return None


@operation
def enable_all_features(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAllFeatures.html"""
    within = standing.manager(call)
    if within.features == "ALL":
        raise violation("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization already has all features enabled.")
    if _migration(call, within) is not None:
        raise violation("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
                        "The organization has already started the process to enable all features.")
    action, expires = "ENABLE_ALL_FEATURES", call.now + LASTS["ENABLE_ALL_FEATURES"]
    row = handshakes.begin(call, Handshake(
        id=names.new(call, "h-", 32), organization=within.id, account=within.account, action=action, requested=call.now,
        expires=expires, recipient=within.account, party="ORGANIZATION"))
    for one in call.table(Account).iterate(within.id, index="organization"):
        if one.method == "INVITED" and one.account != within.account:
            handshakes.begin(call, Handshake(
                id=names.new(call, "h-", 32), organization=within.id, account=within.account, action=action,
                requested=call.now, expires=expires, recipient=one.account, parent=row.id))
    return {"Handshake": told(call, row)}


@operation
def accept_handshake(call: Call, HandshakeId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_AcceptHandshake.html"""
    row = handshakes.found(call, HandshakeId)
    if not handshakes.is_recipient(call, row):
        raise standing.denied()
    if row.party == "ORGANIZATION" and handshakes.state(call, row) == "REQUESTED":
        raise error.InvalidHandshakeTransitionException("Not all invited accounts have approved to enable all features.")
    handshakes.answer(call, row, "ACCEPTED")
    within = call.table(Organization).get(row.organization)
    if within is None:
        raise error.InvalidHandshakeTransitionException("The organization does not exist any more.")
    standing.touch(call, within)
    if row.action == "INVITE":
        _join(call, within, row)
    elif row.party == "ORGANIZATION":
        within.features, within.enabled = "ALL", [organization.SCP]
        call.put(within)
        for place in tree.places(call, within):
            tree.hang_full(call, within, place)
            if place.isdigit():
                tree.link(call, place)
    return {"Handshake": told(call, row)}


def _join(call: Call, within: Organization, row: Handshake) -> None:
    account = organization.known(call.tx, call.account, call.now)
    if account.organization is not None:
        raise violation("ALREADY_IN_AN_ORGANIZATION", "The account is already a member of an organization.")
    account.tags = row.tags
    tree.join(call, within, account, "INVITED")


@operation
def decline_handshake(call: Call, HandshakeId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeclineHandshake.html"""
    row = handshakes.found(call, HandshakeId)
    if not handshakes.is_recipient(call, row) or row.party == "ORGANIZATION":
        raise standing.denied()
    return {"Handshake": told(call, handshakes.answer(call, row, "DECLINED"))}


@operation
def cancel_handshake(call: Call, HandshakeId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CancelHandshake.html"""
    row = handshakes.found(call, HandshakeId)
    if row.account != call.account:
        raise standing.denied()
    handshakes.answer(call, row, "CANCELED")
    if row.party == "ORGANIZATION":
        for child in call.table(Handshake).scan(row.id, index="parent"):
            if handshakes.state(call, child) in OPEN:
                handshakes.answer(call, child, "CANCELED")
    return {"Handshake": told(call, row)}


@operation
def describe_handshake(call: Call, HandshakeId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeHandshake.html"""
    return {"Handshake": told(call, handshakes.found(call, HandshakeId))}


@operation
def list_handshakes_for_account(call: Call, Filter: dict[str, str] = {}, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForAccount.html"""
    email = organization.known(call.tx, call.account, call.now).email
    rows = {row.id: row for row in call.table(Handshake).scan(call.account, index="received")}
    rows |= {row.id: row for row in call.table(Handshake).scan(email, index="mail") if not row.recipient}
    return _listed(call, list(rows.values()), Filter, page)


@operation
def list_handshakes_for_organization(call: Call, Filter: dict[str, str] = {}, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForOrganization.html"""
    within = standing.reader(call)
    return _listed(call, call.table(Handshake).scan(within.id, index="sent"), Filter, page)


def _listed(call: Call, rows: list[Handshake], wanted: dict[str, str], page: Page[Any]) -> dict[str, Any]:
    found = [row for row in sorted(rows, key=lambda row: row.id)
             if (page.after is None or row.id > page.after) and wanted.get("ActionType", row.action) == row.action
             and wanted.get("ParentHandshakeId", row.parent) == row.parent]
    return {"Handshakes": [told(call, row) for row in page.cut(found, lambda row: row.id)]}
