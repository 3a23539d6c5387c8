"""What AWS would send to people: mails, text messages, pushes. Here they stay in one box, the newest of each account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from ..declare import stored

if TYPE_CHECKING:
    from ..store.contract import Transaction

MOST = 2000              # of an account, in all its regions; the oldest go first
_SLACK = 100             # how many more there may be until the oldest go

Kind = Literal["mail", "sms", "push"]
_OLDEST = 'DELETE FROM {table} WHERE scope = {scope} AND "account" = ? AND "id" <= ?'


@stored(auto="id", scope="global", indexes={"account": ("account", "id")})
class Sent(msgspec.Struct, kw_only=True):
    """One message to people. raw: what the recipient gets: a mail in MIME, a text in UTF-8, a push as its platform's JSON.

    problem: why AWS would not deliver it; "" when it would.
    """

    account: str
    region: str
    at: float
    service: str
    kind: str
    sender: str
    to: list[str]
    subject: str
    raw: bytes
    problem: str = ""
    id: int = 0


@stored(key=("name",), scope="global")
class Relayed(msgspec.Struct, kw_only=True):
    """How far a relay handed the mailbox on."""

    name: str = "relay"
    id: int


def put(tx: Transaction, sent: Sent) -> Sent:
    """Keep a message; the oldest of its account make room."""
    table = tx.table(Sent, "", "")
    sent = table.insert(sent)
    if sent.id % _SLACK == 0 and table.count(sent.account, index="account") > MOST:
        last = table.scan(sent.account, index="account", reverse=True, limit=MOST)[-1]
        table.sql(_OLDEST, sent.account, last.id - 1)
    return sent


def read(tx: Transaction, number: int) -> Sent | None:
    return tx.table(Sent, "", "").get(number)


def newest(tx: Transaction, account: str, kind: str, to: str, before: int, limit: int) -> list[Sent]:
    """The newest messages first: of one account or all ("") and of one kind or all, to whom says this (or part of it)."""
    table = tx.table(Sent, "", "")
    found: list[Sent] = []
    while len(found) < limit:
        rows = table.scan(*([account] if account else []), index="account" if account else None, before=before or None,
                          reverse=True, limit=limit)
        found += [row for row in rows if (not kind or row.kind == kind) and (not to or any(to in each for each in row.to))]
        if len(rows) < limit:
            break
        before = rows[-1].id
    return found[:limit]


def clear(tx: Transaction, account: str) -> int:
    """Take away what an account (or "", everybody) was sent; how many."""
    table = tx.table(Sent, "", "")
    return table.delete_all(account, index="account") if account else table.delete_all()


def begin_relay(tx: Transaction) -> None:
    """From now on messages are handed on; those that are there stay."""
    table = tx.table(Relayed, "", "")
    if table.get("relay") is None:
        last = tx.table(Sent, "", "").scan(reverse=True, limit=1)
        table.put(Relayed(id=last[0].id if last else 0))


def to_relay(tx: Transaction, limit: int) -> list[Sent]:
    """The next messages to hand on, the oldest first."""
    row = tx.table(Relayed, "", "").get("relay")
    return tx.table(Sent, "", "").scan(after=row.id if row is not None else 0, limit=limit)


def relayed(tx: Transaction, number: int) -> None:
    """This one was handed on."""
    tx.table(Relayed, "", "").put(Relayed(id=number))
