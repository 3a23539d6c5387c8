"""When secrets are rotated: rate() and cron() expressions, and the windows that they open. All in UTC; no clock of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from .days import Fields, hits, read_fields
from .secrets import DAY, invalid

HOUR = 3600
_RATE = re.compile(r"rate\((\d+) (hours?|days?)\)")
_DURATION = re.compile(r"([0-9]{1,2})h?")
_HORIZON = 5 * 366                     # days ahead that a cron() expression is looked through


class Window(NamedTuple):
    """A rotation happens at its start; it is told by its end."""

    start: float
    end: float


class Schedule(NamedTuple):
    """every: seconds between rotations, of a rate.  fields: of a cron() expression.  length: of the window in seconds."""

    every: int
    fields: Fields | None
    length: int | None


def read(rules: Mapping[str, Any]) -> Schedule | None:
    """The schedule of RotationRules; None when they say none."""
    days, text = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    if days is not None and text is not None:
        raise invalid("You can't specify both AutomaticallyAfterDays and ScheduleExpression.")
    length = _length(rules.get("Duration"))
    if days is not None:
        return _fits(Schedule(days * DAY, None, length))
    if text is None:
        if length is not None:
            raise invalid("You must specify a schedule with Duration.")
        return None
    if rate := _RATE.fullmatch(text):
        return _fits(Schedule(_every(int(rate[1]), rate[2]), None, length))
    if not text.startswith("cron(") or not text.endswith(")"):
        raise invalid("Invalid ScheduleExpression.")
    return _fits(Schedule(0, read_fields(text[5:-1]), length))


def _length(text: str | None) -> int | None:
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    hours = int(found[1]) if found else 0
    if not 1 <= hours <= 24:
        raise invalid("Duration must be between 1h and 24h.")
    return hours * HOUR


def _every(count: int, unit: str) -> int:
    if unit.startswith("hour"):
        if not 4 <= count <= 999 * 24:
            raise invalid("You can rotate a secret as often as every four hours.")
        return count * HOUR
    if not 1 <= count <= 999:
        raise invalid("The rate of a ScheduleExpression must be between 1 and 999 days.")
    return count * DAY


def _fits(schedule: Schedule) -> Schedule:
    """A window ends before the next one begins, and before the day does."""
    if schedule.length is None:
        return schedule
    hours = schedule.fields.hours if schedule.fields is not None else [0]
    gap = min((later - sooner for sooner, later in pairwise(hours)), default=24) * HOUR
    if schedule.every and schedule.every < DAY:
        gap = schedule.every
    if schedule.length > gap or (max(hours) * HOUR + schedule.length > DAY):
        raise invalid("The rotation window must not extend into the next UTC day or into the next rotation window.")
    return schedule


def next_window(schedule: Schedule, last: float, now: float) -> Window | None:
    """The window after the rotation at `last` that has not begun by now; None when there is none any more."""
    if schedule.fields is not None:
        return _by_fields(schedule, schedule.fields, now)
    if schedule.every % DAY:
        start = last // HOUR * HOUR + schedule.every
        while start <= now:
            start += schedule.every
        return Window(start, start + (schedule.length or HOUR))
    start = last // DAY * DAY + schedule.every
    while start <= now:
        start += schedule.every
    return Window(start, start + (schedule.length or DAY))


def _by_fields(schedule: Schedule, fields: Fields, now: float) -> Window | None:
    today = int(now // DAY)
    for day in range(today, today + _HORIZON):
        if not hits(fields, day):
            continue
        for hour in fields.hours:
            start = float(day * DAY + hour * HOUR)
            if start > now:
                default = HOUR if len(fields.hours) > 1 else (24 - hour) * HOUR
                return Window(start, start + (schedule.length or default))
    return None
