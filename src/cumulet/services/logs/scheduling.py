"""Queries that run by the clock: each run is an ordinary query, and is kept as long as one."""

from __future__ import annotations

from cumulet.kernel import Call, cron, timer

from .querying import begin_query
from .resources import LogGroup, Query, ScheduledQuery, Triggered

_KEPT = 7 * 86_400.0
_OLD = 'DELETE FROM {table} WHERE scope = {scope} AND "scheduled" = ? AND "at" < ?'
STATUSES = {"Scheduled": "Running", "Cancelled": "Failed"}


def arm(call: Call, row: ScheduledQuery) -> None:
    """Set the timer of the next run; forget it where there is none."""
    call.cancel(due, row.id)
    if row.state != "ENABLED":
        return
    said = cron.schedule(row.schedule)
    at = said.after(max(call.now, row.start or 0.0), row.created, cron.zone(row.zone))
    if at is not None and (row.end is None or at <= row.end):
        call.at(at, due, name=row.id, id=row.id)


@timer
def due(call: Call, id: str) -> None:
    """A scheduled query is due."""
    row = call.table(ScheduledQuery).get(id)
    if row is None or row.state != "ENABLED":
        return
    groups = [name for name in row.groups if call.table(LogGroup).get(name) is not None]
    query = begin_query(call, Query(
        id=call.uuid(), groups=groups, text=row.text, start=int((call.now - row.since) * 1000),
        end=int((call.now - row.until) * 1000), limit=None, made=call.now, who=row.role))
    call.put(Triggered(scheduled=id, at=call.now, query=query.id))
    call.table(Triggered).sql(_OLD, id, call.now - _KEPT)
    arm(call, row)


def status_of(call: Call, run: Triggered) -> str:
    """How a run ended."""
    query = call.table(Query).get(run.query)
    return STATUSES.get(query.status, query.status) if query is not None else "Complete"
