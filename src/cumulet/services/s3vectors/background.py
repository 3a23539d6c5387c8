"""What happens unasked: the vectors of a deleted index go, some at a time."""

from __future__ import annotations

from cumulet.kernel import Call, task

from .resources import Vector

_AT_ONCE = 1000


@task()
async def purge(call: Call, box: str) -> None:
    """Nobody sees these vectors any more: a box is never used twice."""
    while await call.run(_some, box):
        pass


def _some(call: Call, box: str) -> bool:
    table = call.table(Vector)
    table.sql('DELETE FROM {table} WHERE scope = {scope} AND "box" = ? AND "key" IN (SELECT "key" FROM {table} '
              'WHERE scope = {scope} AND "box" = ? ORDER BY "key" LIMIT ?)', box, box, _AT_ONCE)
    return table.count(box) > 0
