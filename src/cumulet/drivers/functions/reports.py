"""What Lambda itself tells of an environment, event by event: for telemetry, and for logs in JSON.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ..sandbox.unit import SandboxUnit
from .contract import Invocation
from .logs import Log
from .subscriptions import Subscription, Wanted

_MOST_EARLY = 10_000


class Reports:
    """Of one environment. What happens before anybody could subscribe is kept until its code is loaded.

    heard: whether anybody may want to hear of events; nothing needs to be told otherwise.
    """

    def __init__(self, unit: SandboxUnit, log: Log, kind: str) -> None:
        self.heard = True
        self._unit = unit
        self._log = log
        self._init = {"initializationType": kind, "phase": "init"}
        self._early: list[dict[str, Any]] = []
        self._open = True                                # may somebody still subscribe?
        self._subscriptions: dict[str, Subscription] = {}
        self._started = ""                               # the event that was told to have begun
        log.heard = self._wrote

    # --- what happens ---

    def init_started(self) -> None:
        self._tell("platform.initStart", self._init)

    def init_done(self, status: str, duration: float, kind: str = "") -> None:
        """The code is loaded, or cannot be: from now on nobody new is listened to."""
        if not self._open:
            return
        said = self._init | ({"status": status, "errorType": kind} if kind else {"status": status})
        self._tell("platform.initRuntimeDone", said)
        self._tell("platform.initReport", said | {"metrics": {"durationMs": _rounded(duration)}})
        self._open = False
        self._early.clear()
        self.heard = bool(self._subscriptions) or self._log.deployment.logging.json
        if not self._subscriptions:
            self._log.heard = None

    def extension(self, name: str, events: Sequence[str], state: str = "Ready", kind: str = "") -> None:
        self._tell("platform.extension", {"name": name, "state": state, "events": list(events)}
                   | ({"errorType": kind} if kind else {}))

    def started(self, invocation: Invocation) -> None:
        """An event is given to the function."""
        self._started = invocation.id
        self._tell("platform.start", {"requestId": invocation.id, "version": self._log.deployment.version}
                   | _tracing(invocation))

    def runtime_done(self, invocation: Invocation, status: str, kind: str, duration: float, produced: int) -> None:
        """The function answered, or will not."""
        if self._started != invocation.id:
            self.started(invocation)
        said = {"requestId": invocation.id, "status": status} | ({"errorType": kind} if kind else {}) | _tracing(invocation)
        if status in ("success", "error"):
            said["metrics"] = {"durationMs": _rounded(duration), "producedBytes": produced}
        self._tell("platform.runtimeDone", said)

    def report(self, invocation: Invocation, status: str, kind: str, duration: float, billed: int, init: float) -> None:
        """The event is over."""
        metrics = {"durationMs": _rounded(duration), "billedDurationMs": billed,
                   "memorySizeMB": self._log.deployment.memory_mb, "maxMemoryUsedMB": self._log.peak(duration)}
        if init:
            metrics["initDurationMs"] = _rounded(init)
        self._started = ""
        self._hand_on({"time": self._log.stamp(), "type": "platform.end", "record": {"requestId": invocation.id}})
        self._tell("platform.report", {"requestId": invocation.id, "status": status, "metrics": metrics}
                   | ({"errorType": kind} if kind else {}) | _tracing(invocation))

    def _tell(self, kind: str, record: Any) -> None:
        event = {"time": self._log.stamp(), "type": kind, "record": record}
        self._log.system(event)
        self._hand_on(event)

    def _wrote(self, kind: str, lines: Sequence[bytes]) -> None:
        """Lines of the function or an extension."""
        time = self._log.stamp()
        for line in lines:
            self._hand_on({"time": time, "type": kind, "record": self._log.record(line)})

    def _hand_on(self, event: dict[str, Any]) -> None:
        if self._open and len(self._early) < _MOST_EARLY:
            self._early.append(event)
        for subscription in self._subscriptions.values():
            subscription.add(event)

    # --- who hears of it ---

    def subscribe(self, name: str, asked: Wanted) -> str:
        """One more; "" or what stands in the way. Once more changes nothing."""
        if not self._open:
            return "closed"
        if any(other.asked.api != asked.api for other in self._subscriptions.values()):
            return "other"
        if name not in self._subscriptions:
            subscription = self._subscriptions[name] = Subscription(self._unit, asked)
            for event in self._early:
                subscription.add(event)
            kind = "platform.telemetrySubscription" if asked.api == "telemetry" else "platform.logsSubscription"
            self._tell(kind, {"name": name, "state": "Subscribed", "types": list(asked.types)})
        return ""

    def freeze(self, frozen: bool) -> None:
        for subscription in self._subscriptions.values():
            subscription.freeze(frozen)

    async def drained(self) -> None:
        """Until all is delivered."""
        await asyncio.gather(*(subscription.drained() for subscription in self._subscriptions.values()))

    def flush(self) -> None:
        for subscription in self._subscriptions.values():
            subscription.flush()

    def close(self) -> None:
        for subscription in self._subscriptions.values():
            subscription.close()


def _tracing(invocation: Invocation) -> dict[str, Any]:
    return {"tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace}} if invocation.trace else {}


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 3)
