"""The errors of S3 Tables."""

from __future__ import annotations

from cumulet.kernel import AwsError, error


def bad_request(message: str) -> AwsError:
    return error.BadRequestException(message)


def conflict(message: str) -> AwsError:
    return error.ConflictException(message)


def missing(message: str) -> AwsError:
    return error.NotFoundException(message)


def stale() -> AwsError:
    """Somebody else was quicker."""
    return conflict("The version token is not that of the current version: the resource was changed in the meantime.")
