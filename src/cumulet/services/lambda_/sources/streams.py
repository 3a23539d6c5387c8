"""DynamoDB Streams as a source: records in order, a batch after the other; one that fails is tried again, halved, or given up.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, parse_arn

from .. import roles
from ..deployments import Found, find
from ..destinations import send, stamp
from ..durable.waiters import outcome_of
from ..resources import EventSourceMapping, Progress
from . import filters, windows
from .queues import current, failures
from .records import Record, created, number, plain, shown

_QUICK, _SLOW = 0.1, 1.0              # seconds between two looks at a stream
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_MOST_RECORDS = 1000


class Position(NamedTuple):
    """Where in a stream: the shard, and the iterator that reads on."""

    shard: str
    iterator: str


class Over(Exception):
    """The mapping was changed, disabled or deleted."""


async def follow(call: Call, mapping: EventSourceMapping) -> None:
    """Until the mapping is changed, disabled or gone, or the stream has ended."""
    pause = _QUICK
    position: Position | None = None
    while await call.run(current, mapping) is not None:
        try:
            begun = position if position is not None else await call.run(_begin, mapping)
            records, position = await _batch(call, mapping, begun)
            if records:
                pause = _QUICK
                await _deliver(call, mapping, position.shard, records)
                continue
            if mapping.TumblingWindowInSeconds:
                await _close(call, mapping, position.shard, None)
            if not position.iterator:
                return
        except Over:
            return
        except AwsError:                                 # an iterator that is too old, or a table that is gone
            position = None
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _SLOW)


def _streams(call: Call, mapping: EventSourceMapping) -> Any:
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    found = find(call, mapping.FunctionName)
    return roles.peers(call, found.role, found.deployment.function, arn.account, arn.region).dynamodbstreams


def _begin(call: Call, mapping: EventSourceMapping) -> Position:
    """Where it goes on, or begins."""
    streams = _streams(call, mapping)
    told = streams.describe_stream(StreamArn=mapping.EventSourceArn)["StreamDescription"]
    shard = told["Shards"][0]["ShardId"]
    progress = call.table(Progress).get(mapping.UUID, shard)
    where: dict[str, Any] = {"ShardIteratorType": mapping.StartingPosition}
    if progress is not None and progress.done:
        where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER" if progress.over else "AT_SEQUENCE_NUMBER",
                 "SequenceNumber": progress.done}
    got = streams.get_shard_iterator(StreamArn=mapping.EventSourceArn, ShardId=shard, **where)
    return Position(shard, got["ShardIterator"])


async def _batch(call: Call, mapping: EventSourceMapping, position: Position) -> tuple[list[Record], Position]:
    """The next records, waited for as long as the window says; where it goes on."""
    loop = asyncio.get_running_loop()
    size, window = (mapping.BatchSize or 100) * _lanes(mapping), mapping.MaximumBatchingWindowInSeconds or 0
    records: list[Record] = []
    ends = 0.0
    while position.iterator and len(records) < size:
        more, position = await call.run(_read, mapping, position, size - len(records))
        ends = ends or (loop.time() + window if more else 0.0)
        records += more
        if not more and (not records or loop.time() >= ends):
            break
        if not more:
            await asyncio.sleep(min(_QUICK, max(0.0, ends - loop.time())))
    return records, position


def _read(call: Call, mapping: EventSourceMapping, position: Position, most: int) -> tuple[list[Record], Position]:
    got = _streams(call, mapping).get_records(ShardIterator=position.iterator, Limit=min(most, _MOST_RECORDS))
    records = got["Records"]
    progress = call.table(Progress).get(mapping.UUID, position.shard)
    if records and (progress is None or not progress.done):
        _note(call, mapping, position.shard, records[0], done=False)
    return records, Position(position.shard, got.get("NextShardIterator") or "")


def _note(call: Call, mapping: EventSourceMapping, shard: str, record: Record, done: bool = True, result: str = "") -> None:
    """All before a record is done, and that record as well if it says so."""
    row = call.table(EventSourceMapping).get(mapping.UUID)
    if row is None:
        return
    known = call.table(Progress).get(mapping.UUID, shard) or Progress(mapping=mapping.UUID, shard=shard)
    known.done, known.over = number(record), done
    call.put(known)
    if result and row.result != result:
        row.result = result
        call.put(row)


async def _deliver(call: Call, mapping: EventSourceMapping, shard: str, records: Sequence[Record]) -> None:
    """Give a batch to the function until it is done or given up. Raises Over when the mapping was changed meanwhile."""
    whole = list(records)
    wanted = await call.run(_wanted, mapping, records)
    left = [record for record, keep in zip(whole, wanted, strict=True) if keep]
    if mapping.TumblingWindowInSeconds:
        await _by_window(call, mapping, shard, left)
    elif _lanes(mapping) > 1:
        await _side_by_side(call, mapping, shard, left)
    else:
        await _try(call, mapping, shard, left)
    await call.run(_note, mapping, shard, whole[-1], True, "OK")


def _lanes(mapping: EventSourceMapping) -> int:
    """How many batches of a shard are worked on at once."""
    return 1 if mapping.TumblingWindowInSeconds else mapping.ParallelizationFactor or 1


async def _side_by_side(call: Call, mapping: EventSourceMapping, shard: str, records: Sequence[Record]) -> None:
    """Several batches at once; the records of one item stay in one row, in their order. What is done is noted when all are."""
    lanes: list[list[Record]] = [[] for _ in range(_lanes(mapping))]
    for record in records:
        keys = json.dumps(plain(record["dynamodb"]["Keys"]), sort_keys=True)
        lanes[zlib.crc32(keys.encode()) % len(lanes)].append(record)
    size = mapping.BatchSize or 100

    async def one(lane: list[Record]) -> None:
        for start in range(0, len(lane), size):
            await _try(call, mapping, shard, lane[start:start + size], alone=False)

    ends = await asyncio.gather(*(one(lane) for lane in lanes if lane), return_exceptions=True)
    for problem in ends:
        if isinstance(problem, BaseException):
            raise problem


async def _by_window(call: Call, mapping: EventSourceMapping, shard: str, records: Sequence[Record]) -> None:
    """Records of one window after the other; before a new one begins, the one before is closed."""
    seconds = mapping.TumblingWindowInSeconds or 1
    for start, group in groupby(records, lambda record: windows.start_of(created(record), seconds)):
        state = await _close(call, mapping, shard, start)
        await _in_window(call, mapping, shard, windows.Window(start, seconds, state), list(group))


async def _close(call: Call, mapping: EventSourceMapping, shard: str, following: float | None) -> Any:
    """The function hears that a window is over, if one is open and it is; the state of the one that is open now. following:
    where the window of the next record begins; None: when time says so."""
    seconds = mapping.TumblingWindowInSeconds or 1
    start, state = await call.run(windows.opened, mapping, shard)
    if start is None or start == following:
        return state
    if following is None and not await call.run(windows.over, start, seconds):
        return state
    await _in_window(call, mapping, shard, windows.Window(start, seconds, state, final=True), [])
    return {}


async def _in_window(call: Call, mapping: EventSourceMapping, shard: str, window: windows.Window,
                     records: list[Record]) -> None:
    outcome = await _try(call, mapping, shard, records, members=windows.members(window, shard, mapping.EventSourceArn))
    await call.run(_keep_state, mapping, shard, window, records, outcome)


def _keep_state(call: Call, mapping: EventSourceMapping, shard: str, window: windows.Window, records: Sequence[Record],
                outcome: Outcome | None) -> None:
    """What the function knows now, and how far it has come with it."""
    windows.keep(call, mapping, shard, window, outcome)
    if records:
        _note(call, mapping, shard, records[-1], True)


def _wanted(call: Call, mapping: EventSourceMapping, records: Sequence[Record]) -> list[bool]:
    return filters.wanted(call, mapping.FilterCriteria, [shown(record, mapping) for record in records], "")


async def _try(call: Call, mapping: EventSourceMapping, shard: str, left: list[Record], alone: bool = True,
               members: Mapping[str, Any] = MappingProxyType({})) -> Outcome | None:
    """Until a batch is done; what the function answered then, or None when it was given up. alone: no other batch of the shard
    goes on, so that how far it came may be noted.  members: what the event holds beside its records."""
    functions = call.driver(Functions)
    attempts, pause = 0, _FIRST_PAUSE
    while left or members:
        request = functions.request_id()
        try:
            found = await call.run(find, mapping.FunctionName)
            event = {"Records": [shown(record, mapping) for record in left], **members}
            payload = json.dumps(event, separators=(",", ":")).encode()
            outcome = await outcome_of(call, found, Invocation(request, payload, found.arn))
        except (Throttled, RuntimeProblem, AwsError):    # no room, or no function: this is no attempt
            outcome = None
        if outcome is not None:
            failed = failures(outcome, mapping, [number(record) for record in left])
            if not failed and not outcome.error:
                return outcome
            first = next((i for i, record in enumerate(left) if number(record) in failed), 0)
            if first:
                left = left[first:]
                if alone:
                    await call.run(_note, mapping, shard, left[0], False)
            elif mapping.BisectBatchOnFunctionError and len(left) > 1:
                half = len(left) // 2
                await _try(call, mapping, shard, left[:half], alone, members)
                return await _try(call, mapping, shard, left[half:], alone, members)
            else:
                attempts += 1
                if condition := await call.run(_given_up, mapping, left, attempts):
                    if alone and left:
                        await call.run(_note, mapping, shard, left[-1], True, "PROBLEM: Function call failed")
                    await call.run(_tell, mapping, found, _Lost(shard, left, request, condition, attempts, outcome))
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
    oldest = created(left[0]) if left else call.now
    return "RecordAgeExceeded" if age is not None and 0 <= age < call.now - oldest else ""


class _Lost(NamedTuple):
    """A batch that was given up."""

    shard: str
    records: Sequence[Record]
    request: str
    condition: str
    attempts: int
    outcome: Outcome


def _tell(call: Call, mapping: EventSourceMapping, found: Found, lost: _Lost) -> None:
    """Its place in the stream goes to the destination, if there is one."""
    target = (((mapping.DestinationConfig or {}).get("OnFailure") or {}).get("Destination")) or ""
    if not target or not lost.records:
        return
    times = [created(record) for record in lost.records]
    deployment = found.deployment
    send(call, deployment.function, found.role, target, {
        "requestContext": {"requestId": lost.request, "functionArn": deployment.arn, "condition": lost.condition,
                           "approximateInvokeCount": lost.attempts},
        "responseContext": {"statusCode": 200, "executedVersion": deployment.version, "functionError": lost.outcome.error},
        "version": "1.0", "timestamp": stamp(call.now),
        "DDBStreamBatchInfo": {
            "shardId": lost.shard, "startSequenceNumber": number(lost.records[0]),
            "endSequenceNumber": number(lost.records[-1]), "approximateArrivalOfFirstRecord": stamp(times[0]),
            "approximateArrivalOfLastRecord": stamp(times[-1]), "batchSize": len(lost.records),
            "streamArn": mapping.EventSourceArn}})
