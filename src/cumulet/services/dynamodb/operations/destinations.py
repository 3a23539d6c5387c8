"""Kinesis streams that hear of a table's changes."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import destinations, keys
from ..resources import Layout, Table
from ..shelf import name_of

Doc = dict[str, Any]
_FINEST = "MICROSECOND"


@operation
def enable_kinesis_streaming_destination(call: Call, TableName: str, StreamArn: str,
                                         EnableKinesisStreamingConfiguration: Doc | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html"""
    table, layout = _settled(call, TableName)
    precision = (EnableKinesisStreamingConfiguration or {}).get("ApproximateCreationDateTimePrecision") or _FINEST
    destinations.enable(call, table, layout, StreamArn, precision)
    return {"TableName": table.TableName, "StreamArn": StreamArn, "DestinationStatus": "ENABLING",
            "EnableKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision}}


@operation
def update_kinesis_streaming_destination(call: Call, TableName: str, StreamArn: str,
                                         UpdateKinesisStreamingConfiguration: Doc | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateKinesisStreamingDestination.html"""
    table, layout = _settled(call, TableName)
    precision = (UpdateKinesisStreamingConfiguration or {}).get("ApproximateCreationDateTimePrecision")
    if not precision:
        raise error.ValidationException("Streaming destination cannot be updated with given parameters: "
                                        "UpdateKinesisStreamingConfiguration cannot be null or contain only null values")
    destinations.change(call, table, layout, StreamArn, precision)
    return {"TableName": table.TableName, "StreamArn": StreamArn, "DestinationStatus": "UPDATING",
            "UpdateKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision}}


@operation
def disable_kinesis_streaming_destination(call: Call, TableName: str, StreamArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DisableKinesisStreamingDestination.html"""
    table, layout = _settled(call, TableName)
    destinations.disable(call, table, layout, StreamArn)
    return {"TableName": table.TableName, "StreamArn": StreamArn, "DestinationStatus": "DISABLING"}


@operation
def describe_kinesis_streaming_destination(call: Call, TableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeKinesisStreamingDestination.html"""
    table, _ = _known(call, TableName)
    return {"TableName": table.TableName, "KinesisDataStreamDestinations": [
        {"StreamArn": row.stream, "DestinationStatus": "ACTIVE" if row.active else "DISABLED",
         "ApproximateCreationDateTimePrecision": row.precision} for row in destinations.known(call, table.number)]}


def _known(call: Call, name: str) -> tuple[Table, Layout]:
    name = name_of(call, name)
    table, layout = call.get(Table, name), call.table(Layout).get(name)
    assert layout is not None
    return table, layout


def _settled(call: Call, name: str) -> tuple[Table, Layout]:
    """A table that may be changed: items are not being brought into it."""
    table, layout = _known(call, name)
    if keys.facts_of(layout.facts).state:
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being created: {table.TableName}")
    return table, layout
