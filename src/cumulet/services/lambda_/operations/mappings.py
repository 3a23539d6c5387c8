"""Event source mappings: which sources' records a function gets, and how."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cumulet.kernel import Call, Page, error, operation, parse_arn

from .. import roles
from ..background import listen
from ..deployments import find
from ..names import arn_of, function, qualified, split
from ..resources import EventSourceMapping, Progress
from ..sources import filters, streams
from ..sources.kinesis import stream_of

_KINDS = {"sqs": 10, "dynamodb": 100, "kinesis": 100}                    # service of the source → batch size by default
_MOST_BATCH = {"sqs": 10_000, "dynamodb": 10_000, "kinesis": 10_000}
_POSITIONS = {"dynamodb": ("LATEST", "TRIM_HORIZON"), "kinesis": ("LATEST", "TRIM_HORIZON", "AT_TIMESTAMP")}


def _shown(call: Call, row: EventSourceMapping, state: str = "") -> dict[str, Any]:
    stream = ":sqs:" not in row.EventSourceArn
    told = {
        "UUID": row.UUID, "EventSourceMappingArn": call.arn(row), "EventSourceArn": row.EventSourceArn,
        "FunctionArn": row.FunctionName, "State": state or ("Enabled" if row.Enabled else "Disabled"),
        "StateTransitionReason": "USER_INITIATED" if not stream else "User action", "LastModified": row.modified,
        "BatchSize": row.BatchSize, "MaximumBatchingWindowInSeconds": row.MaximumBatchingWindowInSeconds or 0,
        "FunctionResponseTypes": row.FunctionResponseTypes, "FilterCriteria": row.FilterCriteria,
        "ScalingConfig": row.ScalingConfig}
    if stream:
        told |= {"StartingPosition": row.StartingPosition, "StartingPositionTimestamp": row.StartingPositionTimestamp,
                 "LastProcessingResult": row.result,
                 "DestinationConfig": row.DestinationConfig, "ParallelizationFactor": row.ParallelizationFactor or 1,
                 "TumblingWindowInSeconds": row.TumblingWindowInSeconds or 0,
                 "MaximumRecordAgeInSeconds": _or(row.MaximumRecordAgeInSeconds, -1),
                 "MaximumRetryAttempts": _or(row.MaximumRetryAttempts, -1),
                 "BisectBatchOnFunctionError": bool(row.BisectBatchOnFunctionError)}
    return told


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _kind(arn: str) -> str:
    found = parse_arn(arn)
    if found is None or found.service not in _KINDS:
        service = found.service if found is not None else arn
        raise error.NotImplemented(f"Event source mappings of {service} are not implemented by cumulet.", 501)
    return found.service


def _check(call: Call, row: EventSourceMapping) -> None:
    """Raises when AWS would not take these settings together."""
    kind = _kind(row.EventSourceArn)
    size, window = row.BatchSize or 0, row.MaximumBatchingWindowInSeconds or 0
    if size > _MOST_BATCH[kind] or (kind == "sqs" and row.EventSourceArn.endswith(".fifo") and size > 10):
        raise error.InvalidParameterValueException("Maximum batch size for this event source is 10.")
    if kind == "sqs" and size > 10 and window < 1:
        raise error.InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    if kind == "sqs" and row.EventSourceArn.endswith(".fifo") and window:
        raise error.InvalidParameterValueException("Batching window is not supported for FIFO queues")
    if kind == "sqs" and row.StartingPosition:
        raise error.InvalidParameterValueException("StartingPosition is not valid for SQS event sources.")
    if kind == "sqs" and (row.ParallelizationFactor is not None or row.TumblingWindowInSeconds is not None):
        raise error.InvalidParameterValueException(
            "ParallelizationFactor and TumblingWindowInSeconds are not valid for SQS event sources.")
    if (row.ParallelizationFactor or 1) > 1 and row.TumblingWindowInSeconds:
        raise error.InvalidParameterValueException("ParallelizationFactor must be 1 with TumblingWindowInSeconds.")
    if kind in _POSITIONS:
        _check_position(row, _POSITIONS[kind])
    filters.check(call, row.FilterCriteria)
    roles.check_source(call, find(call, row.FunctionName).role, kind, stream_of(row.EventSourceArn))
    if kind == "sqs":
        _check_queue(call, row)
    else:
        streams.check(call, row)


def _check_position(row: EventSourceMapping, positions: Collection[str]) -> None:
    """Where a stream is read from."""
    if row.StartingPosition is None:
        raise error.InvalidParameterValueException("1 validation error detected: Value null at 'startingPosition' failed to"
                                                   " satisfy constraint: Member must not be null.")
    if row.StartingPosition not in positions:
        raise error.InvalidParameterValueException(f"Unsupported starting position for this event source type:"
                                                   f" {row.StartingPosition}")
    if (row.StartingPosition == "AT_TIMESTAMP") != (row.StartingPositionTimestamp is not None):
        raise error.InvalidParameterValueException(
            "StartingPositionTimestamp must be given with the starting position AT_TIMESTAMP, and with no other.")


def _check_queue(call: Call, row: EventSourceMapping) -> None:
    """The queue is there, and waits longer for a message's end than the function may take."""
    arn = parse_arn(row.EventSourceArn)
    assert arn is not None
    url = call.aws.sqs.get_queue_url(QueueName=arn.resource, QueueOwnerAWSAccountId=arn.account)["QueueUrl"]
    told = call.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    visible, timeout = int(told["VisibilityTimeout"]), function(call, row.function).Timeout
    if visible < timeout:
        raise error.InvalidParameterValueException(
            f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds")


def _point(call: Call, row: EventSourceMapping, name: str) -> None:
    """Let it call this function, version or alias."""
    short, qualifier = split(call, name)
    qualified(call, short, qualifier)
    row.function, row.FunctionName = short, arn_of(call, short, qualifier)


@operation
def create_event_source_mapping(call: Call, FunctionName: str, EventSourceArn: str, Enabled: bool = True,
                                BatchSize: int | None = None, MaximumBatchingWindowInSeconds: int | None = None,
                                FilterCriteria: dict[str, Any] | None = None, FunctionResponseTypes: list[str] | None = None,
                                ScalingConfig: dict[str, int] | None = None, StartingPosition: str | None = None,
                                StartingPositionTimestamp: float | None = None,
                                DestinationConfig: dict[str, Any] | None = None, MaximumRecordAgeInSeconds: int | None = None,
                                MaximumRetryAttempts: int | None = None, BisectBatchOnFunctionError: bool | None = None,
                                ParallelizationFactor: int | None = None, TumblingWindowInSeconds: int | None = None,
                                Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"""
    kind = _kind(EventSourceArn)
    row = EventSourceMapping(
        UUID=call.uuid(), EventSourceArn=EventSourceArn, Enabled=Enabled, BatchSize=BatchSize or _KINDS[kind],
        MaximumBatchingWindowInSeconds=MaximumBatchingWindowInSeconds, FilterCriteria=FilterCriteria,
        FunctionResponseTypes=FunctionResponseTypes, ScalingConfig=ScalingConfig, StartingPosition=StartingPosition,
        StartingPositionTimestamp=StartingPositionTimestamp, DestinationConfig=DestinationConfig,
        MaximumRecordAgeInSeconds=MaximumRecordAgeInSeconds,
        MaximumRetryAttempts=MaximumRetryAttempts, BisectBatchOnFunctionError=BisectBatchOnFunctionError,
        ParallelizationFactor=ParallelizationFactor, TumblingWindowInSeconds=TumblingWindowInSeconds,
        tags=Tags or {}, created=call.now, modified=call.now)
    _point(call, row, FunctionName)
    for other in call.table(EventSourceMapping).scan(row.function, index="function"):
        if (other.EventSourceArn, other.FunctionName) == (EventSourceArn, row.FunctionName):
            raise error.ResourceConflictException(
                f"An event source mapping with SQS arn (\" {EventSourceArn} \") and function (\" {row.function} \") already"
                f" exists. Please update or delete the existing mapping with UUID {other.UUID}")
    _check(call, row)
    call.put(row)
    listen(call)
    return _shown(call, row, "Creating")


@operation
def get_event_source_mapping(call: Call, UUID: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html"""
    return _shown(call, call.get(EventSourceMapping, UUID))


@operation
def list_event_source_mappings(call: Call, EventSourceArn: str | None = None, FunctionName: str | None = None,
                               page: Page[EventSourceMapping] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html"""
    wanted = None
    if FunctionName is not None:
        short, qualifier = split(call, FunctionName)
        wanted = arn_of(call, short, qualifier)
    rows = [row for row in call.table(EventSourceMapping).scan(after=page.after)
            if EventSourceArn in (None, row.EventSourceArn) and wanted in (None, row.FunctionName)]
    return {"EventSourceMappings": [_shown(call, row) for row in page.cut(rows, lambda row: row.UUID)]}


@operation
def update_event_source_mapping(call: Call, UUID: str, FunctionName: str | None = None, Enabled: bool | None = None,
                                BatchSize: int | None = None, MaximumBatchingWindowInSeconds: int | None = None,
                                FilterCriteria: dict[str, Any] | None = None, FunctionResponseTypes: list[str] | None = None,
                                ScalingConfig: dict[str, int] | None = None, DestinationConfig: dict[str, Any] | None = None,
                                MaximumRecordAgeInSeconds: int | None = None, MaximumRetryAttempts: int | None = None,
                                BisectBatchOnFunctionError: bool | None = None, ParallelizationFactor: int | None = None,
                                TumblingWindowInSeconds: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html"""
    row = call.get(EventSourceMapping, UUID)
    wanted = {"Enabled": Enabled, "BatchSize": BatchSize, "MaximumBatchingWindowInSeconds": MaximumBatchingWindowInSeconds,
              "FilterCriteria": FilterCriteria, "FunctionResponseTypes": FunctionResponseTypes, "ScalingConfig": ScalingConfig,
              "DestinationConfig": DestinationConfig, "MaximumRecordAgeInSeconds": MaximumRecordAgeInSeconds,
              "MaximumRetryAttempts": MaximumRetryAttempts, "BisectBatchOnFunctionError": BisectBatchOnFunctionError,
              "ParallelizationFactor": ParallelizationFactor, "TumblingWindowInSeconds": TumblingWindowInSeconds}
    for name, value in wanted.items():
        if value is not None:
            setattr(row, name, value)
    if FunctionName is not None:
        _point(call, row, FunctionName)
    _check(call, row)
    row.modified, row.generation = call.now, row.generation + 1
    call.put(row)
    listen(call)
    return _shown(call, row, "Updating")


@operation
def delete_event_source_mapping(call: Call, UUID: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html"""
    row = call.get(EventSourceMapping, UUID)
    call.table(EventSourceMapping).delete(UUID)
    call.table(Progress).delete_all(UUID)
    return _shown(call, row, "Deleting")
