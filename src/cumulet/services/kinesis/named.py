"""What an ARN of Kinesis names: a stream, or a consumer of one."""

from __future__ import annotations

from cumulet.kernel import Call, error, parse_arn

from . import consumers, streams
from .resources import Consumer, Stream


def find(call: Call, arn: str) -> tuple[Call, Stream | Consumer]:
    """The stream or consumer of an ARN, to be changed, and the call in its account."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("stream/"):
        raise error.InvalidArgumentException(f"Invalid resource ARN: {arn}")
    if "/consumer/" in parts.resource:
        return consumers.own(call, arn)
    return streams.own(call, None, arn)
