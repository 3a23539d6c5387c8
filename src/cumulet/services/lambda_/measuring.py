"""Metrics of invocations, in CloudWatch's namespace AWS/Lambda: counted in memory, written a moment later, many at once.

What was counted in the last moment before the server ends is lost; nothing that is invoked waits for its metrics.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from cumulet.drivers.functions.contract import Invocation, Outcome, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, parse_arn

from .deployments import Found, prepare

_NAMESPACE = "AWS/Lambda"
_MOMENT = 0.5                          # seconds until what was counted is written
_MOST_DATA, _MOST_VALUES = 1000, 150   # of one call to CloudWatch, of one of its data


class Note(NamedTuple):
    """What one invocation counts. arn: as it was invoked; version: which version an alias meant, "" where none was asked."""

    arn: str
    version: str
    at: float
    values: dict[str, float]


async def invoke(call: Call, found: Found, invocation: Invocation, stream: Callable[[bytes], None] | None = None) -> Outcome:
    """As the driver does, and count it."""
    functions, deployment = call.driver(Functions), found.deployment
    at = call.cloud.clock.now()
    try:
        outcome = await functions.invoke(deployment, invocation, partial(prepare, call, found), stream)
    except Throttled:
        _count(call, Note(found.arn, deployment.version, at, {"Throttles": 1.0}))
        raise
    _count(call, Note(found.arn, deployment.version, at, {
        "Invocations": 1.0, "Errors": float(bool(outcome.error)), "Throttles": 0.0, "Duration": round(outcome.duration_ms, 2),
        "ConcurrentExecutions": float(functions.running(deployment) + 1)}))
    return outcome


def received(call: Call, arn: str) -> None:
    """An asynchronous event is kept, once this transaction is."""
    call.tx.after_commit(partial(_count, call, Note(arn, "", call.now, {"AsyncEventsReceived": 1.0})))


def undelivered(call: Call, arn: str) -> None:
    """A dead letter could not be sent."""
    call.tx.after_commit(partial(_count, call, Note(arn, "", call.now, {"DeadLetterErrors": 1.0})))


def _count(call: Call, note: Note) -> None:
    functions = call.driver(Functions)
    if not functions.notes:
        functions.spawn(_write_soon(call, functions))
    functions.notes.append(note)


async def _write_soon(call: Call, functions: Functions) -> None:
    await asyncio.sleep(_MOMENT)
    notes, functions.notes = functions.notes, []
    await call.run(_write, notes)


def _write(call: Call, notes: Sequence[Note]) -> None:
    owners: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        arn = parse_arn(note.arn)
        if arn is not None:
            owners.setdefault((arn.account, arn.region), []).append(note)
    for (account, region), own in owners.items():
        metrics = call.as_service(_base(own[0].arn), account, region).cloudwatch
        data = list(_data(own))
        for i in range(0, len(data), _MOST_DATA):
            try:
                with call.tx.savepoint():
                    metrics.put_metric_data(Namespace=_NAMESPACE, MetricData=data[i:i + _MOST_DATA])
            except AwsError:                             # what CloudWatch does not take is lost, as on AWS
                continue


def _data(notes: Sequence[Note]) -> Iterator[dict[str, object]]:
    """Of each metric, dimensions and minute: which values there were, and how often."""
    found: dict[tuple[str, tuple[tuple[str, str], ...], int], Counter[float]] = {}
    for note in notes:
        for dimensions in _dimensions(note):
            for name, value in note.values.items():
                found.setdefault((name, dimensions, int(note.at // 60)), Counter())[value] += 1
    for (name, dimensions, minute), counted in found.items():
        values = list(counted.items())
        for i in range(0, len(values), _MOST_VALUES):
            some = values[i:i + _MOST_VALUES]
            yield {"MetricName": name, "Timestamp": minute * 60.0, "Unit": "Milliseconds" if name == "Duration" else "Count",
                   "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                   "Values": [value for value, _ in some], "Counts": [float(times) for _, times in some]}


def _dimensions(note: Note) -> Iterator[tuple[tuple[str, str], ...]]:
    """All functions of the region; the function; the version or alias that was invoked; the version that an alias meant."""
    name, _, qualifier = note.arn.split(":function:", 1)[1].partition(":")
    function, resource = ("FunctionName", name), ("Resource", f"{name}:{qualifier}" if qualifier else name)
    yield ()
    yield (function,)
    yield (function, resource)
    if note.version.isdigit() and qualifier not in ("", note.version):
        yield (function, resource, ("ExecutedVersion", note.version))


def _base(arn: str) -> str:
    return ":".join(arn.split(":")[:7])
