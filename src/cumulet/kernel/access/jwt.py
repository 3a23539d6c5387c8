"""JSON Web Tokens as they are written: what one says, believed or not (RFC 7519)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its header and its claims; ValueError when it is no token."""
    header, claims, _ = token.split(".")
    return _part(header), _part(claims)


def _part(text: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, UnicodeDecodeError, RecursionError):
        raise ValueError(text) from None
    if not isinstance(found, dict):
        raise ValueError(text)
    return found
