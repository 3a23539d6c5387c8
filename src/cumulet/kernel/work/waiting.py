"""Waiting for something to happen, and what does it for who is no request: a consumer in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ..call import Call
    from ..store.contract import Transaction

T = TypeVar("T")


class Wait(Exception):
    """Raised by `Call.wait`: run this operation again when signalled, or when its time is up."""

    def __init__(self, channel: str, seconds: float, until: float | None) -> None:
        super().__init__(channel)
        self.channel = channel
        self.seconds = seconds
        self.until = until


async def run(call: Call, fn: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
    """`fn` in transactions of its own, again and again while a peer says that there is nothing yet; a last time at the end."""
    signals, loop = call.cloud.signals, asyncio.get_running_loop()
    ends = loop.time() + seconds
    first, ended = False, seconds <= 0
    while True:
        mark = signals.mark()
        patient = not ended

        def once(tx: Transaction, patient: bool = patient) -> T:
            here = call.within(tx)
            here.patient = patient
            return fn(here, *args)

        try:
            return await call.cloud.store.run(once)
        except Wait as wait:
            woken: asyncio.Future[bool] = loop.create_future()
            left = ends - loop.time()
            waiter = signals.park(wait.channel, min(wait.seconds, left), wait.until, mark, first, woken.set_result)
            try:
                # What the timer says, not the clock: a loop's timers run up to a millisecond early, and asking until the clock
                # agrees would be a hot loop.
                timed_out = await woken
            except asyncio.CancelledError:
                signals.forget(waiter)
                raise
            first, ended = True, timed_out and left <= wait.seconds
