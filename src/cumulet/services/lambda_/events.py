"""Asynchronous events: kept until the function succeeded or they are given up, tried again by the clock.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Call, Table

from .names import split
from .resources import LATEST, Event, EventInvokeConfig

RETRIES, AGE = 2, 21_600
PAUSES = (60.0, 120.0)                # seconds after the first failure, and after the second
_LONGEST_PAUSE = 300.0                # where there is no room for it
BATCH = 100                           # taken at once
_LEASE = 15.0                         # seconds; renewed while an attempt runs: a dead server's events are tried again after it


def due(call: Call) -> list[Event]:
    """Take some events that are due: nobody else takes them while their lease lasts."""
    table = call.table(Event)
    taken = table.scan(index="due", high=call.now, limit=BATCH)
    for event in taken:
        table.change(event.number, due=call.now + _LEASE)
    return taken


def lease(call: Call, numbers: Sequence[int]) -> None:
    """They are still being worked on."""
    table, until = call.table(Event), call.now + _LEASE
    for number in numbers:
        row = table.get(number)
        if row is not None and row.due < until:          # one that was just put off until later stays so
            table.change(number, due=until)


def next_due(table: Table[Event]) -> float | None:
    first = table.scan(index="due", limit=1)
    return first[0].due if first else None


def config_of(call: Call, arn: str) -> EventInvokeConfig | None:
    """The configuration that counts for a function as it was invoked."""
    name, qualifier = split(call, arn)
    return call.table(EventInvokeConfig).known(name, qualifier or LATEST)


def failed(event: Event, now: float, config: EventInvokeConfig | None) -> str:
    """The function failed: why the event is given up, or "" when it is tried again at `event.due`."""
    most = RETRIES if config is None or config.retries is None else config.retries
    event.failures += 1
    if event.failures > most:
        return "RetriesExhausted"
    event.due = now + PAUSES[min(event.failures, len(PAUSES)) - 1]
    return _too_old(event, config)


def refused(event: Event, now: float, config: EventInvokeConfig | None) -> str:
    """There was no room, or the function could not be run at all: pauses grow, and only the age ends it."""
    event.refusals += 1
    event.due = now + min(2.0 ** (event.refusals - 1), _LONGEST_PAUSE)
    return _too_old(event, config)


def _too_old(event: Event, config: EventInvokeConfig | None) -> str:
    most = AGE if config is None or config.age is None else config.age
    return "EventAgeExceeded" if event.due - event.accepted > most else ""
