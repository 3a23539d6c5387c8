"""How long records are kept, and how large they may be."""

from __future__ import annotations

from cumulet.kernel import Call, error, operation

from .. import shards, streams
from ..background import trims
from ..resources import Stream

_LEAST, _MOST = 24, 8760


@operation(accepts=("StreamId",))
def increase_stream_retention_period(call: Call, RetentionPeriodHours: int, StreamName: str | None = None,
                                     StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html"""
    call, stream = streams.own(call, StreamName, StreamARN)
    _check(RetentionPeriodHours)
    if RetentionPeriodHours < stream.RetentionPeriodHours:
        raise error.InvalidArgumentException(
            f"Requested retention period ({RetentionPeriodHours} hours) for stream {stream.Name} can not be shorter than "
            f"existing retention period ({stream.RetentionPeriodHours} hours). Use DecreaseRetentionPeriod API.")
    stream.horizon = streams.horizon(call, stream)           # what is gone does not come back
    _set(call, stream, RetentionPeriodHours)


@operation(accepts=("StreamId",))
def decrease_stream_retention_period(call: Call, RetentionPeriodHours: int, StreamName: str | None = None,
                                     StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html"""
    call, stream = streams.own(call, StreamName, StreamARN)
    _check(RetentionPeriodHours)
    if RetentionPeriodHours > stream.RetentionPeriodHours:
        raise error.InvalidArgumentException(
            f"Requested retention period ({RetentionPeriodHours} hours) for stream {stream.Name} can not be longer than "
            f"existing retention period ({stream.RetentionPeriodHours} hours). Use IncreaseRetentionPeriod API.")
    _set(call, stream, RetentionPeriodHours)
    for shard in shards.some(call, stream, -1, shards.MOST):
        trims.arm(call, stream, shard.index, shard.number, call.now)


def _check(hours: int) -> None:
    if hours < _LEAST:
        raise error.InvalidArgumentException(f"Minimum allowed retention period is {_LEAST} hours. Requested retention period "
                                             f"({hours} hours) is too short.")
    if hours > _MOST:
        raise error.InvalidArgumentException(f"Maximum allowed retention period is {_MOST} hours. Requested retention period "
                                             f"({hours} hours) is too long.")


def _set(call: Call, stream: Stream, hours: int) -> None:
    stream.RetentionPeriodHours = hours
    call.put(stream)


@operation(accepts=("StreamId",))
def update_max_record_size(call: Call, MaxRecordSizeInKiB: int, StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html"""
    call, stream = streams.own(call, None, StreamARN)
    stream.MaxRecordSizeInKiB = MaxRecordSizeInKiB
    call.put(stream)
