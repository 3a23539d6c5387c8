"""Tokens of pages that end with a name."""

from __future__ import annotations

import base64

from .faults import invalid_argument


def written(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def read(token: str) -> str:
    """The name that a token was written of; raises InvalidArgument for what is no token."""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None
