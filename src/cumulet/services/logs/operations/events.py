"""Events put into streams, and read from them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation

from .. import batches, effective, patterns
from ..blocks import event_id, read_id
from ..effective import Masks, masked
from ..keeping import oldest_kept
from ..names import group_of, invalid, known_group, known_stream, starting_with
from ..reading import Event, Place, Walk
from ..resources import LogStream, Tally
from ..taking import take, tally_of
from .streams import sequence_token

_MOST_EVENTS = 10_000
_MOST_BYTES = 1_048_576
_FOREVER = 2**60
_STEP = 4                              # blocks that one transaction reads


@operation(accepts=("sequenceToken",))
def put_log_events(call: Call, logGroupName: str, logStreamName: str, logEvents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""
    group = known_group(call, logGroupName)
    stream = known_stream(call, logGroupName, logStreamName)
    tally = tally_of(call, group, stream)
    times, messages, rejected = batches.accepted(logEvents, int(call.now * 1000), oldest_kept(group, call.now))
    if times:
        take(call, group, stream, tally, times, messages)
    return {"nextSequenceToken": sequence_token(tally), "rejectedLogEventsInfo": rejected or None}


# --- reading one stream ---


@operation
def get_log_events(call: Call, logStreamName: str, logGroupName: str | None = None, logGroupIdentifier: str | None = None,
                   startTime: int = 0, endTime: int = _FOREVER, nextToken: str | None = None, limit: int = _MOST_EVENTS,
                   startFromHead: bool = False, unmask: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html"""
    group = group_of(call, logGroupName, logGroupIdentifier)
    stream = call.get(LogStream, group.LogGroupName, logStreamName)
    ahead, beyond = _read_token(nextToken) if nextToken is not None else (startFromHead, None)
    walk = Walk(group.number, max(startTime, oldest_kept(group, call.now)), endTime - 1, ahead=ahead, beyond=beyond,
                streams=(stream.number,))
    found: list[Event] = []
    while not walk.done and len(found) < limit and _bytes(found) < _MOST_BYTES:
        found += walk.step(call, _STEP, limit - len(found))
    page = _page(found, limit)
    if not ahead:
        page.reverse()
    first, last = _edges(page, beyond, ahead)
    masks = [] if unmask else effective.masks(call, group.LogGroupName)
    return {"events": [{"timestamp": e.time, "message": masked(masks, e.message, e.came), "ingestionTime": e.came}
                       for e in page],
            "nextForwardToken": _token("f", last), "nextBackwardToken": _token("b", first)}


def _edges(page: list[Event], beyond: Place | None, ahead: bool) -> tuple[Place, Place]:
    """Behind which place to go on backwards, and forwards."""
    if page:
        return page[0].place, page[-1].place
    if beyond is None:
        return (0, 0, 0), (0, 0, 0)
    time, stream, number = beyond
    return ((time, stream, number + 1), beyond) if ahead else (beyond, (time, stream, max(number - 1, 0)))


def _token(kind: str, place: Place) -> str:
    return f"{kind}/{event_id(*place)}/s"


def _read_token(token: str) -> tuple[bool, Place]:
    kind, _, rest = token.partition("/")
    place = read_id(rest.removesuffix("/s"))
    if kind not in ("f", "b") or place is None:
        raise invalid("The specified nextToken is invalid.")
    return kind == "f", place


def _bytes(found: Sequence[Event]) -> int:
    return sum(len(event.message) for event in found) + 26 * len(found)


def _page(found: list[Event], limit: int) -> list[Event]:
    """As many as fit into an answer; one in any case."""
    room = _MOST_BYTES
    for i, event in enumerate(found[:limit]):
        room -= len(event.message.encode()) + 26
        if room < 0 and i:
            return found[:i]
    return found[:limit]


# --- reading a group ---


@operation(accepts=("interleaved",))
async def filter_log_events(call: Call, logGroupName: str | None = None, logGroupIdentifier: str | None = None,
                            logStreamNames: Sequence[str] | None = None, logStreamNamePrefix: str | None = None,
                            startTime: int = 0, endTime: int = _FOREVER, filterPattern: str = "", startFromHead: bool = True,
                            unmask: bool = False, nextToken: str | None = None,
                            limit: int = _MOST_EVENTS) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""
    if logStreamNames is not None and logStreamNamePrefix is not None:
        raise invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    pattern = patterns.compiled(filterPattern)
    ahead, beyond = _read_token(nextToken) if nextToken is not None else (startFromHead, None)

    masks: Masks = []

    def begin(call: Call) -> Walk:
        group = group_of(call, logGroupName, logGroupIdentifier)
        masks[:] = [] if unmask else effective.masks(call, group.LogGroupName)
        streams = _chosen(call, group.LogGroupName, logStreamNames, logStreamNamePrefix)
        return Walk(group.number, max(startTime, oldest_kept(group, call.now)), endTime, ahead=ahead, streams=streams,
                    beyond=beyond, matches=pattern.matches, within=pattern.within)

    walk = await call.run(begin)
    found: list[Event] = []
    while not walk.done and len(found) <= limit and _bytes(found) < _MOST_BYTES:
        found += await call.run(walk.step, _STEP, limit + 1 - len(found))
        await asyncio.sleep(0)         # others have their turn
    rows = _page(found, limit)
    more = len(rows) < len(found) or not walk.done
    return {**await call.run(_answer, rows, masks),
            "nextToken": _token("f" if ahead else "b", rows[-1].place) if rows and more else None}


def _chosen(call: Call, group: str, names: Sequence[str] | None, prefix: str | None) -> Collection[int] | None:
    """The streams to read: None for all."""
    if names is not None:
        return [call.get(LogStream, group, name).number for name in names]
    if prefix is not None:
        return [row.number for row in starting_with(call, LogStream, (group,), prefix, None, None)]
    return None


def _answer(call: Call, rows: Sequence[Event], masks: Masks) -> dict[str, Any]:
    names = {number: tally.name for number in {e.stream for e in rows}
             if (tally := call.table(Tally).get(number)) is not None}
    return {"events": [{"logStreamName": names[e.stream], "timestamp": e.time, "message": masked(masks, e.message, e.came),
                        "ingestionTime": e.came, "eventId": event_id(*e.place)} for e in rows if e.stream in names],
            "searchedLogStreams": []}
