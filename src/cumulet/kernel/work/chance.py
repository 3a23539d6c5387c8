"""The only chance: identifiers. Random bytes are drawn in blocks, so that an id costs well under a microsecond."""

from __future__ import annotations

import os
import struct
import threading

_BLOCK = 8192
_UUIDS = 64                            # made at once
_VERSION = bytes(byte & 0x0f | 0x40 for byte in range(256))
_VARIANT = bytes(byte & 0x3f | 0x80 for byte in range(256))
_PARTS = struct.Struct("8s4s4s4s12s")


class Chance(threading.local):
    """Random identifiers from the operating system's generator. Each thread draws from a block of its own: digits that two
    were given could be a key to one and a name, which everybody may read, to the other."""

    def __init__(self) -> None:
        self._hex = ""
        self._at = 0
        self._uuids: list[str] = []

    def hex(self, length: int) -> str:
        """So many random hexadecimal digits (at most 8,192)."""
        at = self._at
        if at + length > len(self._hex):
            self._hex = os.urandom(_BLOCK).hex()
            at = 0
        self._at = at + length
        return self._hex[at : at + length]

    def uuid(self) -> str:
        """A version 4 UUID."""
        uuids = self._uuids
        if not uuids:
            raw = bytearray(os.urandom(16 * _UUIDS))
            raw[6::16], raw[8::16] = raw[6::16].translate(_VERSION), raw[8::16].translate(_VARIANT)
            uuids += [b"-".join(parts).decode() for parts in _PARTS.iter_unpack(raw.hex().encode())]
        return uuids.pop()

    def token(self, length: int, alphabet: str) -> str:
        """So many random characters of an alphabet."""
        if alphabet == "0123456789abcdef":
            return self.hex(length)
        n = len(alphabet)
        raw = os.urandom(length * 2)
        return "".join(alphabet[(raw[i] << 8 | raw[i + 1]) % n] for i in range(0, length * 2, 2))
