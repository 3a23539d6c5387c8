"""Whose account a request is about."""

from __future__ import annotations

from cumulet.kernel import Call, error


def check_account(call: Call, account: str) -> None:
    """Requests are about the caller's own account."""
    if account != call.account:
        raise error.AccessDenied("Access Denied", 403)
