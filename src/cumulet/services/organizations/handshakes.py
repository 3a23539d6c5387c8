"""Handshakes: who may answer what, and until when."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, organization

from . import names, shown
from .background import forget_handshake
from .resources import Account, Handshake, Organization

DAY = 86_400.0
LASTS = {"INVITE": 15 * DAY, "ENABLE_ALL_FEATURES": 90 * DAY, "TRANSFER_RESPONSIBILITY": 15 * DAY}
SHOWN_FOR = 30 * DAY
OPEN = ("REQUESTED", "OPEN")


def begin(call: Call, row: Handshake) -> Handshake:
    """Keep a new handshake, for as long as it is to be seen."""
    call.at(row.expires + SHOWN_FOR, forget_handshake, name=row.id, handshake=row.id)
    return call.put(row)


def state(call: Call, row: Handshake) -> str:
    """The state at this moment. The request for all features is open once every invited member has said yes."""
    if row.state not in OPEN:
        return row.state
    if row.expires <= call.now:
        return "EXPIRED"
    if row.action == "ENABLE_ALL_FEATURES" and row.party == "ORGANIZATION":
        children = call.table(Handshake).scan(row.id, index="parent")
        missing = [c for c in children if c.state != "ACCEPTED" and _still_in(call, c)]
        return "REQUESTED" if missing else "OPEN"
    return row.state


def _still_in(call: Call, row: Handshake) -> bool:
    account = call.table(Account).get(row.recipient)
    return account is not None and account.organization == row.organization


def found(call: Call, id: str) -> Handshake:
    """A handshake that the caller has part in."""
    row = call.table(Handshake).get(id)
    if row is None or not (row.account == call.account or is_recipient(call, row)):
        raise error.HandshakeNotFoundException("We can't find a handshake with the HandshakeId that you specified.")
    return row


def is_recipient(call: Call, row: Handshake) -> bool:
    if row.recipient:
        return row.recipient == call.account
    return row.email == organization.known(call.tx, call.account, call.now).email


def answer(call: Call, row: Handshake, wanted: str) -> Handshake:
    """ACCEPTED, DECLINED or CANCELED, when its state lets it."""
    now = state(call, row)
    if now == wanted:
        raise error.HandshakeAlreadyInStateException(f"The specified handshake is already in the requested state: {wanted}.")
    if now not in OPEN:
        raise error.InvalidHandshakeTransitionException(
            f"You can't perform the operation on the handshake in its current state: {now}.")
    row.state, row.answered = wanted, call.now
    if wanted != "CANCELED":
        row.recipient = row.recipient or call.account
    call.at(call.now + SHOWN_FOR, forget_handshake, name=row.id, handshake=row.id)
    return call.put(row)


def violation(reason: str, message: str) -> AwsError:
    return error.HandshakeConstraintViolationException(message, Reason=reason)


def told(call: Call, row: Handshake) -> dict[str, Any]:
    """As answers tell it."""
    parties = [{"Id": row.organization, "Type": "ORGANIZATION"}]
    if row.party != "ORGANIZATION":
        parties.append({"Id": row.email or row.recipient, "Type": row.party})
    return {"Id": row.id, "Arn": names.handshake_arn(row), "Parties": parties, "State": state(call, row),
            "RequestedTimestamp": row.requested, "ExpirationTimestamp": row.expires, "Action": row.action,
            "Resources": _resources(call, row)}


def _resources(call: Call, row: Handshake) -> list[dict[str, Any]]:
    within = call.table(Organization).get(row.organization)
    about: dict[str, Any] = {"Type": "ORGANIZATION", "Value": row.organization}
    if row.action == "INVITE" and within is not None:
        manager = organization.known(call.tx, within.account, within.created)
        about["Resources"] = [{"Type": "MASTER_EMAIL", "Value": shown.whole(call, within)["MasterAccountEmail"]},
                              {"Type": "MASTER_NAME", "Value": manager.name},
                              {"Type": "ORGANIZATION_FEATURE_SET", "Value": within.features}]
    told = [about]
    if row.party != "ORGANIZATION":
        told.append({"Type": row.party, "Value": row.email or row.recipient})
    if row.notes is not None:
        told.append({"Type": "NOTES", "Value": row.notes})
    if row.parent is not None:
        told.append({"Type": "PARENT_HANDSHAKE", "Value": row.parent})
    return told
