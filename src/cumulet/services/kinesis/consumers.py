"""Consumers with throughput of their own: who is registered with a stream.

https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html
"""

from __future__ import annotations

from collections.abc import Mapping

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import modes, streams, tags
from .resources import Consumer, Doc, Policy, Stream, Subscription
from .shards import READERS

_MOST, _MOST_COMMITTED = 20, 50


def register(call: Call, stream: Stream, name: str, tagged: Mapping[str, str]) -> Consumer:
    """A new consumer of a stream."""
    arn = call.arn(stream)
    if named(call, arn, name) is not None:
        raise error.ResourceInUseException(f"Consumer {name} of {arn} under account {call.account} already exists.")
    most = _MOST_COMMITTED if stream.on_demand and modes.committed(call) else _MOST
    if count(call, arn) >= most:
        raise error.LimitExceededException(
            f"This request would exceed the limit of {most} consumers for stream {stream.Name} under account {call.account}.")
    row = Consumer(ConsumerARN=f"{arn}/consumer/{name}:{int(call.now)}", StreamARN=arn, ConsumerName=name, created=call.now,
                   path=f"{stream.Name}/consumer/{name}:{int(call.now)}", tags=tags.check({}, tagged))
    return call.table(Consumer).insert(row)


def named(call: Call, stream: str, name: str) -> Consumer | None:
    """A consumer by its stream's ARN and its name."""
    return call.table(Consumer).find("stream", stream, name)


def count(call: Call, stream: str) -> int:
    return call.table(Consumer).count(stream, index="stream")


def of_stream(call: Call, stream: Stream) -> list[Consumer]:
    """The consumers of a stream, by name."""
    return call.table(Consumer).scan(call.arn(stream), index="stream")


def own(call: Call, arn: str) -> tuple[Call, Consumer]:
    """A consumer by its ARN, and the call in its account."""
    parts = parse_arn(arn)
    there = call if parts is None or parts.account == call.account else call.elsewhere(account=parts.account)
    row = there.table(Consumer).get(arn)
    if row is None:
        raise missing(there, arn)
    return there, row


def find(call: Call, arn: str | None, stream: str | None, name: str | None) -> tuple[Call, Consumer]:
    """The consumer that a request names in one way or both."""
    if arn is None and (stream is None or name is None):
        raise error.InvalidArgumentException("Either ConsumerARN, or StreamARN and ConsumerName must be specified.")
    if arn is not None:
        there, row = own(call, arn)
        if stream not in (None, row.StreamARN) or name not in (None, row.ConsumerName):
            raise error.InvalidArgumentException("StreamARN and ConsumerName are not those of the ConsumerARN.")
        return there, row
    assert stream is not None
    assert name is not None
    there, _ = streams.find(call, None, stream)
    found = named(there, stream, name)
    if found is None:
        raise missing(there, f"{name} of {stream}")
    return there, found


def missing(call: Call, name: str) -> AwsError:
    return error.ResourceNotFoundException(f"Consumer {name} under account {call.account} not found.")


def remove(call: Call, row: Consumer) -> None:
    """A consumer goes with its policy, and its subscriptions end."""
    call.table(Consumer).delete(row.ConsumerARN)
    call.table(Policy).delete(row.ConsumerARN)
    for subscription in call.table(Subscription).scan(row.ConsumerARN, index="consumer"):
        call.table(Subscription).delete(subscription.shard, row.ConsumerARN)
        call.signal(str(subscription.shard), count=READERS)


def shown(row: Consumer) -> Doc:
    """A consumer in a listing."""
    return {"ConsumerName": row.ConsumerName, "ConsumerARN": row.ConsumerARN, "ConsumerStatus": "ACTIVE",
            "ConsumerCreationTimestamp": row.created}
