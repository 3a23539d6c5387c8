"""Data keys and data key pairs: made here, used by the caller, kept by the caller under a KMS key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import encryption, grants, keys, materials, pairs, specs
from ..encryption import SYMMETRIC
from ..resources import Key

_SIZES = {"AES_128": 16, "AES_256": 32}
_PAIRS = frozenset({"rsa", "ecc", "ed25519", "ml-kem"})


def _data_key(call: Call, key_id: str, spec: str | None, size: int | None, context: Mapping[str, str],
              tokens: Sequence[str], dry: bool | None) -> dict[str, Any]:
    if (spec is None) == (size is None):
        raise error.ValidationException("Please specify either number of bytes or key spec.")
    call, key = _wrapping(call, key_id, context, tokens)
    keys.dry_run(dry)
    plain = materials.secret(call, size or _SIZES[spec or ""])
    blob, material = encryption.encrypt(call, key, SYMMETRIC, plain, context)
    return {"CiphertextBlob": blob, "Plaintext": plain, "KeyId": call.arn(key), "KeyMaterialId": material}


def _wrapping(call: Call, key_id: str, context: Mapping[str, str], tokens: Sequence[str]) -> tuple[Call, Key]:
    """The symmetric key that protects a data key."""
    call, key = keys.find(call, key_id)
    grants.check_tokens(call, tokens)
    keys.usable(call, key, "ENCRYPT_DECRYPT")
    if key.KeySpec != SYMMETRIC:
        raise error.InvalidKeyUsageException(
            f"{call.arn(key)} key spec is {key.KeySpec} which is not valid for {call.operation}.")
    encryption.check_context(key, context)
    return call, key


@operation
def generate_data_key(call: Call, KeyId: str, EncryptionContext: Mapping[str, str] = {}, NumberOfBytes: int | None = None,
                      KeySpec: str | None = None, GrantTokens: Sequence[str] = (),
                      DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html"""
    return _data_key(call, KeyId, KeySpec, NumberOfBytes, EncryptionContext, GrantTokens, DryRun)


@operation
def generate_data_key_without_plaintext(call: Call, KeyId: str, EncryptionContext: Mapping[str, str] = {},
                                        KeySpec: str | None = None, NumberOfBytes: int | None = None,
                                        GrantTokens: Sequence[str] = (), DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html"""
    found = _data_key(call, KeyId, KeySpec, NumberOfBytes, EncryptionContext, GrantTokens, DryRun)
    del found["Plaintext"]
    return found


def _pair(call: Call, key_id: str, pair: str, context: Mapping[str, str], tokens: Sequence[str],
          dry: bool | None) -> dict[str, Any]:
    spec = specs.spec_of(pair)
    if spec.family not in _PAIRS:
        raise error.ValidationException(f"{pair} is not valid for KeyPairSpec")
    call, key = _wrapping(call, key_id, context, tokens)
    keys.dry_run(dry)
    private = materials.pair(call, spec)
    blob, material = encryption.encrypt(call, key, SYMMETRIC, private, context)
    return {"PrivateKeyCiphertextBlob": blob, "PrivateKeyPlaintext": private, "PublicKey": pairs.public_of(private),
            "KeyId": call.arn(key), "KeyPairSpec": pair, "KeyMaterialId": material}


@operation
def generate_data_key_pair(call: Call, KeyId: str, KeyPairSpec: str, EncryptionContext: Mapping[str, str] = {},
                           GrantTokens: Sequence[str] = (), DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html"""
    return _pair(call, KeyId, KeyPairSpec, EncryptionContext, GrantTokens, DryRun)


@operation
def generate_data_key_pair_without_plaintext(call: Call, KeyId: str, KeyPairSpec: str,
                                             EncryptionContext: Mapping[str, str] = {}, GrantTokens: Sequence[str] = (),
                                             DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html"""
    found = _pair(call, KeyId, KeyPairSpec, EncryptionContext, GrantTokens, DryRun)
    del found["PrivateKeyPlaintext"]
    return found
