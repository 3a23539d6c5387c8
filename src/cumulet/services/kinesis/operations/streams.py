"""Streams made, told and ended."""

from __future__ import annotations

from collections.abc import Mapping

from cumulet.kernel import Call, Page, error, operation

from .. import consumers, modes, shards, streams, tags
from ..background import trims
from ..resources import Doc, Policy, Stream
from ..streams import Found

_MOST_SHARDS_TOLD = 100
_LARGEST_RECORD = 1024                 # KiB, unless a stream says otherwise


@operation
def create_stream(call: Call, StreamName: str, ShardCount: int | None = None,
                  StreamModeDetails: Mapping[str, str] | None = None, Tags: Mapping[str, str] | None = None,
                  WarmThroughputMiBps: int | None = None, MaxRecordSizeInKiB: int = _LARGEST_RECORD,
                  RecordDistributionStrategy: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html"""
    mode = (StreamModeDetails or {}).get("StreamMode", "PROVISIONED")
    if call.table(Stream).get(StreamName) is not None:
        raise error.ResourceInUseException(f"Stream {StreamName} under account {call.account} already exists.")
    if mode == "ON_DEMAND":
        if ShardCount is not None:
            raise error.InvalidArgumentException("ShardCount must not be specified for a stream in ON_DEMAND mode.")
        streams.check_on_demand(call)
    elif ShardCount is None:
        raise error.InvalidArgumentException("ShardCount must be specified for a stream in PROVISIONED mode.")
    else:
        streams.check_room(call, ShardCount)
    stream = Stream(Name=StreamName, ShardCount=ShardCount, StreamModeDetails={"StreamMode": mode}, created=call.now,
                    tags=tags.check({}, Tags or {}), MaxRecordSizeInKiB=MaxRecordSizeInKiB)
    if RecordDistributionStrategy == streams.AUTO:
        modes.must_be_on_demand(Found(call, stream), "record distribution strategy")
        stream.scattered = True
    call.table(Stream).insert(stream)
    shards.make(call, stream, ShardCount or streams.FIRST_ON_DEMAND)
    if WarmThroughputMiBps is not None:
        modes.keep_warm(Found(call, stream), WarmThroughputMiBps)


@operation(accepts=("StreamId",))
def describe_stream(call: Call, StreamName: str | None = None, Limit: int = _MOST_SHARDS_TOLD,
                    ExclusiveStartShardId: str | None = None, StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html"""
    call, stream = streams.find(call, StreamName, StreamARN)
    after = shards.index_of(ExclusiveStartShardId) if ExclusiveStartShardId is not None else -1
    limit = min(Limit, _MOST_SHARDS_TOLD)
    found = shards.some(call, stream, after, limit + 1)
    return {"StreamDescription": streams.described(call, stream) | {
        "Shards": shards.all_shown(stream, found[:limit]), "HasMoreShards": len(found) > limit}}


@operation(accepts=("StreamId",))
def describe_stream_summary(call: Call, StreamName: str | None = None, StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html"""
    call, stream = streams.find(call, StreamName, StreamARN)
    return {"StreamDescriptionSummary": streams.described(call, stream) | {
        "OpenShardCount": shards.count_open(call, stream), "ConsumerCount": consumers.count(call, call.arn(stream)),
        "MaxRecordSizeInKiB": stream.MaxRecordSizeInKiB, "WarmThroughput": modes.warm_shown(call, stream),
        "RecordDistributionStrategy": modes.strategy_of(stream)}}


@operation
def list_streams(call: Call, ExclusiveStartStreamName: str | None = None, page: Page[Stream] = Page(100)) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html"""
    after = max(page.after or "", ExclusiveStartStreamName or "") or None
    found = page.cut(call.table(Stream).scan(after=after, limit=page.limit + 1), lambda stream: stream.Name)
    return {"StreamNames": [stream.Name for stream in found], "HasMoreStreams": page.next is not None,
            "StreamSummaries": [streams.summary(call, stream) for stream in found]}


@operation(accepts=("StreamId",))
def delete_stream(call: Call, StreamName: str | None = None, EnforceConsumerDeletion: bool = False,
                  StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html"""
    call, stream = streams.own(call, StreamName, StreamARN)
    arn = call.arn(stream)
    if consumers.count(call, arn) and not EnforceConsumerDeletion:
        raise error.ResourceInUseException(
            f"Stream {stream.Name} under account {call.account} has registered consumers. Deregister them first, or "
            "delete the stream with EnforceConsumerDeletion.")
    for consumer in consumers.of_stream(call, stream):
        consumers.remove(call, consumer)
    call.table(Policy).delete(arn)
    for shard in shards.routes(call, stream):
        call.signal(str(shard.number), count=shards.READERS)
    call.table(Stream).delete(stream.Name)
    trims.leave(call, stream)
