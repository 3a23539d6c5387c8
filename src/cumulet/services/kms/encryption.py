"""Encrypting and decrypting with a KMS key: what Encrypt, Decrypt, ReEncrypt and the data keys share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cumulet.kernel import Call, error

from . import ciphertexts, keys, materials, pairs
from .resources import Key, Material

SYMMETRIC = "SYMMETRIC_DEFAULT"
_LARGEST_CONTEXT = 8192


class Opened(NamedTuple):
    """A decrypted ciphertext. material: the id of what read it; "" for asymmetric keys."""

    plain: bytes
    material: str


def check_context(key: Key, context: Mapping[str, str]) -> None:
    """Raises for a context that this key cannot have."""
    if context and key.KeySpec != SYMMETRIC:
        raise error.ValidationException("An encryption context is valid only for cryptographic operations with a symmetric "
                                        "encryption KMS key.")
    if sum(len(name) + len(value) for name, value in context.items()) > _LARGEST_CONTEXT:
        raise error.ValidationException("The encryption context is too large.")


def prepare(call: Call, key: Key, algorithm: str, context: Mapping[str, str]) -> None:
    """Raises unless this key may be used so."""
    keys.usable(call, key, "ENCRYPT_DECRYPT", algorithm)
    check_context(key, context)


def encrypt(call: Call, key: Key, algorithm: str, plain: bytes, context: Mapping[str, str]) -> tuple[bytes, str]:
    """The ciphertext, and the id of the material."""
    row, secret = materials.open_current(call, key)
    keys.note_use(call, key)
    if algorithm != SYMMETRIC:
        return pairs.encrypt(secret, algorithm, plain), ""
    header = ciphertexts.Header(call.account, key.KeyId, row.id)
    return ciphertexts.write(header, secret, materials.secret(call, 12), plain, context), row.id


def source(call: Call, key_id: str | None, algorithm: str, blob: bytes | None) -> tuple[Call, Key]:
    """Which key is to decrypt: the one that is named, or the one that the ciphertext names."""
    if key_id is not None:
        there, key = keys.find(call, key_id)
        if blob is not None and algorithm == SYMMETRIC and key.KeySpec == SYMMETRIC:
            header = ciphertexts.read_header(blob)
            if (header.account, header.key) != (there.account, key.KeyId):
                raise error.IncorrectKeyException(
                    "The key ID in the request does not identify a CMK that can perform this operation.")
        return there, key
    if blob is None:
        raise error.ValidationException("KeyId is required when CiphertextBlob is not specified.")
    if algorithm != SYMMETRIC:
        raise error.ValidationException("KeyId is required for asymmetric decryption.")
    header = ciphertexts.read_header(blob)
    there = call if header.account == call.account else call.elsewhere(header.account)
    found = keys.seen(there, header.key)
    if found is None:
        raise error.AccessDeniedException("The ciphertext refers to a customer master key that does not exist, does not exist "
                                          "in this region, or you are not allowed to access.")
    return there, found


def decrypt(call: Call, key: Key, algorithm: str, blob: bytes, context: Mapping[str, str]) -> Opened:
    """The plaintext of a ciphertext of this key."""
    if algorithm != SYMMETRIC:
        _, secret = materials.open_current(call, key)
        keys.note_use(call, key)
        return Opened(pairs.decrypt(secret, algorithm, blob), "")
    row = call.table(Material).known(key.KeyId, ciphertexts.read_header(blob).material)
    if row is None or row.sealed is None:
        raise error.InvalidCiphertextException()
    plain = ciphertexts.read(blob, materials.unsealed(call, row), context)
    keys.note_use(call, key)
    return Opened(plain, row.id)
