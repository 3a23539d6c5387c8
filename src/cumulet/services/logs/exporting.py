"""Exports at work: a task reads a group's streams one by one, and puts their events into a bucket, packed."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime

from cumulet.kernel import AwsError, Call, Spool, task

from .keeping import oldest_kept
from .names import starting_with
from .reading import Event, Walk
from .resources import Export, LogGroup, LogStream

_STEP = 4                              # blocks that one transaction reads
_LARGEST = 8 * 1024 * 1024             # bytes of one object, unpacked


def write(call: Call, row: Export, name: str, data: bytes) -> None:
    """Put one object, as CloudWatch Logs."""
    group = call.arn(LogGroup(LogGroupName=row.group))
    call.as_service(group).s3.put_object(Bucket=row.bucket, Key=f"{row.folder}/{name}", Body=Spool(data))


@task(retries=2)
async def export(call: Call, id: str) -> None:
    """Export, until it is done or cancelled."""
    row = await call.run(_begin, id)
    if row is None:
        return
    try:
        for stream in await call.run(_streams, row):
            await _stream(call, row, stream)
        row.status, row.message = "COMPLETED", "Completed successfully"
    except AwsError as problem:
        row.status, row.message = "FAILED", problem.message or problem.code
    await call.run(_end, row)


def _begin(call: Call, id: str) -> Export | None:
    row = call.table(Export).get(id)
    return call.table(Export).change(id, status="RUNNING") if row is not None and row.status in ("PENDING", "RUNNING") else None


def _streams(call: Call, row: Export) -> list[LogStream]:
    return starting_with(call, LogStream, (row.group,), row.prefix, None, None)


async def _stream(call: Call, row: Export, stream: LogStream) -> None:
    walk = await call.run(_walk, row, stream)
    lines: list[bytes] = []
    size = number = 0
    while walk is not None and not walk.done:
        for event in await call.run(walk.step, _STEP, 2**31):
            lines.append(_line(event))
            size += len(lines[-1])
        if size >= _LARGEST or walk.done:
            if not await call.run(_part, row, stream, number, lines):
                return
            lines, size, number = [], 0, number + 1
        await asyncio.sleep(0)         # others have their turn


def _walk(call: Call, row: Export, stream: LogStream) -> Walk | None:
    group = call.table(LogGroup).get(row.group)
    if group is None or not _runs(call, row):
        return None
    return Walk(group.number, max(row.start, oldest_kept(group, call.now)), row.end, streams=(stream.number,))


def _runs(call: Call, row: Export) -> bool:
    """Nobody cancelled it."""
    now = call.table(Export).get(row.id)
    return now is not None and now.status == "RUNNING"


def _part(call: Call, row: Export, stream: LogStream, number: int, lines: list[bytes]) -> bool:
    """Write one object; False when the export is not wanted any more."""
    if not _runs(call, row):
        return False
    if lines:
        write(call, row, f"{row.id}/{stream.LogStreamName.replace('/', '-')}/{number:06d}.gz",
              gzip.compress(b"".join(lines), 6, mtime=0))
    return True


def _line(event: Event) -> bytes:
    at = datetime.fromtimestamp(event.time // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{at}.{event.time % 1000:03d}Z {event.message}\n".encode()


def _end(call: Call, row: Export) -> None:
    now = call.table(Export).get(row.id)
    if now is not None and now.status == "RUNNING":
        row.ended = call.now
        call.put(row)
