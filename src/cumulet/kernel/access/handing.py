"""Access keys: made with their secrets, which are handed out once and kept sealed under the machine's key."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from . import keys
from .contract import Principal
from .tables import AccessKey, Session

if TYPE_CHECKING:
    from ..call import Call
    from ..cloud import Cloud
    from ..store.contract import Transaction

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Handed(NamedTuple):
    """What the holder of a key is told. token and expires: of temporary ones."""

    id: str
    secret: str
    token: str = ""
    expires: float = 0.0


def long_term(call: Call, who: Principal, user: str) -> Handed:
    """A new key of the user with this unique id, or ("") of the root of `call.account`."""
    found = Handed(_free(call, AccessKey, "AKIA"), call.token(40, _ALPHABET))
    principal = structs.replace(who, access_key=found.id)
    call.put(AccessKey(id=found.id, sealed=_seal(call, found), user=user, created=call.now, principal=principal))
    return found


def temporary(call: Call, who: Principal, seconds: int) -> Handed:
    """New credentials of a principal of `call.account`, from now on for so long."""
    token = base64.b64encode(bytes.fromhex(call.token(512))).decode()
    found = Handed(_free(call, Session, "ASIA"), call.token(40, _ALPHABET), token, float(int(call.now) + seconds))
    principal = structs.replace(who, access_key=found.id, issued=call.now)
    call.put(Session(id=found.id, sealed=_seal(call, found), expires=found.expires, principal=principal))
    return found


def opened(cloud: Cloud, tx: Transaction, row: AccessKey | Session) -> tuple[str, str]:
    """Secret and token of a key; opened once and remembered, for every call needs them."""
    secret, _, token = cloud.sealing.known(tx, row.sealed, _context(row.id)).decode().partition(" ")
    return secret, token


def _free(call: Call, kind: type[AccessKey] | type[Session], prefix: str) -> str:
    """A key id that nobody has."""
    key = keys.make(prefix, call.account, int(call.token(8), 16))
    while call.table(kind).get(key) is not None:
        key = keys.make(prefix, call.account, int(call.token(8), 16))
    return key


def _seal(call: Call, handed: Handed) -> bytes:
    return call.seal(f"{handed.secret} {handed.token}".encode(), _context(handed.id))


def _context(key: str) -> bytes:
    return b"access key " + key.encode()
