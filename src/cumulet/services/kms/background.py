"""What happens unasked in KMS: keys whose time is over are deleted, imported material expires."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from . import grants, regions
from .keys import look
from .resources import Alias, Grant, Key, Material, Wrapping
from .rotation import cease


@timer
def delete_key(call: Call, key_id: str) -> None:
    """The waiting period is over: the key goes, with all that is about it."""
    key = look(call, key_id)
    if key is None or key.leaving is None:
        return
    cease(call, key)
    for alias in call.table(Alias).scan(key_id, index="target"):
        call.table(Alias).delete(alias.AliasName)
    for grant in call.table(Grant).iterate(key_id):
        grants.unlist(call, grant)
    for kind in (Material, Grant, Wrapping):
        call.table(kind).delete_all(key_id)
    call.table(type(key)).delete(key_id)
    call.emit("KMS CMK Deletion", {"key-id": key_id}, (call.arn(key),))
    if key.MultiRegion:
        waiting = regions.left(call, key)
        if waiting is not None:
            start_waiting(waiting[0], waiting[1])


def start_waiting(call: Call, key: Key) -> None:
    """From now on the key waits for its deletion."""
    key.waits_for_replicas = False
    key.leaving = call.now + key.window * 86_400.0
    call.put(key)
    call.at(key.leaving, delete_key, name=key.KeyId, key_id=key.KeyId)


@timer
def expire_material(call: Call, key_id: str, material: str) -> None:
    """Imported material whose time is over is deleted; the key waits for it to come back."""
    row, key = call.table(Material).get(key_id, material), look(call, key_id)
    if row is None or key is None or row.valid_to is None or row.valid_to > call.now or row.sealed is None:
        return
    forget_material(call, key, row)
    call.emit("KMS Imported Key Material Expiration", {"key-id": key_id}, (call.arn(key),))


def forget_material(call: Call, key: Key, row: Material) -> None:
    """Imported material goes; that it was there is remembered."""
    call.table(Material).change(row.key, row.id, sealed=None, valid_to=None)
    call.cancel(expire_material, f"{row.key} {row.id}")
    if row.state in ("CURRENT", "NON_CURRENT"):
        call.table(type(key)).change(key.KeyId, lacking=True)


def forget_wrappings(call: Call) -> None:
    """Wrapping keys that nobody may use any more."""
    for row in call.table(Wrapping).scan(index="until", high=call.now - 86_400.0, limit=100):
        call.table(Wrapping).delete(row.key, row.id)
