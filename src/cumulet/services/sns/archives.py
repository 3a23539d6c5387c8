"""Policies of archives and replays: read and checked.

https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import NamedTuple

from .messages import invalid

DAY = 86_400.0
_LONGEST = 365


def read_policy(name: str, value: str) -> str | None:
    """A topic's ArchivePolicy; None when it is switched off."""
    policy = _object(value, f"{name} Reason: ") if value else {}
    if not policy:
        return None
    days = str(policy.get("MessageRetentionPeriod", ""))
    if set(policy) != {"MessageRetentionPeriod"} or not days.isdigit() or not 1 <= int(days) <= _LONGEST:
        raise invalid(f"{name} Reason: MessageRetentionPeriod must be between 1 and {_LONGEST} days")
    return value


def seconds(policy: str) -> float:
    """How long messages are kept."""
    return int(json.loads(policy)["MessageRetentionPeriod"]) * DAY


class Window(NamedTuple):
    """What is replayed. end: None for all that comes."""

    start: float
    end: float | None


def window(text: str, where: str, now: float, archived_since: float | None) -> Window:
    """A subscription's ReplayPolicy, of a topic that keeps messages since then."""
    if archived_since is None:
        raise invalid(f"{where}ReplayPolicy: the topic has no active ArchivePolicy")
    policy = _object(text, f"{where}ReplayPolicy: ")
    for name in policy:
        if name not in ("PointType", "StartingPoint", "EndingPoint"):
            raise invalid(f"{where}ReplayPolicy: Unexpected JSON member: {name}")
    if policy.get("PointType") != "Timestamp":
        raise invalid(f"{where}ReplayPolicy: PointType must be Timestamp")
    start = _moment(policy.get("StartingPoint"), f"{where}ReplayPolicy: StartingPoint")
    end = _moment(policy["EndingPoint"], f"{where}ReplayPolicy: EndingPoint") if "EndingPoint" in policy else None
    if start > now:
        raise invalid(f"{where}ReplayPolicy: StartingPoint must not be in the future")
    if end is not None and end <= start:
        raise invalid(f"{where}ReplayPolicy: EndingPoint must be after StartingPoint")
    return Window(start, end)


def _moment(value: object, where: str) -> float:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(f"{where} must be a timestamp") from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


def _object(text: str, where: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise invalid(f"{where}failed to parse JSON.")
    return value
