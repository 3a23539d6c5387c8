"""Grok: `%{IP:client} %{NUMBER:ms:integer}` as a regular expression with converted fields.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Configurable.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .names import invalid
from .regexes import repeats_repetitions

_PART = re.compile(r"%\{(\w+)(?::([\w.@\[\]-]+))?(?::(\w+))?\}")
_MOST = 20
_IPV4 = r"(?<!\d)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\d)"
_IPV6 = r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
_HOST = r"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?\b"
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
_MONTH = (r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|Jun(?:e)?|Jul(?:y)?|Aug(?:ust)?|Sep(?:tember)?"
          r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b")
_TIME = r"(?:2[0123]|[01]?\d):[0-5]\d(?::(?:[0-5]?\d|60)(?:[:.,]\d+)?)?"
_MONTHNUM, _MONTHDAY, _YEAR = r"(?:0?[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01]|[1-9])", r"\d\d(?:\d\d)?"
_PATH = r"(?:/[\w%!$@:.,+~-]*)+"
PATTERNS = {
    "WORD": r"\b\w+\b", "NOTSPACE": r"\S+", "SPACE": r"\s*", "DATA": r".*?", "GREEDYDATA": r".*",
    "GREEDYDATA_MULTILINE": r"[\s\S]*",
    "INT": r"[+-]?\d+", "NUMBER": _NUMBER, "BASE10NUM": _NUMBER, "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+",
    "POSINT": r"\b[1-9]\d*\b", "NONNEGINT": r"\b\d+\b", "BOOLEAN": r"(?i:true|false)",
    "UUID": r"[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}", "QUOTEDSTRING": r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'',
    "IP": f"(?:{_IPV6}|{_IPV4})", "IPV4": _IPV4, "IPV6": _IPV6, "HOSTNAME": _HOST, "HOST": _HOST,
    "IPORHOST": f"(?:{_IPV4}|{_HOST})",
    "HOSTPORT": rf"(?:{_IPV4}|{_HOST}):\d+", "MAC": r"(?:[A-Fa-f0-9]{2}[:-]){5}[A-Fa-f0-9]{2}", "PATH": _PATH,
    "UNIXPATH": _PATH,
    "WINPATH": r"[A-Za-z]+:(?:\\[^\\?*]*)+", "URIPROTO": r"[A-Za-z][A-Za-z0-9+.-]+",
    "URIHOST": rf"(?:{_HOST}|{_IPV4})(?::\d+)?",
    "URIPATH": r"(?:/[\w$.+!*'(){},~:;=@#%&-]*)+", "URIPARAM": r"\?[\w$.+!*'|(){},~@#%&/=:;?<>\[\]-]*",
    "URIPATHPARAM": r"(?:/[\w$.+!*'(){},~:;=@#%&-]*)+(?:\?\S*)?", "URI": r"[A-Za-z][A-Za-z0-9+.-]+://\S+",
    "MONTH": _MONTH, "MONTHNUM": _MONTHNUM, "MONTHDAY": _MONTHDAY, "YEAR": _YEAR,
    "DAY": r"\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\b",
    "HOUR": r"(?:2[0123]|[01]?\d)", "MINUTE": r"[0-5]\d", "SECOND": r"(?:[0-5]?\d|60)(?:[:.,]\d+)?", "TIME": _TIME,
    "DATE_US": rf"{_MONTHNUM}[/-]{_MONTHDAY}[/-]{_YEAR}", "DATE_EU": rf"{_MONTHDAY}[./-]{_MONTHNUM}[./-]{_YEAR}",
    "ISO8601_TIMEZONE": r"(?:Z|[+-]\d\d:?\d\d)",
    "TIMESTAMP_ISO8601": rf"\d{{4}}-{_MONTHNUM}-{_MONTHDAY}[T ]{_TIME}(?:Z|[+-]\d\d:?\d\d)?",
    "HTTPDATE": rf"{_MONTHDAY}/{_MONTH}/\d{{4}}:{_TIME} [+-]?\d+", "SYSLOGTIMESTAMP": rf"{_MONTH} +{_MONTHDAY} {_TIME}",
    "LOGLEVEL": (r"(?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe"
                 r"|emerg(?:ency)?|alert)"),
    "USERNAME": r"[\w.-]+", "USER": r"[\w.-]+", "EMAILADDRESS": rf"[\w.+%-]+@{_HOST}"}
CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "string": str, "int": int, "integer": int, "long": int, "float": float, "double": float,
    "boolean": lambda text: text.lower() == "true"}


def compiled(text: str) -> Callable[[str], dict[str, Any] | None]:
    """What takes the fields out of a text: by the path that names each; None when it does not fit."""
    fields: list[tuple[str, Callable[[str], Any]]] = []
    if len(_PART.findall(text)) > _MOST:
        raise invalid(f"A grok pattern can have {_MOST} patterns at most.")

    def part(found: re.Match[str]) -> str:
        kind, field, conversion = found.groups()
        if kind not in PATTERNS:
            raise invalid(f"Unknown grok pattern: {kind}")
        if conversion is not None and conversion not in CONVERSIONS:
            raise invalid(f"Unknown type of a grok field: {conversion}")
        if field is None:
            return f"(?:{PATTERNS[kind]})"
        fields.append((field, CONVERSIONS[conversion or "string"]))
        return f"({PATTERNS[kind]})"

    if repeats_repetitions(_PART.sub("", text)):
        raise invalid("Invalid grok pattern: it repeats repetitions, and could take too long")
    try:
        search = re.compile(_PART.sub(part, text)).search
    except re.error as problem:
        raise invalid(f"Invalid grok pattern: {problem}") from None

    def parsed(message: str) -> dict[str, Any] | None:
        found = search(message)
        if found is None:
            return None
        try:
            return {field: convert(value) for (field, convert), value in zip(fields, found.groups(), strict=True)
                    if value is not None}
        except ValueError:
            return None

    return parsed
