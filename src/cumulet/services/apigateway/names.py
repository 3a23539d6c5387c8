"""Identifiers and errors in API Gateway's words."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_id(call: Call, length: int = 6) -> str:
    """An identifier such as AWS gives: `a1b2c3`; ten characters for what hosts or keys are named by."""
    return call.token(length, _LETTERS)


def invalid(message: str) -> AwsError:
    return error.BadRequestException(message)


def missing(what: str) -> AwsError:
    return error.NotFoundException(f"Invalid {what} specified")


def checked_limit(limit: int | None) -> int:
    """The size of a page that is cut by hand: 25, at most 500."""
    return min(25 if limit is None else limit, 500)
