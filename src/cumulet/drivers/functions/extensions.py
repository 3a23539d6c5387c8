"""External extensions of an environment: programs in /opt/extensions that are told of its events.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from .contract import Invocation
from .runtime_api import Connection
from .subscriptions import wanted

if TYPE_CHECKING:
    from .environment import Environment

_SHUTDOWN_SECONDS = 2.0
_UNKNOWN = b'{"errorMessage":"Extension not registered","errorType":"Extension.UnknownIdentifier"}'


class Extension:
    """One that has registered. waiting: its question for the next event."""

    def __init__(self, name: str, events: list[str], program: int) -> None:
        self.name = name
        self.events = events
        self.program = program
        self.waiting: Connection | None = None
        self.busy = False                                # has an event, and has not asked for the next one


class _Told(NamedTuple):
    kind: str
    body: dict[str, Any]


class Extensions:
    """All of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._programs: dict[int, str] = {}              # external ones that were started: program → name
        self._by_id: dict[str, Extension] = {}
        self._ending = False
        self._last: asyncio.Task[None] | None = None     # of the end: the rest of the telemetry is given out

    async def start(self, env: dict[str, str]) -> None:
        """Start the programs of /opt/extensions, before the runtime."""
        unit = self._environment.unit
        layers = next((m.source for m in unit.spec.mounts if m.target == "/opt"), "")
        folder = os.path.join(layers, "extensions") if layers else ""
        for name in _programs(folder):
            at = unit.inside(f"/opt/extensions/{name}")
            self._programs[await unit.start([at], env, unit.inside("/var/task"), self._wrote)] = name

    def _wrote(self, data: bytes) -> None:
        self._environment.log.write(data, "extension")

    @property
    def ready(self) -> bool:
        """Have all that were started asked for an event?"""
        if not self._programs:
            return True
        names = {e.name for e in self._by_id.values() if e.waiting is not None}
        return all(name in names for name in self._programs.values())

    @property
    def busy(self) -> bool:
        return any(e.busy for e in self._by_id.values())

    def exited(self, program: int) -> bool:
        """Was this an extension that must not end?"""
        return self._programs.pop(program, None) is not None and not self._ending

    def asked(self, connection: Connection, path: str, headers: dict[str, str], body: bytes) -> None:
        """A question of an extension."""
        if path == "register":
            self._register(connection, headers, body)
            return
        found = self._by_id.get(headers.get("lambda-extension-identifier", ""))
        if found is None:
            connection.answer(403, _UNKNOWN)
        elif path == "event/next":
            found.waiting, found.busy = connection, False
            if self._ending:
                self._last = asyncio.get_running_loop().create_task(self._told_all())
        elif path in ("init/error", "exit/error"):
            connection.answer(202, b'{"status":"OK"}')
            self._environment.init_failed(b"", headers.get("lambda-extension-function-error-type", "Extension.InitError"))
            self._environment.unit.kill()
        else:
            connection.answer(404, b"{}")

    async def _told_all(self) -> None:
        await self._environment.reports.drained()
        self._environment.unit.kill()

    def _register(self, connection: Connection, headers: dict[str, str], body: bytes) -> None:
        deployment = self._environment.deployment
        try:
            events = list(json.loads(body or b"{}").get("events", []))
        except (ValueError, AttributeError):
            connection.answer(400, b'{"errorMessage":"Invalid body","errorType":"InvalidRequestFormat"}')
            return
        if any(event not in ("INVOKE", "SHUTDOWN") for event in events):
            connection.answer(400, b'{"errorMessage":"Invalid event","errorType":"Extension.InvalidEventType"}')
            return
        name = headers.get("lambda-extension-name", "")
        program = next((p for p, n in self._programs.items() if n == name), 0)
        identifier = self._environment.log.token()
        self._by_id[identifier] = Extension(name, events, program)
        said = {"functionName": deployment.name, "functionVersion": deployment.version, "handler": deployment.handler}
        if "accountId" in headers.get("lambda-extension-accept-feature", ""):
            said["accountId"] = deployment.account
        connection.answer(200, json.dumps(said).encode(), f"Lambda-Extension-Identifier: {identifier}\r\n".encode())
        self._environment.reports.extension(name, events)

    def subscribe(self, connection: Connection, api: str, headers: dict[str, str], body: bytes) -> None:
        """Telemetry, or logs as an older API calls it."""
        found = self._by_id.get(headers.get("lambda-extension-identifier", ""))
        if found is None:
            connection.answer(403, _UNKNOWN)
            return
        title = api.capitalize()
        try:
            refused = self._environment.reports.subscribe(found.name, wanted(api, body))
        except ValueError as problem:
            kind = "ValidationError" if api == "telemetry" else "Logs.ValidationError"
            connection.answer(400, json.dumps({"errorType": kind, "errorMessage": str(problem)}).encode())
            return
        if refused == "closed":
            connection.answer(403, json.dumps({"errorType": f"{title}.SubscriptionClosed",
                                               "errorMessage": f"{title} API subscription is closed already"}).encode())
        elif refused:
            connection.answer(400, json.dumps({"errorType": f"{title}.ValidationError", "errorMessage":
                                               "Logs API and Telemetry API cannot be subscribed together"}).encode())
        else:
            connection.answer(200, b'"OK"')

    def invoked(self, invocation: Invocation, deadline: int) -> None:
        """An event begins."""
        if self._by_id:
            self._tell(_Told("INVOKE", {
                "eventType": "INVOKE", "deadlineMs": deadline, "requestId": invocation.id, "invokedFunctionArn": invocation.arn,
                "tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace}}))

    def shut_down(self, reason: str) -> bool:
        """Tell those who want to know that the environment ends, and give them two seconds. False when there are none."""
        self._ending = True
        self._environment.reports.flush()
        told = self._tell(_Told("SHUTDOWN", {"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": 0}))
        if told:
            asyncio.get_running_loop().call_later(_SHUTDOWN_SECONDS, self._environment.unit.kill)
        return told

    def _tell(self, told: _Told) -> bool:
        found = False
        for extension in self._by_id.values():
            if told.kind in extension.events and extension.waiting is not None:
                connection, extension.waiting, extension.busy = extension.waiting, None, True
                connection.answer(200, json.dumps(told.body).encode())
                found = True
        return found


def _programs(folder: str) -> list[str]:
    """The executable files of a folder, in order."""
    if not folder or not os.path.isdir(folder):
        return []
    return sorted(name for name in os.listdir(folder) if os.access(os.path.join(folder, name), os.X_OK))
