"""Whose key it is: the account's own id, a key of IAM's or STS's tables, or (leniently) anybody's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from . import faults, handing, keys
from .contract import Principal, root_of
from .faults import Kind
from .organization import is_closed, is_shut
from .tables import AccessKey, Session

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

_USE_TOLD_EVERY = 900.0          # seconds between two notes of a key's last use


class Credentials(NamedTuple):
    """secret: "" when nobody here knows it; then the signature cannot be verified, and is not."""

    principal: Principal
    secret: str


@lru_cache(4096)
def open_key(key: str, account: str) -> Credentials:
    """A key without a known secret: a 12-digit id is that account's root, any other the default account's."""
    return Credentials(root_of(key if len(key) == 12 and key.isascii() and key.isdigit() else account, key), "")


def find(cloud: Cloud, tx: Transaction, key: str, token: str, kind: Kind, service: str, region: str) -> Credentials:
    """Who has this key. Raises the refusal of this kind of service when nobody has, or its time is over."""
    account = keys.made_here(key) if len(key) == 20 else ""
    if account:
        found = _session(cloud, tx, account, key, token, kind) if key[1] == "S" else \
            _long_term(cloud, tx, account, key, token, kind, service, region)
        if found is None:              # made here, and gone: deleted, swept, or of a state that was reset
            raise faults.expired_token(kind, token) if key[1] == "S" and token else faults.unknown_key(kind, key)
        refuse_closed(tx, account, region, key, kind, cloud.clock.now())
        return found
    settings = cloud.settings
    if settings.auth == "strict" and key != settings.account:
        raise faults.unknown_key(kind, key)
    opened = open_key(key, settings.account)
    refuse_closed(tx, opened.principal.account, region, key, kind, cloud.clock.now())
    return opened


def refuse_closed(tx: Transaction, account: str, region: str, key: str, kind: Kind, now: float) -> None:
    """The keys of an account that was closed are nobody's any more, nor are they in a region that it opted out of."""
    if is_closed(tx, account) or is_shut(tx, account, region, now):
        raise faults.unknown_key(kind, key)


def _session(cloud: Cloud, tx: Transaction, account: str, key: str, token: str, kind: Kind) -> Credentials | None:
    row = tx.table(Session, account, "").get(key)
    if row is None or not row.sealed:        # of a state of before secrets were sealed: nobody's any more
        return None
    secret, right = handing.opened(cloud, tx, row)
    if right != token:
        raise faults.bad_token(kind, token)
    if row.expires <= cloud.clock.now():
        raise faults.expired_token(kind, token)
    return Credentials(row.principal, secret)


def _long_term(cloud: Cloud, tx: Transaction, account: str, key: str, token: str, kind: Kind, service: str,
               region: str) -> Credentials | None:
    table = tx.table(AccessKey, account, "")
    row = table.get(key)
    if row is None or not row.sealed:        # of a state of before secrets were sealed: nobody's any more
        return None
    if not row.active:
        raise faults.unknown_key(kind, key)
    if token:
        raise faults.bad_token(kind, token)
    now = cloud.clock.now()
    if now - row.used_at > _USE_TOLD_EVERY or row.used_service != service or row.used_region != region:
        table.change(key, used_at=now, used_service=service, used_region=region)
    return Credentials(row.principal, handing.opened(cloud, tx, row)[0])
