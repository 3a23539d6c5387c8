"""Errors by the name that AWS's model gives them: `raise error.QueueDoesNotExist("...")`.

They become bytes in one place, `kernel/wire`, in the protocol that the client spoke.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class AwsError(Exception):
    """One error of an AWS API.

    code: the name of the error shape in the service's model, or one of AWS's common errors.
    status: HTTP status; 0 means what the model says (400 where it says nothing).
    members: further members of the error shape, and (S3) extra elements of the error body.
    """

    def __init__(self, code: str, message: str = "", status: int = 0, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class _Errors:
    """`error.Name(message, status=…, **members)` makes an AwsError named `Name`."""

    def __getattr__(self, code: str) -> Callable[..., AwsError]:
        def make(message: str = "", status: int = 0, **members: Any) -> AwsError:
            return AwsError(code, message, status, **members)

        return make

    def named(self, code: str, message: str = "", status: int = 0, **members: Any) -> AwsError:
        """For codes that are no Python names, such as `AWS.SimpleQueueService.NonExistentQueue`."""
        return AwsError(code, message, status, **members)


error = _Errors()


def not_implemented(what: str, why: str = "") -> AwsError:
    """The honest answer: 501, naming what is not there, and why if that is known. `cumulet coverage` lists all of it."""
    reason = f": {why}" if why else ""
    return AwsError("NotImplemented", f"{what} is not implemented by cumulet{reason}. See `cumulet coverage`.", 501)
