"""What an account has beside its APIs, by kind: found, kept, listed."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page

from .names import missing
from .resources import Item

Said = dict[str, Any]
PLAN, LINK, CERTIFICATE, ACCOUNT, DOMAIN = "plan", "link", "certificate", "account", "domain"
_CALLED = {PLAN: "Usage Plan ID", LINK: "VPC Link identifier", CERTIFICATE: "Client Certificate identifier",
           DOMAIN: "domain name identifier"}


def one(call: Call, kind: str, name: str) -> Said:
    """What is said of one."""
    found = call.table(Item).get(kind, name)
    if found is None:
        raise missing(_CALLED[kind])
    return found.said


def keep(call: Call, kind: str, name: str, said: Said) -> Said:
    """Keep one; what is None was not said."""
    said = {key: value for key, value in said.items() if value is not None}
    call.put(Item(kind=kind, id=name, said=said))
    return said


def drop(call: Call, kind: str, name: str) -> None:
    """One goes; it must be there."""
    one(call, kind, name)
    call.table(Item).delete(kind, name)


def listed(call: Call, kind: str, page: Page[Item]) -> list[Said]:
    """One page of a kind."""
    rows = call.table(Item).scan(kind, after=page.after, limit=page.limit + 1)
    return [row.said for row in page.cut(rows, lambda row: row.id)]
