"""Schedules: AWS's examples, daylight saving, and random expressions against every minute in turn."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cumulet.kernel.work.cron import BadSchedule, schedule, zone


def at(text: str, where: Any = UTC) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=where).timestamp()


def following(text: str, moment: str, count: int = 1, where: Any = UTC) -> list[str]:
    found, now = [], at(moment, where)
    for _ in range(count):
        due = schedule(text).after(now, 0, where)
        if due is None:
            break
        found.append(datetime.fromtimestamp(due, where).strftime("%Y-%m-%dT%H:%M"))
        now = due
    return found


@pytest.mark.parametrize(("text", "moment", "wanted"), [
    ("cron(0 10 * * ? *)", "2024-01-01T10:00", ["2024-01-02T10:00"]),
    ("cron(15 12 * * ? *)", "2024-01-01T10:00", ["2024-01-01T12:15"]),
    ("cron(0 18 ? * MON-FRI *)", "2024-01-05T18:00", ["2024-01-08T18:00", "2024-01-09T18:00"]),
    ("cron(0 8 1 * ? *)", "2024-01-01T08:00", ["2024-02-01T08:00"]),
    ("cron(0/15 * * * ? *)", "2024-01-01T00:50", ["2024-01-01T01:00", "2024-01-01T01:15"]),
    ("cron(0/10 * ? * MON-FRI *)", "2024-01-05T23:50", ["2024-01-08T00:00"]),
    ("cron(0 0 L * ? *)", "2024-02-01T00:00", ["2024-02-29T00:00", "2024-03-31T00:00"]),
    ("cron(0 0 LW * ? *)", "2024-03-01T00:00", ["2024-03-29T00:00"]),
    ("cron(0 0 1W * ? *)", "2024-05-31T12:00", ["2024-06-03T00:00", "2024-07-01T00:00", "2024-08-01T00:00"]),
    ("cron(0 0 31W * ? *)", "2024-03-01T00:00", ["2024-03-29T00:00", "2024-05-31T00:00"]),
    ("cron(0 0 ? * 6L *)", "2024-01-01T00:00", ["2024-01-26T00:00", "2024-02-23T00:00"]),
    ("cron(0 0 ? * L *)", "2024-01-01T00:00", ["2024-01-06T00:00"]),
    ("cron(15 10 ? * 6L 2019-2022)", "2022-12-01T00:00", ["2022-12-30T10:15"]),
    ("cron(0 0 ? * TUE#2 *)", "2024-01-01T00:00", ["2024-01-09T00:00", "2024-02-13T00:00"]),
    ("cron(0 0 ? * 2#5 *)", "2024-01-01T12:00", ["2024-01-29T00:00", "2024-04-29T00:00"]),
    ("cron(0 0 29 2 ? *)", "2024-03-01T00:00", ["2028-02-29T00:00"]),
    ("cron(0 0 1 JAN,jul ? */100)", "2024-03-01T00:00", ["2070-01-01T00:00", "2070-07-01T00:00", "2170-01-01T00:00"]),
    ("cron(0 0 30 2 ? *)", "2024-03-01T00:00", []),
    ("cron(0 0 ? * FRI-MON *)", "2024-01-02T00:00", ["2024-01-05T00:00", "2024-01-06T00:00", "2024-01-07T00:00"]),
])
def test_expressions(text: str, moment: str, wanted: list[str]) -> None:
    assert following(text, moment, max(len(wanted), 1)) == wanted


def test_rates_count_from_their_start() -> None:
    said = schedule("rate(5 minutes)")
    assert said.after(1000.0, 1000.0) == 1300.0
    assert said.after(1299.9, 1000.0) == 1300.0
    assert said.after(1300.0, 1000.0) == 1600.0
    assert said.after(0.0, 1000.0) == 1000.0
    assert schedule("rate(1 hour)").every == 3600
    assert schedule("rate(7 days)").every == 7 * 86_400


def test_one_moment() -> None:
    berlin = zone("Europe/Berlin")
    said = schedule("at(2030-07-01T12:00:00)")
    assert said.after(0, 0, berlin) == at("2030-07-01T10:00:00")
    assert said.after(at("2030-07-01T10:00:00"), 0, berlin) is None


def test_the_clock_leaps_and_falls_back() -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time"""
    where = ZoneInfo("America/New_York")
    daily = "cron(30 2 * * ? *)"                   # 2:30 is not there on the 10th of March
    assert following(daily, "2024-03-09T00:00", 2, where) == ["2024-03-09T02:30", "2024-03-11T02:30"]
    once = "cron(30 1 * * ? *)"                    # 1:30 is there twice on the 3rd of November
    found = [schedule(once).after(at("2024-11-02T12:00", where), 0, where)]
    found.append(schedule(once).after(found[0] or 0, 0, where))
    assert [datetime.fromtimestamp(f or 0, UTC).isoformat() for f in found] == [
        "2024-11-03T05:30:00+00:00", "2024-11-04T06:30:00+00:00"]


