"""cron() expressions, day by day: `0 hours day-of-month month day-of-week year`, as AWS writes them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import NamedTuple

from .secrets import invalid

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_EPOCH = date(1970, 1, 1)


class Fields(NamedTuple):
    """hours and months: those that are meant.  days, weekdays: the text of the field."""

    hours: list[int]
    days: str
    months: list[int]
    weekdays: str


def read_fields(text: str) -> Fields:
    """The fields of an expression; raises what one that makes no sense is answered."""
    parts = text.split()
    if len(parts) != 6:
        raise invalid("Invalid ScheduleExpression: a cron expression has six fields.")
    minutes, hours, days, months, weekdays, year = (part.upper() for part in parts)
    if minutes != "0":
        raise invalid("Invalid ScheduleExpression: rotation windows open on the hour, so the minutes field must be 0.")
    if year != "*":
        raise invalid("Invalid ScheduleExpression: the year field must be *.")
    if (days == "?") == (weekdays == "?"):
        raise invalid("Invalid ScheduleExpression: exactly one of day-of-month and day-of-week must be ?.")
    fields = Fields(_numbers(hours, 0, 23, {}), days, _numbers(months, 1, 12, _MONTHS), weekdays)
    hits(fields, 0)                    # a field that cannot be read is told at once
    for month in (date(2024, 2, 1), date(2025, 2, 1)):
        hits(fields, (month - _EPOCH).days)
    return fields


def _numbers(text: str, low: int, high: int, names: dict[str, int]) -> list[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            begin = low if first in ("*", "") else names.get(first) or int(first)
            end = (names.get(last) or int(last)) if dash else high if slash or first == "*" else begin
            every = int(step) if slash else 1
        except ValueError:
            raise invalid(f"Invalid ScheduleExpression: {part} makes no sense.") from None
        if not (low <= begin <= high and low <= end <= high and every > 0):
            raise invalid(f"Invalid ScheduleExpression: {part} is out of range.")
        found.update(range(begin, end + 1, every))
    return sorted(found)


def hits(fields: Fields, day: int) -> bool:
    """Is this day (since 1970) meant?"""
    when = _EPOCH + timedelta(days=day)
    if fields.days != "?":
        return any(_of_month(part, when) for part in fields.days.split(",")) and when.month in fields.months
    return any(_of_week(part, when) for part in fields.weekdays.split(",")) and when.month in fields.months


def _of_month(part: str, when: date) -> bool:
    last = calendar.monthrange(when.year, when.month)[1]
    if part == "L":
        return when.day == last
    if part.endswith("W"):
        wanted = _numbers(part[:-1], 1, 31, {})[0]
        return wanted <= last and when == _nearest(when.replace(day=wanted), last)
    return when.day in _numbers(part, 1, 31, {})


def _nearest(day: date, last: int) -> date:
    """The weekday that is nearest, in the same month."""
    if day.weekday() == 5:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.weekday() == 6:
        return day + timedelta(days=1) if day.day < last else day - timedelta(days=2)
    return day


def _of_week(part: str, when: date) -> bool:
    number = when.isoweekday() % 7 + 1
    name, sharp, nth = part.partition("#")
    if sharp:
        return number in _numbers(name, 1, 7, _WEEKDAYS) and nth == str((when.day - 1) // 7 + 1)
    if len(part) > 1 and part.endswith("L"):
        return number in _numbers(part[:-1], 1, 7, _WEEKDAYS) \
            and when.day + 7 > calendar.monthrange(when.year, when.month)[1]
    return number == 7 if part == "L" else number in _numbers(part, 1, 7, _WEEKDAYS)
