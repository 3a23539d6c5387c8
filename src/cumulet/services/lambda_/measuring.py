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
_MOMENT = 1.0                          # seconds until what was counted is written
_MOST_DATA, _MOST_VALUES = 1000, 150   # of one call to CloudWatch, of one of its data


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
    await call.run(_write, {subject: {name: few(times) for name, times in counts.items()}
                            for subject, counts in counted.items()})


def few(times: dict[float, int]) -> dict[float, int]:
    """Of very many values, three digits: CloudWatch keeps no more of them, and each costs it time."""
    if len(times) <= _MOST_VALUES:
        return times
    found: Counter[float] = Counter()
    for value, often in times.items():
        found[float(f"{value:.3g}")] += often
    return dict(found)


def _write(call: Call, counted: dict[Subject, Counts]) -> None:
    owners: dict[tuple[str, str], list[Subject]] = {}
    for subject in counted:
        arn = parse_arn(subject.arn)
        if arn is not None:
            owners.setdefault((arn.account, arn.region), []).append(subject)
    for (account, region), own in owners.items():
        metrics = call.as_service(_base(own[0].arn), account, region).cloudwatch
        data = list(_data({subject: counted[subject] for subject in own}))
        for i in range(0, len(data), _MOST_DATA):
            try:
                with call.tx.savepoint():
                    metrics.put_metric_data(Namespace=_NAMESPACE, MetricData=data[i:i + _MOST_DATA])
            except AwsError:                             # what CloudWatch does not take is lost, as on AWS
                continue


def _data(counted: dict[Subject, Counts]) -> Iterator[dict[str, object]]:
    """Of each metric, dimensions and minute: which values there were, and how often."""
    found: dict[tuple[tuple[tuple[str, str], ...], int], list[Counts]] = {}
    for subject, counts in counted.items():
        for dimensions in _dimensions(subject):
            found.setdefault((dimensions, subject.minute), []).append(counts)
    for (dimensions, minute), several in found.items():
        named = [{"Name": key, "Value": value} for key, value in dimensions]
        for name, times in _summed(several).items():
            unit, values = "Milliseconds" if name == "Duration" else "Count", list(times.items())
            for i in range(0, len(values), _MOST_VALUES):
                some = values[i:i + _MOST_VALUES]
                yield {"MetricName": name, "Timestamp": minute * 60.0, "Unit": unit, "Dimensions": named,
                       "Values": [value for value, _ in some], "Counts": [float(often) for _, often in some]}


def _summed(several: Sequence[Counts]) -> Counts:
    if len(several) == 1:
        return several[0]
    found: dict[str, Counter[float]] = {}
    for counts in several:
        for name, times in counts.items():
            found.setdefault(name, Counter()).update(times)
    return {name: dict(times) for name, times in found.items()}


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
