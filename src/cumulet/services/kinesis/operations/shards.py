"""Shards told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, operation

from .. import listing, streams
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
