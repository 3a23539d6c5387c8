"""What happens unasked in Lambda: asynchronous events are given to their functions, and tried again."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import Any

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, forget, task

from . import destinations, events, urls
from .deployments import Found, find, prepare
from .resources import Event, EventSourceMapping, Function, Provisioned, Version
from .sources import queues, streams

_AT_ONCE = 200
_RENEW = 5.0


@forget
def events_go(call: Call) -> None:
    """Events of functions that are forgotten are not given to anybody."""
    call.table(Event).delete_all()


def listen(call: Call) -> None:
    """See to it that all event source mappings of this account and region are followed, now and after each start."""
    call.always(follow)


@task(retries=1000)
async def follow(call: Call) -> None:
    """Begin to follow the mappings that nobody follows yet."""
    functions = call.driver(Functions)
    for mapping in await call.run(_enabled):
        kind = streams if ":dynamodb:" in mapping.EventSourceArn else queues
        functions.only(f"{mapping.UUID} {mapping.generation}", partial(kind.follow, call, mapping))


@task(retries=1000)
async def provide(call: Call) -> None:
    """Make the environments that are to be kept ready, now and after each start."""
    functions = call.driver(Functions)
    for found, count in await call.run(_provided):
        with contextlib.suppress(RuntimeProblem, AwsError):            # told by GetProvisionedConcurrencyConfig
            await functions.keep(found.deployment, count, partial(prepare, call, found))


def _provided(call: Call) -> list[tuple[Found, int]]:
    return [(find(call, row.function, row.qualifier), row.wanted) for row in call.table(Provisioned).scan()]


@task(retries=1000)
async def answer_urls(call: Call) -> None:
    """Function URLs of this region answer, now and after each start."""
    urls.open_doors(call)


def _enabled(call: Call) -> list[EventSourceMapping]:
    return [row for row in call.table(EventSourceMapping).scan() if row.Enabled]


def accept(call: Call, event: Event) -> None:
    """Keep an event, and see to it that it is given to its function when it is due."""
    table = call.table(Event)
    first = events.next_due(table)
    table.insert(event)
    if first is None or first > event.due:
        call.at(event.due, drain, name="events")


@task(retries=1000)
async def drain(call: Call) -> None:
    """Give all events that are due to their functions, many at once; then set the clock for the next."""
    functions, loop = call.driver(Functions), asyncio.get_running_loop()
    running: dict[asyncio.Task[Any], int] = {}
    more, renewed = True, loop.time()
    while more or running:
        if more and len(running) <= _AT_ONCE - events.BATCH:
            taken = await call.run(_taken)
            more = len(taken) == events.BATCH            # what comes from now on sets a timer of its own
            for event, found in taken:
                running[functions.spawn(_attempt(call, functions, event, found))] = event.number
            continue
        done, _ = await asyncio.wait(running, timeout=_RENEW, return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            del running[ended]
        if loop.time() - renewed > _RENEW:
            renewed = loop.time()
            await call.run(events.lease, list(running.values()))
    await call.run(_plan)


def _plan(call: Call) -> None:
    due = events.next_due(call.table(Event))
    if due is not None:
        call.at(due, drain, name="events")


def _taken(call: Call) -> list[tuple[Event, Found]]:
    """Events that are due, and what they invoke. Those whose function is gone go as well."""
    taken = []
    for event in events.due(call):
        try:
            taken.append((event, find(call, event.arn)))
        except AwsError:
            call.table(Event).delete(event.number)
    return taken


async def _attempt(call: Call, functions: Functions, event: Event, found: Found) -> None:
    """One attempt, and what follows from it."""
    try:
        trace = found.admit(event.trace)
    except AwsError:                                     # part of a loop: nobody tries again
        await call.run(_follow, event, found, "RecursiveInvocationDetected", None)
        return
    await functions.gate(found.deployment.function).enter()
    try:
        outcome = await functions.invoke(found.deployment, Invocation(event.request, event.payload, event.arn, "", trace),
                                         lambda: prepare(call, found))
    except (Throttled, RuntimeProblem, AwsError):
        await call.run(_refused, event, found)
    else:
        await call.run(_done, event, found, outcome)
    finally:
        functions.gate(found.deployment.function).leave()


def _refused(call: Call, event: Event, found: Found) -> None:
    config = events.config_of(call, event.arn)
    condition = events.refused(event, call.now, config)
    _follow(call, event, found, condition, None)


def _done(call: Call, event: Event, found: Found, outcome: Outcome) -> None:
    config = events.config_of(call, event.arn)
    condition = events.failed(event, call.now, config) if outcome.error else "Success"
    _follow(call, event, found, condition, outcome)


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
