"""A batch of a shard's records reaches its function; one that fails is tried again, halved, or given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call

from .. import measuring
from ..deployments import Found, find
from ..destinations import send, stamp
from ..durable.waiters import outcome_of
from ..resources import EventSourceMapping, Progress
from . import filters, windows
from .queues import current, failures
from .records import Record, Shard

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_LARGEST = 6_000_000                  # bytes of an event, a little below what a function takes


class Over(Exception):
    """The mapping was changed, disabled or deleted."""


def note(call: Call, shard: Shard, record: Record, done: bool = True, result: str = "") -> None:
    """All before a record is done, and that record as well if it says so."""
    row = call.table(EventSourceMapping).get(shard.mapping.UUID)
    if row is None:
        return
    known = call.table(Progress).get(row.UUID, shard.id) or Progress(mapping=row.UUID, shard=shard.id)
    known.done, known.over = record.number, done
    call.put(known)
    if result and row.result != result:
        row.result = result
        call.put(row)


async def deliver(call: Call, shard: Shard, records: Sequence[Record]) -> None:
    """Give a batch to the function until it is done or given up. Raises Over when the mapping was changed meanwhile."""
    wanted = await call.run(_wanted, shard, records)
    left = [record for record, keep in zip(records, wanted, strict=True) if keep]
    if shard.mapping.TumblingWindowInSeconds:
        await _by_window(call, shard, left)
    elif lanes(shard.mapping) > 1:
        await _side_by_side(call, shard, left)
    else:
        for part in _parts(shard, left):
            await _try(call, shard, part)
            await call.run(note, shard, part[-1])
    await call.run(note, shard, records[-1], True, "OK")


def lanes(mapping: EventSourceMapping) -> int:
    """How many batches of a shard are worked on at once."""
    return 1 if mapping.TumblingWindowInSeconds else mapping.ParallelizationFactor or 1


def _parts(shard: Shard, records: list[Record]) -> Iterator[list[Record]]:
    """Batches: so many records at most, and as many as an event has room for."""
    begin = size = 0
    for place, record in enumerate(records):
        if place > begin and (place - begin == (shard.mapping.BatchSize or 100) or size + record.size > _LARGEST):
            yield records[begin:place]
            begin, size = place, 0
        size += record.size
    if records:
        yield records[begin:]


async def _side_by_side(call: Call, shard: Shard, records: Sequence[Record]) -> None:
    """Several batches at once; the records of one item or key stay in one row, in their order. What is done is noted when all
    are."""
    rows: list[list[Record]] = [[] for _ in range(lanes(shard.mapping))]
    for record in records:
        rows[zlib.crc32(record.lane.encode()) % len(rows)].append(record)

    async def one(row: list[Record]) -> None:
        for part in _parts(shard, row):
            await _try(call, shard, part, alone=False)

    ends = await asyncio.gather(*(one(row) for row in rows if row), return_exceptions=True)
    for problem in ends:
        if isinstance(problem, BaseException):
            raise problem


async def _by_window(call: Call, shard: Shard, records: Sequence[Record]) -> None:
    """Records of one window after the other; before a new one begins, the one before is closed."""
    seconds = shard.mapping.TumblingWindowInSeconds or 1
    for start, group in groupby(records, lambda record: windows.start_of(record.created, seconds)):
        for part in _parts(shard, list(group)):
            state = await close(call, shard, start)
            await _in_window(call, shard, windows.Window(start, seconds, state), part)


async def close(call: Call, shard: Shard, following: float | None, ended: bool = False) -> Any:
    """The function hears that a window is over, if one is open and it is; the state of the one that is open now. following:
    where the window of the next record begins; None: when time says so.  ended: the shard is at its end, and its window."""
    seconds = shard.mapping.TumblingWindowInSeconds or 1
    start, state = await call.run(windows.opened, shard.mapping, shard.id)
    if start is None or start == following:
        return state
    if following is None and not ended and not await call.run(windows.over, start, seconds):
        return state
    await _in_window(call, shard, windows.Window(start, seconds, state, final=True), [])
    return {}


async def _in_window(call: Call, shard: Shard, window: windows.Window, records: list[Record]) -> None:
    members = windows.members(window, shard.id, shard.mapping.EventSourceArn)
    outcome = await _try(call, shard, records, members=members)
    await call.run(_keep_state, shard, window, records, outcome)


def _keep_state(call: Call, shard: Shard, window: windows.Window, records: Sequence[Record], outcome: Outcome | None) -> None:
    """What the function knows now, and how far it has come with it."""
    windows.keep(call, shard.mapping, shard.id, window, outcome)
    if records:
        note(call, shard, records[-1], True)


def _wanted(call: Call, shard: Shard, records: Sequence[Record]) -> list[bool]:
    source = shard.source
    return filters.wanted(call, shard.mapping.FilterCriteria, [source.seen(record) for record in records], source.data)


async def _try(call: Call, shard: Shard, left: list[Record], alone: bool = True,
               members: Mapping[str, Any] = MappingProxyType({})) -> Outcome | None:
    """Until a batch is done; what the function answered then, or None when it was given up. alone: no other batch of the shard
    goes on, so that how far it came may be noted.  members: what the event holds beside its records."""
    functions, mapping = call.driver(Functions), shard.mapping
    attempts, pause = 0, _FIRST_PAUSE
    while left or members:
        request = functions.request_id()
        try:
            found = await call.run(find, mapping.FunctionName)
            event = {"Records": [record.shown for record in left], **members}
            payload = json.dumps(event, separators=(",", ":")).encode()
            if left:
                measuring.aged(call, found, call.cloud.clock.now() - left[-1].created)
            outcome = await outcome_of(call, found, Invocation(request, payload, found.arn))
        except (Throttled, RuntimeProblem, AwsError):    # no room, or no function: this is no attempt
            outcome = None
        if outcome is not None:
            failed = failures(outcome, mapping, [record.number for record in left])
            if not failed and not outcome.error:
                return outcome
            first = next((i for i, record in enumerate(left) if record.number in failed), 0)
            if first:
                left = left[first:]
                if alone:
                    await call.run(note, shard, left[0], False)
            elif mapping.BisectBatchOnFunctionError and len(left) > 1:
                half = len(left) // 2
                await _try(call, shard, left[:half], alone, members)
                return await _try(call, shard, left[half:], alone, members)
            else:
                attempts += 1
                if condition := await call.run(_given_up, mapping, left, attempts):
                    if alone and left:
                        await call.run(note, shard, left[-1], True, "PROBLEM: Function call failed")
                    await call.run(_tell, shard, found, _Lost(left, request, payload, condition, attempts, outcome))
                    return None
        if await call.run(current, mapping) is None:
            raise Over
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    return None


def _given_up(call: Call, mapping: EventSourceMapping, left: Sequence[Record], attempts: int) -> str:
    """Why a batch is given up; "" when it is tried again."""
    retries, age = mapping.MaximumRetryAttempts, mapping.MaximumRecordAgeInSeconds
    if retries is not None and 0 <= retries < attempts:
        return "RetryAttemptsExhausted"
    oldest = left[0].created if left else call.now
    return "RecordAgeExceeded" if age is not None and 0 <= age < call.now - oldest else ""


class _Lost(NamedTuple):
    """A batch that was given up."""

    records: Sequence[Record]
    request: str
    payload: bytes
    condition: str
    attempts: int
    outcome: Outcome


def _tell(call: Call, shard: Shard, found: Found, lost: _Lost) -> None:
    """Its place in the stream goes to the destination, if there is one; a bucket gets the whole event."""
    mapping, records = shard.mapping, lost.records
    target = (((mapping.DestinationConfig or {}).get("OnFailure") or {}).get("Destination")) or ""
    if not target or not records:
        return
    deployment = found.deployment
    send(call, deployment.function, found.role, target, {
        "requestContext": {"requestId": lost.request, "functionArn": deployment.arn, "condition": lost.condition,
                           "approximateInvokeCount": lost.attempts},
        "responseContext": {"statusCode": 200, "executedVersion": deployment.version, "functionError": lost.outcome.error},
        "version": "1.0", "timestamp": stamp(call.now),
        shard.source.batch: {
            "shardId": shard.id, "startSequenceNumber": records[0].number, "endSequenceNumber": records[-1].number,
            "approximateArrivalOfFirstRecord": stamp(records[0].created),
            "approximateArrivalOfLastRecord": stamp(records[-1].created), "batchSize": len(records),
            "streamArn": mapping.EventSourceArn}}, f"{mapping.UUID}/{shard.id}", lost.payload.decode())
