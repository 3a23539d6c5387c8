"""How much a shard takes and gives: a MiB and a thousand records a second in, two MiB and five reads a second out.

A large record (or page) is let through while anything is left, and the next ones wait for the debt.

https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

from .resources import Stream
from .shards import Open, id_of

_MIB = 1024 * 1024
_BYTES_IN, _RECORDS_IN = _MIB, 1000
_BYTES_OUT, _READS = 2 * _MIB, 5
_MOMENT = 0.01                         # seconds after which a bucket that was empty has something again


def writes(call: Call, shard: Open, size: int) -> bool:
    """Whether the shard takes one more record."""
    name = str(shard.number)
    volume = call.bucket("bytes-in", name, rate=_BYTES_IN, most=_BYTES_IN)
    count = call.bucket("records-in", name, rate=_RECORDS_IN, most=_RECORDS_IN)
    return volume.spend(0) and count.take(1) and volume.spend(size)


def reads(call: Call, shard: int) -> bool:
    """Whether the shard may be read once more."""
    return call.bucket("bytes-out", str(shard), rate=_BYTES_OUT, most=_BYTES_OUT).spend(0) \
        and call.bucket("reads", str(shard), rate=_READS, most=_READS).take(1)


def gave(call: Call, shard: int, size: int) -> None:
    """So much was read."""
    call.bucket("bytes-out", str(shard), rate=_BYTES_OUT, most=_BYTES_OUT).spend(size)


def pause_of_consumer(call: Call, consumer: str, shard: int) -> float:
    """For how many seconds nothing more is pushed to a consumer; 0 when something may be."""
    volume = call.bucket("bytes-pushed", consumer, str(shard), rate=_BYTES_OUT, most=_BYTES_OUT)
    return 0.0 if volume.spend(0) else -volume.units / _BYTES_OUT + _MOMENT


def pushed(call: Call, consumer: str, shard: int, size: int) -> None:
    """So much was pushed."""
    call.bucket("bytes-pushed", consumer, str(shard), rate=_BYTES_OUT, most=_BYTES_OUT).spend(size)


def exceeded(call: Call, stream: Stream, shard: int) -> AwsError:
    """What is said when it is too much."""
    return error.ProvisionedThroughputExceededException(message(call, stream, shard))


def message(call: Call, stream: Stream, shard: int) -> str:
    return f"Rate exceeded for shard {id_of(shard)} in stream {stream.Name} under account {call.account}."
