"""Shard iterators: texts that name a place in a shard, good for five minutes."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from cumulet.kernel import AwsError, Call, error

from . import sequences, shards, streams
from .resources import Record, Shard, Stream, Tail
from .streams import Found

_LIVES = 300.0
_NUMBERED = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
_NEXT = ('SELECT "position", "at" FROM {table} WHERE scope = {scope} AND "shard" = ? AND "position" >= ? '
         'ORDER BY "position" LIMIT 1')
Natural = Annotated[int, msgspec.Meta(ge=0, lt=2 ** 62)]


class Iterator(msgspec.Struct, array_like=True, frozen=True):
    """Where to read on: behind which position of which shard. made: when it was given."""

    account: str
    stream: str
    shard: Natural
    after: Natural
    made: float


def token_of(call: Call, stream: Stream, shard: Shard, after: int) -> str:
    """An iterator as clients carry it."""
    packed = msgspec.msgpack.encode(Iterator(call.account, stream.Name, shard.number, after, call.now))
    return base64.b64encode(packed).decode()


def read_token(token: str) -> Iterator:
    """What an iterator says."""
    try:
        return msgspec.msgpack.decode(base64.b64decode(token, validate=True), type=Iterator)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise error.InvalidArgumentException("Invalid ShardIterator.") from None


def place_of(call: Call, iterator: Iterator, arn: str | None) -> tuple[Found, Shard]:
    """The stream and the shard of an iterator that is still good."""
    there = call if iterator.account == call.account else call.elsewhere(account=iterator.account)
    stream = there.table(Stream).known(iterator.stream)
    if stream is None:
        raise streams.missing(there, iterator.stream)
    if arn is not None and arn != there.arn(stream):
        raise error.InvalidArgumentException(f"The ShardIterator is not of the stream {arn}.")
    shard = there.table(Shard).known(iterator.shard)
    if shard is None or shard.stream != stream.Name:
        raise error.ResourceNotFoundException(
            f"The shard of the iterator in stream {stream.Name} under account {there.account} does not exist.")
    if call.now - iterator.made > _LIVES:
        raise error.ExpiredIteratorException(
            f"Iterator expired. The iterator was created at time {_said(iterator.made)} while right now it is "
            f"{_said(call.now)} which is further in the future than the tolerated delay of {_LIVES * 1000:.0f} milliseconds.")
    return Found(there, stream), shard


def _said(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")


def start(found: Found, shard: Shard, kind: str, number: str | None, moment: float | None) -> int:
    """The position behind which an iterator of this type begins."""
    _check(kind, number, moment)
    call = found.call
    if kind == "TRIM_HORIZON":
        return shard.first - 1
    if kind == "LATEST":
        return last_of(call, shard)
    if kind == "AT_TIMESTAMP":
        assert moment is not None
        then, now = round(moment * 1000), round(call.now * 1000)
        if then > now:
            raise error.InvalidArgumentException(
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: "
                f"{then}, currentTimestampInMillis: {now}")
        return _before(call, shard, moment)
    assert number is not None
    position = _position(found, shard, number)
    return max(position - 1, shard.first - 1) if kind == "AT_SEQUENCE_NUMBER" else position


def _check(kind: str, number: str | None, moment: float | None) -> None:
    """A type, and what belongs to it."""
    wrong = None
    if (number is not None) != (kind in _NUMBERED):
        wrong = f"{'a' if number is not None else 'no'} StartingSequenceNumber"
    elif (moment is not None) != (kind == "AT_TIMESTAMP"):
        wrong = f"{'a' if moment is not None else 'no'} Timestamp"
    if wrong is not None:
        raise error.InvalidArgumentException(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) "
            "TRIM_HORIZON or LATEST and no StartingSequenceNumber or (3) AT_TIMESTAMP and Timestamp. "
            f"Request specified {kind} and {wrong}.")


def last_of(call: Call, shard: Shard) -> int:
    """The position of the shard's latest record."""
    tail = call.table(Tail).get(shard.number)
    return tail.last if tail is not None else shard.last


def _before(call: Call, shard: Shard, moment: float) -> int:
    """The position before the first record that came at a moment or later: in a shard, times rise with positions."""
    low, high, rows = shard.first, last_of(call, shard) + 1, call.table(Record)
    while low < high:
        middle = (low + high) // 2
        found = rows.sql(_NEXT, shard.number, middle)
        if found and found[0][1] < moment:
            low = found[0][0] + 1
        else:
            high = middle
    return low - 1


def _position(found: Found, shard: Shard, number: str) -> int:
    """The position of a sequence number of this shard."""
    call, stream = found
    if number == "0":
        return shard.first - 1
    place = sequences.read(number)
    if place is None or place.made != sequences.made(stream.created):
        raise invalid(found, shard, number, "it did not come from this stream")
    if place.shard != shard.index:
        raise error.InvalidArgumentException(
            f"Invalid StartingSequenceNumber. It encodes {shards.id_of(place.shard)}, while it was used in a call to a shard "
            f"with {shards.id_of(shard.index)}")
    if place.position > last_of(call, shard) + 1:
        raise invalid(found, shard, number, "it is of no record that was written yet")
    return place.position


def invalid(found: Found, shard: Shard, number: str, why: str) -> AwsError:
    return error.InvalidArgumentException(
        f"StartingSequenceNumber {number} used in {found.call.operation} on shard {shards.id_of(shard.index)} in "
        f"{found.said} is invalid because {why}.")
