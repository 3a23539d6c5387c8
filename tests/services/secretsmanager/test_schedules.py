"""Rotation schedules: rates, cron expressions, windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.secretsmanager import schedules

DAY = 86_400


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def window(rules: dict[str, Any], now: str, last: str = "") -> tuple[str, str]:
    schedule = schedules.read(rules)
    assert schedule is not None
    found = schedules.next_window(schedule, at(last or now), at(now))
    assert found is not None
    start, end = (datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M") for moment in found)
    return start, end


@pytest.mark.parametrize(("rules", "start", "end"), [
    ({"AutomaticallyAfterDays": 30}, "2026-04-14T00:00", "2026-04-15T00:00"),
    ({"AutomaticallyAfterDays": 1, "Duration": "3h"}, "2026-03-16T00:00", "2026-03-16T03:00"),
    ({"ScheduleExpression": "rate(10 days)"}, "2026-03-25T00:00", "2026-03-26T00:00"),
    ({"ScheduleExpression": "rate(4 hours)"}, "2026-03-15T14:00", "2026-03-15T15:00"),
    ({"ScheduleExpression": "rate(6 hours)", "Duration": "2h"}, "2026-03-15T16:00", "2026-03-15T18:00"),
    ({"ScheduleExpression": "cron(0 8 1 * ? *)"}, "2026-04-01T08:00", "2026-04-02T00:00"),
    ({"ScheduleExpression": "cron(0 8 1 * ? *)", "Duration": "4h"}, "2026-04-01T08:00", "2026-04-01T12:00"),
    ({"ScheduleExpression": "cron(0 0/8 * * ? *)"}, "2026-03-15T16:00", "2026-03-15T17:00"),
    ({"ScheduleExpression": "cron(0 16 ? * MON-FRI *)"}, "2026-03-16T16:00", "2026-03-17T00:00"),
    ({"ScheduleExpression": "cron(0 16 ? * 1 *)"}, "2026-03-15T16:00", "2026-03-16T00:00"),
    ({"ScheduleExpression": "cron(0 2 L * ? *)"}, "2026-03-31T02:00", "2026-04-01T00:00"),
    ({"ScheduleExpression": "cron(0 2 ? * SUN#1 *)"}, "2026-04-05T02:00", "2026-04-06T00:00"),
    ({"ScheduleExpression": "cron(0 2 ? * 6L *)"}, "2026-03-27T02:00", "2026-03-28T00:00"),
    ({"ScheduleExpression": "cron(0 2 1W 8 ? *)"}, "2026-08-03T02:00", "2026-08-04T00:00"),
    ({"ScheduleExpression": "cron(0 9 29 2 ? *)"}, "2028-02-29T09:00", "2028-03-01T00:00")])
def test_windows(rules: dict[str, Any], start: str, end: str) -> None:
    assert window(rules, "2026-03-15T10:20") == (start, end)     # a Sunday


@pytest.mark.parametrize("rules", [
    {"AutomaticallyAfterDays": 3, "ScheduleExpression": "rate(3 days)"}, {"Duration": "3h"},
    {"ScheduleExpression": "rate(3 hours)"}, {"ScheduleExpression": "rate(1000 days)"}, {"ScheduleExpression": "rate(5 weeks)"},
    {"ScheduleExpression": "every day"}, {"ScheduleExpression": "cron(5 8 1 * ? *)"}, {"ScheduleExpression": "cron(0 8 1 * ?)"},
    {"ScheduleExpression": "cron(0 8 1 * 1 *)"}, {"ScheduleExpression": "cron(0 8 ? * ? *)"},
    {"ScheduleExpression": "cron(0 25 1 * ? *)"}, {"ScheduleExpression": "cron(0 8 32 * ? *)"},
    {"ScheduleExpression": "cron(0 8 ? * XYZ *)"}, {"ScheduleExpression": "cron(0 8 1 * ? 2027)"},
    {"ScheduleExpression": "rate(4 hours)", "Duration": "5h"}, {"ScheduleExpression": "cron(0 20 1 * ? *)", "Duration": "5h"},
    {"AutomaticallyAfterDays": 1, "Duration": "25h"}, {"ScheduleExpression": "cron(0 0/4 * * ? *)", "Duration": "5h"}])
def test_schedules_that_make_no_sense(rules: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as problem:
        schedules.read(rules)
    assert problem.value.code == "InvalidParameterException"


def test_no_schedule() -> None:
    assert schedules.read({}) is None


@given(st.integers(min_value=0, max_value=4 * 10**9), st.integers(min_value=0, max_value=400 * DAY),
       st.sampled_from([{"AutomaticallyAfterDays": 7}, {"ScheduleExpression": "rate(5 hours)"},
                        {"ScheduleExpression": "rate(30 days)", "Duration": "4h"}, {"ScheduleExpression": "cron(0 4 ? * 2 *)"},
                        {"ScheduleExpression": "cron(0 3,9 1,15 * ? *)", "Duration": "2h"}]))
def test_a_window_is_always_ahead_opens_on_the_hour_and_moves_on(now: int, since: int, rules: dict[str, Any]) -> None:
    schedule = schedules.read(rules)
    assert schedule is not None
    found = schedules.next_window(schedule, float(now - since), float(now))
    assert found is not None
    assert found.start > now
    assert found.start % 3600 == 0
    assert found.start < found.end <= found.start // DAY * DAY + DAY + (4 * 3600)
    after = schedules.next_window(schedule, found.start, found.start)
    assert after is not None
    assert after.start >= found.end
    assert timedelta(seconds=after.start - found.start) <= timedelta(days=31)
