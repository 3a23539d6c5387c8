"""Streams of DynamoDB's tables, as sources of records.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, parse_arn

from .. import roles
from ..resources import EventSourceMapping
from .records import Record

quick = 0.1
batch = "DDBStreamBatchInfo"
data = ""
_MOST = 1000                          # records that one call gives


def shards(call: Call, mapping: EventSourceMapping) -> dict[str, tuple[str, ...]]:
    told = _streams(call, mapping).describe_stream(StreamArn=mapping.EventSourceArn)["StreamDescription"]
    return {shard["ShardId"]: () for shard in told["Shards"]}


def begin(call: Call, mapping: EventSourceMapping, shard: str, where: Mapping[str, Any]) -> str:
    got = _streams(call, mapping).get_shard_iterator(StreamArn=mapping.EventSourceArn, ShardId=shard, **where)
    return str(got["ShardIterator"])


def read(call: Call, mapping: EventSourceMapping, shard: str, iterator: str, most: int) -> tuple[list[Record], str]:
    got = _streams(call, mapping).get_records(ShardIterator=iterator, Limit=min(most, _MOST))
    return [_record(told, mapping) for told in got["Records"]], got.get("NextShardIterator") or ""


def seen(record: Record) -> Mapping[str, Any]:
    return record.shown


def _streams(call: Call, mapping: EventSourceMapping) -> Any:
    return roles.peers_of(call, mapping).dynamodbstreams


def _record(told: dict[str, Any], mapping: EventSourceMapping) -> Record:
    """As functions get it: bytes in base64, moments in seconds, and the identity in other letters than GetRecords'."""
    arn = parse_arn(mapping.EventSourceArn)
    assert arn is not None
    shown = _plain(told)
    if who := shown.get("userIdentity"):
        shown["userIdentity"] = {"type": who["Type"], "principalId": who["PrincipalId"]}
    shown |= {"eventSourceARN": mapping.EventSourceArn, "eventSource": "aws:dynamodb", "awsRegion": arn.region}
    change = shown["dynamodb"]
    return Record(str(change["SequenceNumber"]), float(change["ApproximateCreationDateTime"]),
                  json.dumps(change["Keys"], sort_keys=True), shown, len(json.dumps(shown)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value
