"""Tokens of pages: what the last entry of a page is found by."""

from __future__ import annotations

import base64


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def read(token: str) -> str:
    """Raises ValueError for what is no token."""
    return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
