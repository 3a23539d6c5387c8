"""Who is signed in to the console: sessions of IAM users, begun with a password and, where they have a device, its code.

A session is known by a random token that only its owner has; the table holds its hash. It ends after twelve hours by the
clock, and with its user.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from ..declare import stored
from . import organization, passwords, totp
from .tables import AccountAlias, User, VirtualMFADevice

if TYPE_CHECKING:
    from ..call import Call
    from ..store.contract import Transaction

LASTS = 12 * 3600.0
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SWEPT = 100

Answer = Literal["ok", "change", "expired", "code", "wrong"]


@stored(key=("hash",), indexes={"expires": ("expires",)}, scope="global")
class ConsoleSession(msgspec.Struct, kw_only=True):
    """A sign-in that lasts. user: the unique id; mfa: with a device's code."""

    hash: str
    account: str
    user: str
    name: str
    began: float
    expires: float
    mfa: bool = False


class Tried(NamedTuple):
    """An attempt to sign in. "code": the password is right, and a device's code is still to be given."""

    answer: Answer
    user: User | None = None
    mfa: bool = False


def account_of(tx: Transaction, name: str) -> str:
    """The account of an id or alias; "" when nobody has the alias."""
    if len(name) == 12 and name.isascii() and name.isdigit():
        return name
    row = tx.table(AccountAlias, "", "").get(name)
    return row.account if row is not None else ""


def check(call: Call, name: str, password: str, code: str) -> Tried:
    """Try a user of `call.account`. Takes as long for a user that is not there. Names count without regard to case here."""
    open_ = bool(call.account) and not organization.is_closed(call.tx, call.account)
    user = call.table(User).find("name", name.lower()) if open_ else None
    if user is None or call.table(passwords.LoginProfile).get(user.UserId) is None:
        passwords.hashed(password, name)
        return Tried("wrong")
    answer = passwords.check_password(call, user, password)
    if answer == "wrong":
        return Tried("wrong")
    devices = call.table(VirtualMFADevice).scan(user.UserId, index="user")
    if devices and not code:
        return Tried("code", user)
    if devices and not any(totp.check_totp(call, device, user, code) for device in devices):
        return Tried("wrong")
    return Tried(answer, user, bool(devices))


def begin(call: Call, user: User, mfa: bool) -> str:
    """A new session; its token. Those that are over go on this occasion."""
    table = call.table(ConsoleSession)
    for old in table.scan(index="expires", high=call.now, limit=_SWEPT):
        table.delete(old.hash)
    token = call.token(43, _ALPHABET)
    table.put(ConsoleSession(hash=_hash(token), account=call.account, user=user.UserId, name=user.UserName, began=call.now,
                             expires=call.now + LASTS, mfa=mfa))
    return token


def session(tx: Transaction, token: str, now: float) -> ConsoleSession | None:
    """Whose token it is; None when it is nobody's any more."""
    row = tx.table(ConsoleSession, "", "").get(_hash(token)) if token else None
    if row is None or row.expires <= now:
        return None
    user = tx.table(User, row.account, "").find("id", row.user)
    if user is None:
        return None
    row.name = user.UserName
    return row


def end(tx: Transaction, token: str) -> None:
    """Sign out."""
    tx.table(ConsoleSession, "", "").delete(_hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
