"""What exists in Organizations. What decisions ask as well, the kernel owns; the rest is here."""

from __future__ import annotations

import msgspec

from cumulet.kernel import organization, stored

Account = organization.Account
DelegatedAdministrator = organization.DelegatedAdministrator
Organization = organization.Organization
OrganizationPolicy = organization.OrganizationPolicy
PolicyAttachment = organization.PolicyAttachment
ServiceAccess = organization.ServiceAccess
Unit = organization.Unit


@stored(key=("id",), indexes={"list": ("organization", "id")}, scope="global")
class CreateAccountRequest(msgspec.Struct, kw_only=True):
    """An account in the making. account: the management account.  made: the new account's id."""

    id: str
    organization: str
    account: str
    name: str
    email: str
    role: str
    requested: float
    state: str = "IN_PROGRESS"
    made: str | None = None
    completed: float | None = None
    failure: str | None = None
    tags: dict[str, str] = {}


@stored(key=("id",), scope="global", indexes={"sent": ("organization", "id"), "received": ("recipient", "id"),
                                              "mail": ("email", "id"), "parent": ("parent", "id")})
class Handshake(msgspec.Struct, kw_only=True):
    """A question of one account to another. state: as last answered; an open one is EXPIRED once `expires` is past.

    recipient: the account that may answer, "" while only its `email` is known.
    """

    id: str
    organization: str
    account: str
    action: str
    requested: float
    expires: float
    recipient: str = ""
    email: str | None = None
    party: str = "ACCOUNT"
    state: str = "REQUESTED"
    answered: float = 0.0
    notes: str | None = None
    parent: str | None = None
    tags: dict[str, str] = {}


@stored(key=("organization",), scope="global")
class ResourcePolicy(msgspec.Struct, kw_only=True):
    """What the management account delegates to members."""

    organization: str
    id: str
    account: str
    content: str
    tags: dict[str, str] = {}
