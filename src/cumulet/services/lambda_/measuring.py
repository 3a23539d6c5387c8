"""Metrics of invocations, in CloudWatch's namespace AWS/Lambda: counted in memory, written a moment later, many at once.

What was counted in the last moment before the server ends is lost; nothing that is invoked waits for its metrics.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

from cumulet.drivers.functions.contract import Invocation, Outcome, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import Call, parse_arn

from .deployments import Found, prepare

_NAMESPACE = "AWS/Lambda"
_MOMENT = 1.0                          # seconds until what was counted is written


class Subject(NamedTuple):
    """Whose numbers are counted together. arn: as it was invoked; version: which version an alias meant, "" where none was
    asked; minute: of the virtual clock."""

    arn: str
    version: str
    minute: int


Counts = dict[str, dict[float, int]]   # by the metric's name: how often each value came


async def invoke(call: Call, found: Found, invocation: Invocation, stream: Callable[[bytes], None] | None = None) -> Outcome:
    """As the driver does, and count it."""
    functions, deployment = call.driver(Functions), found.deployment
    at = call.cloud.clock.now()
    try:
        outcome = await functions.invoke(deployment, invocation, partial(prepare, call, found), stream)
    except Throttled:
        _count(call, found.arn, deployment.version, at, {"Throttles": 1.0})
        raise
    _count(call, found.arn, deployment.version, at, {
        "Invocations": 1.0, "Errors": float(bool(outcome.error)), "Throttles": 0.0, "Duration": round(outcome.duration_ms, 2),
        "ConcurrentExecutions": float(functions.running(deployment) + 1)})
    return outcome


def aged(call: Call, found: Found, seconds: float) -> None:
    """The last record of a stream's batch waited so long until its function was asked."""
    _count(call, found.arn, found.deployment.version, call.cloud.clock.now(), {"IteratorAge": max(0.0, round(seconds * 1000))})


def received(call: Call, arn: str) -> None:
    """An asynchronous event is kept, once this transaction is."""
    call.tx.after_commit(partial(_count, call, arn, "", call.now, {"AsyncEventsReceived": 1.0}))


def undelivered(call: Call, arn: str) -> None:
    """A dead letter could not be sent."""
    call.tx.after_commit(partial(_count, call, arn, "", call.now, {"DeadLetterErrors": 1.0}))


def _count(call: Call, arn: str, version: str, at: float, values: dict[str, float]) -> None:
    """Into sums at once: what is written a moment later is as much for a thousand invocations as for one."""
    functions = call.driver(Functions)
    if not functions.counted:
        functions.spawn(_write_soon(call, functions))
    subject = Subject(arn, version, int(at // 60))
    counts: Counts = functions.counted.get(subject) or functions.counted.setdefault(subject, {})
    for name, value in values.items():
        times = counts.get(name)
        if times is None:
            counts[name] = {value: 1}
        else:
            times[value] = times.get(value, 0) + 1


async def _write_soon(call: Call, functions: Functions) -> None:
    await asyncio.sleep(_MOMENT)
    counted, functions.counted = functions.counted, {}
    await call.run(_write, counted)


def _write(call: Call, counted: dict[Subject, Counts]) -> None:
    owners: dict[tuple[str, str], list[Subject]] = {}
    for subject in counted:
        arn = parse_arn(subject.arn)
        if arn is not None:
            owners.setdefault((arn.account, arn.region), []).append(subject)
    for (account, region), own in owners.items():
        metrics = call.elsewhere(account, region).metrics(_NAMESPACE)
        for subject in own:
            for (name, times), dimensions in product(counted[subject].items(), _dimensions(subject)):
                unit = "Milliseconds" if name in ("Duration", "IteratorAge") else "Count"
                for value, often in times.items():
                    metrics.add(name, dimensions, subject.minute * 60, value, often, unit)
        metrics.tell(_base(own[0].arn))


def _dimensions(subject: Subject) -> Iterator[tuple[tuple[str, str], ...]]:
    """All functions of the region; the function; the version or alias that was invoked; the version that an alias meant."""
    name, _, qualifier = subject.arn.split(":function:", 1)[1].partition(":")
    function, resource = ("FunctionName", name), ("Resource", f"{name}:{qualifier}" if qualifier else name)
    yield ()
    yield (function,)
    yield (function, resource)
    if subject.version.isdigit() and qualifier not in ("", subject.version):
        yield (function, resource, ("ExecutedVersion", subject.version))


def _base(arn: str) -> str:
    return ":".join(arn.split(":")[:7])
