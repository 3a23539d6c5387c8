"""One turn of an execution's function: what it is given, and what follows from its answer."""

from __future__ import annotations

import base64
import json
from typing import Any

from cumulet.drivers.functions.contract import Outcome
from cumulet.kernel import Call

from . import checkpoints, told
from .history import note
from .rows import FAILED, PAUSED, PAUSING, SUCCEEDED, Execution, Step

THROTTLED = "Throttled"
_AT_ONCE = 3                          # retries without a pause where the runtime failed
_GIVE_UP = 6 * 3600.0                 # seconds of failures
_LONGEST_PAUSE = 900.0
_RUNTIMES = ("Runtime.", "Sandbox.", "Extension.")
_NAMES = {"errorMessage": "ErrorMessage", "errorType": "ErrorType", "errorData": "ErrorData", "stackTrace": "StackTrace"}
Verdict = tuple[str, str | None, dict[str, Any] | None]          # an execution's status, result and error


def token(row: Execution) -> str:
    """The checkpoint token that counts now."""
    return base64.b64encode(f"{row.id}\n{row.token}".encode()).decode()


def begin(call: Call, row: Execution, request: str) -> bytes:
    """The event of the next invocation. The caller keeps the row."""
    operations, after = told.page(call, row, -1, told.FIRST_PAGE)
    fresh = [step.id for step in told.news(call, row, row.seen)]
    row.request, row.seen, row.token, row.interrupted = request, row.changes, row.token + 1, False
    state: dict[str, Any] = {"Operations": [told.as_json(operation) for operation in operations]}
    if after is not None:
        state["NextMarker"] = str(after)
    return json.dumps({"DurableExecutionArn": row.arn, "CheckpointToken": token(row), "InitialExecutionState": state,
                       "UpdatedOperationIds": fresh}).encode()


def end(call: Call, row: Execution, outcome: Outcome) -> Verdict | None:
    """The invocation is over: how the execution ends, or None when it goes on. The caller keeps the row."""
    said = parsed(outcome.payload)
    details: dict[str, Any] = {"StartTimestamp": call.now - outcome.duration_ms / 1000, "EndTimestamp": call.now,
                               "RequestId": row.request}
    if outcome.error:
        details["Error"] = {"Payload": fault(said)}
    note(call, row, "InvocationCompleted", details)
    row.request, row.awake = "", False
    row.token += 1                                       # what the invocation was given does not count any more
    if outcome.error:
        return _failed(call, row, outcome, fault(said))
    row.failures, row.failing_since = 0, 0.0
    return _answered(call, row, said)


def _answered(call: Call, row: Execution, said: Any) -> Verdict | None:
    status = said.get("Status") if isinstance(said, dict) else None
    whole = next((s for s in call.table(Step).scan(row.id) if s.kind == "EXECUTION"), None)
    if status == "SUCCEEDED":
        result = said.get("Result")
        return SUCCEEDED, whole.payload if whole is not None and not result else result, None
    if status == "FAILED":
        return FAILED, None, said.get("Error") or (whole.error if whole is not None else None) or {}
    if status != "PENDING":
        return _wrong("Invalid Status in invocation output.")
    if row.status in (PAUSING, PAUSED):
        row.interrupted = True
    elif row.changes <= row.seen and not row.interrupted and not checkpoints.pending(call, row):
        return _wrong("Cannot return PENDING status with no pending operations.")
    return None


def _wrong(message: str) -> Verdict:
    return FAILED, None, {"ErrorType": "InvalidParameterValueException", "ErrorMessage": message}


def _failed(call: Call, row: Execution, outcome: Outcome, problem: dict[str, Any]) -> Verdict | None:
    """The function did not answer: it is asked again, later and later."""
    row.failures += outcome.error != THROTTLED
    row.failing_since = row.failing_since or call.now
    if call.now - row.failing_since > _GIVE_UP:
        return FAILED, None, problem
    kind = str(problem.get("ErrorType", ""))
    row.interrupted = True
    if not (kind.startswith(_RUNTIMES) and kind != "Sandbox.Timedout" and row.failures <= _AT_ONCE):
        row.retry = call.now + min(2.0 ** min(max(row.failures, 1) - 1, 12), _LONGEST_PAUSE)
    return None


# --- errors, as functions tell them and as the API does ---


def parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload or b"null")
    except ValueError:
        return None


def fault(said: Any) -> dict[str, Any]:
    """An error as functions answer it, as an ErrorObject."""
    if not isinstance(said, dict):
        return {"ErrorMessage": json.dumps(said)}
    return {_NAMES[name]: value for name, value in said.items() if name in _NAMES and value}


def error_of(said: dict[str, Any]) -> bytes:
    """An ErrorObject as who invoked is told it."""
    return json.dumps({name[0].lower() + name[1:]: value for name, value in said.items() if value is not None}).encode()


def failure(kind: str, message: str, error: str = "Unhandled") -> Outcome:
    """An invocation that could not be made."""
    return Outcome(error_of({"ErrorType": kind, "ErrorMessage": message}), error, b"")
