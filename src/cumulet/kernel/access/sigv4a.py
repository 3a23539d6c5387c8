"""Signature Version 4a: ECDSA on P-256, with a key pair derived from the secret, good for a set of regions."""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

from .sigv4 import ECDSA

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@lru_cache(1024)
def private_key(secret: str, key: str) -> ec.EllipticCurvePrivateKey:
    """The key pair of an access key: NIST SP 800-108's counter mode, until the number lies inside the curve's order."""
    from cryptography.hazmat.primitives.asymmetric import ec

    for counter in range(1, 255):
        text = (b"\x00\x00\x00\x01" + ECDSA.encode() + b"\x00" + key.encode() + bytes([counter]) + b"\x00\x00\x01\x00")
        number = int.from_bytes(hmac.digest(("AWS4A" + secret).encode(), text, "sha256"), "big")
        if number <= _ORDER - 2:
            return ec.derive_private_key(number + 1, ec.SECP256R1())
    raise ValueError("no key can be derived")


def verifies(secret: str, key: str, to_sign: str, signature: str) -> bool:
    """Is this the signature (DER in hexadecimal) of this string by this key?"""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        private_key(secret, key).public_key().verify(bytes.fromhex(signature), to_sign.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
