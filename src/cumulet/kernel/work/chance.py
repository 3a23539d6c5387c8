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


class _Digits(threading.local):
    """Hexadecimal digits, for each thread from a block of its own: those that two were given could be a key to one and a name,
    which everybody may read, to the other."""

    def __init__(self) -> None:
        self.block = ""
        self.at = 0


class Chance:
    """Random identifiers from the operating system's generator."""

    def __init__(self) -> None:
        self._digits = _Digits()
        self._uuids: list[str] = []        # for all threads: each is taken out of it once

    def hex(self, length: int) -> str:
        """So many random hexadecimal digits (at most 8,192)."""
        digits = self._digits
        at = digits.at
        if at + length > len(digits.block):
            digits.block = os.urandom(_BLOCK).hex()
            at = 0
        digits.at = at + length
        return digits.block[at : at + length]

    def uuid(self) -> str:
        """A version 4 UUID."""
        while True:
            try:
                return self._uuids.pop()
            except IndexError:             # perhaps in many threads at once: each adds some
                self._uuids += _new_uuids()

    def token(self, length: int, alphabet: str) -> str:
        """So many random characters of an alphabet."""
        if alphabet == "0123456789abcdef":
            return self.hex(length)
        n = len(alphabet)
        raw = os.urandom(length * 2)
        return "".join(alphabet[(raw[i] << 8 | raw[i + 1]) % n] for i in range(0, length * 2, 2))


def _new_uuids() -> list[str]:
    raw = bytearray(os.urandom(16 * _UUIDS))
    raw[6::16], raw[8::16] = raw[6::16].translate(_VERSION), raw[8::16].translate(_VARIANT)
    return [b"-".join(parts).decode() for parts in _PARTS.iter_unpack(raw.hex().encode())]
