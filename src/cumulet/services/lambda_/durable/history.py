"""The history of an execution: what happened, in order, as GetDurableExecutionHistory tells it."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call

from .rows import Execution, Happening, Step

_DATA = ("Input", "Result", "Error", "Reason")


def note(call: Call, execution: Execution, kind: str, details: dict[str, Any], step: Step | None = None) -> None:
    """Something happened."""
    execution.events += 1
    event = Happening(execution=execution.id, number=execution.events, kind=kind, at=call.now, details=details)
    if step is not None:
        event.operation, event.name, event.parent, event.subtype = step.id, step.name, step.parent, step.subtype
    call.put(event)


def told(event: Happening, data: bool) -> dict[str, Any]:
    """An Event; without data, what they would have been is told as truncated."""
    details = dict(event.details)
    for name in _DATA:
        if name in details:
            details[name] = {**details[name], "Truncated": False} if data else {"Truncated": True}
    return {"EventType": event.kind, "EventId": event.number, "EventTimestamp": event.at, "Id": event.operation or None,
            "Name": event.name or None, "ParentId": event.parent or None, "SubType": event.subtype or None,
            f"{event.kind}Details": details}
