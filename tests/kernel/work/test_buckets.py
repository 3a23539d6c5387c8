"""Token buckets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel.work.buckets import Buckets

NAME = ("dynamodb", "111111111111", "us-east-1", "t")


def test_a_bucket_empties_and_fills_by_the_clock() -> None:
    buckets = Buckets()
    assert all(buckets.of(NAME, 2, 5, 100.0).take() for _ in range(5))
    assert not buckets.of(NAME, 2, 5, 100.0).take()
    assert not buckets.of(NAME, 2, 5, 100.4).take()
    assert buckets.of(NAME, 2, 5, 100.5).take()
    assert buckets.of(NAME, 2, 5, 1000.0).units == 5


def test_a_debt_is_waited_for() -> None:
    buckets = Buckets()
    assert buckets.of(NAME, 1, 2, 0.0).spend(10)
    assert not buckets.of(NAME, 1, 2, 7.9).spend(1)
    assert buckets.of(NAME, 1, 2, 8.5).spend(1)


def test_the_oldest_is_forgotten_and_an_account_begins_anew() -> None:
    buckets = Buckets(most=3)
    for n in range(5):
        assert buckets.of((*NAME[:3], str(n)), 1, 1, 0.0).take()
    assert not buckets.of((*NAME[:3], "4"), 1, 1, 0.0).take()
    assert buckets.of((*NAME[:3], "0"), 1, 1, 0.0).take()
    buckets.forget("222222222222")
    assert not buckets.of((*NAME[:3], "4"), 1, 1, 0.0).take()
    buckets.forget(NAME[1])
    assert buckets.of((*NAME[:3], "4"), 1, 1, 0.0).take()


@given(rate=st.floats(0.1, 100), most=st.floats(1, 1000), steps=st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 20))))
def test_no_more_is_given_than_was_there_and_came(rate: float, most: float, steps: list[tuple[float, float]]) -> None:
    buckets, now, given_ = Buckets(), 0.0, 0.0
    for passes, units in steps:
        now += passes
        if buckets.of(NAME, rate, most, now).take(units):
            given_ += units
    assert given_ <= (most + rate * now) * (1 + 1e-9) + 1e-6
