"""What a durable function says while it runs, and those who answer its callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from ..durable import checkpoints, told
from ..durable.executions import keep, named, note_pause, wake
from ..durable.rows import PAUSED, PAUSING, Execution, Step
from ..durable.turns import token
from ..durable.waiters import answered, beat, chain

_REMEMBERED = 900.0
_PAGE, _MOST = 100, 1000


def _checked(call: Call, arn: str, given: str) -> Execution:
    """The execution, whose token this is."""
    row = named(call, arn)
    if not row.open or not row.request or given != token(row):
        raise error.InvalidParameterValueException("Invalid checkpoint token")
    return row


@operation
def checkpoint_durable_execution(call: Call, DurableExecutionArn: str, CheckpointToken: str,
                                 Updates: Sequence[dict[str, Any]] = (), ClientToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html"""
    row = named(call, DurableExecutionArn)
    known = row.answered
    if ClientToken and known and known[0] == ClientToken and known[2] > call.now - _REMEMBERED:
        return {"CheckpointToken": known[1], "NewExecutionState": {"Operations": []}}
    row = _checked(call, DurableExecutionArn, CheckpointToken)
    for update in Updates:
        step = checkpoints.apply(call, row, update)
        if step.kind == "CHAINED_INVOKE":
            _chain(call, row, step)
    fresh, row.seen = told.news(call, row, row.seen), row.changes
    row.token += 1
    if row.status == PAUSING:                            # without a token the function ends its turn
        row.status = PAUSED
        note_pause(call, row)
    row.answered = (ClientToken, token(row), call.now) if ClientToken else row.answered
    keep(call, row)
    return {"CheckpointToken": token(row) if row.status != PAUSED else None,
            "NewExecutionState": {"Operations": [told.operation(step) for step in fresh if step.kind != "EXECUTION"]}}


def _chain(call: Call, row: Execution, step: Step) -> None:
    """Invoke another function, if the one that asks may."""
    try:
        getattr(call.aws, "lambda").invoke(FunctionName=step.target, InvocationType="DryRun")
    except AwsError as problem:
        step.error = {"ErrorType": problem.code, "ErrorMessage": problem.message}
        checkpoints.end(call, row, step, "FAILED")
        checkpoints.changed(call, row, step)
    else:
        call.task(chain, execution=row.id, step=step.id)


@operation
def get_durable_execution_state(call: Call, DurableExecutionArn: str, CheckpointToken: str, Marker: str | None = None,
                                MaxItems: int = _PAGE) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionState.html"""
    row = _checked(call, DurableExecutionArn, CheckpointToken)
    if Marker and not Marker.isdigit():
        raise error.InvalidParameterValueException("Invalid marker.")
    operations, after = told.page(call, row, int(Marker) if Marker else -1, min(MaxItems or _PAGE, _MOST))
    return {"Operations": operations, "NextMarker": None if after is None else str(after)}


@operation
def send_durable_execution_callback_success(call: Call, CallbackId: str, Result: Any = b"") -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html"""
    row, step = answered(call, CallbackId)
    step.payload = (Result if isinstance(Result, bytes) else Result.read()).decode("utf-8", "replace")
    return _end(call, row, step, "SUCCEEDED")


@operation
def send_durable_execution_callback_failure(call: Call, CallbackId: str, Error: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackFailure.html"""
    row, step = answered(call, CallbackId)
    step.error = Error or {}
    return _end(call, row, step, "FAILED")


def _end(call: Call, row: Execution, step: Step, status: str) -> dict[str, Any]:
    checkpoints.end(call, row, step, status)
    checkpoints.changed(call, row, step)
    wake(call, row)
    return {}


@operation
def send_durable_execution_callback_heartbeat(call: Call, CallbackId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackHeartbeat.html"""
    beat(call, *answered(call, CallbackId))
    return {}
