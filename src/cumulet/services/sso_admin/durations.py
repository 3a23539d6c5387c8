"""Durations as ISO 8601 writes them, of hours, minutes and seconds."""

from __future__ import annotations

import re

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def seconds(text: str) -> int:
    """0 for what is no such duration."""
    found = _DURATION.fullmatch(text)
    hours, minutes, rest = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return hours * 3600 + minutes * 60 + rest
