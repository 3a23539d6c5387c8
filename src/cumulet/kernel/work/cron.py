"""When a schedule is next due: AWS's `rate(…)`, `cron(…)` and `at(…)`, by the wall clock of a time zone. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"(\d+)\s+(minute|hour|day)(s?)")
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

Days = Callable[[int, int], list[int]]          # the days of a month of a year


class BadSchedule(ValueError):
    """A text that is no schedule."""


class Cron(NamedTuple):
    """Which minutes, hours, days, months and years."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: frozenset[int]
    years: frozenset[int]


class Schedule(NamedTuple):
    """One of three kinds: every so many seconds, a cron expression, or one moment by the wall clock."""

    every: int = 0
    cron: Cron | None = None
    moment: datetime | None = None

    def after(self, moment: float, start: float, zone: tzinfo = UTC) -> float | None:
        """The first time that is due later than a moment; None when there is none. A rate counts from its start."""
        if self.every:
            return start + ((moment - start) // self.every + 1) * self.every if moment >= start else start
        if self.moment is not None:
            due = self.moment.replace(tzinfo=zone).timestamp()
            return due if due > moment else None
        assert self.cron is not None
        return _next(self.cron, moment, zone)


def zone(name: str) -> tzinfo:
    """A time zone by its name; BadSchedule when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSchedule(f"no time zone {name}") from None


@lru_cache(maxsize=1024)
def schedule(text: str) -> Schedule:
    """`rate(5 minutes)`, `cron(0 12 ? * MON-FRI *)`, `at(2030-01-01T00:00:00)`."""
    kind, _, rest = text.partition("(")
    inner = rest[:-1].strip()
    if not rest.endswith(")"):
        raise BadSchedule(text)
    if kind == "rate":
        found = _RATE.fullmatch(inner)
        if found is None or int(found[1]) < 1 or (int(found[1]) == 1) == bool(found[3]):
            raise BadSchedule(text)
        return Schedule(every=int(found[1]) * _UNITS[found[2]])
    if kind == "cron":
        return Schedule(cron=_cron(inner, text))
    if kind == "at" and _AT.fullmatch(inner):
        try:
            return Schedule(moment=datetime.fromisoformat(inner))
        except ValueError:
            raise BadSchedule(text) from None
    raise BadSchedule(text)


# --- cron ---


def _cron(inner: str, text: str) -> Cron:
    fields = inner.upper().split()
    if len(fields) != 6:
        raise BadSchedule(text)
    try:
        minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
        months, years = _numbers(fields[3], 1, 12, _MONTHS), _numbers(fields[5], _FIRST_YEAR, _LAST_YEAR)
        if (fields[2] == "?") == (fields[4] == "?"):
            raise BadSchedule(text)
        days = _days_of_month(fields[2]) if fields[4] == "?" else _days_of_week(fields[4])
    except (ValueError, IndexError):
        raise BadSchedule(text) from None
    return Cron(tuple(sorted(minutes)), tuple(sorted(hours)), days, frozenset(months), frozenset(years))


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    """`*`, `5`, `1-5`, `0/15`, `*/2`, and lists of these."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        if slash and (not step.isdigit() or int(step) < 1):
            raise ValueError(field)
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (_number(each, low, high, names) for each in span.split("-"))
        else:
            first = _number(span, low, high, names)
            last = high if slash else first
        every = range(first, last + 1) if first <= last else [*range(first, high + 1), *range(low, last + 1)]
        if first > last and not names:
            raise ValueError(field)
        found.update(list(every)[::int(step) if slash else 1])
    return found


def _number(text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    value = names.index(text) + low if text in names else int(text) if text.isdigit() else low - 1
    if not low <= value <= high:
        raise ValueError(text)
    return value


def _days_of_month(field: str) -> Days:
    if field == "L":
        return lambda year, month: [monthrange(year, month)[1]]
    if field == "LW":
        return lambda year, month: [_nearest_weekday(year, month, monthrange(year, month)[1])]
    if field.endswith("W"):
        wanted = _number(field[:-1], 1, 31, ())
        return lambda year, month: [_nearest_weekday(year, month, wanted)] if wanted <= monthrange(year, month)[1] else []
    numbers = sorted(_numbers(field, 1, 31))
    return lambda year, month: [day for day in numbers if day <= monthrange(year, month)[1]]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The weekday nearest to a day, within its month."""
    last = monthrange(year, month)[1]
    which = datetime(year, month, day).weekday()
    if which == 5:
        return day - 1 if day > 1 else day + 2
    if which == 6:
        return day + 1 if day < last else day - 2
    return day


def _days_of_week(field: str) -> Days:
    if field == "L":
        field = "7"
    if field.endswith("L"):
        wanted = _number(field[:-1], 1, 7, _DAYS)
        return lambda year, month: _weekdays(year, month, wanted)[-1:]
    if "#" in field:
        name, _, which = field.partition("#")
        wanted, nth = _number(name, 1, 7, _DAYS), _number(which, 1, 5, ())
        return lambda year, month: _weekdays(year, month, wanted)[nth - 1:nth]
    numbers = _numbers(field, 1, 7, _DAYS)
    return lambda year, month: sorted(day for each in numbers for day in _weekdays(year, month, each))


def _weekdays(year: int, month: int, wanted: int) -> list[int]:
    """All days of a month that are this day of the week (1 is Sunday)."""
    first, count = monthrange(year, month)
    return list(range((wanted - 2 - first) % 7 + 1, count + 1, 7))


def _next(cron: Cron, moment: float, where: tzinfo) -> float | None:
    """The wall clock says each time once: what it leaps over is skipped, what it says twice counts the first time."""
    begin = datetime.fromtimestamp(moment, where).replace(tzinfo=None, second=0, microsecond=0)
    for wall in _walls(cron, begin):
        due = wall.replace(tzinfo=where)
        there = due.timestamp()
        if there > moment and datetime.fromtimestamp(there, where).replace(tzinfo=None) == wall:
            return there
    return None


def _walls(cron: Cron, begin: datetime) -> Iterator[datetime]:
    """All times of the wall clock from a minute on."""
    for year in range(max(begin.year, _FIRST_YEAR), _LAST_YEAR + 1):
        if year not in cron.years:
            continue
        for month in range(1, 13):
            if month not in cron.months or (year, month) < (begin.year, begin.month):
                continue
            for day in cron.days(year, month):
                if (year, month, day) < (begin.year, begin.month, begin.day):
                    continue
                today = (year, month, day) == (begin.year, begin.month, begin.day)
                yield from _times(cron, year, month, day, begin if today else None)


def _times(cron: Cron, year: int, month: int, day: int, begin: datetime | None) -> Iterator[datetime]:
    hours = cron.hours[bisect_left(cron.hours, begin.hour):] if begin is not None else cron.hours
    for hour in hours:
        minutes = cron.minutes
        if begin is not None and hour == begin.hour:
            minutes = minutes[bisect_left(minutes, begin.minute):]
        for minute in minutes:
            yield datetime(year, month, day, hour, minute)
