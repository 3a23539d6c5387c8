"""Requests are remembered for a week."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .resources import ResourceRequest

KEPT = 7 * 86_400


@timer
def forget(call: Call) -> None:
    table = call.table(ResourceRequest)
    for row in table.scan(index="age", high=call.now - KEPT):
        table.delete(row.token)
    if left := table.scan(index="age", limit=1):
        call.at(left[0].at + KEPT, forget, name="forget")
