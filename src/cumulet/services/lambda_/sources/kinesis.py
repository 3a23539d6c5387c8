"""Kinesis streams, as sources of records.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, parse_arn

from .. import roles
from ..deployments import find
from ..resources import EventSourceMapping
from .records import Record

quick = 0.0
batch = "KinesisBatchInfo"
data = "data"
_MOST = 10_000                        # records that one call gives
_ABOUT = 800                          # bytes of a record in an event, beside its data


def stream_of(arn: str) -> str:
    """The stream of its ARN, or of the ARN of a consumer, which reads what all others read."""
    return arn.partition("/consumer/")[0]


def shards(call: Call, mapping: EventSourceMapping) -> dict[str, tuple[str, ...]]:
    kinesis, stream, found = roles.peers_of(call, mapping).kinesis, stream_of(mapping.EventSourceArn), {}
    if stream != mapping.EventSourceArn:
        kinesis.describe_stream_consumer(ConsumerARN=mapping.EventSourceArn)      # raises where there is no such consumer
    page: dict[str, Any] = {"StreamARN": stream}
    while page:
        told = kinesis.list_shards(**page)
        for shard in told["Shards"]:
            parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
            found[shard["ShardId"]] = tuple(parent for parent in parents if parent)
        following = told.get("NextToken")
        page = {"NextToken": following, "StreamARN": stream} if following else {}
    return found


def begin(call: Call, mapping: EventSourceMapping, shard: str, where: Mapping[str, Any]) -> str:
    kinesis = roles.peers_of(call, mapping).kinesis
    asked = {"StartingSequenceNumber" if name == "SequenceNumber" else name: value for name, value in where.items()}
    return str(kinesis.get_shard_iterator(StreamARN=stream_of(mapping.EventSourceArn), ShardId=shard, **asked)["ShardIterator"])


def read(call: Call, mapping: EventSourceMapping, shard: str, iterator: str, most: int) -> tuple[list[Record], str]:
    got = roles.peers_of(call, mapping).kinesis.get_records(
        ShardIterator=iterator, Limit=min(most, _MOST), StreamARN=stream_of(mapping.EventSourceArn))
    role = find(call, mapping.FunctionName).role
    return [_record(told, mapping, shard, role) for told in got["Records"]], got.get("NextShardIterator") or ""


def seen(record: Record) -> Mapping[str, Any]:
    """Its data may be JSON."""
    inner = record.shown["kinesis"]
    return {**inner, "data": b64decode(inner["data"]).decode(errors="replace")}


def _record(told: Mapping[str, Any], mapping: EventSourceMapping, shard: str, role: str) -> Record:
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    number, key, arrived = told["SequenceNumber"], told.get("PartitionKey"), told["ApproximateArrivalTimestamp"]
    text = b64encode(told["Data"]).decode()
    return Record(number, arrived, key or number, {        # without a key, no record waits for another
        "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": key, "sequenceNumber": number, "data": text,
                    "approximateArrivalTimestamp": round(arrived, 3)},
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"{shard}:{number}",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": role, "awsRegion": arn.region,
        "eventSourceARN": mapping.EventSourceArn}, len(text) + _ABOUT)
