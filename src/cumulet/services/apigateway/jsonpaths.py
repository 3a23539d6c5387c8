"""JSON paths of mapping templates and parameter mappings: names, indexes, slices, wildcards, and whatever is below."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(r"\.\.(?P<deep>[\w-]+|\*)|\.(?P<name>[\w-]+|\*)|\[\s*(?:'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\""
                    r"|(?P<any>\*)|(?P<slice>-?\d*:-?\d*)|(?P<index>-?\d+))\s*\]")


class BadPath(ValueError):
    """A text that is no path, or has filters in it."""


@lru_cache(1024)
def _parsed(path: str) -> tuple[tuple[str, str], ...]:
    if not path.startswith("$"):
        path = f"$.{path}"
    found, at = [], 1
    while at < len(path):
        token = _TOKEN.match(path, at)
        if token is None:
            raise BadPath(f"Invalid JSON path: {path}")
        kind = str(token.lastgroup)
        value = token[kind]
        if kind in ("quoted", "double"):
            kind = "name"
        elif value == "*":
            kind = "any" if kind != "deep" else "deep"
        found.append((kind, value))
        at = token.end()
    return tuple(found)


def read(said: Any, path: str) -> Any:
    """What a path leads to; a list where it may lead to several; None where it leads nowhere."""
    steps = _parsed(path.strip())
    several = any(kind in ("deep", "any", "slice") for kind, _ in steps)
    found = [said]
    for kind, value in steps:
        found = [each for one in found for each in _step(one, kind, value)]
    return found if several else found[0] if found else None


def _step(one: Any, kind: str, value: str) -> list[Any]:
    if kind == "name":
        return [one[value]] if isinstance(one, dict) and value in one else []
    if kind == "index":
        return [one[int(value)]] if isinstance(one, list) and -len(one) <= int(value) < len(one) else []
    if kind == "slice":
        low, _, high = value.partition(":")
        return one[int(low) if low else None:int(high) if high else None] if isinstance(one, list) else []
    children = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
    if kind == "any":
        return children
    here = _step(one, "any" if value == "*" else "name", value)
    return here + [each for child in children for each in _step(child, "deep", value)]
