"""Attributes for access control: what of a user becomes a session tag of the roles that it takes.

https://docs.aws.amazon.com/singlesignon/latest/userguide/attributesforaccesscontrol.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SOURCE = re.compile(r"\$\{path:([A-Za-z]+)(?:\[primary eq true\])?(?:\.([A-Za-z]+))?\}")
_LONGEST = 256


def tags(configured: Mapping[str, str], user: Mapping[str, Any]) -> dict[str, str]:
    """Key → value for each attribute that the user has. Sources are such as `${path:emails[primary eq true].value}`."""
    found = {}
    for key, source in configured.items():
        value = _value(source, user)
        if value:
            found[key] = value[:_LONGEST]
    return found


def _value(source: str, user: Mapping[str, Any]) -> str:
    said = _SOURCE.fullmatch(source)
    if said is None:
        return "" if source.startswith("${") else source
    name, part = said.groups()
    held = user.get(_capital(name))
    if isinstance(held, list):
        held = next((one for one in held if one.get("Primary")), None)
    if part is not None:
        held = held.get(_capital(part)) if isinstance(held, Mapping) else None
    return held if isinstance(held, str) else ""


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
