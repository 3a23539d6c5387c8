"""Who is signed in to the console: sessions of IAM users, begun with a password and, where they have a device, its code; of an
account's root; and of roles that somebody switched to.

A session is known by a random token that only its owner has; the table holds its hash. It ends after twelve hours by the
clock, and with its user; a role's with the role's credentials.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from ..declare import stored
from . import keys, organization, passwords, totp
from .contract import Principal, root_of
from .tables import AccountAlias, Session, User, VirtualMFADevice

if TYPE_CHECKING:
    from ..call import Call
    from ..store.contract import Transaction

LASTS = 12 * 3600.0
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SWEPT = 100

Answer = Literal["ok", "change", "expired", "code", "wrong"]


@stored(key=("hash",), indexes={"expires": ("expires",)}, scope="global")
class ConsoleSession(msgspec.Struct, kw_only=True):
    """A sign-in that lasts. user: the unique id, "" of the root; mfa: with a device's code; key: the temporary access key of a
    role's session."""

    hash: str
    account: str
    user: str
    name: str
    began: float
    expires: float
    mfa: bool = False
    key: str = ""


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


def _user(call: Call, name: str) -> User | None:
    """A user of `call.account`; names count without regard to case here."""
    open_ = bool(call.account) and not organization.is_closed(call.tx, call.account)
    return call.table(User).find("name", name.lower()) if open_ else None


def salt_of(call: Call, name: str) -> str:
    """The salt of a user's password, for `passwords.given`; some text for a user that is not there, which takes as long."""
    user = _user(call, name)
    profile = call.table(passwords.LoginProfile).get(user.UserId) if user is not None else None
    return profile.salt if profile is not None else name


def check(call: Call, name: str, said: passwords.Given, code: str) -> Tried:
    """Try a user of `call.account`."""
    user = _user(call, name)
    answer = passwords.check_password(call, user, said) if user is not None else "wrong"
    if user is None or answer == "wrong":
        return Tried("wrong")
    devices = call.table(VirtualMFADevice).scan(user.UserId, index="user")
    if devices and not code:
        return Tried("code", user)
    if devices and not any(totp.check_totp(call, device, user.UserId, code) for device in devices):
        return Tried("wrong")
    return Tried(answer, user, bool(devices))


def begin(call: Call, user: User | None, mfa: bool) -> str:
    """A new session of a user, or of the root of `call.account`; its token."""
    identity, name = (user.UserId, user.UserName) if user else ("", "root")
    return _begin(call, ConsoleSession(hash="", account=call.account, user=identity, name=name, began=call.now,
                                       expires=call.now + LASTS, mfa=mfa))


def switch(call: Call, name: str, key: str, expires: float) -> str:
    """A new session of the role whose temporary key this is; its token. name: what the page shows."""
    return _begin(call, ConsoleSession(hash="", account=keys.made_here(key), user="", name=name, began=call.now,
                                       expires=min(expires, call.now + LASTS), key=key))


def _begin(call: Call, session: ConsoleSession) -> str:
    """Keep it; those that are over go on this occasion."""
    table = call.table(ConsoleSession)
    for old in table.scan(index="expires", high=call.now, limit=_SWEPT):
        table.delete(old.hash)
    token = call.token(43, _ALPHABET)
    session.hash = _hash(token)
    table.put(session)
    return token


def session(tx: Transaction, token: str, now: float) -> ConsoleSession | None:
    """Whose token it is; None when it is nobody's any more."""
    row = tx.table(ConsoleSession, "", "").get(_hash(token)) if token else None
    if row is None or row.expires <= now or organization.is_closed(tx, row.account):
        return None
    if row.user:
        user = tx.table(User, row.account, "").find("id", row.user)
        if user is None:
            return None
        row.name = user.UserName
    return row


def principal_of(call: Call, row: ConsoleSession) -> Principal | None:
    """Who asks when this session asks; None when its user or its role's credentials are gone."""
    if row.key:
        found = call.tx.table(Session, row.account, "").get(row.key)
        return found.principal if found is not None and found.expires > call.now else None
    if not row.user:
        return root_of(row.account, row.account)
    user = call.tx.table(User, row.account, "").find("id", row.user)
    if user is None:
        return None
    arn = call.elsewhere(row.account).arn(user)
    return Principal("user", row.account, arn, user.UserId, arn, mfa_at=row.began if row.mfa else 0.0, issued=row.began)


def renew(tx: Transaction, row: ConsoleSession, now: float) -> None:
    """It lasts as if it began now, even if the state that it was in is another. (A role's ends with the role's credentials.)"""
    if not row.key:
        row.expires = now + LASTS
    tx.table(ConsoleSession, "", "").put(row)


def end(tx: Transaction, token: str) -> None:
    """Sign out."""
    tx.table(ConsoleSession, "", "").delete(_hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
