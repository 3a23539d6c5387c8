"""Key material: made, sealed, found, opened for use."""

from __future__ import annotations

import hashlib

from cumulet.kernel import Call

from . import pairs
from .resources import Key, Material
from .specs import SPECS, Spec


def fresh(call: Call, spec_name: str) -> bytes:
    """New key material: secret bytes, or a private key (PKCS #8)."""
    spec = SPECS[spec_name]
    if spec.family in ("symmetric", "hmac"):
        return secret(call, spec.size // 8)
    return pair(call, spec)


def pair(call: Call, spec: Spec) -> bytes:
    """A new private key; those of RSA take a while."""
    return call.aside(pairs.generate, spec) if spec.family == "rsa" else pairs.generate(spec)


def secret(call: Call, size: int) -> bytes:
    """So many random bytes."""
    return bytes.fromhex(call.token(size * 2))


def material_id(key_id: str, plain: bytes) -> str:
    """By what the material of a key is known; the same for the same material of the same key in every Region."""
    return hashlib.sha256(b"material\0" + key_id.encode() + b"\0" + plain).hexdigest()


def _context(key_id: str, id: str) -> bytes:
    return f"kms:{key_id}:{id}".encode()


def add(call: Call, key: Key, plain: bytes, state: str = "CURRENT") -> Material:
    """Give a key material, behind what it has."""
    id = material_id(key.KeyId, plain)
    last = call.table(Material).scan(key.KeyId, index="order", reverse=True, limit=1)
    row = Material(key=key.KeyId, id=id, number=last[0].number + 1 if last else 1, state=state,
                   sealed=call.seal(plain, _context(key.KeyId, id)))
    return call.put(row)


def seal(call: Call, row: Material, plain: bytes) -> bytes:
    """Material as it is kept."""
    return call.seal(plain, _context(row.key, row.id))


def every(call: Call, key: Key) -> list[Material]:
    """All material of a key, the oldest first."""
    return call.table(Material).scan(key.KeyId, index="order")


def open_current(call: Call, key: Key) -> tuple[Material, bytes]:
    """What a usable key encrypts and signs with."""
    row = call.table(Material).known(key.KeyId, key.current or "")
    assert row is not None
    return row, unsealed(call, row)


def unsealed(call: Call, row: Material) -> bytes:
    """The material itself. It must be there: see `Material.sealed`."""
    assert row.sealed is not None
    return call.unseal(row.sealed, _context(row.key, row.id))
