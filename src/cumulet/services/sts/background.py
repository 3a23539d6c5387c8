"""Sessions end unasked."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .resources import Session

_BATCH = 1000
HOUR = 3600.0


@timer
def sweep(call: Call, hour: int) -> None:
    """Remove the sessions of this account that are over, a batch at a time."""
    table = call.table(Session)
    over = table.scan(index="expires", high=call.now, limit=_BATCH)
    for row in over:
        table.delete(row.id)
    if len(over) == _BATCH:
        call.at(call.now, sweep, name=f"more-{hour}", hour=hour)


def plan(call: Call, expires: float) -> None:
    """See to it that a session goes once it is over: one timer for all that end in the same hour."""
    hour = int(expires // HOUR) + 1
    call.at(hour * HOUR, sweep, name=str(hour), hour=hour)
