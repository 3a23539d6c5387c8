"""People at the access portal: who they are, what they hold, and what they may become.

https://docs.aws.amazon.com/singlesignon/latest/userguide/using-the-portal.html
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Literal, NamedTuple

from cumulet.kernel import AwsError, Call, principals

from .operations.assignments import groups_of
from .resources import Assignment, Device, DirectoryPassword, Instance, PermissionSet, PortalToken, Provisioned
from .standing import Place

_SHORTEST = 8
_SWEPT = 100

Approval = Literal["ok", "new", "weak", "wrong", "gone"]


class Right(NamedTuple):
    """A role that somebody may become."""

    account: str
    role: str
    duration: str


def digest(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def place_of(call: Call, store: str) -> Place | None:
    """The instance of an identity store, as seen from its owner."""
    row = call.table(Instance).find("store", store)
    return Place(row, call.elsewhere(row.account, row.region)) if row is not None else None


def _directory(place: Place) -> Any:
    return place.call.as_service(account=place.instance.account, region=place.instance.region).identitystore


def user_of(place: Place, user: str) -> dict[str, Any]:
    """All that is known of a user; nothing when it is gone."""
    try:
        found: dict[str, Any] = _directory(place).describe_user(IdentityStoreId=place.instance.store, UserId=user)
    except AwsError:
        return {}
    return found


def _user(place: Place, name: str) -> str:
    try:
        told = _directory(place).get_user_id(IdentityStoreId=place.instance.store, AlternateIdentifier={
            "UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}})
    except AwsError:
        return ""
    return str(told["UserId"])


def salt_of(call: Call, store: str, name: str) -> str:
    """The salt of somebody's password; "" of a user who has none yet, some text for a user that is not there."""
    place = place_of(call, store)
    user = _user(place, name) if place is not None and name else ""
    row = call.table(DirectoryPassword).get(store, user) if user else None
    return row.salt if row is not None else "" if user else name


def approve(call: Call, store: str, code: str, name: str, said: principals.passwords.Given, new: str) -> Approval:
    """Sign in and let the waiting program have a token. "new": who has no password yet is to choose one.

    said: the password, or (who has none) the new one.
    """
    place = place_of(call, store)
    device = call.table(Device).find("user_code", code.strip().upper())
    if place is None or device is None or device.store != store or device.expires <= call.now or device.user:
        return "gone"
    user = _user(place, name) if name else ""
    row = call.table(DirectoryPassword).get(store, user) if user else None
    if user and row is None:
        if not new or said.password != new:
            return "new"
        if len(new) < _SHORTEST:
            return "weak"
        call.put(DirectoryPassword(store=store, user=user, account=place.instance.account, salt=said.salt, hash=said.hash))
    elif row is None or not hmac.compare_digest(principals.passwords.hash_of(said, row.salt), row.hash):
        return "wrong"
    device.user = user
    call.put(device)
    return "ok"


def swept(call: Call, kind: Any) -> Any:
    """The table, without some of the rows that are over."""
    table = call.table(kind)
    for row in table.scan(index="expires", high=call.now, limit=_SWEPT):
        table.delete(getattr(row, "hash", None) or row.id)
    return table


def holder(call: Call, token: str) -> tuple[Place, PortalToken, dict[str, Any]] | None:
    """Whose token it is: the instance, the token, and the user; None when it is nobody's any more."""
    row = call.table(PortalToken).get(digest(token))
    place = place_of(call, row.store) if row is not None and row.expires > call.now else None
    user = user_of(place, row.user) if place is not None and row is not None else {}
    return (place, row, user) if place is not None and row is not None and user else None


def rights(place: Place, user: str) -> list[Right]:
    """All roles that a user may become, its own and those of its groups."""
    table = place.call.table(Assignment)
    pairs = {(one.set, one.target) for holder in [("USER", user), *(("GROUP", group) for group in groups_of(place, user))]
             for one in table.scan(*holder, index="principal")}
    found = []
    for arn, target in pairs:
        made, row = place.call.table(Provisioned).get(arn, target), place.call.table(PermissionSet).get(arn)
        if made is not None and row is not None:
            found.append(Right(target, row.name, row.duration))
    return sorted(found)
