"""The mode of a stream, and what only streams on demand have."""

from __future__ import annotations

from collections.abc import Mapping

from cumulet.kernel import Call, operation

from .. import modes, streams
from ..resources import Doc


@operation(accepts=("StreamId",))
def update_stream_mode(call: Call, StreamARN: str, StreamModeDetails: Mapping[str, str],
                       WarmThroughputMiBps: int | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html"""
    modes.switch(streams.own(call, None, StreamARN), StreamModeDetails["StreamMode"], WarmThroughputMiBps)


@operation(accepts=("StreamId",))
def update_stream_warm_throughput(call: Call, WarmThroughputMiBps: int, StreamARN: str | None = None,
                                  StreamName: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html"""
    found = streams.own(call, StreamName, StreamARN)
    modes.keep_warm(found, WarmThroughputMiBps)
    return {"StreamARN": found.call.arn(found.stream), "StreamName": found.stream.Name,
            "WarmThroughput": modes.warm_shown(found.call, found.stream)}


@operation(accepts=("StreamId",))
def update_stream_record_distribution_strategy(call: Call, StreamARN: str, RecordDistributionStrategy: str) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamRecordDistributionStrategy.html"""
    found = streams.own(call, None, StreamARN)
    if RecordDistributionStrategy == streams.AUTO:
        modes.must_be_on_demand(found, "record distribution strategy")
    found.stream.scattered = RecordDistributionStrategy == streams.AUTO
    found.call.put(found.stream)
