"""Retention: fine data is rolled up as it ages, and the oldest goes, as CloudWatch keeps it."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .resources import Bucket, Metric, merge

HOUR, DAY = 3600, 86_400
# resolution → (age at which it is rolled up, into what); data older than 455 days goes.
_AGES = {1: (3 * HOUR, 60), 60: (15 * DAY, 300), 300: (63 * DAY, 3600)}
KEPT = 455 * DAY
_BATCH = 2000


@timer
def sweep(call: Call) -> None:
    """Comes when data is old enough. Rolls up a bounded number of buckets a turn and comes back for the rest."""
    left = False
    for resolution, (age, into) in _AGES.items():
        left |= _roll_up(call, resolution, into, call.now - age)
    table = call.table(Bucket)
    old = table.scan(3600, index="age", before=int(call.now - KEPT), limit=_BATCH)
    for row in old:
        table.delete(row.metric, row.resolution, row.start, row.unit)
    metrics = call.table(Metric)
    silent = metrics.scan(index="age", before=call.now - KEPT, limit=_BATCH)
    for metric in silent:
        metrics.delete(metric.id)
    if left or _BATCH in (len(old), len(silent)):
        call.at(call.now + 1, sweep, name="sweep")
    elif (due := _next_due(call)) is not None:
        call.at(due, sweep, name="sweep")


def _next_due(call: Call) -> float | None:
    """When the next data is old enough: at full hours for what ages in hours, else at midnight, so that many go together."""
    due: list[float] = []
    for resolution, age in [*((resolution, age) for resolution, (age, _) in _AGES.items()), (3600, KEPT)]:
        step = HOUR if age < DAY else DAY
        due += [((row.start + age) // step + 1) * step for row in call.table(Bucket).scan(resolution, index="age", limit=1)]
    due += [(row.last_at + KEPT) // DAY * DAY + DAY for row in call.table(Metric).scan(index="age", limit=1)]
    return min(due, default=None)


def _roll_up(call: Call, resolution: int, into: int, before: float) -> bool:
    table = call.table(Bucket)
    rows = table.scan(resolution, index="age", before=int(before), limit=_BATCH)
    for row in rows:
        merge(table, row.metric, into, row.start // into * into, row.unit, row.samples())
        table.delete(row.metric, resolution, row.start, row.unit)
    return len(rows) == _BATCH
