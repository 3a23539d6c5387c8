"""Hash keys: 128 bits, of which each open shard has a range. As bytes they are in order."""

from __future__ import annotations

from hashlib import md5
from itertools import pairwise

_SIZE = 16
DIGITS = 2 * _SIZE                     # in hexadecimal
MOST = 2 ** 128 - 1


def of_key(partition_key: str) -> bytes:
    """Where a partition key belongs."""
    return md5(partition_key.encode(), usedforsecurity=False).digest()


def of_text(hash_key: str) -> bytes | None:
    """A hash key as the API writes it; None when it is too large for one."""
    number = int(hash_key)
    return number.to_bytes(_SIZE, "big") if number <= MOST else None


def of_number(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def before(hash_key: bytes) -> bytes:
    return of_number(number(hash_key) - 1)


def number(hash_key: bytes) -> int:
    return int.from_bytes(hash_key, "big")


def even(count: int) -> list[tuple[bytes, bytes]]:
    """All hash keys in so many even ranges, first and last of each."""
    edges = [(MOST + 1) * place // count for place in range(count + 1)]
    return [(of_number(low), of_number(high - 1)) for low, high in pairwise(edges)]
