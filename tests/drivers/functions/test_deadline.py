"""Deadlines: one timer, and who is late hears of it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cumulet.drivers.functions.deadline import Deadline
from drivers.functions.quick import run


def rung(use: Callable[[Deadline], None]) -> list[float]:
    """When it rang, within a minute."""
    found: list[float] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        deadline = Deadline(lambda: found.append(loop.time()))
        use(deadline)
        await asyncio.sleep(60)

    run(work())
    return found


def test_who_is_late_hears_of_it_once() -> None:
    assert rung(lambda deadline: deadline.set(2)) == [2]


def test_who_is_done_hears_nothing() -> None:
    def use(deadline: Deadline) -> None:
        deadline.set(1)
        deadline.clear()

    assert rung(use) == []


@pytest.mark.parametrize(("first", "then"), [(20, 2), (1, 4)])
def test_the_last_one_counts_be_it_sooner_or_later(first: float, then: float) -> None:
    def use(deadline: Deadline) -> None:
        deadline.set(first)
        deadline.clear()
        deadline.set(then)

    assert rung(use) == [then]


def test_none_rings_when_all_is_over() -> None:
    def use(deadline: Deadline) -> None:
        deadline.set(1)
        deadline.close()

    assert rung(use) == []
