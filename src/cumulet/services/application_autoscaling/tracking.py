"""Target tracking: two alarms of a metric, and how much capacity they ask for. No wire, no clock, no tables.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

MINUTE = 60
_DOWNS = 15                            # minutes below the target before capacity goes
SPAN = _DOWNS * MINUTE                 # seconds that are looked at


class Alarms(NamedTuple):
    """Above `high` in each of the last `ups` minutes, capacity comes; below `low` in each of the last fifteen, it goes."""

    high: float
    low: float
    ups: int


class Wish(NamedTuple):
    """So much capacity is wanted. out: more of it."""

    capacity: int
    out: bool


def alarms(target: float, units: bool) -> Alarms:
    """units: of DynamoDB, which scales out after two minutes, and in when twenty points below its target."""
    return Alarms(target, target - 20, 2) if units else Alarms(target, target * 0.9, 3)


def wish(points: Mapping[int, float], end: int, of: Alarms, capacity: int) -> Wish | None:
    """What the minutes before `end` ask for. points: a minute's beginning → the metric's value. A minute without data is
    neither above nor below, so that a table that nobody uses keeps what it has, as on AWS."""
    above = _last(points, end, of.ups)
    if above is not None and all(value > of.high for value in above):
        return Wish(_fitting(capacity, above[0], of.high), True)
    below = _last(points, end, _DOWNS)
    if below is not None and all(value < of.low for value in below):
        return Wish(_fitting(capacity, max(below), of.high), False)
    return None


def _last(points: Mapping[int, float], end: int, minutes: int) -> list[float] | None:
    """The values of the last minutes, the latest first; None when one is missing."""
    found = [points.get(end - MINUTE * back) for back in range(1, minutes + 1)]
    known = [value for value in found if value is not None]
    return known if len(known) == minutes else None


def _fitting(capacity: int, value: float, target: float) -> int:
    """The capacity at which the metric would be at its target, were it in proportion."""
    return math.ceil(round(capacity * value / target, 6)) if target > 0 else capacity


def together(wishes: Iterable[tuple[Wish | None, bool]]) -> Wish | None:
    """What several policies want: out if any does, in only if all want that which may (their scale-in is not disabled); the
    largest capacity of those."""
    outs, ins, may = [], [], 0
    for wanted, scales_in in wishes:
        may += scales_in
        if wanted is not None and wanted.out:
            outs.append(wanted)
        elif wanted is not None and scales_in:
            ins.append(wanted)
    if outs:
        return max(outs)
    return max(ins) if ins and len(ins) == may else None


def cooled_out(now: float, since: float, cooldown: int, by: int, before: int) -> bool:
    """May capacity come? While the last addition takes effect, only a larger one may."""
    return now >= since + cooldown or by > before
