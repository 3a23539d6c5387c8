"""DynamoDB Streams: one shard a stream, open until the stream ends."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import streams
from ..resources import Stream, Tail

Doc = dict[str, Any]
_MOST_LISTED, _MOST_RECORDS = 100, 1000


@operation
def list_streams(call: Call, TableName: str | None = None, Limit: int = _MOST_LISTED,
                 ExclusiveStartStreamArn: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ListStreams.html"""
    after = streams.find(call, ExclusiveStartStreamArn) if ExclusiveStartStreamArn else None
    rows = call.table(Stream)
    if TableName is not None:
        found = rows.scan(TableName, index="table", after=after.label if after else None, limit=Limit + 1)
    else:
        found = rows.scan(index="table", after=(after.table, after.label) if after else None, limit=Limit + 1)
    told = [{"StreamArn": streams.arn_of(call, row), "TableName": row.table, "StreamLabel": row.label}
            for row in found[:Limit]]
    return {"Streams": told, "LastEvaluatedStreamArn": told[-1]["StreamArn"] if len(found) > Limit else None}


@operation
def describe_stream(call: Call, StreamArn: str, Limit: int = _MOST_LISTED, ExclusiveStartShardId: str | None = None,
                    ShardFilter: Doc | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html"""
    call = streams.reached(call, StreamArn)
    stream = streams.find(call, StreamArn)
    shard = streams.shard_of(stream)
    # A filter asks for the children of a shard: the one shard has none.
    numbers = {"StartingSequenceNumber": streams.sequence_number(1)}
    if stream.ended:
        numbers["EndingSequenceNumber"] = streams.sequence_number(max(stream.last, 1))
    shards = [{"ShardId": shard, "SequenceNumberRange": numbers}]
    return {"StreamDescription": {
        "StreamArn": StreamArn, "StreamLabel": stream.label, "StreamStatus": "DISABLED" if stream.ended else "ENABLED",
        "StreamViewType": stream.view, "CreationRequestDateTime": stream.created, "TableName": stream.table,
        "KeySchema": stream.keys, "Shards": [] if ShardFilter or ExclusiveStartShardId == shard else shards[:Limit]}}


@operation
def get_shard_iterator(call: Call, StreamArn: str, ShardId: str, ShardIteratorType: str,
                       SequenceNumber: str | None = None, Timestamp: float | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html"""
    call = streams.reached(call, StreamArn)
    stream = streams.find(call, StreamArn)
    if ShardId != streams.shard_of(stream):
        raise error.ResourceNotFoundException(
            f"Requested resource not found: Shard: {ShardId} in stream: {StreamArn} not found")
    iterator = streams.start(call, stream, ShardIteratorType, SequenceNumber, Timestamp)
    return {"ShardIterator": streams.token_of(iterator, StreamArn)}


@operation
def get_records(call: Call, ShardIterator: str, Limit: int = _MOST_RECORDS) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html"""
    call, iterator, stream = streams.read_token(call, ShardIterator)
    records = streams.read(call, iterator, min(Limit, _MOST_RECORDS))
    after = records[-1].sequence if records else iterator.after
    tail = call.table(Tail).get(stream.number)
    ended = stream.ended and after >= (tail.last if tail else 0)
    following = None if ended else streams.token_of(streams.Iterator(stream.number, after, call.now),
                                                    streams.arn_of(call, stream))
    return {"Records": streams.shown(call, records), "NextShardIterator": following}
