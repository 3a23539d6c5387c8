"""What an account keeps of its people and its regions. Its name and address are in the kernel's row of it."""

from __future__ import annotations

import msgspec

from cumulet.kernel import stored


@stored(key=("kind",), scope="account")
class AlternateContact(msgspec.Struct, kw_only=True):
    """Whom to ask about BILLING, OPERATIONS or SECURITY."""

    kind: str
    name: str
    title: str
    email: str
    phone: str


@stored(key=("id",), scope="account")
class PrimaryContact(msgspec.Struct, kw_only=True):
    """The primary contact, as it was given; there is one, "primary"."""

    id: str
    given: dict[str, str]


@stored(key=("name",), scope="account")
class Region(msgspec.Struct, kw_only=True):
    """A region that was opted into or out of, and when."""

    name: str
    enabled: bool
    since: float