@pytest.mark.parametrize("text", [
    "", "rate()", "rate(0 minutes)", "rate(1 minutes)", "rate(5 minute)", "rate(5 seconds)", "rate(-1 days)", "rate(5 minutes",
    "cron(* * * * *)", "cron(* * * * * *)", "cron(* * ? * ? *)", "cron(60 * * * ? *)", "cron(* 24 * * ? *)",
    "cron(* * 0 * ? *)", "cron(* * 32 * ? *)", "cron(* * * 13 ? *)",
    "cron(* * ? * 8 *)", "cron(* * * * ? 2200)", "cron(*/0 * * * ? *)",
    "cron(5-1 * * * ? *)", "cron(a * * * ? *)", "cron(* * ? * MON#6 *)", "at(2030-02-30T00:00:00)", "at(2030-01-01)", "in(1)"])
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(BadSchedule):
        schedule(text)


def test_zones_that_there_are_not() -> None:
    for name in ("Nowhere/City", "", "../etc/passwd", "UTC\0"):
        with pytest.raises(BadSchedule):
            zone(name)


# --- random ones, minute by minute ---


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    return st.one_of(st.just("*"), number.map(str), st.tuples(number, st.integers(1, 9)).map(lambda p: f"{p[0]}/{p[1]}"),
                     st.tuples(number, number).map(lambda p: f"{min(p)}-{max(p)}"),
                     st.lists(number, min_size=2, max_size=3).map(lambda ns: ",".join(map(str, ns))))


def in_field(field: str, value: int, low: int, high: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        begin = low if span == "*" else int(first)
        end = high if span == "*" or (step and not dash) else int(last or first)
        if begin <= value <= end and (value - begin) % int(step or 1) == 0:
            return True
    return False


def is_day(dom: str, dow: str, day: datetime) -> bool:
    last = monthrange(day.year, day.month)[1]
    which = (day.weekday() + 1) % 7 + 1
    if dom != "?":
        if dom == "L":
            return day.day == last
        if dom.endswith("W"):
            wanted = int(dom[:-1])
            weekdays = [d for d in range(1, last + 1) if datetime(day.year, day.month, d).weekday() < 5]
            return wanted <= last and day.day == min(weekdays, key=lambda d: (abs(d - wanted), d))
        return in_field(dom, day.day, 1, 31)
    if dow == "L":
        return which == 7
    if dow.endswith("L"):
        return which == int(dow[:-1]) and day.day + 7 > last
    if "#" in dow:
        name, _, nth = dow.partition("#")
        return which == int(name) and (day.day - 1) // 7 + 1 == int(nth)
    return in_field(dow, which, 1, 7)


doms = st.one_of(fields(1, 31), st.just("L"), st.integers(1, 31).map(lambda n: f"{n}W")).map(lambda f: (f, "?"))
dows = st.one_of(fields(1, 7), st.just("L"), st.integers(1, 7).map(lambda n: f"{n}L"),
                 st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda p: f"{p[0]}#{p[1]}")).map(lambda f: ("?", f))


@given(fields(0, 59), fields(0, 23), st.one_of(doms, dows), fields(1, 12),
       st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
@settings(max_examples=150, deadline=None)
def test_random_expressions(minute: str, hour: str, day: tuple[str, str], month: str, begin: datetime) -> None:
    """Days in turn, then minutes of the day that fits: the first that is later than `begin`."""
    text = f"cron({minute} {hour} {day[0]} {month} {day[1]} *)"
    found = schedule(text).after(begin.replace(tzinfo=UTC).timestamp(), 0)
    wanted, today = None, begin.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(366 * 9):
        if in_field(month, today.month, 1, 12) and is_day(*day, today):
            times = [today + timedelta(hours=h, minutes=m) for h in range(24) if in_field(hour, h, 0, 23)
                     for m in range(60) if in_field(minute, m, 0, 59)]
            wanted = next((t for t in times if t > begin), None)
            if wanted is not None:
                break
        today += timedelta(days=1)
    assert (datetime.fromtimestamp(found, UTC).replace(tzinfo=None) if found is not None else None) == wanted
