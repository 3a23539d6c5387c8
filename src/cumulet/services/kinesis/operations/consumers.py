"""Consumers registered, told and ended."""

from __future__ import annotations

from collections.abc import Mapping

from cumulet.kernel import Call, Page, operation

from .. import consumers, streams
from ..resources import Consumer, Doc


@operation(accepts=("StreamId",))
def register_stream_consumer(call: Call, StreamARN: str, ConsumerName: str, Tags: Mapping[str, str] | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html"""
    there, stream = streams.find(call, None, StreamARN)
    return {"Consumer": consumers.shown(consumers.register(there, stream, ConsumerName, Tags or {})) | {
        "ConsumerStatus": "CREATING"}}


@operation(accepts=("StreamId",))
def describe_stream_consumer(call: Call, StreamARN: str | None = None, ConsumerName: str | None = None,
                             ConsumerARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamConsumer.html"""
    _, row = consumers.find(call, ConsumerARN, StreamARN, ConsumerName)
    return {"ConsumerDescription": consumers.shown(row) | {"StreamARN": row.StreamARN}}


@operation(accepts=("StreamId",))
def list_stream_consumers(call: Call, StreamARN: str, StreamCreationTimestamp: float | None = None,
                          page: Page[Consumer] = Page(100)) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html"""
    there, stream = streams.find(call, None, StreamARN)
    if StreamCreationTimestamp is not None and abs(StreamCreationTimestamp - stream.created) >= 1:
        raise streams.missing(there, stream.Name)
    rows = there.table(Consumer).scan(StreamARN, index="stream", after=page.after, limit=page.limit + 1)
    return {"Consumers": [consumers.shown(row) for row in page.cut(rows, lambda row: row.ConsumerName)]}


@operation(accepts=("StreamId",))
def deregister_stream_consumer(call: Call, StreamARN: str | None = None, ConsumerName: str | None = None,
                               ConsumerARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html"""
    consumers.remove(*consumers.find(call, ConsumerARN, StreamARN, ConsumerName))
