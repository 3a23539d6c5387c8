"""Streams: one record a change, in one shard, kept for a day; and the iterators that read them."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections.abc import Iterator as Coming
from typing import Any

import msgspec
import orjson

from cumulet.kernel import AwsError, Call, Raw, error, parse_arn

from . import background, keys
from . import values as av
from .resources import Policy, Record, Stream, Tail
from .shelf import Shelf
from .values import Item

KEPT = 86_400.0
_FIRST = 100_000_000_000_000_000_000         # sequence numbers have at least 21 digits
_ITERATOR_LIVES = 900.0
_LARGEST_PAGE = 1024 * 1024
_FEW = 64
_SERVICE = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


class Iterator(msgspec.Struct, array_like=True):
    """What a shard iterator says: which stream, after which record, and until when it may be used."""

    stream: int
    after: int
    made: float


def record(shelf: Shelf, old: Item | None, new: Item | None, size: int, expired: bool) -> None:
    """Write down one change."""
    call, facts = shelf.call, shelf.facts
    tails = call.table(Tail)
    tail = tails.get(facts.stream) or Tail(facts.stream, 0)
    tail.last += 1
    if not tail.swept:
        tail.swept = True
        call.at(call.now + KEPT, background.trim, name=str(facts.stream), stream=facts.stream)
    tails.put(tail)
    changed = new if new is not None else old
    assert changed is not None
    told: dict[str, Any] = {
        "ApproximateCreationDateTime": int(call.now), "Keys": keys.part_of(facts, changed),
        "SequenceNumber": sequence_number(tail.last), "SizeBytes": size, "StreamViewType": facts.view}
    if new is not None and facts.view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        told["NewImage"] = new
    if old is not None and facts.view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        told["OldImage"] = old
    body: dict[str, Any] = {
        "eventID": call.token(32), "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": call.region, "dynamodb": told}
    if expired:
        body["userIdentity"] = _SERVICE
    call.table(Record).put(Record(facts.stream, tail.last, call.now, orjson.dumps(body)))


def sequence_number(number: int) -> str:
    return str(_FIRST + number)


def shard_of(stream: Stream) -> str:
    return f"shardId-{int(stream.created * 1000):020d}-{stream.number:08x}"


def resource_of(stream: Stream) -> str:
    """The last part of a stream's ARN."""
    return f"table/{stream.table}/stream/{stream.label}"


def arn_of(call: Call, stream: Stream) -> str:
    partition = "aws-cn" if call.region.startswith("cn-") else \
        "aws-us-gov" if call.region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:dynamodb:{call.region}:{call.account}:{resource_of(stream)}"


def reached(call: Call, arn: str) -> Call:
    """The call in the account of a stream: another account's is open to whom the stream's policy lets in, as the kernel decided
    before."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.account == call.account:
        return call
    there = call.elsewhere(account=parsed.account)
    return there if there.table(Policy).get(parsed.resource) is not None else call


def find(call: Call, arn: str) -> Stream:
    """The stream of an ARN, in the call's account."""
    parts = arn.split("/")
    if len(parts) == 4 and parts[2] == "stream":
        stream = call.table(Stream).find("table", parts[1], parts[3])
        if stream is not None and arn_of(call, stream) == arn:
            return stream
    raise error.ResourceNotFoundException(f"Requested resource not found: Stream: {arn} not found")


def first_of(call: Call, stream: int) -> int:
    """The number of the oldest record still kept, or that of the next one."""
    kept = call.table(Record).scan(stream, limit=1)
    if kept:
        return kept[0].sequence
    tail = call.table(Tail).get(stream)
    return tail.last + 1 if tail else 1


def start(call: Call, stream: Stream, kind: str, number: str | None, moment: float | None) -> Iterator:
    """An iterator at the place that GetShardIterator names."""
    first = first_of(call, stream.number)
    tail = call.table(Tail).get(stream.number)
    last = tail.last if tail else 0
    if kind == "TRIM_HORIZON":
        after = first - 1
    elif kind == "LATEST":
        after = last
    elif kind == "AT_TIMESTAMP":
        if moment is None:
            raise error.ValidationException("Timestamp is required when ShardIteratorType is AT_TIMESTAMP")
        rows = call.table(Record)
        after = first - 1 + bisect_left(range(first, last + 1), moment, key=lambda at: _moment(rows.get(stream.number, at)))
    else:
        if not number:
            raise error.ValidationException(f"Sequence number is required when ShardIteratorType is {kind}")
        if not number.isdecimal():
            raise error.ValidationException(f"Invalid SequenceNumber: {number}")
        place = int(number) - _FIRST
        if place < first and not (kind == "AFTER_SEQUENCE_NUMBER" and place == first - 1):
            raise error.TrimmedDataAccessException(
                "The operation attempted to read past the oldest stream record in a shard")
        after = place if kind == "AFTER_SEQUENCE_NUMBER" else place - 1
    return Iterator(stream.number, after, call.now)


def _moment(row: Record | None) -> float:
    return row.at if row is not None else 0.0


def token_of(iterator: Iterator, arn: str) -> str:
    """An iterator as clients carry it."""
    return f"{arn}|1|{base64.b64encode(msgspec.msgpack.encode(iterator)).decode()}"


def read_token(call: Call, token: str) -> tuple[Call, Iterator, Stream]:
    """An iterator and its stream (and where that lies), while it is good."""
    arn, _, packed = token.rpartition("|1|")
    try:
        found = msgspec.msgpack.decode(base64.b64decode(packed, validate=True), type=Iterator)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise _invalid() from None
    call = reached(call, arn)
    stream = find(call, arn)
    if stream.number != found.stream:
        raise _invalid()
    if call.now - found.made > _ITERATOR_LIVES:
        raise error.ExpiredIteratorException("Iterator expired. The iterator was created too long ago.")
    return call, found, stream


def read(call: Call, iterator: Iterator, limit: int) -> list[Record]:
    """The next records: up to a number, and up to 1 MiB."""
    if iterator.after + 1 < (first := first_of(call, iterator.stream)) and first > 1:
        raise error.TrimmedDataAccessException(
            "The operation attempted to read past the oldest stream record in a shard")
    found: list[Record] = []
    size = 0
    for row in _from(call, iterator, limit):
        size += len(row.body)
        if found and size > _LARGEST_PAGE:
            break
        if row.at > call.now - KEPT:
            found.append(row)
    return found


def _from(call: Call, iterator: Iterator, limit: int) -> Coming[Record]:
    """So many records, a few at a time: a thousand may be a hundred times as large as a page."""
    rows, after = call.table(Record), iterator.after
    while limit > 0 and (some := rows.scan(iterator.stream, after=after, limit=min(limit, _FEW))):
        yield from some
        limit -= len(some)
        after = some[-1].sequence


def shown(call: Call, records: list[Record]) -> Any:
    """Records in a result."""
    if call.request is not None:
        return Raw(b"[" + b",".join(row.body for row in records) + b"]")
    plain = [orjson.loads(row.body) for row in records]
    for each in plain:
        for part in ("Keys", "NewImage", "OldImage"):
            if part in each["dynamodb"]:
                each["dynamodb"][part] = av.for_peers(each["dynamodb"][part])
    return plain


def _invalid() -> AwsError:
    return error.ValidationException("Invalid ShardIterator")
