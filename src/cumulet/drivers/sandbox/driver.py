"""Sandboxes: the driver. It starts its spawner when the first sandbox is wanted, and ends all with the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from ...kernel.cloud import Cloud
from . import spawner
from .contract import Caps, SandboxProblem, Spec
from .unit import SandboxUnit

_MESSAGE = 1 << 16
_PATIENCE = 4.0                                          # seconds for the end of all sandboxes
_PACKAGE = Path(__file__).parents[3]
_USERS = 60_001, 4_000                                   # the first number of the sandboxes' own users, and how many


class Sandboxes:
    """All sandboxes of one server. Use it on the event loop only."""

    def __init__(self, cloud: Cloud | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._units: dict[int, SandboxUnit] = {}
        self._numbers = 0
        self._unsent: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._caps: asyncio.Task[Caps] | None = None
        self._rootless = False
        self._closed = False
        self._scratch = ""                               # the spawner's; it removes it when this process ends before it

    async def probe(self) -> Caps:
        """What this machine can do: found by making a sandbox and running a program in it, once."""
        if self._caps is None:
            self._caps = self._loop.create_task(self._probe())
        return await asyncio.shield(self._caps)

    def status(self) -> dict[str, Any]:
        """How many there are, and of which kind."""
        caps = self._caps.result() if self._caps is not None and self._caps.done() else None
        told = {} if caps is None else {"kind": caps.kind, "rootless": caps.rootless, "seccomp": caps.seccomp, "why": caps.why}
        return {"running": len(self._units), **told}

    async def create(self, spec: Spec) -> SandboxUnit:
        """A sandbox in which nothing runs yet. Raises SandboxProblem."""
        if self._closed:
            raise SandboxProblem("the server stops")
        unit = self._ask_for(spec)
        try:
            await unit.made()
        except asyncio.CancelledError:
            unit.kill()
            raise
        return unit

    async def forget(self, account: str | None, region: str | None) -> None:
        """Whose sandboxes are, their makers know."""

    def list_owned(self) -> list[SandboxUnit]:
        """Those that are there."""
        return list(self._units.values())

    async def close(self) -> None:
        """End all, and the spawner: it does not make what it was asked for and has not begun."""
        self._closed = True
        if self._process is None:
            return
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_WR)
        try:
            await asyncio.to_thread(self._process.wait, _PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()                         # its sandboxes die with it
            await asyncio.to_thread(self._process.wait)
        if self._control is not None:                    # its end was not told yet
            self._lost()
        self._process = None

    def user(self) -> int:
        """A number for the next sandbox's own user."""
        first, count = _USERS
        return first + self._numbers % count

    # --- the spawner ---

    def _ask_for(self, spec: Spec) -> SandboxUnit:
        self._spawner()
        self._numbers += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, _KIND)
        output, write = os.pipe()
        ours.setblocking(False)
        os.set_blocking(output, False)
        unit = self._units[self._numbers] = SandboxUnit(self._numbers, spec, ours, output, self._kill)
        self._send({"do": "create", "unit": unit.number, "spec": spec._asdict()}, (theirs.detach(), write))
        return unit

    def _kill(self, number: int) -> None:
        self._send({"do": "kill", "unit": number})

    def _send(self, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
        """Say something to the spawner, in turn: nothing is lost because it is busy. fds: closed here when it has them."""
        if self._control is None:                        # it is gone, and all sandboxes with it
            return
        self._unsent.append((json.dumps(message).encode(), fds))
        if len(self._unsent) == 1:
            self._send_on()

    def _send_on(self) -> None:
        control = self._control
        while self._unsent and control is not None:
            data, fds = self._unsent[0]
            try:
                socket.send_fds(control, [data], fds)
            except BlockingIOError:
                self._loop.add_writer(control.fileno(), self._send_on)
                return
            except OSError:
                pass                                     # it is gone, which is told in a moment
            self._unsent.popleft()
            for fd in fds:
                os.close(fd)
        if control is not None:
            self._loop.remove_writer(control.fileno())

    def _spawner(self) -> None:
        if self._control is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, _KIND)
            self._scratch = tempfile.mkdtemp(prefix="cumulet-sandbox-")
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", spawner.__name__, str(theirs.fileno()), self._scratch],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/",
                    env={**os.environ, "PYTHONPATH": str(_PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"})
            ours.setblocking(False)
            self._control = ours
            self._loop.add_reader(ours.fileno(), self._told)

    def _told(self) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(_MESSAGE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        message: dict[str, Any] = json.loads(data)
        if "made" in message:
            unit = self._units[message["made"]]
            unit.pid = message["pid"]
            self._rootless = message["rootless"]
        elif (gone := self._units.pop(message["gone"], None)) is not None:
            gone.fail(message.get("problem", "it ended at once"))
            gone.over()

    def _lost(self) -> None:
        """The spawner is gone, and all sandboxes with it; the next one that is wanted starts another."""
        assert self._control is not None
        self._loop.remove_reader(self._control.fileno())
        self._loop.remove_writer(self._control.fileno())
        for _, fds in self._unsent:
            for fd in fds:
                os.close(fd)
        self._unsent.clear()
        self._control.close()
        self._control = None
        shutil.rmtree(self._scratch, ignore_errors=True)
        for unit in self.list_owned():
            unit.over()
        self._units.clear()

    async def _probe(self) -> Caps:
        if sys.platform != "linux":
            return Caps(False, False, False, "namespaces are Linux's")
        try:
            unit = await self.create(Spec("namespace", "probe", self.user(), tmp_mb=1))
        except SandboxProblem as problem:
            return Caps(False, False, False, str(problem))
        exits: asyncio.Future[int] = self._loop.create_future()
        unit.on_exit = lambda _, status: exits.set_result(status) if not exits.done() else None
        unit.on_end = lambda why: exits.set_result(-1) if not exits.done() else None
        try:
            await unit.start(["/bin/sh", "-c", "grep -q 'Seccomp:.*2' /proc/self/status"], {}, "/")
            status = await exits
        except SandboxProblem as problem:
            return Caps(False, False, False, str(problem))
        finally:
            await unit.remove()
        if status not in (0, 1):
            said = unit.logs().decode(errors="replace")
            return Caps(False, False, False, f"a program in a namespace ended with status {status}: {said}")
        return Caps(True, self._rootless, status == 0)


def probe_once() -> Caps:
    """What this machine can do, for who has no event loop."""

    async def run() -> Caps:
        sandboxes = Sandboxes()
        try:
            return await sandboxes.probe()
        finally:
            await sandboxes.close()

    return asyncio.run(run())


# Messages keep their borders; macOS has no such sockets, but datagrams between a pair do the same there.
_KIND = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM

