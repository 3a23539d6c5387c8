"""What happens unasked: connections that idle or are open for too long are ended; requests are told to logs and metrics."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.drivers.sockets.driver import Sockets
from cumulet.kernel import Answer, Call, task, timer

from . import recording

IDLE, LONGEST = 600.0, 7200.0          # seconds without a message; seconds in all


@timer
def idle(call: Call, connection: str) -> None:
    """A connection may have been silent for too long."""
    live = call.driver(Sockets).get(connection)
    if live is None:
        return
    due = min(live.active + IDLE, live.connected + LONGEST)
    if due <= call.now:
        call.task(end, connection=connection)
    else:
        call.at(due, idle, name=connection, connection=connection)


@task()
async def end(call: Call, connection: str) -> None:
    """Say goodbye to a client."""
    live = call.driver(Sockets).get(connection)
    if live is not None:
        await live.end(1001, "Going away")


@Answer.heard("ApiId")
def answered(call: Call, batch: Sequence[Answer]) -> None:
    """Requests to APIs were answered."""
    recording.write(call, batch)
