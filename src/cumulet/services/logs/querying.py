"""Queries of Logs Insights at work: a task reads the groups, some blocks at a time, and keeps what is found."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from cumulet.kernel import AwsError, Call, task, timer

from .blocks import event_id
from .keeping import oldest_kept
from .queryrows import Row
from .queryrun import Run
from .reading import Event, Walk
from .resources import LogGroup, Query, Tally

KEPT = 7 * 86_400.0
_STEP = 4                              # blocks that one transaction reads


@timer
def forget_query(call: Call, id: str) -> None:
    """Results are kept for seven days."""
    call.table(Query).delete(id)


@task(retries=2)
async def search(call: Call, id: str) -> None:
    """Run a query, unless it was stopped."""
    row = await call.run(_begin, id)
    if row is None:
        return
    try:
        await _search(call, row)
    except AwsError:
        row.status = "Failed"
    row.ended = call.now
    await call.run(_end, row)


def _begin(call: Call, id: str) -> Query | None:
    row = call.table(Query).get(id)
    return call.table(Query).change(id, status="Running") if row is not None and row.status != "Cancelled" else None


async def _search(call: Call, row: Query) -> None:
    run = Run(row.text, row.made * 1000, row.limit)
    names: dict[int, str] = {}
    for group in row.groups:
        walk = await call.run(_walk, row, group)
        log = f"{call.account}:{group}"
        while walk is not None and not walk.done:
            for event in await call.run(_step, row.id, walk, names):
                row.scanned += 1
                row.size += len(event.message)
                run.take(as_row(event, names.get(event.stream, ""), log))
    row.matched, row.results, row.status = run.matched, run.results(), "Complete"


def as_row(event: Event, stream: str, log: str) -> Row:
    """An event as queries see it."""
    pointer = b64encode(event_id(*event.place).encode()).decode()
    return Row(event.time, event.message, stream, event.came, log, pointer)


def _walk(call: Call, row: Query, group: str) -> Walk | None:
    found = call.table(LogGroup).get(group)
    if found is None:
        return None
    return Walk(found.number, max(row.start, oldest_kept(found, call.now)), row.end)


def _step(call: Call, id: str, walk: Walk, names: dict[int, str]) -> list[Event]:
    """Some events; none any more when the query was stopped."""
    row = call.table(Query).get(id)
    if row is None or row.status == "Cancelled":
        walk.done = True
        return []
    found = walk.step(call, _STEP, 2**31)
    for stream in {event.stream for event in found} - names.keys():
        tally: Any = call.table(Tally).get(stream)
        names[stream] = tally.name if tally is not None else ""
    return found


def _end(call: Call, row: Query) -> None:
    now = call.table(Query).get(row.id)
    if now is not None:
        row.status = now.status if now.status == "Cancelled" else row.status
        call.put(row)
