"""Signatures, message authentication codes, and secrets that two parties share."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import grants, keys, materials, pairs, signatures
from ..resources import Key


def _key(call: Call, key_id: str, usage: str, algorithm: str, tokens: Sequence[str]) -> tuple[Call, Key]:
    call, key = keys.find(call, key_id)
    grants.check_tokens(call, tokens)
    keys.usable(call, key, usage, algorithm)
    return call, key


def _secret(call: Call, key: Key) -> bytes:
    keys.note_use(call, key)
    return materials.open_current(call, key)[1]


def _signing(call: Call, key_id: str, algorithm: str, message: bytes, kind: str,
             tokens: Sequence[str]) -> tuple[Call, Key]:
    call, key = keys.find(call, key_id)
    grants.check_tokens(call, tokens)
    keys.usable(call, key, "SIGN_VERIFY")
    signatures.check(key.KeySpec, algorithm, message, kind)
    keys.usable(call, key, "SIGN_VERIFY", algorithm)
    return call, key


@operation
def sign(call: Call, KeyId: str, Message: bytes, SigningAlgorithm: str, MessageType: str = "RAW",
         GrantTokens: Sequence[str] = (), DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""
    call, key = _signing(call, KeyId, SigningAlgorithm, Message, MessageType, GrantTokens)
    keys.dry_run(DryRun)
    return {"KeyId": call.arn(key), "SigningAlgorithm": SigningAlgorithm,
            "Signature": signatures.sign(_secret(call, key), SigningAlgorithm, Message, MessageType)}


@operation
def verify(call: Call, KeyId: str, Message: bytes, Signature: bytes, SigningAlgorithm: str, MessageType: str = "RAW",
           GrantTokens: Sequence[str] = (), DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html"""
    call, key = _signing(call, KeyId, SigningAlgorithm, Message, MessageType, GrantTokens)
    keys.dry_run(DryRun)
    if not signatures.is_valid(_secret(call, key), SigningAlgorithm, Message, MessageType, Signature):
        raise error.KMSInvalidSignatureException()
    return {"KeyId": call.arn(key), "SignatureValid": True, "SigningAlgorithm": SigningAlgorithm}


@operation
def generate_mac(call: Call, KeyId: str, Message: bytes, MacAlgorithm: str, GrantTokens: Sequence[str] = (),
                 DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html"""
    call, key = _key(call, KeyId, "GENERATE_VERIFY_MAC", MacAlgorithm, GrantTokens)
    keys.dry_run(DryRun)
    return {"Mac": _mac(_secret(call, key), MacAlgorithm, Message), "MacAlgorithm": MacAlgorithm, "KeyId": call.arn(key)}


@operation
def verify_mac(call: Call, KeyId: str, Message: bytes, MacAlgorithm: str, Mac: bytes, GrantTokens: Sequence[str] = (),
               DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html"""
    call, key = _key(call, KeyId, "GENERATE_VERIFY_MAC", MacAlgorithm, GrantTokens)
    keys.dry_run(DryRun)
    if not hmac.compare_digest(_mac(_secret(call, key), MacAlgorithm, Message), Mac):
        raise error.KMSInvalidMacException()
    return {"KeyId": call.arn(key), "MacValid": True, "MacAlgorithm": MacAlgorithm}


def _mac(secret: bytes, algorithm: str, message: bytes) -> bytes:
    return hmac.digest(secret, message, "sha" + algorithm.rpartition("_")[2])


@operation
def derive_shared_secret(call: Call, KeyId: str, KeyAgreementAlgorithm: str, PublicKey: bytes,
                         GrantTokens: Sequence[str] = (), DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html"""
    call, key = _key(call, KeyId, "KEY_AGREEMENT", KeyAgreementAlgorithm, GrantTokens)
    shared = pairs.agree(_secret(call, key), PublicKey)
    keys.dry_run(DryRun)
    return {"KeyId": call.arn(key), "SharedSecret": shared, "KeyAgreementAlgorithm": KeyAgreementAlgorithm,
            "KeyOrigin": key.Origin}


@operation
def encapsulate(call: Call, KeyId: str, EncapsulationAlgorithm: str, GrantTokens: Sequence[str] = (),
                DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html"""
    call, key = _key(call, KeyId, "ENCAPSULATE_DECAPSULATE", EncapsulationAlgorithm, GrantTokens)
    keys.dry_run(DryRun)
    shared, blob = pairs.encapsulate(_secret(call, key))
    return {"KeyId": call.arn(key), "SharedSecret": shared, "SharedSecretCiphertextBlob": blob,
            "EncapsulationAlgorithm": EncapsulationAlgorithm}


@operation
def decapsulate(call: Call, KeyId: str, SharedSecretCiphertextBlob: bytes, EncapsulationAlgorithm: str,
                GrantTokens: Sequence[str] = (), DryRun: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html"""
    call, key = _key(call, KeyId, "ENCAPSULATE_DECAPSULATE", EncapsulationAlgorithm, GrantTokens)
    shared = pairs.decapsulate(_secret(call, key), SharedSecretCiphertextBlob)
    keys.dry_run(DryRun)
    return {"KeyId": call.arn(key), "SharedSecret": shared, "EncapsulationAlgorithm": EncapsulationAlgorithm}
