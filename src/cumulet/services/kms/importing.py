"""Imported key material: unwrapped, checked, given to its key; which of it is there and which is missing."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

from . import materials, pairs
from .resources import Key, Material, Wrapping
from .rotation import everywhere
from .specs import SPECS

DAY = 86_400.0
_TOKEN = b"kms-import-1"


def check_origin(call: Call, key: Key) -> None:
    """Raises unless the key's material comes from outside."""
    if key.Origin != "EXTERNAL":
        raise error.UnsupportedOperationException(
            f"{call.arn(key)} origin is {key.Origin} which is not valid for this operation.")


def check_wrapping(key: Key, algorithm: str, wrapping_spec: str) -> None:
    """Raises for a way of wrapping that AWS does not offer for this kind of key."""
    if algorithm in ("RSAES_PKCS1_V1_5", "SM2PKE") or wrapping_spec == "SM2":
        raise error.UnsupportedOperationException(f"The wrapping algorithm {algorithm} with {wrapping_spec} is not supported.")
    family = SPECS[key.KeySpec].family
    direct = algorithm.startswith("RSAES_OAEP")
    if (family == "rsa" and direct) or (family in ("symmetric", "hmac") and not direct) \
            or (key.KeySpec == "ECC_NIST_P521" and direct and wrapping_spec == "RSA_2048"):
        raise error.ValidationException(f"The wrapping algorithm {algorithm} and wrapping key spec {wrapping_spec} are not "
                                        f"valid for key material of the key spec {key.KeySpec}.")


def token(row: Wrapping) -> bytes:
    """What an import says to name its wrapping key."""
    return b" ".join((_TOKEN, row.key.encode(), row.id.encode()))


def wrapping_of(call: Call, key: Key, text: bytes) -> Wrapping:
    """The wrapping key of a token."""
    parts = text.split(b" ")
    row = None
    if len(parts) == 3 and parts[0] == _TOKEN and parts[1] == key.KeyId.encode():
        row = call.table(Wrapping).get(key.KeyId, parts[2].decode("ascii", "replace"))
    if row is None:
        raise error.InvalidImportTokenException("The import token is invalid or belongs to another KMS key.")
    if row.until <= call.now:
        raise error.ExpiredImportTokenException("The import token has expired.")
    return row


def unwrap(private: bytes, algorithm: str, blob: bytes) -> bytes:
    """Key material as it was before it was wrapped."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding

    if algorithm.startswith("RSAES_OAEP"):
        return pairs.decrypt(private, algorithm, blob)
    size = pairs.opened(private).key_size // 8
    secret = pairs.decrypt(private, algorithm, blob[:size])
    try:
        return bytes(aes_key_unwrap_with_padding(secret, blob[size:]))
    except (InvalidUnwrap, ValueError):
        raise error.InvalidCiphertextException() from None


def check_material(key: Key, plain: bytes) -> None:
    """Raises unless it is material for this kind of key."""
    spec = SPECS[key.KeySpec]
    good = len(plain) == spec.size // 8 if spec.family in ("symmetric", "hmac") else pairs.fits(plain, key.KeySpec)
    if not good:
        raise incorrect(f"The key material is not valid for a KMS key of the key spec {key.KeySpec}.")


def incorrect(message: str) -> AwsError:
    return error.IncorrectKeyMaterialException(message)


def admit(call: Call, key: Key, plain: bytes, kind: str | None, named: str | None) -> Material:
    """The row of imported material: a new one, or the one that it is again. The caller keeps the key."""
    known = materials.every(call, key)
    id = materials.material_id(key.KeyId, plain)
    if kind is None:
        kind = "EXISTING_KEY_MATERIAL" if known else "NEW_KEY_MATERIAL"
    row = next((row for row in known if row.id == id), None)
    if kind == "EXISTING_KEY_MATERIAL":
        if row is None or named not in (None, id):
            raise incorrect("The key material in the request is not the same key material that was previously imported.")
        return row
    if named is not None:
        raise error.ValidationException("KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.")
    if row is not None:
        raise incorrect("The key material in the request is already associated with this KMS key.")
    if known and key.KeySpec != "SYMMETRIC_DEFAULT":
        raise incorrect("The key material of asymmetric and HMAC keys cannot be changed.")
    if key.MultiRegion and key.primary != call.region:
        raise error.UnsupportedOperationException(
            f"{call.arn(key)} is a multi-Region replica key: import new key material into the primary key.")
    if any(row.state.startswith("PENDING") for row in known):
        raise error.KMSInvalidStateException(f"{call.arn(key)} already has key material that is pending rotation.")
    return _begin(call, key, plain, first=not known)


def _begin(call: Call, key: Key, plain: bytes, first: bool) -> Material:
    """New material, in each Region of the key; elsewhere it is to be imported as well."""
    several = len(key.regions) > 1
    waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" if several else "PENDING_ROTATION"
    state = "CURRENT" if first else waiting
    mine = None
    for there, row in everywhere(call, key):
        added = materials.add(there, row, plain, state)
        if first:
            row.current = added.id
        if row is key:
            mine = added
        else:
            there.table(Material).change(added.key, added.id, sealed=None)
            row.lacking = first or row.lacking
            there.put(row)
    assert mine is not None
    return mine


def settle(call: Call, key: Key, row: Material, waiting: bool) -> None:
    """Material is there (again): is anything still missing, here or in another Region? The caller keeps the key.

    waiting: the key could not be used without it. (One that was disabled meanwhile stays so.)"""
    key.lacking = any(one.sealed is None for one in materials.every(call, key) if not one.state.startswith("PENDING"))
    if waiting and not key.lacking:
        key.Enabled = True
    if row.state == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION":
        around = [(there, there.table(Material).get(row.key, row.id)) for there, _ in everywhere(call, key)]
        if all(one is not None and one.sealed is not None for _, one in around):
            for there, _ in around:
                there.table(Material).change(row.key, row.id, state="PENDING_ROTATION")


def withdraw(call: Call, key: Key, row: Material) -> None:
    """Material that was never in use goes entirely; from the primary key, in every Region."""
    for there, _ in everywhere(call, key) if key.primary == call.region else [(call, key)]:
        there.table(Material).delete(row.key, row.id)

