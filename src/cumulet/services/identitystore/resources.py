"""What exists in an identity store: users, groups, and who is in which. Rows lie in the account and region of the instance."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored


@stored(key=("store", "id"), indexes={"name": ("store", "folded"), "email": ("mail", "store")}, unique=("name",))
class User(msgspec.Struct, kw_only=True):
    """A person. folded: the name in lower case, for names are unique without regard to case; mail: the same of the address.

    attributes: all that CreateUser takes, by its own names.
    """

    store: str
    id: str
    folded: str
    mail: str | None
    attributes: dict[str, Any]
    created: float
    created_by: str
    updated: float
    updated_by: str
    revision: int = 1


@stored(key=("store", "id"), indexes={"name": ("store", "folded")}, unique=("name",))
class Group(msgspec.Struct, kw_only=True):
    """A group of users."""

    store: str
    id: str
    folded: str
    attributes: dict[str, Any]
    created: float
    created_by: str
    updated: float
    updated_by: str
    revision: int = 1


@stored(key=("store", "id"), unique=("pair",),
        indexes={"pair": ("store", "group", "user"), "group": ("store", "group", "id"), "user": ("store", "user", "id")})
class Membership(msgspec.Struct, kw_only=True):
    """A user in a group."""

    store: str
    id: str
    group: str
    user: str
    created: float
    created_by: str
