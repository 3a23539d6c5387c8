"""Signing and verifying with asymmetric keys."""

from __future__ import annotations

import hashlib
from typing import Any

from cumulet.kernel import error, not_implemented

from .pairs import opened
from .specs import SPECS

_MU = 64                               # bytes of ML-DSA's message representative


def check(spec_name: str, algorithm: str, message: bytes, kind: str) -> None:
    """Raises for a message that this algorithm does not sign so."""
    if algorithm == "ED25519_PH_SHA_512":
        raise not_implemented("kms:SigningAlgorithm ED25519_PH_SHA_512")
    family = SPECS[spec_name].family
    kinds = {"ed25519": ("RAW",), "ml-dsa": ("RAW", "EXTERNAL_MU")}.get(family, ("RAW", "DIGEST"))
    if kind not in kinds:
        raise error.ValidationException(f"MessageType {kind} is not valid for algorithm {algorithm}.")
    if kind == "DIGEST" and len(message) != _hashed(algorithm).digest_size:
        raise error.ValidationException(f"Digest is invalid length for algorithm {algorithm}.")
    if kind == "EXTERNAL_MU" and len(message) != _MU:
        raise error.ValidationException(f"Message is invalid length for MessageType EXTERNAL_MU: it must be {_MU} bytes.")


def _hashed(algorithm: str) -> Any:
    return hashlib.new(f"sha{algorithm.rpartition('_')[2]}")


def sign(private: bytes, algorithm: str, message: bytes, kind: str) -> bytes:
    """A signature."""
    key = opened(private)
    if algorithm == "ML_DSA_SHAKE_256":
        return bytes(key.sign_mu(message) if kind == "EXTERNAL_MU" else key.sign(message))
    if algorithm.startswith("ED25519"):
        return bytes(key.sign(message))
    return bytes(key.sign(message, *_how(algorithm, kind)))


def is_valid(private: bytes, algorithm: str, message: bytes, kind: str, signature: bytes) -> bool:
    """Is it a signature of this message?"""
    from cryptography.exceptions import InvalidSignature

    key = opened(private).public_key()
    try:
        if algorithm == "ML_DSA_SHAKE_256":
            if kind == "EXTERNAL_MU":
                key.verify_mu(signature, message)
            else:
                key.verify(signature, message)
        elif algorithm.startswith("ED25519"):
            key.verify(signature, message)
        else:
            key.verify(signature, message, *_how(algorithm, kind))
    except InvalidSignature:
        return False
    return True


def _how(algorithm: str, kind: str) -> tuple[Any, ...]:
    """Padding and digest, as the library wants them."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    kinds: dict[str, Any] = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
    digest = kinds[algorithm.rpartition("_")[2]]()
    hashed: Any = Prehashed(digest) if kind == "DIGEST" else digest
    if algorithm.startswith("ECDSA"):
        return (ec.ECDSA(hashed),)
    if "PSS" in algorithm:
        return padding.PSS(padding.MGF1(digest), digest.digest_size), hashed
    return padding.PKCS1v15(), hashed
