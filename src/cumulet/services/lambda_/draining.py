"""Asynchronous events are given to their functions, many at once, and what came of them is settled many at once.

While there is work, one task gives out what is due; accepting an event then costs a row and a signal.
"""

from __future__ import annotations

import asyncio
import contextlib

from msgspec import structs

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, task

from . import destinations, events, measuring
from .deployments import Found, find
from .resources import Drain, Event, Function, Version

_AT_ONCE = 200
_RENEW = 5.0                          # seconds after which leases of attempts that go on are renewed
_BUSY = 30.0                          # seconds for which who gives out events is believed to be there
_CHANNEL = "events"


def accept(call: Call, event: Event) -> None:
    """Keep an event; who gives events to functions hears of it, or begins to."""
    call.table(Event).insert(event)
    measuring.received(call, event.arn)
    known = call.table(Drain).known("")
    if known is None:
        call.always(drain)                               # now, and at each start: a killed server's events
    elif known.busy < call.now:
        call.task(drain)
    else:
        call.signal(_CHANNEL)
        return
    call.put(Drain(busy=call.now + _BUSY))


@task(retries=1000)
async def drain(call: Call) -> None:
    """Give the events of this account and region that are due to their functions, until none is left. A move of the clock
    waits for it."""
    await _Drain(call, call.driver(Functions)).run()


class _Drain:
    """What is at work of one account's events."""

    def __init__(self, call: Call, functions: Functions) -> None:
        self._call = call
        self._functions = functions
        self._running: set[int] = set()                  # the numbers of events that are at work
        self._ended: list[tuple[Event, Found, Outcome | None, str]] = []
        self._settling = False
        self._room = asyncio.Event()
        self._renewed = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Until nothing is due or at work."""
        while True:
            taken = await self._call.poll(_taken, self._running, seconds=_RENEW)
            for event, found in taken:
                self._running.add(event.number)
                self._functions.spawn(self._attempt(event, found))
            await self._renew()
            while len(self._running) > _AT_ONCE - events.BATCH:
                self._room.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_RENEW):
                        await self._room.wait()
                await self._renew()
            if not taken and not self._running and await self._call.run(_over):
                return

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._renewed > _RENEW:
            self._renewed = now
            await self._call.run(_renewed, list(self._running))

    async def _attempt(self, event: Event, found: Found) -> None:
        """One attempt; what follows from it is settled with others'."""
        outcome, condition = None, ""
        try:
            trace = found.admit(event.trace)
        except AwsError:                                 # part of a loop: nobody tries again
            condition = "RecursiveInvocationDetected"
        else:
            gate = self._functions.gate(found.deployment.function)
            await gate.enter()
            try:
                outcome = await measuring.invoke(
                    self._call, found, Invocation(event.request, event.payload, event.arn, "", trace))
            except (Throttled, RuntimeProblem, AwsError, OSError):
                pass                                     # there was no room, or it cannot run: no outcome
            finally:
                gate.leave()
        self._ended.append((event, found, outcome, condition))
        if not self._settling:
            self._settling = True
            await self._settle()

    async def _settle(self) -> None:
        """All that ended, in one transaction, while there are more."""
        try:
            while self._ended:
                ended, self._ended = self._ended, []
                try:
                    await self._call.run(_settled, ended)
                finally:
                    self._running.difference_update(event.number for event, *_ in ended)
                    self._room.set()
                if not self._running:
                    await self._call.run(_wake)
        finally:
            self._settling = False


def _renewed(call: Call, numbers: list[int]) -> None:
    """All this is still being worked on."""
    events.lease(call, numbers)
    call.put(Drain(busy=call.now + _BUSY))


def _wake(call: Call) -> None:
    call.signal(_CHANNEL)


def _taken(call: Call, running: set[int]) -> list[tuple[Event, Found]]:
    """Events that are due, and what they invoke; waits for one while others are at work. Those whose function is gone go as
    well."""
    rows = events.due(call)
    if not rows and running and call.patient:
        call.wait(_CHANNEL, seconds=_RENEW, until=events.next_due(call.table(Event)))
    taken = []
    for event in rows:
        try:
            taken.append((event, find(call, event.arn)))
        except AwsError:
            call.table(Event).delete(event.number)
    return taken


def _over(call: Call) -> bool:
    """Nothing is due: the clock is set for the next one. False when one came meanwhile."""
    due = events.next_due(call.table(Event))
    if due is not None and due <= call.now:
        return False
    call.put(Drain())
    if due is not None:
        call.at(due, drain, name="events")
    return True


def _settled(call: Call, ended: list[tuple[Event, Found, Outcome | None, str]]) -> None:
    for row, found, outcome, condition in ended:
        event = structs.replace(row)                     # this may be run again
        with call.tx.savepoint():
            _follow(call, event, found, condition or _condition(call, event, outcome), outcome)


def _condition(call: Call, event: Event, outcome: Outcome | None) -> str:
    """Why an event is over; "" when it is tried again."""
    config = events.config_of(call, event.arn)
    if outcome is None:
        return events.refused(event, call.now, config)
    return events.failed(event, call.now, config) if outcome.error else "Success"


def _follow(call: Call, event: Event, found: Found, condition: str, outcome: Outcome | None) -> None:
    """Try again, or end it and tell who wants to know."""
    table = call.table(Event)
    if not condition:
        if table.get(event.number) is not None:
            table.put(event)
        return
    if not table.delete(event.number):
        return
    config = events.config_of(call, event.arn)
    deployment = found.deployment
    target = "" if config is None else config.success if condition == "Success" else config.failure
    if target:
        arn = found.arn if found.arn != deployment.function else deployment.arn
        destinations.send(call, deployment.function, found.role, target,
                          destinations.record(call, event, arn, deployment.version, condition, outcome))
    if condition != "Success" and (dead := _dead_letters(call, found)) \
            and not destinations.bury(call, deployment.function, found.role, dead, event, outcome):
        measuring.undelivered(call, event.arn)


def _dead_letters(call: Call, found: Found) -> str:
    """Where the function's dead letters go."""
    deployment = found.deployment
    if deployment.version.isdigit():
        version = call.table(Version).get(deployment.name, int(deployment.version))
        config = version.config.get("DeadLetterConfig") if version is not None else None
    else:
        row = call.table(Function).get(deployment.name)
        config = row.DeadLetterConfig if row is not None else None
    return str((config or {}).get("TargetArn", ""))
