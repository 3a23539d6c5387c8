"""AES-256 in counter mode over the bytes of objects: any range can be read, and what is encrypted is as long as before.

A counter mode needs a new nonce for every run of bytes under one key: each blob and each short body has its own. Two keys are
two layers, one over the other (DSSE).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Keys = tuple[bytes, ...]
NONCE = 16
_BLOCK = 16


def passing(keys: Keys, nonce: bytes, offset: int = 0) -> Any:
    """A function (bytes) → bytes that encrypts, or decrypts, what follows from an offset on."""
    layers = [_layer(key, nonce, offset) for key in keys]

    def update(data: bytes) -> bytes:
        for layer in layers:
            data = layer(data)
        return data

    return update


def _layer(key: bytes, nonce: bytes, offset: int) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    blocks, rest = divmod(offset, _BLOCK)
    counter = (int.from_bytes(nonce, "big") + blocks) % (1 << 128)
    update = Cipher(algorithms.AES256(key), modes.CTR(counter.to_bytes(NONCE, "big"))).encryptor().update
    if rest:
        update(bytes(rest))
    return update


def over(data: bytes, keys: Keys, nonce: bytes, offset: int = 0) -> bytes:
    """A run of bytes encrypted, or decrypted."""
    return bytes(passing(keys, nonce, offset)(data))


def write(path: str, chunks: Iterable[bytes], keys: Keys, nonce: bytes) -> None:
    """A file of the encrypted chunks."""
    update = passing(keys, nonce)
    with open(path, "wb") as file:
        for chunk in chunks:
            file.write(update(chunk))


def read(path: str, size: int = 1 << 20) -> Iterator[bytes]:
    """A file, a chunk at a time."""
    with open(path, "rb") as file:
        while chunk := file.read(size):
            yield chunk
