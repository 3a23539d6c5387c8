"""Encrypt, Decrypt, ReEncrypt, and random bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import encryption, grants, keys, materials
from ..encryption import SYMMETRIC


@operation
def encrypt(call: Call, KeyId: str, Plaintext: bytes, EncryptionContext: Mapping[str, str] = {},
            GrantTokens: Sequence[str] = (), EncryptionAlgorithm: str = SYMMETRIC,
            DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html"""
    call, key = keys.find(call, KeyId)
    grants.check_tokens(call, GrantTokens)
    encryption.prepare(call, key, EncryptionAlgorithm, EncryptionContext)
    keys.dry_run(DryRun)
    blob, _ = encryption.encrypt(call, key, EncryptionAlgorithm, Plaintext, EncryptionContext)
    return {"CiphertextBlob": blob, "KeyId": call.arn(key), "EncryptionAlgorithm": EncryptionAlgorithm}


@operation
def decrypt(call: Call, CiphertextBlob: bytes | None = None, EncryptionContext: Mapping[str, str] = {},
            GrantTokens: Sequence[str] = (), KeyId: str | None = None, EncryptionAlgorithm: str = SYMMETRIC,
            DryRun: bool | None = None, DryRunModifiers: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html"""
    blob = _blob(CiphertextBlob, DryRun, DryRunModifiers)
    call, key = encryption.source(call, KeyId, EncryptionAlgorithm, blob)
    grants.check_tokens(call, GrantTokens)
    encryption.prepare(call, key, EncryptionAlgorithm, EncryptionContext)
    if blob is None:
        keys.dry_run(True)
    assert blob is not None
    opened = encryption.decrypt(call, key, EncryptionAlgorithm, blob, EncryptionContext)
    keys.dry_run(DryRun)
    return {"KeyId": call.arn(key), "Plaintext": opened.plain, "EncryptionAlgorithm": EncryptionAlgorithm,
            "KeyMaterialId": opened.material or None}


def _blob(blob: bytes | None, dry: bool | None, modifiers: Sequence[str]) -> bytes | None:
    """The ciphertext, unless the request only asks for permission and says to ignore it."""
    if modifiers and not dry:
        raise error.ValidationException("DryRunModifiers can only be specified when DryRun is true.")
    if "IGNORE_CIPHERTEXT" in modifiers:
        return None
    if blob is None:
        raise error.ValidationException("CiphertextBlob is required.")
    return blob


@operation
def re_encrypt(call: Call, DestinationKeyId: str, CiphertextBlob: bytes | None = None,
               SourceEncryptionContext: Mapping[str, str] = {}, SourceKeyId: str | None = None,
               DestinationEncryptionContext: Mapping[str, str] = {}, SourceEncryptionAlgorithm: str = SYMMETRIC,
               DestinationEncryptionAlgorithm: str = SYMMETRIC, GrantTokens: Sequence[str] = (), DryRun: bool | None = None,
               DryRunModifiers: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"""
    blob = _blob(CiphertextBlob, DryRun, DryRunModifiers)
    there, old = encryption.source(call, SourceKeyId, SourceEncryptionAlgorithm, blob)
    here, new = keys.find(call, DestinationKeyId)
    grants.check_tokens(call, GrantTokens)
    encryption.prepare(there, old, SourceEncryptionAlgorithm, SourceEncryptionContext)
    encryption.prepare(here, new, DestinationEncryptionAlgorithm, DestinationEncryptionContext)
    if blob is None:
        keys.dry_run(True)
    assert blob is not None
    opened = encryption.decrypt(there, old, SourceEncryptionAlgorithm, blob, SourceEncryptionContext)
    keys.dry_run(DryRun)
    sealed, material = encryption.encrypt(here, new, DestinationEncryptionAlgorithm, opened.plain, DestinationEncryptionContext)
    return {"CiphertextBlob": sealed, "SourceKeyId": there.arn(old), "KeyId": here.arn(new),
            "SourceEncryptionAlgorithm": SourceEncryptionAlgorithm,
            "DestinationEncryptionAlgorithm": DestinationEncryptionAlgorithm,
            "SourceKeyMaterialId": opened.material or None, "DestinationKeyMaterialId": material or None}


@operation
def generate_random(call: Call, NumberOfBytes: int | None = None, CustomKeyStoreId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html"""
    if CustomKeyStoreId is not None:
        raise error.CustomKeyStoreNotFoundException(f"Custom key store {CustomKeyStoreId} does not exist.")
    if NumberOfBytes is None:
        raise error.ValidationException("NumberOfBytes is required.")
    return {"Plaintext": materials.secret(call, NumberOfBytes)}
