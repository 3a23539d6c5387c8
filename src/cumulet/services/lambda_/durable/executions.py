"""The life of an execution: begun, given to its function, woken, paused, over."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, error, task, timer

from .. import measuring
from ..deployments import Found, find
from . import checkpoints, turns
from .history import note
from .rows import FAILED, NEVER, PAUSED, PAUSING, RUNNING, STOPPED, SUCCEEDED, TIMED_OUT, Execution, Happening, Step

MOST_SYNC = 900                       # seconds for which somebody may wait
_LONGEST = 366 * 86_400.0             # after that an execution times out, paused or not
_REMEMBERED = 900.0                   # seconds for which clients' tokens count
_NAMES = {SUCCEEDED: "ExecutionSucceeded", FAILED: "ExecutionFailed", TIMED_OUT: "ExecutionTimedOut",
          STOPPED: "ExecutionStopped"}


class Wanted(NamedTuple):
    """How an execution is to be begun."""

    payload: str
    name: str = ""
    trace: str = ""
    synchronous: bool = True


def begin(call: Call, found: Found, wanted: Wanted) -> Execution:
    """Begin an execution, or find the one of this name. call: where the function is."""
    config = found.durable or {}
    if found.arn == found.deployment.function:
        raise error.InvalidParameterValueException("You cannot invoke a durable function using an unqualified ARN.")
    timeout = config.get("ExecutionTimeout", 86_400)
    if wanted.synchronous and timeout > MOST_SYNC:
        raise error.InvalidParameterValueException(
            "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.")
    deployment = found.deployment
    for known in call.table(Execution).scan(deployment.name, wanted.name, index="name") if wanted.name else ():
        if known.version == deployment.version:
            if known.input != wanted.payload:
                raise error.DurableExecutionAlreadyStartedException(
                    f"Durable execution already started with a different payload: {known.name}")
            return known
    identifier = call.uuid()
    execution = Execution(
        id=identifier, function=deployment.name, name=wanted.name or identifier, version=deployment.version,
        base=deployment.function, invoked=found.arn, input=wanted.payload, started=call.now, timeout=timeout,
        retention=config.get("RetentionPeriodInDays", 14), deadline=call.now + timeout, trace=wanted.trace,
        synchronous=wanted.synchronous)
    note(call, execution, "ExecutionStarted", {"Input": {"Payload": wanted.payload}, "ExecutionTimeout": timeout})
    keep(call, execution)
    call.task(advance, execution=identifier)
    return execution


def named(call: Call, arn: str) -> Execution:
    """The execution of an ARN; raises when there is none."""
    row = call.table(Execution).get(arn.rpartition("/")[2])
    if row is None or row.arn != arn:
        raise error.ResourceNotFoundException(f"Durable execution not found: {arn}")
    return row


def keep(call: Call, execution: Execution) -> None:
    """Write it, and set the clock for what is due next."""
    call.put(execution)
    due = execution.ended + execution.retention * 86_400.0 if execution.ended is not None else _next_due(call, execution)
    call.at(due, tick, name=f"durable {execution.id}", execution=execution.id)


def _next_due(call: Call, execution: Execution) -> float:
    first = call.table(Step).scan(execution.id, index="due", limit=1)
    return min(first[0].due if first else NEVER, execution.deadline, execution.retry, execution.started + _LONGEST)


@timer
def tick(call: Call, execution: str) -> None:
    """Time changes something of an execution; long after its end it is forgotten."""
    row = call.table(Execution).get(execution)
    if row is None:
        return
    if row.ended is not None:
        forget(call, row)
        return
    if call.now >= min(row.deadline, row.started + _LONGEST):
        finish(call, row, TIMED_OUT, fault={"ErrorType": "Lambda.ExecutionTimeout", "ErrorMessage": "Execution timed out"})
        return
    for step in call.table(Step).scan(execution, index="due", high=call.now):
        checkpoints.time_passed(call, row, step)
    if row.retry <= call.now:
        row.retry, row.interrupted = NEVER, True
    wake(call, row)


def wake(call: Call, row: Execution) -> None:
    """Something happened: give it to the function, unless it is paused or a retry is due later. Writes the row."""
    if row.status == RUNNING and row.retry == NEVER and not row.request and (row.interrupted or row.changes > row.seen):
        row.awake = True
        call.task(advance, execution=row.id)
    keep(call, row)
    call.signal("durable", row.id)


def finish(call: Call, row: Execution, status: str, result: str | None = None, fault: dict[str, Any] | None = None) -> None:
    """It is over: whoever waits is told, and an execution that waits for it."""
    row.status, row.ended, row.result, row.error = status, call.now, result, fault
    row.open = row.awake = False
    row.pause = None
    told = {"Result": {"Payload": result or ""}} if status == SUCCEEDED else {"Error": {"Payload": fault or {}}}
    note(call, row, _NAMES[status], told)
    for step in call.table(Step).scan(row.id, index="due", high=NEVER / 2):
        call.table(Step).change(row.id, step.id, due=NEVER)
    keep(call, row)
    call.signal("durable", row.id, count=1000)


def forget(call: Call, row: Execution) -> None:
    """It and all that is known of it."""
    for kind in (Step, Happening):
        call.table(kind).delete_all(row.id)
    call.table(Execution).delete(row.id)
    call.cancel(tick, f"durable {row.id}")


def forget_all(call: Call, function: str) -> None:
    """Those of a function that is deleted."""
    for row in call.table(Execution).scan(function, index="function"):
        forget(call, row)


def pause(call: Call, row: Execution, reason: str | None, with_time: bool) -> None:
    """No more invocations; what it waits for goes on."""
    if row.status != RUNNING:
        raise error.ResourceConflictException(f"Durable execution cannot be paused: its status is {row.status}.")
    row.status = PAUSING if row.request else PAUSED
    row.pause = {"PauseRequestTimestamp": call.now, "Reason": reason, "ExecutionTimeoutPaused": with_time}
    if with_time:
        row.left, row.deadline = row.deadline - call.now, NEVER
    if row.status == PAUSED:
        row.interrupted, row.awake = row.interrupted or row.awake, False
        note_pause(call, row)
    keep(call, row)


def note_pause(call: Call, row: Execution) -> None:
    said = row.pause or {}
    note(call, row, "ExecutionPaused", {
        "PauseRequestTimestamp": said["PauseRequestTimestamp"], "ExecutionTimeoutPaused": said["ExecutionTimeoutPaused"],
        **({"Reason": {"Payload": said["Reason"]}} if said["Reason"] is not None else {})})


def resume(call: Call, row: Execution, reason: str | None) -> None:
    """It goes on where it was."""
    if row.status not in (PAUSING, PAUSED):
        raise error.ResourceConflictException(f"Durable execution cannot be resumed: its status is {row.status}.")
    if row.status == PAUSED:
        note(call, row, "ExecutionResumed", {"ResumeRequestTimestamp": call.now,
                                             **({"Reason": {"Payload": reason}} if reason is not None else {})})
    row.status, row.pause = RUNNING, None
    if row.left is not None:
        row.deadline, row.left = call.now + row.left, None
    wake(call, row)


def repeated(call: Call, row: Execution, token: str | None) -> bool:
    """Did this client's request come before? A token counts for fifteen minutes."""
    row.tokens = {known: at for known, at in row.tokens.items() if at > call.now - _REMEMBERED}
    if token is None or token in row.tokens:
        return token is not None
    row.tokens[token] = call.now
    return False


