"""What CloudWatch is told of streams, and of their shards where somebody wants to know.

Calls note in memory, also where they are refused; it is told a moment later.

https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cumulet.kernel import Call, task

from .resources import Stream
from .shards import id_of

_Note = tuple[str, float, str, int, float]       # stream, minute, metric, shard (-1: of the stream alone), value

# The names of a stream's metrics that its shards have too, and theirs.
_SHARDS = {"IncomingBytes": "IncomingBytes", "IncomingRecords": "IncomingRecords", "GetRecords.Bytes": "OutgoingBytes",
           "GetRecords.Records": "OutgoingRecords",
           "WriteProvisionedThroughputExceeded": "WriteProvisionedThroughputExceeded",
           "ReadProvisionedThroughputExceeded": "ReadProvisionedThroughputExceeded",
           "GetRecords.IteratorAgeMilliseconds": "IteratorAgeMilliseconds"}
_UNITS = {"Bytes": "Bytes", "Milliseconds": "Milliseconds", "MillisBehindLatest": "Milliseconds"}
OF_SHARDS = tuple(_SHARDS.values())


def incoming(call: Call, stream: Stream, shard: int, records: int, size: int) -> None:
    """A shard took so many records."""
    _note(call, stream, shard, IncomingBytes=size, IncomingRecords=records)


def put(call: Call, stream: Stream, size: int, success: bool) -> None:
    """A call of PutRecord came to its end."""
    _note(call, stream, -1, **{"PutRecord.Bytes": size if success else None, "PutRecord.Success": int(success)})


def put_many(call: Call, stream: Stream, total: int, taken: int, size: int) -> None:
    """A call of PutRecords came to its end."""
    _note(call, stream, -1, **{
        "PutRecords.Bytes": size, "PutRecords.Success": int(taken > 0), "PutRecords.TotalRecords": total,
        "PutRecords.SuccessfulRecords": taken, "PutRecords.ThrottledRecords": total - taken, "PutRecords.FailedRecords": 0})


def write_refused(call: Call, stream: Stream, shard: int, records: int = 1) -> None:
    _note(call, stream, shard, WriteProvisionedThroughputExceeded=records)


def read(call: Call, stream: Stream, shard: int, records: int, size: int, age: int) -> None:
    """A call of GetRecords gave so much. age: of the last record, in milliseconds."""
    _note(call, stream, shard, **{"GetRecords.Bytes": size, "GetRecords.Records": records, "GetRecords.Success": 1,
                                  "GetRecords.IteratorAgeMilliseconds": age})


def read_refused(call: Call, stream: Stream, shard: int) -> None:
    _note(call, stream, shard, **{"ReadProvisionedThroughputExceeded": 1, "GetRecords.Success": 0})


def subscribed(call: Call, stream: Stream, success: bool) -> None:
    """A call of SubscribeToShard came to its end."""
    _note(call, stream, -1, **{"SubscribeToShard.Success": int(success), "SubscribeToShard.RateExceeded": int(not success)})


def pushed(call: Call, stream: Stream, records: int, size: int, age: int) -> None:
    """An event was pushed to a consumer."""
    _note(call, stream, -1, **{"SubscribeToShardEvent.Success": 1, "SubscribeToShardEvent.Records": records,
                               "SubscribeToShardEvent.Bytes": size, "SubscribeToShardEvent.MillisBehindLatest": age})


def _note(call: Call, stream: Stream, shard: int, **values: float | None) -> None:
    minute = call.now // 60
    call.note(measure, *((stream.Name, minute, metric, shard, value) for metric, value in values.items() if value is not None))


@task()
def measure(call: Call, notes: Sequence[_Note]) -> None:
    """Tell CloudWatch."""
    metrics = call.metrics("AWS/Kinesis")
    wanted = {name: set(row.metrics) if (row := call.table(Stream).get(name)) is not None else set()
              for name in {note[0] for note in notes}}
    for (name, minute, metric, shard, value), times in Counter(notes).items():
        unit = next((unit for end, unit in _UNITS.items() if metric.endswith(end)), "Count")
        metrics.add(metric, (("StreamName", name),), minute * 60, value, times, unit)
        if shard >= 0 and _SHARDS.get(metric) in wanted[name]:
            metrics.add(_SHARDS[metric], (("StreamName", name), ("ShardId", id_of(shard))), minute * 60, value, times, unit)
    metrics.tell()
