"""Tumbling windows: a function is given the state that it answered before, and hears when a window is over.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cumulet.drivers.functions.contract import Outcome
from cumulet.kernel import Call

from ..resources import EventSourceMapping, Progress

_MOST_STATE = 1_048_576


class Window(NamedTuple):
    """One window of a shard. final: it is over."""

    start: float
    seconds: int
    state: Any
    final: bool = False


def start_of(moment: float, seconds: int) -> float:
    """When the window began that a moment lies in."""
    return moment // seconds * seconds


def opened(call: Call, mapping: EventSourceMapping, shard: str) -> tuple[float | None, Any]:
    """When the window that is open began, and its state."""
    progress = call.table(Progress).get(mapping.UUID, shard)
    return (None, {}) if progress is None or progress.window is None else (progress.window, json.loads(progress.state))


def over(call: Call, start: float, seconds: int) -> bool:
    return call.now >= start + seconds


def members(window: Window, shard: str, source: str) -> dict[str, Any]:
    """What the event says of it."""
    ends = window.start + window.seconds
    return {"window": {"start": _stamp(window.start), "end": _stamp(ends)}, "state": window.state, "shardId": shard,
            "eventSourceARN": source, "isFinalInvokeForWindow": window.final, "isWindowTerminatedEarly": False}


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def keep(call: Call, mapping: EventSourceMapping, shard: str, window: Window, outcome: Outcome | None) -> None:
    """The state that the function answered is given to its next invocation in this window."""
    row = call.table(Progress).get(mapping.UUID, shard) or Progress(mapping=mapping.UUID, shard=shard)
    row.window, row.state = (None, "{}") if window.final else (window.start, json.dumps(_answered(window, outcome)))
    call.put(row)


def _answered(window: Window, outcome: Outcome | None) -> Any:
    """What a batch that was given up leaves is the state of before; one that is too large is lost."""
    if outcome is None:
        return window.state
    try:
        said = json.loads(outcome.payload or b"null")
    except ValueError:
        return {}
    state = said.get("state") if isinstance(said, dict) else None
    return {} if state is None or len(json.dumps(state)) > _MOST_STATE else state
