"""What functions write goes to CloudWatch Logs: a stream for each environment, in the function's group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cumulet.drivers.functions.contract import Deployment, LogLine, Written
from cumulet.kernel import AwsError, Call

_MOST_LINES, _MOST_BYTES, _OVERHEAD = 5000, 900_000, 26


async def write(call: Call, written: Sequence[Written]) -> None:
    """All that came since the last time, in one transaction."""
    await call.run(_write, written)


def _write(call: Call, written: Sequence[Written]) -> None:
    for deployment, stream, lines in written:
        for batch in _batches(lines):
            try:
                with call.tx.savepoint():
                    _put(call, deployment, stream, batch)
            except AwsError:                             # the group lets nobody write, or is of another class: AWS loses them
                continue


def _put(call: Call, deployment: Deployment, stream: str, lines: Sequence[LogLine]) -> None:
    logs = call.as_service(deployment.function, deployment.account, deployment.region).logs
    where = {"logGroupName": deployment.log_group, "logStreamName": stream}
    events = [{"timestamp": line.at, "message": line.text} for line in lines]
    try:
        logs.put_log_events(**where, logEvents=events)
    except AwsError as problem:
        if problem.code != "ResourceNotFoundException":
            raise
        for make, named in ((logs.create_log_group, ("logGroupName",)), (logs.create_log_stream, tuple(where))):
            try:
                make(**{name: where[name] for name in named})
            except AwsError as there:
                if there.code != "ResourceAlreadyExistsException":
                    raise
        logs.put_log_events(**where, logEvents=events)


def _batches(lines: Sequence[LogLine]) -> Iterator[list[LogLine]]:
    """As many at once as Logs takes."""
    batch: list[LogLine] = []
    size = 0
    for line in lines:
        length = len(line.text.encode()) + _OVERHEAD
        if batch and (len(batch) == _MOST_LINES or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield batch
