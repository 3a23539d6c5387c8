"""Access key ids that tell their account, as AWS's do, and that know themselves from strangers by a check.

Behind the four letters stand 80 bits in base 32: a one, the account (40), a number (23), a check (16). So a key's row lies
in its account, and an id that was never made here is
known without a look into any table (one stranger in 65,536 is mistaken for ours).
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from zlib import crc32

_KINDS = ("AKIA", "ASIA")
_NUMBER, _CHECK = 23, 16


def make(kind: str, account: str, number: int) -> str:
    """A key id of this account; `number` is random."""
    body = ((1 << 40 | int(account)) << _NUMBER) | (number & ((1 << _NUMBER) - 1))
    return kind + base64.b32encode((body << _CHECK | _check(body)).to_bytes(10, "big")).decode()


def account_in(key: str) -> str:
    """The account that an AWS key id tells, whoever made it; "" when it tells none."""
    if len(key) != 20 or key[:4] not in _KINDS:
        return ""
    try:
        bits = int.from_bytes(base64.b32decode(key[4:]), "big")
    except (binascii.Error, ValueError):
        return ""
    account = bits >> (_NUMBER + _CHECK) & ((1 << 40) - 1)
    return f"{account:012}" if account < 10**12 else ""


@lru_cache(4096)
def made_here(key: str) -> str:
    """The account of a key id that `make` could have made, else ""."""
    account = account_in(key)
    if not account:
        return ""
    bits = int.from_bytes(base64.b32decode(key[4:]), "big")
    body = bits >> _CHECK
    return account if bits >> 79 and bits & ((1 << _CHECK) - 1) == _check(body) else ""


def _check(body: int) -> int:
    return crc32(body.to_bytes(10, "big")) & ((1 << _CHECK) - 1)
