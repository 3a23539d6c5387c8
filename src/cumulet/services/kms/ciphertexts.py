"""What a symmetric key makes of a plaintext: a blob that says which key and which material reads it again.

    01 02 03 00 | account (5) | kind (1) | key id (16) | material (32) | nonce (12) | AES-256-GCM ciphertext and tag

The header and the encryption context are authenticated with it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

from cumulet.kernel import error

_MAGIC = b"\x01\x02\x03\x00"
_HEAD = struct.Struct(">4s5sB16s32s")
_NONCE = 12
_LEAST = _HEAD.size + _NONCE + 16
_SINGLE, _MULTI = 0x78, 0x6D
_MULTI_PREFIX = "mrk-"


class Header(NamedTuple):
    """Whose key it was."""

    account: str
    key: str
    material: str


def write(header: Header, secret: bytes, nonce: bytes, plain: bytes, context: Mapping[str, str]) -> bytes:
    """Encrypt."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    multi = header.key.startswith(_MULTI_PREFIX)
    digits = header.key.removeprefix(_MULTI_PREFIX).replace("-", "")
    head = _HEAD.pack(_MAGIC, int(header.account).to_bytes(5, "big"), _MULTI if multi else _SINGLE, bytes.fromhex(digits),
                      bytes.fromhex(header.material))
    return head + nonce + AESGCM(secret).encrypt(nonce, plain, head + canonical(context))


def read_header(blob: bytes) -> Header:
    """Which key and material it needs; raises for what KMS did not write."""
    if len(blob) < _LEAST or blob[:4] != _MAGIC or blob[9] not in (_SINGLE, _MULTI):
        raise error.InvalidCiphertextException()
    _, account, kind, key, material = _HEAD.unpack_from(blob)
    digits = key.hex()
    name = _MULTI_PREFIX + digits if kind == _MULTI else \
        f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return Header(f"{int.from_bytes(account, 'big'):012d}", name, material.hex())


def read(blob: bytes, secret: bytes, context: Mapping[str, str]) -> bytes:
    """Decrypt."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head, nonce = blob[:_HEAD.size], blob[_HEAD.size:_HEAD.size + _NONCE]
    try:
        return AESGCM(secret).decrypt(nonce, blob[_HEAD.size + _NONCE:], head + canonical(context))
    except InvalidTag:
        raise error.InvalidCiphertextException() from None


def canonical(context: Mapping[str, str]) -> bytes:
    """An encryption context as bytes: whatever order it was written in, and unlike any other context."""
    out: list[bytes] = []
    for name, value in sorted(context.items()):
        for part in (name.encode(), value.encode()):
            out += (len(part).to_bytes(4, "big"), part)
    return b"".join(out)
