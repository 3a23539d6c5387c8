"""The rules of target tracking, as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.application_autoscaling.tracking import MINUTE, SPAN, Alarms, Wish, alarms, cooled_out, together, wish

capacities = st.integers(1, 10_000)
targets = st.integers(20, 90).map(float)
values = st.floats(0, 10_000, allow_nan=False)
END = 1_000 * MINUTE


def minutes(found: list[float]) -> dict[int, float]:
    """The last minutes, the latest last."""
    return {END - MINUTE * (len(found) - n): value for n, value in enumerate(found)}


@given(capacities, targets, st.lists(values, max_size=15), st.booleans())
def test_what_is_wanted_would_meet_the_target(capacity: int, target: float, found: list[float], units: bool) -> None:
    of = alarms(target, units)
    wanted = wish(minutes(found), END, of, capacity)
    if wanted is None:
        return
    used = found[-1] if wanted.out else max(found)
    assert wanted.capacity >= capacity if wanted.out else wanted.capacity <= capacity
    assert used * capacity <= of.high * wanted.capacity * (1 + 1e-5) + 1e-3, "it is enough"
    assert used * capacity >= of.high * (wanted.capacity - 1) * (1 - 1e-5) - 1e-3, "and no more than that"


@given(capacities, targets, st.lists(values, min_size=15, max_size=15), st.integers(0, 14))
def test_a_minute_without_data_is_no_alarm(capacity: int, target: float, found: list[float], missing: int) -> None:
    points = minutes(found)
    del points[END - MINUTE * (missing + 1)]
    of = alarms(target, units=True)
    wanted = wish(points, END, of, capacity)
    assert wanted is None or (wanted.out and missing >= of.ups)


@pytest.mark.parametrize(("of", "low"), [(alarms(70, units=True), 50), (alarms(0.7, units=False), 0.63)])
def test_the_bounds_are_those_of_the_documentation(of: Alarms, low: float) -> None:
    assert of.low == pytest.approx(low)
    assert SPAN == 15 * MINUTE


def test_several_policies_agree_on_the_largest() -> None:
    more, most, less, least = Wish(12, True), Wish(20, True), Wish(5, False), Wish(3, False)
    assert together([(more, True), (most, True), (least, True)]) == most
    assert together([(less, True), (least, True)]) == less
    assert together([(less, True), (None, True)]) is None, "one does not want less"
    assert together([(less, True), (None, False)]) == less, "one must not want less"
    assert together([(less, False)]) is None
    assert together([]) is None


def test_only_a_larger_addition_comes_while_the_last_takes_effect() -> None:
    assert not cooled_out(now=100, since=50, cooldown=60, by=2, before=2)
    assert cooled_out(now=100, since=50, cooldown=60, by=3, before=2)
    assert cooled_out(now=110, since=50, cooldown=60, by=1, before=2)
