"""Pages of listings of which only some rows are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cumulet.kernel import Page, Table

T = TypeVar("T")
_BATCH = 200


def listed(table: Table[T], index: str | None, prefix: Sequence[Any], page: Page[T], keep: Callable[[T], bool],
           place: Callable[[T], Any], latest_first: bool = False) -> Sequence[T]:
    """The next page of rows under a prefix. place: the fields behind the prefix, where the next page begins."""
    found: list[T] = []
    after = page.after
    while len(found) <= page.limit:
        bound = {"before" if latest_first else "after": tuple(after) if isinstance(after, list) else after}
        rows = table.scan(*prefix, index=index, reverse=latest_first, limit=_BATCH, **bound)
        found += filter(keep, rows)
        if len(rows) < _BATCH:
            break
        after = place(rows[-1])
    return page.cut(found[:page.limit + 1], place)
