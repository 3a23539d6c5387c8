"""Pages of names that begin alike."""

from __future__ import annotations

from typing import Any

_LAST = "\x7f"                         # behind all that names are made of


def beginning(prefix: str) -> dict[str, Any]:
    """The bounds of a scan for names that begin so."""
    return {"low": prefix, "high": prefix + _LAST} if prefix else {}
