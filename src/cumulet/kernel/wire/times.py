"""Timestamps of all the formats that AWS's protocols use, from and to float seconds since 1970."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from time import gmtime
from typing import Any

_FIRST, _LAST = -62_135_596_800.0, 253_402_300_800.0     # the years 1 to 9999


class BadTime(ValueError):
    """Not a timestamp."""


def parse(text: Any) -> float:
    """Any format at all: a number, ISO 8601, or an HTTP date."""
    if type(text) is float or type(text) is int:
        return _within(float(text))
    if not isinstance(text, str):
        raise BadTime(text)
    text = text.strip()
    try:
        return _within(float(text))
    except BadTime:
        raise
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        pass
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        raise BadTime(text) from None


def _within(seconds: float) -> float:
    if not math.isfinite(seconds) or not _FIRST <= seconds < _LAST:
        raise BadTime(seconds)
    return seconds


@lru_cache(4096)
def iso8601(seconds: float) -> str:
    """2026-01-31T12:00:00.000Z"""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    t = gmtime(whole)
    return f"{t[0]:04}-{t[1]:02}-{t[2]:02}T{t[3]:02}:{t[4]:02}:{t[5]:02}.{thousandths:03}Z"


@lru_cache(4096)
def rfc822(seconds: float) -> str:
    """Sat, 31 Jan 2026 12:00:00 GMT"""
    return formatdate(int(seconds // 1), usegmt=True)


def unix(seconds: float) -> float | int:
    """Seconds, with milliseconds when there are any."""
    whole = int(seconds // 1)
    return whole if whole == seconds else round(seconds, 3)


_WRITERS: dict[str, Callable[[float], str]] = {"iso8601": iso8601, "rfc822": rfc822,
                                               "unixTimestamp": lambda seconds: str(unix(seconds))}


def writer(shape: dict[str, Any], default: str) -> Callable[[Any], str]:
    """The function that writes a timestamp of this shape as text; a text passes as it is."""
    form = shape.get("timestampFormat") or default
    write = _WRITERS[form]
    return lambda v: v if type(v) is str else write(v)
