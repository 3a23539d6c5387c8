"""What archives keep, and their replays."""

from __future__ import annotations

from cumulet.kernel import Call, task

from .delivery import put
from .envelopes import compact
from .resources import Archive, Archived, Replay

_OLD = 'DELETE FROM {table} WHERE scope = {scope} AND "archive" = ? AND "at" < ?'
_TOTALS = 'SELECT count(*), COALESCE(sum("size"), 0) FROM {table} WHERE scope = {scope} AND "archive" = ?'
_SLICE = 100


def forget_old(call: Call, archive: Archive) -> None:
    """Drop the events that an archive keeps no longer."""
    call.table(Archived).sql(_OLD, archive.ArchiveName, call.now - archive.RetentionDays * 86_400)


def totals(call: Call, archive: str) -> tuple[int, int]:
    """How many events an archive keeps, and their bytes."""
    count, size = call.table(Archived).sql(_TOTALS, archive)[0]
    return int(count), int(size)


@task(retries=5)
def replay(call: Call, name: str, at: float, id: int) -> None:
    """The next slice of a replay, behind an event."""
    row = call.table(Replay).get(name)
    if row is None or row.state not in ("STARTING", "RUNNING", "CANCELLING"):
        return
    if row.state == "CANCELLING":
        call.table(Replay).change(name, state="CANCELLED", ended=call.now)
        return
    archive = row.source.rpartition("/")[2]
    found = call.table(Archived).scan(archive, index="archive", after=(at, id), limit=_SLICE)
    due = [each for each in found if each.at < row.end]
    bus = row.destination["Arn"].partition("event-bus/")[2]
    only = frozenset(row.destination.get("FilterArns") or ())
    for each in due:
        put(call, bus, _named(each.event, name), only=only, replayed=True)
    if due:
        row.last = due[-1].at
    if len(due) < _SLICE:
        row.state, row.ended = "COMPLETED", call.now
    else:
        row.state = "RUNNING"
        call.task(replay, name=name, at=due[-1].at, id=due[-1].id)
    call.put(row)


def _named(text: str, replay: str) -> str:
    """The event, telling which replay it comes from."""
    return text[:-1] + f',"replay-name":{compact(replay)}}}'


