"""Filters of ListSecrets: what a search matches."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .resources import Secret
from .secrets import invalid

Test = Callable[[Secret], bool]


def compiled(filters: Sequence[Mapping[str, Any]]) -> Test:
    """All filters must match; of one filter any value."""
    tests = [_filter(one.get("Key"), one.get("Values")) for one in filters]
    return lambda secret: all(test(secret) for test in tests)


def _filter(key: str | None, values: Sequence[str] | None) -> Test:
    if not key:
        raise invalid("Invalid filter key")
    if not values:
        raise invalid(f"Invalid filter values for key: {key}")
    tests = [_value(key, value) for value in values]
    return lambda secret: any(test(secret) for test in tests)


def _value(key: str, value: str) -> Test:
    """`!` in front means: not so."""
    if value.startswith("!"):
        test = _plain(key, value[1:])
        return lambda secret: not test(secret)
    return _plain(key, value)


def _plain(key: str, value: str) -> Test:
    if key == "all":
        words = _words(value)
        return lambda secret: _all_words(secret, words)
    if key == "description":
        low = value.lower()
        return lambda secret: (secret.Description or "").lower().startswith(low)
    if key == "name":
        return lambda secret: secret.Name.startswith(value)
    if key == "tag-key":
        return lambda secret: any(name.startswith(value) for name in secret.tags)
    if key == "tag-value":
        return lambda secret: any(text.startswith(value) for text in secret.tags.values())
    if key == "primary-region":
        return lambda secret: (secret.primary or (secret.origin if secret.replicas else "")).startswith(value)
    return lambda secret: False        # owning-service: no service owns secrets here


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", text.lower()) if word]


def _all_words(secret: Secret, words: list[str]) -> bool:
    """Does each word begin a word of any of its attributes?"""
    told = " ".join([secret.Name, secret.Description or "", *secret.tags, *secret.tags.values(), secret.primary or ""])
    there = _words(told)
    return bool(words) and all(any(one.startswith(word) for one in there) for word in words)
