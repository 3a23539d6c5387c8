"""Streams as sources: each shard is followed once what it continues is done, and its records are given in order, in batches.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, NamedTuple

from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, error

from ..resources import EventSourceMapping, Progress
from . import batches, kinesis, tables
from .queues import current
from .records import Record, Shard, Source

_SLOW = 1.0                           # seconds between two looks at a shard in which nothing goes on
_POLL = 20.0                          # seconds that a kind of stream may take to answer that there is nothing
_REFUSED = 0.25                       # seconds, at least, until what was refused is asked again
_AT_ONCE = 1000                       # records that are asked for at least: reads of a shard are few
_LOOK = 30.0                          # seconds between two looks at which shards there are
_BUSY = ("LimitExceededException", "ProvisionedThroughputExceededException")
_LOST = ("InvalidArgumentException", "TrimmedDataAccessException")      # the place is gone, or of a stream of before


class Page(NamedTuple):
    """What was read, and the iterator that reads on."""

    records: list[Record]
    iterator: str


def check(call: Call, mapping: EventSourceMapping) -> None:
    """Raises when there is no such stream, or the role may not look at it."""
    try:
        _source(mapping).shards(call, mapping)
    except AwsError as problem:
        if problem.code == "ResourceNotFoundException":
            raise error.InvalidParameterValueException(f"Stream not found: {mapping.EventSourceArn}") from None
        raise


def _source(mapping: EventSourceMapping) -> Source:
    return kinesis if ":kinesis:" in mapping.EventSourceArn else tables


async def follow(call: Call, mapping: EventSourceMapping) -> None:
    """Until the mapping is changed, disabled or gone, or the stream has ended."""
    source = _source(mapping)
    running: dict[str, asyncio.Task[None]] = {}
    try:
        while await call.run(current, mapping) is not None:
            try:
                ready = await call.run(_ready, mapping, source, frozenset(running))
            except AwsError:                             # the stream is gone, or lets nobody in: perhaps it comes back
                await asyncio.sleep(_SLOW)
                continue
            for shard in ready:
                running[shard.id] = call.driver(Functions).spawn(_follow(call, shard))
            if not running:
                return
            done, _ = await asyncio.wait(running.values(), timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            running = {id: task for id, task in running.items() if task not in done}
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


def _ready(call: Call, mapping: EventSourceMapping, source: Source, running: Collection[str]) -> list[Shard]:
    """The shards to be begun with: those that are not at their end, while all that they continue are."""
    there = source.shards(call, mapping)
    ended = set()
    for row in call.table(Progress).scan(mapping.UUID):
        if row.shard not in there:
            call.table(Progress).delete(mapping.UUID, row.shard)
        elif row.ended:
            ended.add(row.shard)
    return [Shard(mapping, source, id) for id, parents in there.items()
            if id not in ended and id not in running and all(one in ended or one not in there for one in parents)]


async def _follow(call: Call, shard: Shard) -> None:
    """One shard, to its end."""
    mapping, source = shard.mapping, shard.source
    pause = source.quick
    records: list[Record] = []
    iterator: str | None = None
    while await call.run(current, mapping) is not None:
        try:
            begun = iterator if iterator is not None else await call.run(_begin, shard)
            records, iterator = await _batch(call, shard, records, begun)
            batch, records = records[:_most(mapping)], records[_most(mapping):]
            if batch:
                pause = source.quick
                await batches.deliver(call, shard, batch)
            elif mapping.TumblingWindowInSeconds:
                await batches.close(call, shard, None)
            if not (iterator or records):
                if mapping.TumblingWindowInSeconds:
                    await batches.close(call, shard, None, ended=True)
                await call.run(_end, shard)
                return
            if batch:
                continue
        except batches.Over:
            return
        except AwsError:                                 # an iterator that is too old, or a stream that is gone
            records, iterator, pause = [], None, max(pause, _REFUSED)
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _SLOW)


def _begin(call: Call, shard: Shard) -> str:
    """Where it goes on, or begins. The latest is what comes from the making of the mapping on, in all shards."""
    mapping = shard.mapping
    progress = call.table(Progress).get(mapping.UUID, shard.id)
    where: dict[str, Any] = {"ShardIteratorType": mapping.StartingPosition}
    if progress is not None and progress.done:
        where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER" if progress.over else "AT_SEQUENCE_NUMBER",
                 "SequenceNumber": progress.done}
        try:
            return shard.source.begin(call, mapping, shard.id, where)
        except AwsError as problem:
            if problem.code not in _LOST:
                raise
        where = {"ShardIteratorType": "TRIM_HORIZON"}
    elif mapping.StartingPosition != "TRIM_HORIZON":
        where = {"ShardIteratorType": "AT_TIMESTAMP",
                 "Timestamp": mapping.created if mapping.StartingPosition == "LATEST" else mapping.StartingPositionTimestamp}
    return shard.source.begin(call, mapping, shard.id, where)


def _end(call: Call, shard: Shard) -> None:
    """All of a closed shard is done: what continues it may begin."""
    rows = call.table(Progress)
    if current(call, shard.mapping) is not None:
        row = rows.get(shard.mapping.UUID, shard.id) or Progress(mapping=shard.mapping.UUID, shard=shard.id)
        row.ended = True
        rows.put(row)


def _most(mapping: EventSourceMapping) -> int:
    """So many records are worked on at once."""
    return (mapping.BatchSize or 100) * batches.lanes(mapping)


async def _batch(call: Call, shard: Shard, rest: list[Record], iterator: str) -> Page:
    """The next records, waited for as long as the window says, and perhaps further ones; where it goes on. rest: what was read
    before."""
    mapping, quick = shard.mapping, shard.source.quick
    loop = asyncio.get_running_loop()
    window, size = mapping.MaximumBatchingWindowInSeconds or 0, _most(mapping)
    records = list(rest)
    ends = loop.time() + window if records else 0.0
    left = window if records else _SLOW if mapping.TumblingWindowInSeconds else _POLL
    while iterator and len(records) < size and left > 0:
        try:
            more, iterator = await call.poll(_read, shard, iterator, max(size - len(records), _AT_ONCE), seconds=left)
        except AwsError as problem:
            if problem.code not in _BUSY:
                raise
            if not records:
                await asyncio.sleep(_REFUSED)
            break                                        # others read as well: this batch is not waited for longer
        records += more
        if not records:
            break
        ends = ends or loop.time() + window
        left = ends - loop.time()
        if not more and left > 0:
            await asyncio.sleep(min(quick, left))
    return Page(records, iterator)


def _read(call: Call, shard: Shard, iterator: str, most: int) -> Page:
    if current(call, shard.mapping) is None:
        raise batches.Over
    page = Page(*shard.source.read(call, shard.mapping, shard.id, iterator, most))
    progress = call.table(Progress).get(shard.mapping.UUID, shard.id)
    if page.records and (progress is None or not progress.done):
        batches.note(call, shard, page.records[0], done=False)
    return page
