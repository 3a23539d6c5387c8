"""Names: of buckets, of keys, of versions, of uploads and of owners."""

from __future__ import annotations

import hashlib
import re

_BUCKET = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)(?!(?:\d{1,3}\.){3}\d{1,3}$)"
                     r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_NAMESPACED = re.compile(r".+-\d{12}-[a-z]{2,}(?:-[a-z]+)+-\d+-an")
_METRICS_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
MAX_KEY = 1024

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"       # in the order of their bytes
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
ALPHABET = _DIGITS
_WIDTH = 11                                 # digits that hold any 63-bit number
VERSION_LENGTH = 32
NULL = "null"


def is_bucket_name(name: str) -> bool:
    """May a general purpose bucket be called so?"""
    return _BUCKET.fullmatch(name) is not None and not name.endswith(_SUFFIXES)


def is_in_namespace(name: str, account: str, region: str) -> bool:
    """Is it of the namespace that an account has in a region?"""
    return name.endswith(f"-{account}-{region}-an")


def is_namespaced(name: str) -> bool:
    """Is it of some account's namespace?"""
    return _NAMESPACED.fullmatch(name) is not None


def is_metrics_id(name: str) -> bool:
    """May a metrics configuration be called so?"""
    return _METRICS_ID.fullmatch(name) is not None


def owner_id(account: str) -> str:
    """The canonical user id of an account: 64 hex digits, always the same."""
    return hashlib.sha256(b"canonical user " + account.encode()).hexdigest()


def numbered(number: int, chance: str) -> str:
    """An opaque identifier whose first digits are a number, so that a row is found by it without an index."""
    digits = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits)) + chance


def number_of(identifier: str) -> int | None:
    """The number that `numbered` wrote; None when it cannot have written this."""
    number = 0
    for digit in identifier[:_WIDTH]:
        value = _VALUES.get(digit)
        if value is None:
            return None
        number = number * 62 + value
    return number if len(identifier) > _WIDTH and number < 1 << 63 else None


def after_prefix(prefix: bytes) -> bytes | None:
    """The first key behind all keys that begin with `prefix`; None when there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes((stripped[-1] + 1,)) if stripped else None
