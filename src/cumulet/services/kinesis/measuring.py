"""What CloudWatch is told of streams, and of their shards where somebody wants to know.

Calls note in memory, also where they are refused; it is told a moment later.

https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, task

from .background import growth
from .resources import Stream
from .shards import id_of

_Note = tuple[Any, ...]                # stream, minute, kind, shard (-1: of the stream alone), a value of each metric

# One note of a call tells of all of these at once, for each call passes here.
_REFUSED = "write refused"
_WRITE = ("IncomingBytes", "IncomingRecords")
_KINDS = {
    "put": (*_WRITE, "PutRecord.Bytes", "PutRecord.Success"), "put refused": ("PutRecord.Success",), "incoming": _WRITE,
    _REFUSED: ("WriteProvisionedThroughputExceeded",),
    "put many": ("PutRecords.Bytes", "PutRecords.Success", "PutRecords.TotalRecords", "PutRecords.SuccessfulRecords",
                 "PutRecords.ThrottledRecords", "PutRecords.FailedRecords"),
    "read": ("GetRecords.Bytes", "GetRecords.Records", "GetRecords.IteratorAgeMilliseconds", "GetRecords.Success"),
    "read refused": ("GetRecords.Success", "ReadProvisionedThroughputExceeded"),
    "subscribed": ("SubscribeToShard.Success", "SubscribeToShard.RateExceeded"),
    "pushed": ("SubscribeToShardEvent.Bytes", "SubscribeToShardEvent.Records", "SubscribeToShardEvent.MillisBehindLatest",
               "SubscribeToShardEvent.Success")}

# The names of a stream's metrics that its shards have too, and theirs.
_SHARDS = {"IncomingBytes": "IncomingBytes", "IncomingRecords": "IncomingRecords", "GetRecords.Bytes": "OutgoingBytes",
           "GetRecords.Records": "OutgoingRecords",
           "WriteProvisionedThroughputExceeded": "WriteProvisionedThroughputExceeded",
           "ReadProvisionedThroughputExceeded": "ReadProvisionedThroughputExceeded",
           "GetRecords.IteratorAgeMilliseconds": "IteratorAgeMilliseconds"}
_UNITS = {"Bytes": "Bytes", "Milliseconds": "Milliseconds", "MillisBehindLatest": "Milliseconds"}
OF_SHARDS = tuple(_SHARDS.values())


def put(call: Call, stream: Stream, shard: int, size: int) -> None:
    """A call of PutRecord wrote its record."""
    call.note(measure, (stream.Name, call.now // 60, "put", shard, size, 1, size, 1))


def put_refused(call: Call, stream: Stream, shard: int) -> None:
    write_refused(call, stream, shard)
    call.note(measure, (stream.Name, call.now // 60, "put refused", -1, 0))


def put_many(call: Call, stream: Stream, shards: Mapping[int, tuple[int, int]], total: int) -> None:
    """A call of PutRecords came to its end. shards: bytes and records that each of them took."""
    minute = call.now // 60
    size, taken = (sum(each[i] for each in shards.values()) for i in (0, 1))
    call.note(measure, *((stream.Name, minute, "incoming", shard, *told) for shard, told in shards.items()),
              (stream.Name, minute, "put many", -1, size, int(taken > 0), total, taken, total - taken, 0))


def write_refused(call: Call, stream: Stream, shard: int) -> None:
    """A shard did not take a record."""
    call.note(measure, (stream.Name, call.now // 60, _REFUSED, shard, 1))


def read(call: Call, stream: Stream, shard: int, records: int, size: int, age: int) -> None:
    """A call of GetRecords gave so much. age: of the last record, in milliseconds."""
    call.note(measure, (stream.Name, call.now // 60, "read", shard, size, records, age, 1))


def read_refused(call: Call, stream: Stream, shard: int) -> None:
    call.note(measure, (stream.Name, call.now // 60, "read refused", shard, 0, 1))


def subscribed(call: Call, stream: Stream, success: bool) -> None:
    """A call of SubscribeToShard came to its end."""
    call.note(measure, (stream.Name, call.now // 60, "subscribed", -1, int(success), int(not success)))


def pushed(call: Call, stream: Stream, records: int, size: int, age: int) -> None:
    """An event was pushed to a consumer."""
    call.note(measure, (stream.Name, call.now // 60, "pushed", -1, size, records, age, 1))


@task()
def measure(call: Call, notes: Sequence[_Note]) -> None:
    """Tell CloudWatch, and have streams on demand grow that refused records."""
    metrics, rows = call.metrics("AWS/Kinesis"), call.table(Stream)
    found = {name: row for name in {note[0] for note in notes} if (row := rows.get(name)) is not None}
    wanted = {name: set(row.metrics) for name, row in found.items()}
    for name in {note[0] for note in notes if note[2] == _REFUSED} & found.keys():
        growth.refused(call, found[name])
    for (name, minute, kind, shard, *values), times in Counter(notes).items():
        for metric, value in zip(_KINDS[kind], values, strict=True):
            unit = next((unit for end, unit in _UNITS.items() if metric.endswith(end)), "Count")
            metrics.add(metric, (("StreamName", name),), minute * 60, value, times, unit)
            if shard >= 0 and _SHARDS.get(metric) in wanted.get(name, ()):
                metrics.add(_SHARDS[metric], (("StreamName", name), ("ShardId", id_of(shard))), minute * 60, value, times, unit)
    metrics.tell()
