"""Private keys on their way out, encrypted."""

from __future__ import annotations


def encrypted(der: bytes, passphrase: bytes) -> str:
    """PKCS8 in PEM, encrypted with a passphrase as OpenSSL reads it."""
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_der_private_key,
    )

    key = load_der_private_key(der, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)).decode()
