"""Operations as the API tells them, and as a function is given them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cumulet.kernel import Call

from .rows import Execution, Step

_TIMES = frozenset({"StartTimestamp", "EndTimestamp", "NextAttemptTimestamp", "ScheduledEndTimestamp"})
FIRST_PAGE = 500                      # operations that a function is given with its event; it asks for the rest
_MOST_BYTES = 5_000_000


def operation(step: Step) -> dict[str, Any]:
    """An Operation."""
    told: dict[str, Any] = {
        "Id": step.id, "ParentId": step.parent or None, "Name": step.name or None, "Type": step.kind,
        "SubType": step.subtype or None, "StartTimestamp": step.started, "EndTimestamp": step.ended, "Status": step.status}
    outcome = {"Result": step.payload if step.status != "STARTED" else None, "Error": step.error}
    if step.kind == "EXECUTION":
        told["ExecutionDetails"] = {"InputPayload": step.payload}
    elif step.kind == "CONTEXT":
        told["ContextDetails"] = {"ReplayChildren": step.replay_children, **outcome}
    elif step.kind == "STEP":
        # What a step that is tried again said the last time is kept for its next attempt.
        told["StepDetails"] = {"Attempt": step.attempt, "NextAttemptTimestamp": step.due if step.status == "PENDING" else None,
                               "Result": step.payload, "Error": step.error}
    elif step.kind == "WAIT":
        told["WaitDetails"] = {"ScheduledEndTimestamp": step.due if step.status == "STARTED" else step.ended}
    elif step.kind == "CALLBACK":
        told["CallbackDetails"] = {"CallbackId": step.callback, **outcome}
    else:
        told["ChainedInvokeDetails"] = outcome
    return told


def as_json(value: Any, name: str = "") -> Any:
    """For a function's event: absent members are left out, moments are milliseconds."""
    if isinstance(value, dict):
        return {k: as_json(v, k) for k, v in value.items() if v is not None}
    return int(value * 1000) if name in _TIMES else value


def first_operation(execution: Execution) -> dict[str, Any]:
    """The execution itself, which is the first of its operations."""
    return {"Id": execution.id, "Name": execution.name, "Type": "EXECUTION", "Status": "STARTED",
            "StartTimestamp": execution.started, "ExecutionDetails": {"InputPayload": execution.input}}


def page(call: Call, execution: Execution, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Operations that replaying needs, in the order in which they began; where the next page begins. What belongs to contexts
    that are done is not needed, unless they say so."""
    found: list[dict[str, Any]] = [first_operation(execution)] if after < 0 else []
    size, last = 0, max(after, 0)
    hidden = _hidden(call, execution)
    while True:
        rows = call.table(Step).scan(execution.id, index="order", after=last, limit=limit + 1)
        for step in rows:
            if len(found) >= limit or size > _MOST_BYTES:
                return found, last
            last = step.number
            if step.parent not in hidden and step.kind != "EXECUTION":
                found.append(operation(step))
                size += len(step.payload or "")
        if len(rows) <= limit:
            return found, None


def _hidden(call: Call, execution: Execution) -> set[str]:
    """Contexts whose operations are not told: those that are done, and all below them."""
    hidden: set[str] = set()
    for step in _in_order(call, execution):
        if step.kind == "CONTEXT" and (step.parent in hidden or (step.status != "STARTED" and not step.replay_children)):
            hidden.add(step.id)
    return hidden


def _in_order(call: Call, execution: Execution) -> Iterable[Step]:
    return call.table(Step).scan(execution.id, index="order")


def news(call: Call, execution: Execution, since: int) -> Sequence[Step]:
    """Operations that changed after a change."""
    return call.table(Step).scan(execution.id, index="changed", after=since)
