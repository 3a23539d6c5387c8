"""Passwords of IAM users: kept as scrypt hashes, held against the account's policy, asked at sign-in.

All hashes of one user share a salt, so that one computation compares a password with all former ones.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from ..declare import stored

if TYPE_CHECKING:
    from ..call import Call
    from .tables import User

REMEMBERED = 24                      # former passwords that a policy may compare with
SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")
_DAY = 86400.0
_COST, _BLOCK, _LANES = 2 ** 14, 8, 1
_ID = "policy"

Answer = Literal["ok", "change", "expired", "wrong"]


@stored(key=("user",), scope="account")
class LoginProfile(msgspec.Struct, kw_only=True):
    """How a user signs in to the console. user: the unique id; hashes: the newest first; none: a password must be
    recovered (the root's)."""

    user: str
    created: float
    changed: float
    salt: str
    hashes: list[bytes]
    reset: bool = False


@stored(key=("id",), scope="account")
class PasswordPolicy(msgspec.Struct, kw_only=True):
    """What an account asks of its users' passwords; the defaults are those of UpdateAccountPasswordPolicy."""

    id: str = _ID
    minimum: int = 6
    symbols: bool = False
    numbers: bool = False
    upper: bool = False
    lower: bool = False
    self_service: bool = False
    max_age: int = 0                 # days; 0: no end
    remembered: int = 0
    hard_expiry: bool | None = None


def policy_of(call: Call) -> PasswordPolicy | None:
    """The account's own policy; None while AWS's default counts."""
    return call.table(PasswordPolicy).get(_ID)


def hashed(password: str, salt: str) -> bytes:
    """The scrypt hash that is kept."""
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=_COST, r=_BLOCK, p=_LANES, dklen=32)


class Hashes(NamedTuple):
    """Hashes of several passwords under one salt."""

    salt: str
    found: tuple[bytes, ...]


def all_hashed(salt: str, *passwords: str) -> Hashes:
    """For `Call.aside`: each takes a tenth of a second."""
    return Hashes(salt, tuple(hashed(password, salt) for password in passwords))


class Given(NamedTuple):
    """A password that somebody says, with its hash under the salt that was told to be theirs."""

    password: str
    salt: str
    hash: bytes


def given(password: str, salt: str) -> Given:
    """For a thread, before the transaction that asks whether it is right."""
    return Given(password, salt, hashed(password, salt))


def objection(policy: PasswordPolicy | None, name: str, account: str, password: str) -> str:
    """What is wrong with a new password, in IAM's words; "" when it is good."""
    upper = any("A" <= c <= "Z" for c in password)
    lower = any("a" <= c <= "z" for c in password)
    number = any("0" <= c <= "9" for c in password)
    symbol = any(c in SYMBOLS for c in password)
    if policy is None:
        if len(password) < 8:
            return "Password should have a minimum length of 8"
        if upper + lower + number + symbol < 3 or password in (name, account):
            return "Password does not conform to the account password policy."
        return ""
    if len(password) < policy.minimum:
        return f"Password should have a minimum length of {policy.minimum}"
    for asked, given, what in ((policy.upper, upper, "uppercase letter"), (policy.lower, lower, "lowercase letter"),
                               (policy.numbers, number, "number"), (policy.symbols, symbol, "symbol")):
        if asked and not given:
            return f"Password should have at least one {what}"
    return ""


def expires(policy: PasswordPolicy | None, profile: LoginProfile) -> float | None:
    """When the password must be changed; None: never."""
    return profile.changed + policy.max_age * _DAY if policy is not None and policy.max_age else None


def check_password(call: Call, user: User, said: Given) -> Answer:
    """Sign-in of a user of `call.account`. "change": right, but a new password must be set first (ChangePassword); "expired":
    right, but only an administrator may set a new one (HardExpiry). Notes the use."""
    profile = call.table(LoginProfile).get(user.UserId)
    if profile is None or not matches(profile, said):
        return "wrong"
    policy = policy_of(call)
    end = expires(policy, profile)
    over = end is not None and end <= call.now
    if over and policy is not None and policy.hard_expiry:
        return "expired"
    call.table(type(user)).change(user.UserName, password_used=call.now)
    return "change" if over or profile.reset else "ok"


def matches(profile: LoginProfile, said: Given) -> bool:
    """Is it the password of today?"""
    return bool(profile.hashes) and hmac.compare_digest(profile.hashes[0], hash_of(said, profile.salt))


def hash_of(said: Given, salt: str) -> bytes:
    """Its hash under this salt; made anew when the salt has become another one meanwhile."""
    return said.hash if said.salt == salt else hashed(said.password, salt)
