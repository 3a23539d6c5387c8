"""One execution environment: a sandbox, a runtime in it, and the events that it is given one after the other.

    starting → idle ⇄ busy → gone

It ends when its runtime ends, when an event takes too long, when it uses too much memory, or when the pool has no use for it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Callable
from time import perf_counter
from typing import Any

from ...kernel.work.clock import Clock
from ..sandbox.unit import SandboxUnit, ended_by
from .contract import Deployment, Invocation, Outcome
from .deadline import Deadline
from .extensions import Extensions
from .logs import Log
from .reports import Reports
from .runtime_api import Connection

INIT_SECONDS = 10.0                   # for the beginning, beside the time of the first event
MOST_RESPONSE = 6_291_556


class Lost(Exception):
    """The environment ended before it was given the event."""


class Environment:
    """One sandbox with a runtime. `on_free` is called when it has nothing to do, `on_end` once when it is gone."""

    def __init__(self, deployment: Deployment, unit: SandboxUnit, log: Log, reports: Reports, clock: Clock) -> None:
        self.deployment = deployment
        self.unit = unit
        self.log = log
        self.reports = reports
        self.on_free: Callable[[Environment], None] | None = None
        self.on_end: Callable[[Environment], None] | None = None
        self.on_begun: Callable[[], None] | None = None  # called when its code is loaded, or never will be
        self.expires = 0.0                               # when its credentials are over, by the virtual clock
        self.idle_since = 0.0
        self.frozen = False
        self.gone = False
        self.ending = False
        self.extensions = Extensions(self)
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._waiting: Connection | None = None          # the runtime, when it asks for an event
        self._program = 0
        self._began = perf_counter()
        self._init_ms = 0.0
        self._init_told = False
        self._init_error: bytes = b""
        self._failure = ""                               # how the runtime ended
        self._current: Invocation | None = None
        self._result: asyncio.Future[Outcome] | None = None
        self._started = 0.0
        self._deadline = Deadline(self._timed_out)
        self._answered: tuple[bytes, str] | None = None  # the answer, while extensions still work
        self._streams: Callable[[bytes], None] | None = None
        self._was_first = False
        self._servers: list[Any] = []
        unit.on_output = log.write
        unit.on_exit = self._exited
        unit.on_end = self._ended

    # --- from the pool ---

    async def start(self, argv: list[str], env: dict[str, str], folder: str, servers: list[Any]) -> None:
        """Start the runtime; it asks for its first event when it is ready."""
        self._servers = servers
        self._began = perf_counter()
        self.reports.init_started()
        await self.extensions.start(env)
        self._program = await self.unit.start(argv, env, folder)

    def invoke(self, invocation: Invocation, stream: Callable[[bytes], None] | None = None) -> asyncio.Future[Outcome]:
        """Give it an event; what comes of it. stream: gets the response's pieces as they come, if the function streams."""
        if self.frozen:
            self._thaw()
        self._result = result = self._loop.create_future()
        self._current = invocation
        self._streams = stream
        self._answered = None
        self.log.begin(invocation.id)
        self._was_first = not self._init_told
        if self.gone:
            self._fail_gone()
        elif self._ready:
            self._send()
        else:                                            # the time of the first event begins when it is ready
            self._deadline.set(INIT_SECONDS + self.deployment.timeout)
        return result

    @property
    def begun(self) -> bool:
        """Is its code loaded?"""
        return self._init_ms > 0

    @property
    def _ready(self) -> bool:
        return self._waiting is not None and self.extensions.ready

    def freeze(self) -> None:
        """Stop it until the next event."""
        if not self.frozen and not self.gone:
            self.frozen = True
            self.unit.freeze()
            self.reports.freeze(True)

    def _thaw(self) -> None:
        self.frozen = False
        self.unit.thaw()
        self.reports.freeze(False)

    def end(self, reason: str = "spindown") -> None:
        """It is not needed any more; extensions are told first."""
        if self.gone or self.ending:
            return
        self.ending = True
        if self.frozen:
            self._thaw()
        if not self.extensions.shut_down(reason):
            self.unit.kill()

    # --- from the Runtime API ---

    def next(self, connection: Connection) -> None:
        self._waiting = connection
        self._check_ready()

    def _check_ready(self) -> None:
        """The runtime or an extension asks for more: a beginning ends, an event begins, or one ends."""
        if not self._ready:
            return
        if not self._init_ms:
            self._init_ms = (perf_counter() - self._began) * 1000
            self.reports.init_done("success", self._init_ms)
            self._told_begun()
            if self._current is None and self.on_free is not None:       # made before anybody asked
                self._init_told = True
                self.on_free(self)
        if self._answered is not None:
            self._finish(*self._answered)
        elif self._current is not None and self._started == 0.0:
            self._send()

    def _send(self) -> None:
        invocation, connection = self._current, self._waiting
        assert invocation is not None
        assert connection is not None
        if not connection.open:                          # the runtime closed it; its end will be told in a moment
            return
        self._waiting = None
        self._started = perf_counter()
        timeout = self.deployment.timeout
        self._deadline.set(timeout)
        deadline = int((self._clock.wall() + timeout) * 1000)
        headers = (f"Lambda-Runtime-Aws-Request-Id: {invocation.id}\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n"
                   f"Lambda-Runtime-Invoked-Function-Arn: {invocation.arn}\r\n")
        if invocation.trace:
            headers += f"Lambda-Runtime-Trace-Id: {invocation.trace}\r\n"
        if invocation.client_context:
            headers += f"Lambda-Runtime-Client-Context: {invocation.client_context}\r\n"
        if self.reports.heard:
            self.reports.started(invocation)
        connection.answer(200, invocation.payload, headers.encode("latin-1", "replace"))
        self.extensions.invoked(invocation, deadline)

    def begin_stream(self, request: str, headers: dict[str, str]) -> Callable[[bytes], None] | None:
        if self._streams is None or self._current is None or self._current.id != request:
            return None
        return self._streams

    def responded(self, request: str, body: bytes, trailers: dict[str, str]) -> bool:
        if self._current is None or self._current.id != request or self._answered is not None:
            return False
        if kind := trailers.get("lambda-runtime-function-error-type", ""):             # a stream that broke off
            said = base64.b64decode(trailers.get("lambda-runtime-function-error-body", ""))
            self._answer(said or _error(kind, "The stream broke off"), "Unhandled")
        elif len(body) > MOST_RESPONSE:
            self._answer(_error("Function.ResponseSizeTooLarge",
                                "Response payload size exceeded maximum allowed payload size (6291556 bytes)."), "Unhandled")
        else:
            self._answer(body, "")
        return True

    def failed(self, request: str, body: bytes, kind: str) -> bool:
        if self._current is None or self._current.id != request or self._answered is not None:
            return False
        self._answer(body, "Unhandled")
        return True

    def _answer(self, payload: bytes, error: str) -> None:
        if self.reports.heard:
            self._report_done("error" if error else "success", _type_of(payload) if error else "", len(payload))
        if self.extensions.busy:
            self._answered = (payload, error)
        else:
            self._finish(payload, error)

    def init_failed(self, body: bytes, kind: str) -> None:
        self._init_error = body or _error(kind or "Runtime.Unknown", "")

    def extension(self, connection: Connection, path: str, headers: dict[str, str], body: bytes) -> None:
        self.extensions.asked(connection, path, headers, body)
        self._check_ready()

    def subscribe(self, connection: Connection, path: str, headers: dict[str, str], body: bytes) -> None:
        self.extensions.subscribe(connection, "telemetry" if path.endswith("telemetry") else "logs", headers, body)

    # --- the end of an event ---

    def _finish(self, payload: bytes, error: str, status: str = "", kind: str = "") -> None:
        """Answer who invoked."""
        result, invocation = self._result, self._current
        assert result is not None
        assert invocation is not None
        self._deadline.clear()
        now = perf_counter()
        duration = (now - self._started) * 1000 if self._started else 0.0
        init = self._init_ms if self._was_first and self._started else 0.0
        self._init_told = True
        self._started = 0.0
        self._current = self._result = self._answered = None
        self.unit.drain()
        billed = math.ceil(duration + init)
        self.log.end(invocation.id, duration, billed, init, status, kind)
        if self.reports.heard:
            kind = kind or (_type_of(payload) if error else "")
            self.reports.report(invocation, status or ("error" if error else "success"), kind, duration, billed, init)
        if not result.done():
            result.set_result(Outcome(payload, error, self.log.tail, duration))
        # It may take the next event before its runtime has asked for it, which it does in a moment.
        if self.on_free is not None and not self.gone and not self.ending:
            self.on_free(self)

    def _report_done(self, status: str, kind: str, produced: int = 0) -> None:
        assert self._current is not None
        self.unit.drain()                                # its lines come before
        duration = (perf_counter() - self._started) * 1000 if self._started else 0.0
        self.reports.runtime_done(self._current, status, kind, duration, produced)

    def _timed_out(self) -> None:
        invocation, timeout = self._current, self.deployment.timeout
        if invocation is None:
            return
        self.end("timeout")
        if self._answered is not None:                   # the function answered; its extensions take too long
            self._finish(*self._answered)
        else:
            said = f"Task timed out after {timeout:.2f} seconds"
            self.log.say(f"{self.log.stamp()} {invocation.id} {said}\n")
            if self.reports.heard:
                self._report_done("timeout", "")
            self._finish(_error("Sandbox.Timedout", f"RequestId: {invocation.id} Error: {said}"), "Unhandled", "timeout")

    # --- from the sandbox ---

    def _exited(self, program: int, status: int) -> None:
        if program == self._program:
            self._failure = ended_by(status)
            self.unit.kill()
        elif self.extensions.exited(program):
            self._failure = ended_by(status)
            self._init_error = self._init_error or _error("Extension.Crash", f"Error: {self._failure}")
            self.unit.kill()

    def _ended(self, why: str) -> None:
        self.gone = True
        for server in self._servers:
            server.close()
        self._waiting = None
        if self._current is not None:
            self._fail_gone()
        self._deadline.close()
        self.log.flush()
        self.reports.close()
        self._told_begun()
        if self.on_end is not None:
            self.on_end(self)

    def _told_begun(self) -> None:
        if self.on_begun is not None:
            self.on_begun()
            self.on_begun = None

    def _fail_gone(self) -> None:
        """The runtime ended before it answered."""
        invocation = self._current
        assert invocation is not None
        if self._answered is not None:
            self._finish(*self._answered)
            return
        if self._started == 0.0 and self._init_told:     # it ended between two events: another one takes this one
            assert self._result is not None
            self._result.set_exception(Lost())
            self._current = None
            return
        if self._init_error:
            self._report_gone(_type_of(self._init_error))
            self._finish(self._told_error(invocation), "Unhandled", "error", _type_of(self._init_error))
            return
        kind = "Runtime.OutOfMemory" if self.unit.why == "memory" else "Runtime.ExitError"
        failure = f"Runtime exited with error: {self._failure}" if self._failure not in ("", "exit status 0") \
            else "Runtime exited without providing a reason"
        self.log.say(f"RequestId: {invocation.id} Error: {failure}\n{kind}\n")
        self._report_gone(kind)
        self._finish(_error(kind, f"RequestId: {invocation.id} Error: {failure}"), "Unhandled", "error", kind)

    def _report_gone(self, kind: str) -> None:
        self.reports.init_done("error", (perf_counter() - self._began) * 1000, kind)
        if self.reports.heard:
            self._report_done("error", kind)

    def _told_error(self, invocation: Invocation) -> bytes:
        """An error of the beginning, as the event's who found it."""
        try:
            said = json.loads(self._init_error)
        except ValueError:
            return self._init_error
        if isinstance(said, dict) and "requestId" in said:
            said["requestId"] = invocation.id
        return json.dumps(said).encode()


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _type_of(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("errorType", "")) if isinstance(said, dict) else ""
