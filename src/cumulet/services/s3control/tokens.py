"""Tokens of pages: what the last entry of a page is found by."""

from __future__ import annotations

import base64

from cumulet.kernel import error


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def read(token: str) -> str:
    """Raises ValueError for what is no token."""
    return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()


def after(token: str | None) -> str:
    """The name that the page before ended with; "" for the first page."""
    if not token:
        return ""
    try:
        return read(token)
    except ValueError:
        raise error.named("InvalidNextToken", "The continuation token provided is incorrect", 400) from None
