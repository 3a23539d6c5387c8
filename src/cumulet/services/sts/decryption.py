"""Encrypted assertions: XML encryption as identity providers write it, opened by a private key of the provider's row.

https://www.w3.org/TR/xmlenc-core1/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

_NS = {"xenc": "http://www.w3.org/2001/04/xmlenc#", "ds": "http://www.w3.org/2000/09/xmldsig#",
       "xenc11": "http://www.w3.org/2009/xmlenc11#"}
_OAEP = (_NS["xenc"] + "rsa-oaep-mgf1p", _NS["xenc11"] + "rsa-oaep")
_CBC = tuple(_NS["xenc"] + f"aes{bits}-cbc" for bits in (128, 192, 256))
_GCM = tuple(_NS["xenc11"] + f"aes{bits}-gcm" for bits in (128, 192, 256))
_BLOCK, _NONCE = 16, 12


def decrypt(encrypted: Any, keys: Sequence[bytes]) -> bytes | None:
    """The text of what was encrypted to one of these keys (PEM); None when it was not, whatever the reason."""
    data, key = encrypted.find("xenc:EncryptedData", _NS), encrypted.find(".//xenc:EncryptedKey", _NS)
    if data is None or key is None:
        return None
    try:
        wrapped, text = _value(key), _value(data)
        for pem in keys:
            secret = _unwrapped(key, wrapped, pem)
            if secret is not None:
                return _opened(_algorithm(data), secret, text)
    except (ValueError, binascii.Error, AttributeError):
        return None
    return None


def _value(element: Any) -> bytes:
    return base64.b64decode("".join((element.find("xenc:CipherData/xenc:CipherValue", _NS).text or "").split()), validate=True)


def _algorithm(element: Any) -> str:
    return str(element.find("xenc:EncryptionMethod", _NS).get("Algorithm", ""))


def _unwrapped(key: Any, wrapped: bytes, pem: bytes) -> bytes | None:
    """The key of the data; None when it was wrapped for somebody else."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    private = load_pem_private_key(pem, None)
    if _algorithm(key) not in _OAEP or not isinstance(private, rsa.RSAPrivateKey):
        return None
    method = key.find("xenc:EncryptionMethod", _NS)
    digest, mask = method.find("ds:DigestMethod", _NS), method.find("xenc11:MGF", _NS)
    known = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    name = digest.get("Algorithm", "").rpartition("#")[2] if digest is not None else "sha1"
    mask_name = mask.get("Algorithm", "").rpartition("#mgf1")[2] if mask is not None else "sha1"
    if name not in known or mask_name not in known:
        return None
    try:
        return private.decrypt(wrapped, padding.OAEP(padding.MGF1(known[mask_name]), known[name], None))
    except ValueError:
        return None


def _opened(algorithm: str, secret: bytes, text: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if algorithm in _GCM:
        try:
            return AESGCM(secret).decrypt(text[:_NONCE], text[_NONCE:], None)
        except InvalidTag:
            return None
    if algorithm not in _CBC:
        return None
    opener = Cipher(algorithms.AES(secret), modes.CBC(text[:_BLOCK])).decryptor()
    plain = opener.update(text[_BLOCK:]) + opener.finalize()
    return plain[:-plain[-1]] if plain and 1 <= plain[-1] <= _BLOCK else None
