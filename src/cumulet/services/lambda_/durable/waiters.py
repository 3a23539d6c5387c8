"""Who waits for executions: callers, other executions, those who answer callbacks; and what is taken up after a start."""

from __future__ import annotations

import base64
from functools import partial

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, error, task

from .. import lineage, measuring
from ..deployments import Found, find
from . import checkpoints, turns
from .executions import Wanted, advance, begin, keep, wake
from .rows import NEVER, SUCCEEDED, Execution, Step

_WAIT = 20.0


# --- who waits ---


async def outcome_of(call: Call, found: Found, invocation: Invocation) -> Outcome:
    """What comes of an event, of a durable function at the end of its execution. Raises as the driver does."""
    if found.durable is None:
        return await measuring.invoke(call, found, invocation)
    row = await call.run(_begun, found, Wanted(invocation.payload.decode(), trace=invocation.trace))
    return await ended(call, found, row.id)


def _begun(call: Call, found: Found, wanted: Wanted) -> Execution:
    return begin(call.elsewhere(found.deployment.account, found.deployment.region), found, wanted)


async def ended(call: Call, found: Found, execution: str) -> Outcome:
    """The end of an execution."""
    here = partial(_ended, account=found.deployment.account, region=found.deployment.region)
    while True:
        row = await call.poll(here, execution, seconds=_WAIT)
        if row is None:
            return turns.failure("Lambda.ExecutionDeleted", "The execution was deleted.")
        if not row.open:
            if row.status == SUCCEEDED:
                return Outcome((row.result or "null").encode(), "", b"")
            return Outcome(turns.error_of(row.error or {}), "Unhandled", b"")


def _ended(call: Call, execution: str, account: str, region: str) -> Execution | None:
    call = call.elsewhere(account, region)
    row = call.table(Execution).get(execution)
    if row is not None and row.open and call.patient:
        call.wait("durable", execution, seconds=_WAIT)
    return row


# --- after a start ---


@task(retries=1000)
async def go_on(call: Call) -> None:
    """After a start: executions that were at work, and invocations of others that they wait for."""
    for row, chained in await call.run(_interrupted):
        if row.awake:
            await advance(call, row.id)
        for step in chained:
            await chain(call, row.id, step)


def _interrupted(call: Call) -> list[tuple[Execution, list[str]]]:
    return [(row, [s.id for s in call.table(Step).scan(row.id) if s.kind == "CHAINED_INVOKE" and s.status == "STARTED"])
            for row in call.table(Execution).scan(True, index="open")]


# --- other functions that it invokes ---


@task(retries=1000)
async def chain(call: Call, execution: str, step: str) -> None:
    """Invoke the function that an operation names, and tell the execution what came of it."""
    call.driver(Functions).only(f"chained {execution} {step}", partial(_chained, call, execution, step))


async def _chained(call: Call, execution: str, step: str) -> None:
    found = await call.run(_named, execution, step)
    if isinstance(found, Outcome):
        await call.run(_told_of, execution, step, found)
    elif found is not None:
        try:
            outcome = await _invoke_other(call, *found)
        except (Throttled, RuntimeProblem, AwsError) as problem:
            outcome = turns.failure(type(problem).__name__, str(problem))
        await call.run(_told_of, execution, step, outcome)


async def _invoke_other(call: Call, found: Found, payload: bytes, name: str, trace: str) -> Outcome:
    """A durable one is begun under a name of this operation: asked again after a crash, it is the same execution."""
    if found.durable is None:
        return await outcome_of(call, found, Invocation(call.driver(Functions).request_id(), payload, found.arn, "", trace))
    row = await call.run(_begun, found, Wanted(payload.decode(), name, trace, synchronous=False))
    return await ended(call, found, row.id)


def _named(call: Call, execution: str, step: str) -> tuple[Found, bytes, str, str] | Outcome | None:
    row, known = call.table(Execution).get(execution), call.table(Step).get(execution, step)
    if row is None or known is None or known.status != "STARTED":
        return None
    try:
        found = find(call, known.target)
        trace = found.admit(lineage.extended(row.trace, row.base))
    except AwsError as problem:
        return turns.failure(problem.code, problem.message)
    return found, (known.payload or "{}").encode(), f"{execution[:23]}-{step}"[:64], trace


def _told_of(call: Call, execution: str, step: str, outcome: Outcome) -> None:
    row, known = call.table(Execution).get(execution), call.table(Step).get(execution, step)
    if row is None or known is None or known.status != "STARTED" or not row.open:
        return
    if outcome.error:
        known.payload, known.error = None, turns.fault(turns.parsed(outcome.payload))
    else:
        known.payload = outcome.payload.decode("utf-8", "replace")
    checkpoints.end(call, row, known, "FAILED" if outcome.error else "SUCCEEDED")
    checkpoints.changed(call, row, known)
    wake(call, row)


# --- from outside ---


def answered(call: Call, identifier: str) -> tuple[Execution, Step]:
    """The callback that somebody answers; raises when it is not open any more."""
    try:
        execution, name, _ = base64.b64decode(identifier, validate=True).decode().split("\n")
    except ValueError:
        raise error.InvalidParameterValueException("Invalid callback id.") from None
    row, step = call.table(Execution).get(execution), call.table(Step).get(execution, name)
    if row is None or step is None or step.callback != identifier:
        raise error.ResourceNotFoundException("Callback not found.")
    if step.status == "TIMED_OUT":
        raise error.CallbackTimeoutException("Callback has timed out.")
    if step.status != "STARTED" or not row.open:
        raise error.InvalidParameterValueException("Callback has already been completed.")
    return row, step


def beat(call: Call, row: Execution, step: Step) -> None:
    """Somebody still works on it."""
    step.due = min(step.expires, call.now + step.heartbeat if step.heartbeat else NEVER)
    call.put(step)
    keep(call, row)
