"""Kinesis streams that hear of a table's changes: switched on and off.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error, parse_arn, principals

from . import definitions, feeds, keys
from .feeds import Destination
from .resources import Feed, Layout, Table

_MOST = 2                                    # streams that hear of a table at once


def known(call: Call, place: int) -> list[Destination]:
    """The streams that hear of a table, and those that did."""
    return call.table(Destination).scan(place)


def enable(call: Call, table: Table, layout: Layout, stream: str, precision: str) -> Destination:
    """Tell a stream of each change from now on."""
    _check_stream(call, stream)
    there = known(call, table.number)
    row = next((one for one in there if one.stream == stream), None)
    if row is not None and row.active:
        raise _not("enable", "DISABLED or ENABLE_FAILED")
    if sum(one.active for one in there) >= _MOST:
        raise error.LimitExceededException(f"Subscriber limit exceeded: A table can have {_MOST} active Kinesis streaming"
                                           f" destinations: {table.TableName}")
    if call.table(principals.Role).get(feeds.ROLE) is None:
        call.as_service().iam.create_service_linked_role(AWSServiceName=feeds.LINKED)
    number = row.number if row is not None else definitions.give(call, "feed")
    made = Destination(place=table.number, stream=stream, number=number, table_arn=call.arn(table), precision=precision)
    _settle(call, table, layout, made)
    return made


def change(call: Call, table: Table, layout: Layout, stream: str, precision: str) -> Destination:
    """Tell a stream moments in another precision."""
    row = _active(call, table, stream, "update")
    if row.precision == precision:
        raise error.ValidationException(f"Invalid Request: Precision is already set to the desired value of {precision} for"
                                        f" tableId: {table.identity}, kdsArn: {stream}")
    row.precision = precision
    _settle(call, table, layout, row)
    return row


def disable(call: Call, table: Table, layout: Layout, stream: str) -> Destination:
    """Tell it no more; what was written before still comes."""
    row = _active(call, table, stream, "disable")
    row.active = False
    _settle(call, table, layout, row)
    return row


def forget_table(call: Call, place: int) -> None:
    """A table goes; what was written before still comes."""
    for row in known(call, place):
        row.active, row.gone = False, True
        call.put(row)
        call.task(feeds.feed_streams, feed=row.number)


def _active(call: Call, table: Table, stream: str, doing: str) -> Destination:
    row = call.table(Destination).get(table.number, stream)
    if row is None:
        raise error.ResourceNotFoundException(
            f"Requested resource not found: Table: {table.TableName} has no Kinesis streaming destination: {stream}")
    if not row.active:
        raise _not(doing, "ACTIVE")
    return row


def _not(doing: str, states: str) -> AwsError:
    return error.ValidationException(
        f"Table is not in a valid state to {doing} Kinesis Streaming Destination: {doing.title()}KinesisStreamingDestination"
        f" must be {states} to perform {doing.upper()} operation.")


def _check_stream(call: Call, stream: str) -> None:
    """It is of this account and region, and there, as the caller may see."""
    arn = parse_arn(stream)
    if arn is None or arn.service != "kinesis" or not arn.resource.startswith("stream/"):
        raise error.ValidationException(f"Invalid StreamArn: {stream}")
    if (arn.account, arn.region) != (call.account, call.region):
        raise error.ValidationException(
            f"The Kinesis data stream must be in the account and region of the table: {stream}")
    found = call.aws.kinesis.describe_stream(StreamARN=stream)["StreamDescription"]
    if found["StreamStatus"] not in ("ACTIVE", "UPDATING"):
        raise error.ResourceInUseException(f"The Kinesis data stream is not ACTIVE: {stream}")


def _settle(call: Call, table: Table, layout: Layout, row: Destination) -> None:
    """Writes of items know of it, and the table tells of its first stream."""
    call.put(row)
    active = [one for one in known(call, layout.number) if one.active]
    call.put(Layout(layout.name, layout.number, keys.changed(layout.facts, feeds=tuple(
        Feed(one.number, one.precision == "MICROSECOND") for one in active))))
    table.KinesisStreamSpecification = {
        "StreamArn": active[0].stream, "ApproximateCreationDateTimePrecision": active[0].precision} if active else None
    call.put(table)
