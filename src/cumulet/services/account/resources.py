"""What an account keeps of its people; its name, address and regions are in the kernel's row of it."""

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
    """The primary contact, as it was given; there is one, "primary". status and code: of its telephone number's
    verification."""

    id: str
    given: dict[str, str]
    status: str = "UNVERIFIED"
    code: bytes = b""


@stored(key=("id",), scope="account")
class EmailUpdate(msgspec.Struct, kw_only=True):
    """The latest change of the primary e-mail address; there is one, "primary". code: the hash of what was sent."""

    id: str
    email: str
    code: bytes
    status: str
    updated: float
