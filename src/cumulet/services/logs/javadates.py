"""Times in the patterns of Java's DateTimeFormatter, as dateTimeConverter takes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .names import invalid

_TOKEN = re.compile(r"'((?:[^']|'')*)'|(y+|u+|M+|d+|H+|h+|m+|s+|S+|a|E+|Z+|X+|x+|z+)|([A-Za-z])|(.)", re.DOTALL)
_DIRECTIVES = {"yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d",
               "HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S", "a": "%p",
               "EEE": "%a", "EEEE": "%A", "z": "%Z"}
_FRACTION, _OFFSET = "%f", "%z"
DEFAULT = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z"


def directives(pattern: str) -> list[str]:
    """A pattern as strptime's directives and literals, one by one."""
    found: list[str] = []
    for part in _TOKEN.finditer(pattern + ("'" if pattern.count("'") % 2 else "")):
        quoted, letters, unknown, literal = part.groups()
        if unknown is not None or (letters and letters[0] not in "SZXx" and letters not in _DIRECTIVES):
            raise invalid(f"Invalid date pattern: {pattern}")
        if letters is None:
            found.append((quoted if quoted is not None else literal).replace("%", "%%"))
        else:
            found.append(_FRACTION if letters[0] == "S" else _OFFSET if letters[0] in "ZXx" else _DIRECTIVES[letters])
    return found


def zone(name: str) -> tzinfo:
    try:
        return UTC if name in ("UTC", "Z", "GMT") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid(f"Invalid time zone: {name}") from None


def parsed(text: str, patterns: list[str], source: tzinfo) -> datetime | None:
    """The moment that a text means by the first pattern that fits; `epoch` is milliseconds, or seconds where it is short."""
    for pattern in patterns:
        try:
            if pattern == "epoch":
                number = float(text)
                return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
            found = datetime.strptime(text, "".join(directives(pattern)))
        except (ValueError, OverflowError):
            continue
        return found if found.tzinfo is not None else found.replace(tzinfo=source)
    return None


def written(at: datetime, pattern: str) -> str:
    """A moment by a pattern; fractions are milliseconds."""
    return "".join(f"{at.microsecond // 1000:03d}" if part == _FRACTION else at.strftime(part) for part in directives(pattern))
