"""Archives of buses, and their replays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Conflict, error, operation, parse_arn

from ..archiving import forget_old, replay, totals
from ..background import forget
from ..envelopes import timestamp
from ..names import absent, bus_of, invalid, page_of
from ..resources import Archive, Archived, EventBus, Replay
from .rules import check_pattern

_RUNNING = ("STARTING", "RUNNING")


def _watch(call: Call, archive: Archive) -> None:
    """Forget what is too old now, and each day."""
    call.cancel(forget, archive.ArchiveName)
    if archive.RetentionDays:
        forget_old(call, archive)
        call.at(call.now + 86_400, forget, name=archive.ArchiveName, archive=archive.ArchiveName)


@operation
def create_archive(call: Call, ArchiveName: str, EventSourceArn: str, Description: str | None = None,
                   EventPattern: str | None = None, RetentionDays: int = 0) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html"""
    bus = bus_of(call, EventSourceArn).Name
    if EventPattern is not None:
        check_pattern(EventPattern)
    archive = Archive(ArchiveName=ArchiveName, SourceArn=EventSourceArn, Description=Description, EventPattern=EventPattern,
                      RetentionDays=RetentionDays, bus=bus, created=call.now)
    try:
        call.table(Archive).insert(archive)
    except Conflict:
        raise error.ResourceAlreadyExistsException(f"Archive {ArchiveName} already exists.") from None
    _watch(call, archive)
    return {"ArchiveArn": call.arn(archive), "State": "ENABLED", "CreationTime": archive.created}


@operation
def update_archive(call: Call, ArchiveName: str, Description: str | None = None, EventPattern: str | None = None,
                   RetentionDays: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateArchive.html"""
    archive = _archive(call, ArchiveName)
    if EventPattern is not None:
        check_pattern(EventPattern)
        archive.EventPattern = EventPattern
    archive.Description = Description if Description is not None else archive.Description
    archive.RetentionDays = RetentionDays if RetentionDays is not None else archive.RetentionDays
    call.put(archive)
    _watch(call, archive)
    return {"ArchiveArn": call.arn(archive), "State": "ENABLED", "CreationTime": archive.created}


def _archive(call: Call, name: str) -> Archive:
    row = call.table(Archive).get(name)
    if row is None:
        raise absent(f"Archive {name} does not exist.")
    return row


@operation
def delete_archive(call: Call, ArchiveName: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteArchive.html"""
    _archive(call, ArchiveName)
    call.cancel(forget, ArchiveName)
    call.table(Archived).delete_all(ArchiveName, index="archive")
    call.table(Archive).delete(ArchiveName)


def _told(call: Call, archive: Archive) -> dict[str, Any]:
    count, size = totals(call, archive.ArchiveName)
    return {"ArchiveName": archive.ArchiveName, "EventSourceArn": archive.SourceArn, "State": "ENABLED", "SizeBytes": size,
            "RetentionDays": archive.RetentionDays, "EventCount": count, "CreationTime": archive.created}


@operation
def describe_archive(call: Call, ArchiveName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeArchive.html"""
    archive = _archive(call, ArchiveName)
    return {**_told(call, archive), "ArchiveArn": call.arn(archive), "Description": archive.Description,
            "EventPattern": archive.EventPattern}


@operation
def list_archives(call: Call, NamePrefix: str = "", EventSourceArn: str | None = None, State: str | None = None,
                  NextToken: str | None = None, Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListArchives.html"""
    if sum(bool(each) for each in (NamePrefix, EventSourceArn, State)) > 1:
        raise invalid("At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.")
    rows = [row for row in call.table(Archive).scan() if row.ArchiveName.startswith(NamePrefix)
            and EventSourceArn in (None, row.SourceArn) and State in (None, "ENABLED")]
    found, token = page_of(rows, lambda row: row.ArchiveName, NextToken, Limit)
    return {"Archives": [_told(call, row) for row in found], "NextToken": token}


# --- replays ---


@operation
def start_replay(call: Call, ReplayName: str, EventSourceArn: str, EventStartTime: float, EventEndTime: float,
                 Destination: Mapping[str, Any], Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_StartReplay.html"""
    arn = parse_arn(EventSourceArn)
    archive = _archive(call, arn.resource.removeprefix("archive/") if arn else EventSourceArn)
    bus = bus_of(call, Destination["Arn"])
    if bus.Name != archive.bus:
        raise invalid("Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.")
    if EventStartTime >= EventEndTime:
        raise invalid("Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.")
    row = Replay(name=ReplayName, description=Description, source=EventSourceArn, state="STARTING", began=call.now,
                 start=EventStartTime, end=EventEndTime, destination={**Destination, "Arn": call.arn(EventBus(Name=bus.Name))})
    try:
        call.table(Replay).insert(row)
    except Conflict:
        raise error.ResourceAlreadyExistsException(f"Replay {ReplayName} already exists.") from None
    call.task(replay, name=ReplayName, at=EventStartTime, id=0)
    return {"ReplayArn": _arn(call, row), "State": row.state, "ReplayStartTime": row.began,
            "StateReason": f"Replaying what was archived since {timestamp(EventStartTime)}."}


def _arn(call: Call, row: Replay) -> str:
    return call.arn(EventBus(Name="-")).rpartition("event-bus/")[0] + f"replay/{row.name}"


def _replay(call: Call, name: str) -> Replay:
    row = call.table(Replay).get(name)
    if row is None:
        raise absent(f"Replay {name} does not exist.")
    return row


@operation
def cancel_replay(call: Call, ReplayName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CancelReplay.html"""
    row = _replay(call, ReplayName)
    if row.state not in _RUNNING:
        raise error.IllegalStatusException(f"Replay {ReplayName} is not in a valid state for this operation.")
    call.table(Replay).change(ReplayName, state="CANCELLING")
    return {"ReplayArn": _arn(call, row), "State": "CANCELLING"}


def _summary(row: Replay) -> dict[str, Any]:
    return {"ReplayName": row.name, "EventSourceArn": row.source, "State": row.state, "EventStartTime": row.start,
            "EventEndTime": row.end, "EventLastReplayedTime": row.last, "ReplayStartTime": row.began,
            "ReplayEndTime": row.ended}


@operation
def describe_replay(call: Call, ReplayName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeReplay.html"""
    row = _replay(call, ReplayName)
    return {**_summary(row), "ReplayArn": _arn(call, row), "Description": row.description, "Destination": row.destination}


@operation
def list_replays(call: Call, NamePrefix: str = "", State: str | None = None, EventSourceArn: str | None = None,
                 NextToken: str | None = None, Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListReplays.html"""
    rows = [row for row in call.table(Replay).scan() if row.name.startswith(NamePrefix) and State in (None, row.state)
            and EventSourceArn in (None, row.source)]
    found, token = page_of(rows, lambda row: row.name, NextToken, Limit)
    return {"Replays": [_summary(row) for row in found], "NextToken": token}
