"""Records written and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import encryption, iterators, measuring, reading, shards, streams, throttling, writing
from ..iterators import token_of
from ..resources import Doc, Stream

_LARGEST_BATCH = 10 * 1024 * 1024
_LONGEST_WAIT = 20.0
_EXCEEDED = "ProvisionedThroughputExceededException"


@operation(accepts=("StreamId",))
def put_record(call: Call, Data: bytes, StreamName: str | None = None, PartitionKey: str | None = None,
               ExplicitHashKey: str | None = None, SequenceNumberForOrdering: str | None = None, StreamARN: str | None = None,
               DryRun: bool = False) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html"""
    found = streams.find(call, StreamName, StreamARN)
    record = writing.new(found, shards.routes(found.call, found.stream), PartitionKey, Data, ExplicitHashKey)
    behind = writing.minimum(found, SequenceNumberForOrdering) if SequenceNumberForOrdering is not None else 0
    _end_of_rehearsal(DryRun)
    if not throttling.writes(found.call, record.shard, record.size):
        measuring.put_refused(found.call, found.stream, record.shard.index)
        raise throttling.exceeded(found.call, found.stream, record.shard.index)
    measuring.put(found.call, found.stream, record.shard.index, record.size)
    number = writing.write(found, record.shard, (record,), behind)[0]
    return {"ShardId": shards.id_of(record.shard.index), "SequenceNumber": number, "EncryptionType": _encryption(found.stream)}


@operation(accepts=("StreamId",))
def put_records(call: Call, Records: Sequence[Mapping[str, Any]], StreamName: str | None = None, StreamARN: str | None = None,
                DryRun: bool = False) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html"""
    found = streams.find(call, StreamName, StreamARN)
    call, stream = found
    open_shards = shards.routes(call, stream)
    wanted = [writing.new(found, open_shards, each.get("PartitionKey"), each["Data"], each.get("ExplicitHashKey"))
              for each in Records]
    if sum(record.size for record in wanted) > _LARGEST_BATCH:
        raise error.InvalidArgumentException("Records size exceeds 10 MB limit")
    _end_of_rehearsal(DryRun)
    taken: dict[int, list[int]] = {}               # shard → places of the records that it takes
    told: list[Doc] = [{}] * len(wanted)
    for place, record in enumerate(wanted):
        if throttling.writes(call, record.shard, record.size):
            taken.setdefault(record.shard.index, []).append(place)
        else:
            measuring.write_refused(call, stream, record.shard.index)
            told[place] = {"ErrorCode": _EXCEEDED, "ErrorMessage": throttling.message(call, stream, record.shard.index)}
    for index, places in taken.items():
        numbers = writing.write(found, wanted[places[0]].shard, [wanted[place] for place in places])
        for place, number in zip(places, numbers, strict=True):
            told[place] = {"ShardId": shards.id_of(index), "SequenceNumber": number}
    measuring.put_many(call, stream, {index: (sum(wanted[place].size for place in places), len(places))
                                      for index, places in taken.items()}, len(wanted))
    return {"FailedRecordCount": len(wanted) - sum(map(len, taken.values())), "Records": told,
            "EncryptionType": _encryption(stream)}


@operation(accepts=("StreamId",))
def get_shard_iterator(call: Call, ShardId: str, ShardIteratorType: str, StreamName: str | None = None,
                       StartingSequenceNumber: str | None = None, Timestamp: float | None = None,
                       StreamARN: str | None = None, DryRun: bool = False) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html"""
    found = streams.find(call, StreamName, StreamARN)
    shard = shards.find(found.call, found.stream, ShardId)
    after = iterators.start(found, shard, ShardIteratorType, StartingSequenceNumber, Timestamp)
    _end_of_rehearsal(DryRun)
    return {"ShardIterator": token_of(found.call, found.stream, shard, after)}


@operation(accepts=("StreamId",))
def get_records(call: Call, ShardIterator: str, Limit: int = reading.MOST, StreamARN: str | None = None,
                DryRun: bool = False) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html"""
    iterator = iterators.read_token(ShardIterator)
    found, shard = iterators.place_of(call, iterator, StreamARN)
    call, stream = found
    _end_of_rehearsal(DryRun)
    read = reading.read(found, shard, iterator.after, Limit)
    if call.patient and not read.rows and not read.ended:
        call.wait(str(shard.number), seconds=_LONGEST_WAIT)      # a consumer in the background: a user is answered at once
    if not throttling.reads(call, shard.number):
        measuring.read_refused(call, stream, shard.index)
        raise throttling.exceeded(call, stream, shard.index)
    measuring.read(call, stream, shard.index, len(read.rows), read.size, read.behind(call.now))
    throttling.gave(call, shard.number, read.size)
    shown = reading.written if _in_json(call) else reading.shown
    return {"Records": shown(found, shard, read.rows), "MillisBehindLatest": read.behind(call.now),
            "NextShardIterator": None if read.ended else token_of(call, stream, shard, read.after),
            "ChildShards": reading.children(call, stream, shard) if read.ended else None}


def _in_json(call: Call) -> bool:
    """Whether the answer goes out as JSON; peers are given values, and who speaks CBOR has them written from values."""
    return call.request is not None and "cbor" not in call.request.headers.get("content-type", "")


def _encryption(stream: Stream) -> str | None:
    """How what is written is told to be encrypted."""
    return "KMS" if encryption.key_of(stream) is not None else None


def _end_of_rehearsal(rehearsal: bool) -> None:
    """Where a request that would succeed is only tried."""
    if rehearsal:
        raise error.DryRunOperationException("Request would have succeeded, but DryRun flag is set.")
