"""Pages by hand: the model has no paginators. A token is the id of the last one told."""

from __future__ import annotations

from typing import Protocol, TypeVar


class Named(Protocol):
    id: str


R = TypeVar("R", bound=Named)


def cut(rows: list[R], limit: int) -> tuple[list[R], str | None]:
    """Of rows fetched with one more than the limit, those of this page, and the token of the next."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], rows[limit - 1].id
