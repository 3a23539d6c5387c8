"""Where the next page of a query begins. A token is good for the query that it came from and for no other."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from .places import invalid


class Token(msgspec.Struct, frozen=True):
    """query: a check over what was asked."""

    query: int

    @staticmethod
    def of(*asked: Any) -> Token:
        return Token(zlib.crc32(msgspec.msgpack.encode(asked)))

    def at(self, place: int) -> str:
        return msgspec.msgpack.encode((self.query, place)).hex()

    def begin(self, text: str | None) -> int:
        """The place in the ranking; 0 for the first page."""
        if text is None:
            return 0
        try:
            query, place = msgspec.msgpack.decode(bytes.fromhex(text), type=tuple[int, int])
        except (ValueError, msgspec.DecodeError):
            query, place = -1, 0
        if query != self.query:
            raise invalid("Invalid nextToken", "nextToken")
        return place
