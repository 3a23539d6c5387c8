"""How many environments begin at once, and that the gates of asynchronous events do not ask for more meanwhile."""

from __future__ import annotations

import asyncio

from cumulet.drivers.functions.gate import Gate
from cumulet.drivers.functions.starts import Place, Starts
from drivers.functions.quick import run


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_the_rest_waits_until_one_has_begun() -> None:
    async def work() -> None:
        starts = Starts(2)
        places: list[Place] = []

        async def begin() -> None:
            places.append(await starts.enter())

        tasks = [asyncio.create_task(begin()) for _ in range(5)]
        await _settled()
        assert len(places) == 2
        assert starts.crowded()
        places[0].leave()
        places[0].leave()                                # twice is once
        await _settled()
        assert len(places) == 3
        tasks[3].cancel()                                # who gives up takes no place
        for place in places:
            place.leave()
        await _settled()
        assert len(places) == 4
        assert not starts.crowded()

    run(work())


def test_code_that_loads_for_long_does_not_hold_up_others() -> None:
    async def work() -> None:
        starts = Starts(1)
        place = await starts.enter()
        place.leave_later()
        await asyncio.wait_for(starts.enter(), 60)       # as the code of the first one may ask for the second one
        assert starts.crowded()

    run(work())


def test_a_gate_does_not_widen_while_as_many_begin_as_the_machine_can_work_on() -> None:
    async def work() -> None:
        busy = True
        inside: list[int] = []
        gate = Gate(4, 200, lambda: busy)

        async def event(number: int) -> None:
            await gate.enter()
            inside.append(number)

        tasks = [asyncio.create_task(event(number)) for number in range(20)]
        await asyncio.sleep(10)
        assert inside == [0, 1, 2, 3]
        busy = False
        await asyncio.wait_for(asyncio.gather(*tasks), 60)
        assert inside == list(range(20))

    run(work())
