"""Parking and waking, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel.work.chance import Chance
from cumulet.kernel.work.clock import Clock
from cumulet.kernel.work.signals import Signals


def on_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(test())
    run.__name__ = test.__name__
    return run


def park(signals: Signals, woken: list[Any], name: Any, seconds: float = 60, until: float | None = None, first: bool = False,
         channel: str = "c", mark: int | None = None) -> Any:
    return signals.park(channel, seconds, until, signals.mark() if mark is None else mark, first,
                        lambda timed_out: woken.append((name, timed_out)))


@on_loop
async def test_waiters_wake_in_order_of_arrival() -> None:
    signals, woken = Signals(Clock()), []
    for name in "abc":
        park(signals, woken, name)
    signals.wake("c", 2)
    assert woken == [("a", False), ("b", False)]
    signals.wake("other", 5)
    assert signals.watched("c")
    signals.wake("c", 5)
    assert woken[-1] == ("c", False)
    assert not signals.watched("c")


@on_loop
async def test_one_that_waited_before_keeps_its_place() -> None:
    signals, woken = Signals(Clock()), []
    park(signals, woken, "new")
    park(signals, woken, "old", first=True)
    signals.wake("c")
    assert woken == [("old", False)]


@on_loop
async def test_a_vanished_client_takes_no_signal() -> None:
    signals, woken = Signals(Clock()), []
    signals.forget(park(signals, woken, "gone"))
    park(signals, woken, "here")
    signals.wake("c")
    assert woken == [("here", False)]


@on_loop
async def test_a_signal_between_look_and_park_is_not_lost() -> None:
    signals, woken = Signals(Clock()), []
    mark = signals.mark()
    signals.wake("c")
    park(signals, woken, "late", mark=mark)
    await asyncio.sleep(0.01)
    assert woken == [("late", False)]


@on_loop
async def test_no_signal_is_lost_even_when_it_was_forgotten() -> None:
    signals, woken = Signals(Clock()), []
    mark = signals.mark()
    signals.wake("c")
    for i in range(5000):
        signals.wake(f"noise {i}")
    park(signals, woken, "late", mark=mark)
    await asyncio.sleep(0.01)
    assert woken == [("late", False)]


@on_loop
async def test_time_is_up() -> None:
    signals, woken = Signals(Clock()), []
    park(signals, woken, "a", seconds=0.02)
    await asyncio.sleep(0.05)
    assert woken == [("a", True)]


@on_loop
async def test_the_virtual_clock_wakes() -> None:
    clock = Clock()
    signals, woken = Signals(clock), []
    park(signals, woken, "a", until=clock.now() + 3600)
    park(signals, woken, "b", until=clock.now() + 0.02)
    await asyncio.sleep(0.06)
    assert sorted(woken) == [("a", False), ("b", False)]
    park(signals, woken, "c", until=clock.now() + 3600, channel="other")
    clock.set(clock.now() + 3601)
    assert woken[2:] == [("c", False)]


@given(st.integers(1, 200), st.sampled_from(["0123456789abcdef", "ABC", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"]))
def test_tokens_have_their_length_and_alphabet(length: int, alphabet: str) -> None:
    token = Chance().token(length, alphabet)
    assert len(token) == length
    assert set(token) <= set(alphabet)


def test_uuids_are_of_version_4_and_differ() -> None:
    chance = Chance()
    made = {chance.uuid() for _ in range(20_000)}
    assert len(made) == 20_000
    assert all(u[14] == "4" and u[19] in "89ab" for u in made)
