"""Metrics of single shards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cumulet.kernel import Call, operation

from .. import streams
from ..measuring import OF_SHARDS
from ..resources import Doc

_ALL = "ALL"


@operation(accepts=("StreamId",))
def enable_enhanced_monitoring(call: Call, ShardLevelMetrics: Sequence[str], StreamName: str | None = None,
                               StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html"""
    return _change(call, StreamName, StreamARN, ShardLevelMetrics, lambda before, named: before | named)


@operation(accepts=("StreamId",))
def disable_enhanced_monitoring(call: Call, ShardLevelMetrics: Sequence[str], StreamName: str | None = None,
                                StreamARN: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DisableEnhancedMonitoring.html"""
    return _change(call, StreamName, StreamARN, ShardLevelMetrics, lambda before, named: before - named)


def _change(call: Call, name: str | None, arn: str | None, named: Sequence[str],
            change: Callable[[set[str], set[str]], set[str]]) -> Doc:
    call, stream = streams.own(call, name, arn)
    before = list(stream.metrics)
    after = change(set(before), set(OF_SHARDS) if _ALL in named else set(named))
    stream.metrics = [metric for metric in OF_SHARDS if metric in after]
    call.put(stream)
    return {"StreamName": stream.Name, "StreamARN": call.arn(stream), "CurrentShardLevelMetrics": before,
            "DesiredShardLevelMetrics": list(stream.metrics)}
