"""Shards told, split and merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import hashes, listing, resharding, shards, streams
from ..resources import Doc

_MOST_TOLD = 1000


@operation(accepts=("StreamId",))
def list_shards(call: Call, StreamName: str | None = None, NextToken: str | None = None,
                ExclusiveStartShardId: str | None = None, MaxResults: int = _MOST_TOLD,
                StreamCreationTimestamp: float | None = None, ShardFilter: Mapping[str, Any] | None = None,
                StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html"""
    if NextToken is not None:
        listing.check_alone(StreamName, ExclusiveStartShardId, StreamCreationTimestamp, ShardFilter)
        there, asked = listing.resume(call, NextToken, StreamARN)
    else:
        there = streams.find(call, StreamName, StreamARN)
        asked = listing.begin(there, StreamCreationTimestamp, ExclusiveStartShardId, ShardFilter or {})
    return listing.page(there, asked, min(MaxResults, _MOST_TOLD))


@operation(accepts=("StreamId",))
def split_shard(call: Call, ShardToSplit: str, NewStartingHashKey: str, StreamName: str | None = None,
                StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html"""
    found = streams.own(call, StreamName, StreamARN)
    resharding.check_provisioned(found)
    shard = shards.find(found.call, found.stream, ShardToSplit)
    resharding.check_eligible(found, shard)
    start, end = hashes.number(shard.start), hashes.number(shard.end)
    if not start + 1 < int(NewStartingHashKey) < end:
        raise error.InvalidArgumentException(
            f"NewStartingHashKey {NewStartingHashKey} used in SplitShard() on shard {ShardToSplit} in {found.said} is not both "
            f"greater than one plus the shard's StartingHashKey {start} and less than the shard's EndingHashKey {end}.")
    streams.check_room(found.call, 1)
    resharding.Resharding(found).split(shard, hashes.of_number(int(NewStartingHashKey)))
    resharding.count_changed(found.call, found.stream)


@operation(accepts=("StreamId",))
def merge_shards(call: Call, ShardToMerge: str, AdjacentShardToMerge: str, StreamName: str | None = None,
                 StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html"""
    found = streams.own(call, StreamName, StreamARN)
    resharding.check_provisioned(found)
    one, other = (shards.find(found.call, found.stream, shard) for shard in (ShardToMerge, AdjacentShardToMerge))
    for shard in (one, other):
        resharding.check_eligible(found, shard)
    low, high = sorted((one, other), key=lambda shard: shard.start)
    if hashes.number(low.end) + 1 != hashes.number(high.start):
        raise error.InvalidArgumentException(
            f"Shards {ShardToMerge} and {AdjacentShardToMerge} in {found.said} are not an adjacent pair of shards eligible for "
            "merging")
    resharding.Resharding(found).merge(one, other)
    resharding.count_changed(found.call, found.stream)


@operation(accepts=("StreamId",))
def update_shard_count(call: Call, TargetShardCount: int, ScalingType: str, StreamName: str | None = None,
                       StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html"""
    found = streams.own(call, StreamName, StreamARN)
    resharding.check_provisioned(found)
    call, stream = found
    count = shards.count_open(call, stream)
    if ScalingType == "UNIFORM_SCALING" and TargetShardCount != count:      # the one type that there is
        resharding.check_scaling(found, count, TargetShardCount)
        stream.scaled = [*stream.scaled[-resharding.MOST_A_DAY:], call.now]
        resharding.Resharding(found).scale(TargetShardCount)
        resharding.count_changed(call, stream)
    return {"StreamName": stream.Name, "StreamARN": call.arn(stream), "CurrentShardCount": count,
            "TargetShardCount": TargetShardCount}
