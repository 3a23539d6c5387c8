"""What PutLogEvents takes of a batch: AWS's rules of size, order and age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .blocks import DAY
from .names import invalid

_PAST, _FUTURE = 14 * DAY, 2 * 3_600_000
_OVERHEAD = 26
MOST = 1_048_576
_MOST_EVENTS = 10_000


def size_of(messages: Sequence[str]) -> int:
    """As AWS counts: UTF-8, and 26 bytes an event."""
    return sum(len(message) if message.isascii() else len(message.encode()) for message in messages) + _OVERHEAD * len(messages)


def accepted(events: Sequence[Mapping[str, Any]], now: int, oldest: int) -> tuple[list[int], list[str], dict[str, int]]:
    """Times and messages of what is taken, and what is told of the rest. All times in milliseconds."""
    times = [event["timestamp"] for event in events]
    messages = [event["message"] for event in events]
    total = size_of(messages)
    if total > MOST:
        raise invalid(f"Upload too large: {total} bytes exceeds limit of {MOST}")
    if any(later < earlier for earlier, later in pairwise(times)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    rejected: dict[str, int] = {}
    old = _before(times, now - _PAST)
    expired = _before(times, oldest)
    if old:
        rejected["tooOldLogEventEndIndex"] = old
    if expired > old:
        rejected["expiredLogEventEndIndex"] = expired
    first, end = max(old, expired), _before(times, now + _FUTURE + 1)
    if end < len(times):
        rejected["tooNewLogEventStartIndex"] = end
    times, messages = times[first:end], messages[first:end]
    if times and times[-1] - times[0] > DAY:
        raise invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    return times, messages, rejected


def in_time(time: int, now: int, oldest: int) -> bool:
    """Is an event neither too old nor too new?"""
    return max(now - _PAST, oldest) <= time <= now + _FUTURE


def split(events: Sequence[tuple[int, str]]) -> Iterator[list[dict[str, Any]]]:
    """Events in order of time, in pieces that one batch may be."""
    batch: list[dict[str, Any]] = []
    room = MOST
    for time, message in events:
        size = size_of([message])
        if batch and (size > room or len(batch) == _MOST_EVENTS or time - batch[0]["timestamp"] > DAY):
            yield batch
            batch, room = [], MOST
        batch.append({"timestamp": time, "message": message})
        room -= size
    if batch:
        yield batch


def _before(times: Sequence[int], edge: int) -> int:
    """How many come before a moment."""
    return next((i for i, time in enumerate(times) if time >= edge), len(times))
