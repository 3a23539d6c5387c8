"""Cross-origin rules: which pages may ask what of a bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .faults import invalid_request, malformed_xml

_METHODS = frozenset({"GET", "PUT", "HEAD", "POST", "DELETE"})
_MOST = 100
Rule = Mapping[str, Any]


def checked(rules: Sequence[Rule]) -> list[Rule]:
    """The rules of a CORSConfiguration, or an error."""
    if not 1 <= len(rules) <= _MOST:
        raise malformed_xml()
    for rule in rules:
        if not rule.get("AllowedMethods") or not rule.get("AllowedOrigins"):
            raise malformed_xml()
        for method in rule["AllowedMethods"]:
            if method not in _METHODS:
                raise invalid_request(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
        for name in ("AllowedOrigin", "AllowedHeader"):
            for value in rule.get(name + "s") or ():
                if value.count("*") > 1:
                    raise invalid_request(f'{name} "{value}" can not have more than one wildcard.')
        for value in rule.get("ExposeHeaders") or ():
            if "*" in value:
                raise invalid_request(f'ExposeHeader "{value}" contains wildcard. We currently do not support wildcard for '
                                      "ExposeHeader.")
    return list(rules)


def rule_for(rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str] = ()) -> Rule | None:
    """The first rule that lets a page of this origin do this."""
    for rule in rules:
        if method in rule["AllowedMethods"] and any(_fits(one, origin) for one in rule["AllowedOrigins"]) and all(
                any(_fits(one.lower(), header) for one in rule.get("AllowedHeaders") or ()) for header in headers):
            return rule
    return None


def _fits(pattern: str, value: str) -> bool:
    return pattern == value or ("*" in pattern and _pattern(pattern).fullmatch(value) is not None)


@lru_cache(1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))))


def answer(rule: Rule, origin: str, headers: Sequence[str] = ()) -> dict[str, str]:
    """What the answer says to the browser, by the names of OptionsObject's result."""
    anybody = "*" in rule["AllowedOrigins"]
    found = {"AllowOrigin": "*" if anybody else origin, "AllowMethods": ", ".join(rule["AllowedMethods"])}
    if headers:
        found["AllowHeaders"] = ", ".join(headers)
    if rule.get("ExposeHeaders"):
        found["ExposeHeaders"] = ", ".join(rule["ExposeHeaders"])
    if rule.get("MaxAgeSeconds") is not None:
        found["MaxAge"] = str(rule["MaxAgeSeconds"])
    if not anybody:
        found["AllowCredentials"] = "true"
    return found | {"Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"}


def asked_headers(text: str) -> list[str]:
    """Access-Control-Request-Headers."""
    return [one.strip().lower() for one in text.split(",") if one.strip()]
