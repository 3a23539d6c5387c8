"""Asynchronous events are given to their functions, many at once, and what came of them is settled many at once.

A loop for each account and region that had events takes those that are due; accepting one costs a row and a signal.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

from msgspec import structs

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, task

from . import destinations, events
from .deployments import Found, find, prepare
from .resources import Drain, Event, Function, Version

_AT_ONCE = 200
_RENEW = 5.0                          # seconds after which leases of attempts that go on are renewed
_IDLE = 20.0
_CHANNEL = "events"


def accept(call: Call, event: Event) -> None:
    """Keep an event; the loop takes it when it is due."""
    call.table(Event).insert(event)
    if call.table(Drain).known("") is None:
        call.put(Drain())
        call.always(drain)
    call.signal(_CHANNEL)


@task(retries=1000)
async def drain(call: Call) -> None:
    """See to it that the events of this account and region are given to their functions, now and after each start."""
    functions = call.driver(Functions)
    functions.forever(f"events {call.account} {call.region}", _Loop(call, functions).turn)


class _Loop:
    """The loop of one account and region."""

    def __init__(self, call: Call, functions: Functions) -> None:
        self._call = call
        self._functions = functions
        self._running: set[int] = set()                  # the numbers of events that are at work
        self._ended: list[tuple[Event, Found, Outcome | None, str]] = []
        self._settling = False
        self._room = asyncio.Event()
        self._renewed = asyncio.get_running_loop().time()

    async def turn(self) -> None:
        """Give out what is due now, or wait for it."""
        while len(self._running) > _AT_ONCE - events.BATCH:
            self._room.clear()
            await self._renew()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RENEW):
                    await self._room.wait()
        taken = await self._call.poll(_taken, seconds=_RENEW if self._running else _IDLE)
        await self._renew()
        for event, found in taken:
            self._running.add(event.number)
            self._functions.spawn(self._attempt(event, found))

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._running and now - self._renewed > _RENEW:
            self._renewed = now
            await self._call.run(events.lease, list(self._running))

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
                outcome = await self._functions.invoke(
                    found.deployment, Invocation(event.request, event.payload, event.arn, "", trace),
                    partial(prepare, self._call, found))
            except (Throttled, RuntimeProblem, AwsError):
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
        finally:
            self._settling = False


def _taken(call: Call) -> list[tuple[Event, Found]]:
    """Events that are due, and what they invoke; waits for one. Those whose function is gone go as well."""
    rows = events.due(call)
    if not rows:
        call.wait(_CHANNEL, seconds=_IDLE, until=events.next_due(call.table(Event)))
    taken = []
    for event in rows:
        try:
            taken.append((event, find(call, event.arn)))
        except AwsError:
            call.table(Event).delete(event.number)
    return taken


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
        destinations.send(call, deployment.function, target,
                          destinations.record(call, event, arn, deployment.version, condition, outcome))
    if condition != "Success" and (dead := _dead_letters(call, found)):
        destinations.bury(call, deployment.function, dead, event, outcome)


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
