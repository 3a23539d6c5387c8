"""The only chance: identifiers. Random bytes are drawn in blocks, so that an id costs well under a microsecond."""

from __future__ import annotations

import os
import threading

_BLOCK = 8192


class Chance(threading.local):
    """Random identifiers from the operating system's generator. Each thread draws from a block of its own: digits that two
    were given could be a key to one and a name, which everybody may read, to the other."""

    def __init__(self) -> None:
        self._hex = ""
        self._at = 0

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
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"

    def token(self, length: int, alphabet: str) -> str:
        """So many random characters of an alphabet."""
        if alphabet == "0123456789abcdef":
            return self.hex(length)
        n = len(alphabet)
        raw = os.urandom(length * 2)
        return "".join(alphabet[(raw[i] << 8 | raw[i + 1]) % n] for i in range(0, length * 2, 2))