# --- the function's turn ---


@task(retries=1000)
async def advance(call: Call, execution: str) -> None:
    """See to it that the execution is given to its function."""
    call.driver(Functions).only(f"durable {execution}", partial(_drive, call, execution), again=True)


async def _drive(call: Call, execution: str) -> None:
    """Invocation after invocation, while there is anything new."""
    functions = call.driver(Functions)
    while True:
        request = functions.request_id()
        turn = await call.run(_take, execution, request)
        if turn is None:
            return
        found, invocation = turn
        try:
            outcome = await measuring.invoke(call, found, invocation)
        except Throttled as problem:
            outcome = turns.failure("TooManyRequestsException", str(problem), turns.THROTTLED)
        except (RuntimeProblem, AwsError) as problem:
            outcome = turns.failure(type(problem).__name__, str(problem))
        await call.run(_settle, execution, request, outcome)


def _take(call: Call, execution: str, request: str) -> tuple[Found, Invocation] | None:
    """The next invocation, if there is to be one."""
    row = call.table(Execution).get(execution)
    if row is None or not row.awake or row.status != RUNNING:
        return None
    try:
        found = find(call, f"{row.base}:{row.version}")
        trace = found.admit(row.trace)
    except AwsError as problem:
        finish(call, row, FAILED, fault={"ErrorType": problem.code, "ErrorMessage": problem.message})
        return None
    event = turns.begin(call, row, request)
    keep(call, row)
    return found, Invocation(request, event, row.invoked, "", trace)


def _settle(call: Call, execution: str, request: str, outcome: Outcome) -> None:
    """What follows from the function's answer."""
    row = call.table(Execution).get(execution)
    if row is None or row.request != request:
        return
    verdict = turns.end(call, row, outcome)
    if not row.open:
        call.put(row)
    elif verdict is not None:
        finish(call, row, *verdict)
    else:
        if row.status == PAUSING:
            row.status = PAUSED
            note_pause(call, row)
        wake(call, row)
