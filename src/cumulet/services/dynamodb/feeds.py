"""The records that Kinesis streams get of a table's changes, and their way there.

A change leaves a row for each stream (`Unsent`) in the transaction of its write. A task puts the rows into the stream, those of
one item in the order of its changes, and deletes them in the same transaction; what Kinesis refuses is tried again later.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import orjson

from cumulet.kernel import AwsError, Call, principals, stored, task, timer

from . import keys
from .shelf import Shelf
from .values import Item

_KEPT = 86_400.0                             # seconds after which a record that cannot be put is given up
_BATCH = 200
_ROOM = 4 * 1024 * 1024                      # bytes of records in one batch
_LARGEST = 1024 * 1024                       # a record of Kinesis, with its partition key
_SOON, _SLOWEST = 0.25, 60.0                 # seconds until what was refused is tried again: while others pass, and at most
_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
LINKED = "kinesisreplication.dynamodb.amazonaws.com"
ROLE = "AWSServiceRoleForDynamoDBKinesisDataStreamsReplication"


@stored(key=("place", "stream"), indexes={"number": ("number",)})
class Destination(msgspec.Struct, kw_only=True):
    """A stream that hears of a table, or did. place: the number of the table.  stream: its ARN."""

    place: int
    stream: str
    number: int
    table_arn: str
    precision: str                       # of the moments in its records: MILLISECOND, MICROSECOND
    active: bool = True
    gone: bool = False                   # the table is
    wait: float = 0.0                    # seconds until the next attempt, where nothing at all could be put


@stored(auto="sequence", indexes={"feed": ("feed", "sequence")})
class Unsent(msgspec.Struct, gc=False):
    """A record on its way to a stream. feed: the number of the Destination.  key: its partition key."""

    feed: int
    at: float
    key: str
    body: bytes
    sequence: int = 0


def note(shelf: Shelf, old: Item | None, new: Item | None, size: int, expired: bool) -> None:
    """Write down one change for each stream of a table."""
    call, facts = shelf.call, shelf.facts
    changed = new if new is not None else old
    assert changed is not None
    keyed = keys.part_of(facts, changed)
    key = hashlib.md5(orjson.dumps(keyed), usedforsecurity=False).hexdigest().upper()
    rows = call.table(Unsent)
    for feed in facts.feeds:
        told: dict[str, Any] = {
            "ApproximateCreationDateTime": int(call.now * (1_000_000 if feed.fine else 1000)), "Keys": keyed}
        if new is not None:
            told["NewImage"] = new
        if old is not None:
            told["OldImage"] = old
        told |= {"SizeBytes": size, "ApproximateCreationDateTimePrecision": "MICROSECOND" if feed.fine else "MILLISECOND"}
        body = orjson.dumps({
            "awsRegion": call.region, "eventID": call.uuid(),
            "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
            "userIdentity": _SERVICE if expired else None, "recordFormat": "application/json", "tableName": shelf.name,
            "dynamodb": told, "eventSource": "aws:dynamodb"})
        if len(body) + len(key) > _LARGEST:              # no stream takes it
            continue
        if not rows.scan(feed.number, index="feed", limit=1):
            call.task(feed_streams, feed=feed.number)
        rows.insert(Unsent(feed.number, call.now, key, body))


@task()
def feed_streams(call: Call, feed: int) -> None:
    """Put what waits into its stream."""
    to = call.table(Destination).find("number", feed)
    rows = call.table(Unsent)
    found = rows.scan(feed, index="feed", limit=_BATCH)
    if to is None or not found:
        if to is not None and to.gone:
            call.table(Destination).delete(to.place, to.stream)
        return
    batch = _fitting(found)
    done = _put_all(call, to, batch)
    for row in batch:
        if row.sequence in done or row.at < call.now - _KEPT:
            rows.delete(row.sequence)
    wait = 0.0 if done else min(max(to.wait * 2, 1.0), _SLOWEST)
    if wait != to.wait:
        call.table(Destination).change(to.place, to.stream, wait=wait)
    if len(done) < len(batch):
        call.at(call.now + (wait or _SOON), feed_again, name=f"feed-{feed}", feed=feed)
    elif to.gone or len(found) == _BATCH or len(batch) < len(found):
        call.task(feed_streams, feed=feed)


@timer
def feed_again(call: Call, feed: int) -> None:
    """Another attempt at what Kinesis refused."""
    call.task(feed_streams, feed=feed)


def _fitting(rows: list[Unsent]) -> list[Unsent]:
    """The first of these, up to a size."""
    size = 0
    for count, row in enumerate(rows):
        size += len(row.body)
        if count and size > _ROOM:
            return rows[:count]
    return rows


def _put_all(call: Call, to: Destination, rows: list[Unsent]) -> set[int]:
    """Put them, no two of one item at once, and none of an item after one that was refused; the numbers of those put."""
    lines: dict[str, list[Unsent]] = {}
    for row in rows:
        lines.setdefault(row.key, []).append(row)
    kinesis, done = _peers(call, to), set[int]()
    while lines:
        heads = [line.pop(0) for line in lines.values()]
        taken = _put(call, kinesis, to.stream, heads)
        done.update(head.sequence for head, good in zip(heads, taken, strict=True) if good)
        lines = {head.key: lines[head.key] for head, good in zip(heads, taken, strict=True) if good and lines[head.key]}
    return done


def _put(call: Call, kinesis: Any, stream: str, rows: list[Unsent]) -> list[bool]:
    """Of each, whether the stream took it."""
    try:
        with call.tx.savepoint():
            told = kinesis.put_records(StreamARN=stream, Records=[
                {"Data": row.body, "PartitionKey": row.key} for row in rows])
    except AwsError:                                     # the stream is gone, or its key: perhaps it comes back
        return [False] * len(rows)
    return [one.get("ErrorCode") is None for one in told["Records"]]


def _peers(call: Call, to: Destination) -> Any:
    """Kinesis, as the service-linked role; as the service itself where somebody deleted that."""
    role = call.table(principals.Role).get(ROLE)
    arn = f"arn:{to.stream.split(':')[1]}:iam::{call.account}:role/aws-service-role/{LINKED}/{ROLE}"
    acting = principals.acting.as_role(call, arn, "DynamoDB") if role is not None else None
    return (acting if acting is not None else call.as_service(to.table_arn)).kinesis
