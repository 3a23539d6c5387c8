"""What a function may say of its operations, and what becomes of them.

    STEP            START → STARTED;  SUCCEED, FAIL end it;  RETRY → PENDING, READY when its time comes, START again
    WAIT            START → STARTED, SUCCEEDED when its time comes;  CANCEL
    CALLBACK        START → STARTED, until somebody answers or its time is over
    CHAINED_INVOKE  START → STARTED, until the other function has answered
    CONTEXT         START → STARTED;  SUCCEED, FAIL end it
    EXECUTION       SUCCEED, FAIL: the result, where it is too large for the answer

https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error

from .history import note
from .rows import NEVER, Execution, Step

_MOST_PAYLOAD = 1_048_576
_DONE = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "TIMED_OUT", "STOPPED"})
_ENDS = {"SUCCEED": "SUCCEEDED", "FAIL": "FAILED", "CANCEL": "CANCELLED"}
_ACTIONS = {"STEP": ("START", "SUCCEED", "FAIL", "RETRY"), "WAIT": ("START", "CANCEL"), "CALLBACK": ("START",),
            "CHAINED_INVOKE": ("START",), "CONTEXT": ("START", "SUCCEED", "FAIL"), "EXECUTION": ("SUCCEED", "FAIL")}
_NAMES = {"STEP": "Step", "WAIT": "Wait", "CALLBACK": "Callback", "CHAINED_INVOKE": "ChainedInvoke", "CONTEXT": "Context"}


def changed(call: Call, execution: Execution, step: Step) -> None:
    """Keep an operation, and that the function has not been told of this change."""
    execution.changes += 1
    step.changed = execution.changes
    call.put(step)


def apply(call: Call, execution: Execution, update: Mapping[str, Any]) -> Step:
    """One update; raises when it is not possible."""
    kind, action = update["Type"], update["Action"]
    if action not in _ACTIONS[kind]:
        raise error.InvalidParameterValueException(f"Invalid {kind} action: {action}.")
    if len((update.get("Payload") or "").encode()) > _MOST_PAYLOAD and kind != "EXECUTION":
        raise error.InvalidParameterValueException(f"{kind} output payload size must be less than or equal to"
                                                   f" {_MOST_PAYLOAD} bytes.")
    step = call.table(Step).get(execution.id, update["Id"])
    if step is not None and step.kind != kind:
        raise error.InvalidParameterValueException(f"Inconsistent operation type: {update['Id']} is {step.kind}.")
    if step is not None and step.status in _DONE:
        raise error.InvalidParameterValueException(f"Cannot update operation {update['Id']}: it has ended.")
    if action == "START":
        step = _start(call, execution, update, step)
    elif step is None and kind not in ("STEP", "CONTEXT", "EXECUTION"):
        raise error.InvalidParameterValueException(f"Cannot {action} an operation that has not started: {update['Id']}.")
    else:
        step = _go_on(call, execution, update, step if step is not None else _new(call, execution, update))
    changed(call, execution, step)
    return step


def _new(call: Call, execution: Execution, update: Mapping[str, Any]) -> Step:
    if (parent := update.get("ParentId")) is not None:
        above = call.table(Step).get(execution.id, parent)
        if above is None or above.kind != "CONTEXT":
            raise error.InvalidParameterValueException(f"Invalid ParentId: {parent} is not a context of this execution.")
    execution.operations += 1
    return Step(execution=execution.id, id=update["Id"], number=execution.operations, kind=update["Type"], status="STARTED",
                started=call.now, changed=0, parent=update.get("ParentId") or "", name=update.get("Name") or "",
                subtype=update.get("SubType") or "")


def _start(call: Call, execution: Execution, update: Mapping[str, Any], known: Step | None) -> Step:
    if known is not None:
        if known.kind != "STEP" or known.status != "READY":
            raise error.InvalidParameterValueException(f"Cannot START operation {known.id}: it is {known.status}.")
        known.status, known.due = "STARTED", NEVER
        note(call, execution, "StepStarted", {}, known)
        return known
    step = _new(call, execution, update)
    details: dict[str, Any] = {}
    if step.kind == "WAIT":
        seconds = _required(update, "WaitOptions", "WaitSeconds")
        step.due = call.now + seconds
        details = {"Duration": seconds, "ScheduledEndTimestamp": step.due}
    elif step.kind == "CALLBACK":
        details = _await_callback(call, step, update.get("CallbackOptions") or {})
    elif step.kind == "CHAINED_INVOKE":
        step.target = _required(update, "ChainedInvokeOptions", "FunctionName")
        step.payload = update.get("Payload")
        details = {"FunctionName": step.target, "Input": {"Payload": step.payload or ""}}
    elif step.kind == "CONTEXT":
        step.replay_children = bool((update.get("ContextOptions") or {}).get("ReplayChildren"))
    note(call, execution, _NAMES[step.kind] + "Started", details, step)
    return step


def _required(update: Mapping[str, Any], options: str, member: str) -> Any:
    found = (update.get(options) or {}).get(member)
    if found is None:
        raise error.InvalidParameterValueException(f"{options}.{member} is required to START {update['Type']}.")
    return found


def _await_callback(call: Call, step: Step, options: Mapping[str, Any]) -> dict[str, Any]:
    seconds, heartbeat = options.get("TimeoutSeconds") or 0, options.get("HeartbeatTimeoutSeconds") or 0
    step.callback = base64.b64encode(f"{step.execution}\n{step.id}\n{call.token(16)}".encode()).decode()
    step.expires, step.heartbeat = call.now + seconds if seconds else NEVER, heartbeat
    step.due = min(step.expires, call.now + heartbeat if heartbeat else NEVER)
    return {"CallbackId": step.callback, "Timeout": seconds, "HeartbeatTimeout": heartbeat}


def _go_on(call: Call, execution: Execution, update: Mapping[str, Any], step: Step) -> Step:
    action = update["Action"]
    step.payload, step.error = update.get("Payload"), update.get("Error")
    if step.kind == "STEP":
        step.attempt += 1
    if action == "RETRY":
        seconds = _required(update, "StepOptions", "NextAttemptDelaySeconds")
        step.status, step.due = "PENDING", call.now + seconds
        told = _outcome(step, "FAIL" if step.error else "SUCCEED")
        retry = {"RetryDetails": {"CurrentAttempt": step.attempt, "NextAttemptDelaySeconds": seconds}}
        note(call, execution, "StepFailed" if step.error else "StepSucceeded", told | retry, step)
        return step
    options = update.get("ContextOptions") or {}
    step.replay_children = bool(options.get("ReplayChildren", step.replay_children))
    end(call, execution, step, _ENDS[action])
    return step


def end(call: Call, execution: Execution, step: Step, status: str) -> None:
    """It is over, one way or the other; its payload or error are set."""
    step.status, step.ended, step.due = status, call.now, NEVER
    if step.kind == "EXECUTION":
        return
    details = _outcome(step, "SUCCEED" if status == "SUCCEEDED" else "FAIL")
    if step.kind == "WAIT" and status == "SUCCEEDED":
        details = {"Duration": int(call.now - step.started)}
    if step.kind == "STEP":
        details["RetryDetails"] = {"CurrentAttempt": step.attempt}
    said = "".join(part.capitalize() for part in status.split("_"))
    note(call, execution, _NAMES[step.kind] + said, details, step)


def _outcome(step: Step, action: str) -> dict[str, Any]:
    return {"Error": {"Payload": step.error or {}}} if action == "FAIL" else {"Result": {"Payload": step.payload or ""}}


def time_passed(call: Call, execution: Execution, step: Step) -> None:
    """The moment has come that an operation waited for."""
    if step.kind == "WAIT":
        end(call, execution, step, "SUCCEEDED")
    elif step.kind == "STEP":
        step.status, step.due = "READY", NEVER
    elif step.kind == "CALLBACK":
        which = "Callback.Timeout" if call.now >= step.expires else "Callback.Heartbeat"
        said = "Callback timed out" if call.now >= step.expires else "Callback heartbeat timed out"
        step.error = {"ErrorType": which, "ErrorMessage": said}
        end(call, execution, step, "TIMED_OUT")
    changed(call, execution, step)


def pending(call: Call, execution: Execution) -> bool:
    """Is there anything that can wake the function again?"""
    return any((s.kind == "STEP" and s.status in ("PENDING", "READY")) or
               (s.kind in ("WAIT", "CALLBACK", "CHAINED_INVOKE") and s.status == "STARTED")
               for s in call.table(Step).iterate(execution.id))
