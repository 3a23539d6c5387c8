"""Streams by name or ARN, how they are told, and what an account may have of them."""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import shards
from .resources import Doc, Stream

_LARGE = frozenset({"us-east-1", "us-west-2", "eu-west-1"})
_MOST_SHARDS, _FEWER_SHARDS = 20_000, 1_000
MOST_ON_DEMAND = 50
FIRST_ON_DEMAND = 4                    # shards of a new stream on demand
_LARGE_ON_DEMAND, _LESS_ON_DEMAND = 10_240, 200          # and of one that has grown
AUTO = "AUTO"                          # the strategy that spreads records whatever their keys are
_HOUR = 3600.0


class Found(NamedTuple):
    """A stream, and the call in its account."""

    call: Call
    stream: Stream

    @property
    def said(self) -> str:
        """How errors name the stream."""
        return f"stream {self.stream.Name} under account {self.call.account}"

    @property
    def subject(self) -> str:
        """The same at the beginning of a sentence."""
        return "S" + self.said[1:]


def find(call: Call, name: str | None, arn: str | None) -> Found:
    """The stream of a request, not to be changed."""
    if arn is None:
        if name is None:
            raise error.InvalidArgumentException("Either StreamARN or StreamName must be specified.")
        return Found(call, _known(call, name))
    parsed = parse_arn(arn)
    if parsed is None or not parsed.resource.startswith("stream/") or parsed.service != "kinesis":
        raise error.InvalidArgumentException(f"Invalid stream ARN: {arn}")
    named = parsed.resource.removeprefix("stream/")
    if name is not None and name != named:
        raise error.InvalidArgumentException(f"StreamName {name} and StreamARN {arn} are not of the same stream.")
    there = call if parsed.account == call.account else call.elsewhere(account=parsed.account)
    if parsed.region != call.region:
        raise missing(there, named)
    return Found(there, _known(there, named))


def own(call: Call, name: str | None, arn: str | None) -> Found:
    """The stream of a request, to be changed."""
    there, stream = find(call, name, arn)
    return Found(there, there.get(Stream, stream.Name))


def _known(call: Call, name: str) -> Stream:
    stream = call.table(Stream).known(name)
    if stream is None:
        raise missing(call, name)
    return stream


def missing(call: Call, name: str) -> AwsError:
    return error.ResourceNotFoundException(f"Stream {name} under account {call.account} not found.")


def mode_of(stream: Stream) -> str:
    return (stream.StreamModeDetails or {}).get("StreamMode", "PROVISIONED")


def horizon(call: Call, stream: Stream) -> float:
    """What came earlier is no longer kept."""
    return max(call.now - stream.RetentionPeriodHours * _HOUR, stream.horizon)


def shard_limit(call: Call) -> int:
    return _MOST_SHARDS if call.region in _LARGE else _FEWER_SHARDS


def most_on_demand(call: Call) -> int:
    """How many shards a stream on demand has at most."""
    return _LARGE_ON_DEMAND if call.region in _LARGE else _LESS_ON_DEMAND


def check_room(call: Call, more: int) -> None:
    """Raises when the account may not have so many shards more."""
    count, most = shards.count_open(call), shard_limit(call)
    if count + more > most:
        raise error.LimitExceededException(
            f"This request would exceed the shard limit for the account {call.account} in {call.region}. Current shard count "
            f"for the account: {count}. Limit: {most}. Number of additional shards that would have resulted from this request: "
            f"{more}. Refer to the AWS Service Limits page (https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html)"
            " for current limits and how to request higher limits.")


def check_on_demand(call: Call) -> None:
    """Raises when the account may not have another stream on demand."""
    if count_on_demand(call) >= MOST_ON_DEMAND:
        raise error.LimitExceededException(
            f"This request would exceed the on-demand stream limit for the account {call.account} in {call.region}. "
            f"Limit: {MOST_ON_DEMAND}.")


def count_on_demand(call: Call) -> int:
    return sum(1 for stream in call.table(Stream).iterate() if stream.on_demand)


def described(call: Call, stream: Stream) -> Doc:
    """What DescribeStream and DescribeStreamSummary both tell."""
    sealing = stream.StreamEncryption or {"EncryptionType": "NONE"}
    return summary(call, stream) | {
        "RetentionPeriodHours": stream.RetentionPeriodHours,
        "EnhancedMonitoring": [{"ShardLevelMetrics": list(stream.metrics)}],
        "EncryptionType": sealing["EncryptionType"], "KeyId": sealing.get("KeyId")}


def summary(call: Call, stream: Stream) -> Doc:
    """A stream in a listing."""
    return {"StreamName": stream.Name, "StreamARN": call.arn(stream), "StreamStatus": "ACTIVE",
            "StreamModeDetails": stream.StreamModeDetails, "StreamCreationTimestamp": stream.created}
