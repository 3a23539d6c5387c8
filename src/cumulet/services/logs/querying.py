"""Queries of Logs Insights at work: a task reads the groups, some blocks at a time, and keeps what is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, task, timer

from .blocks import Events, plain, split_off
from .effective import Masks, masked, masks
from .keeping import oldest_kept
from .lookups import lookups
from .queryrows import Batch, Source
from .queryrun import Run
from .reading import Part, packed_part, parts_of
from .resources import LogGroup, Query, Tally

_KEPT = 7 * 86_400.0


def begin_query(call: Call, row: Query) -> Query:
    """Keep a query, run it, and forget it in time."""
    call.put(row)
    call.task(search, id=row.id)
    call.at(call.now + _KEPT, forget_query, name=row.id, id=row.id)
    return row


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
    except (AwsError, ValueError):     # ValueError: an expression could take too long on one of the events
        row.status = "Failed"
    row.ended = call.now
    await call.run(_end, row)


def _begin(call: Call, id: str) -> Query | None:
    row = call.table(Query).get(id)
    return call.table(Query).change(id, status="Running") if row is not None and row.status != "Cancelled" else None


async def _search(call: Call, row: Query) -> None:
    run = Run(row.text, row.made * 1000, row.limit, call.matches)
    run.tables = await call.run(lookups, run.wanted)
    names: dict[int, str] = {}
    for group in row.groups:
        span, parts = await call.run(_parts, row, group)
        async for part, data, base in _read(call, row, parts, names):
            source = Source(part.stream, names.get(part.stream, ""), f"{call.account}:{group}")
            _take(run, row, span, source, part, data, base)
    row.matched, row.results, row.status = run.matched, run.results(), "Complete"


async def _read(call: Call, row: Query, parts: list[Part], names: dict[int, str]) -> AsyncIterator[tuple[Part, bytes, int]]:
    """The bytes of each part and the number of its first event. While one is looked through, the next one is inflated in a
    thread; in between others have their turn."""
    coming: tuple[Part, asyncio.Future[bytes], int] | None = None
    for part in parts:
        found = await call.run(_load, row.id, part, names)
        ready = coming
        coming = None
        if found is not None:
            coming = part, asyncio.ensure_future(asyncio.to_thread(plain, found[0])), found[1]
        await asyncio.sleep(0)
        if ready is not None:
            yield ready[0], await ready[1], ready[2]
    if coming is not None:
        yield coming[0], await coming[1], coming[2]


class _Span(NamedTuple):
    """What a query may see of a group. start, end: in milliseconds, inclusive."""

    start: int
    end: int
    hidden: Masks


def _take(run: Run, row: Query, span: _Span, source: Source, part: Part, data: bytes, base: int) -> None:
    """The events of a part that are in the time of the query."""
    row.size += len(data)
    escaped = b"\\" in data
    if not escaped and not all(each.encode() in data for each in run.needed):
        row.scanned += part.events
        return
    whole = span.start <= part.first and part.last <= span.end
    if run.counts_only and whole:
        row.scanned += part.events
        run.count(part.events)
        return
    events = split_off(data)
    skipped = part.base - base
    chosen: Sequence[int] = range(skipped, skipped + part.events)
    if not whole:
        chosen = [i for i in chosen if span.start <= events.times[i] <= span.end]
    row.scanned += len(chosen)
    if run.counts_only:
        run.count(len(chosen))
        return
    messages, came = events.messages, events.arrivals()
    if span.hidden:
        messages = [masked(span.hidden, message, at) for message, at in zip(messages, came, strict=True)]
    texts = _transformed(events, messages, span.hidden, came)
    for literal in run.needed:
        if texts is messages and not escaped:
            chosen = [i for i in chosen if literal in texts[i]]
        else:
            chosen = [i for i in chosen if literal in texts[i] or literal in messages[i] or "\\" in texts[i]]
    batch = Batch(len(messages), {"@timestamp": events.times, "@message": messages, "@ingestionTime": came}, texts,
                  range(base, base + len(messages)), source, run.reader)
    run.take(batch.select(chosen))


def _transformed(events: Events, messages: list[str], hidden: Masks, came: list[int]) -> list[str]:
    """What fields are read of: the transformed event, where there is one."""
    if not events.transformed:
        return messages
    return [masked(hidden, text, at) if text else message
            for text, message, at in zip(events.transformed, messages, came, strict=True)]


def _parts(call: Call, row: Query, group: str) -> tuple[_Span, list[Part]]:
    found = call.table(LogGroup).get(group)
    if found is None:
        return _Span(row.start, row.end, []), []
    span = _Span(max(row.start, oldest_kept(found, call.now)), row.end, masks(call, group))
    return span, parts_of(call, found.number, span.start, span.end)


def _load(call: Call, id: str, part: Part, names: dict[int, str]) -> tuple[bytes, int] | None:
    """The packed bytes of a part; None when it is gone, or when the query was stopped."""
    row = call.table(Query).get(id)
    if row is None or row.status == "Cancelled":
        return None
    if part.stream not in names:
        tally = call.table(Tally).get(part.stream)
        names[part.stream] = tally.name if tally is not None else ""
    return packed_part(call, part)


def _end(call: Call, row: Query) -> None:
    now = call.table(Query).get(row.id)
    if now is not None:
        row.status = now.status if now.status == "Cancelled" else row.status
        call.put(row)
