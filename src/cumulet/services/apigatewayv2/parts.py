"""What all parts of an API share: identifiers, errors in AWS's words, how rows are told, changed and listed."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from cumulet.kernel import AwsError, Call, Page, Resource, error

R = TypeVar("R", bound=Resource)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_id(call: Call) -> str:
    """As AWS names routes, integrations and the like."""
    return call.token(7, LETTERS)


def bad(message: str) -> AwsError:
    return error.BadRequestException(message)


def conflict(message: str) -> AwsError:
    return error.ConflictException(message)


def told(row: Resource) -> dict[str, Any]:
    """A row's properties, as the API names them; those that were never said are absent."""
    return {name: value for name in row.__struct_fields__ if name[0].isupper() and (value := getattr(row, name)) is not None}


def change(row: R, **members: Any) -> R:
    """A copy with what was said; what is None was not."""
    return msgspec.structs.replace(row, **{name: value for name, value in members.items() if value is not None})


def listed(call: Call, kind: type[R], page: Page[R], key: str, *prefix: str) -> list[R]:
    """One page of the rows below a prefix of the key, in the order of what follows in it."""
    return list(page.cut(call.table(kind).scan(*prefix, after=page.after, limit=page.limit + 1), lambda row: getattr(row, key)))
