"""A sandbox as its maker sees it: a socket to its first process, the pipe of its programs' output, its listening sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .contract import SandboxProblem, Spec, Stats

_MESSAGE, _CHUNK = 1 << 18, 1 << 16


class SandboxUnit:
    """See `contract.Unit`. Made by `Sandboxes.create`."""

    def __init__(self, number: int, spec: Spec, control: socket.socket, output: int, kill: Callable[[int], None]) -> None:
        self.number = number
        self.spec = spec
        self.pid = 0                                     # of its first process, as the machine numbers it
        self.sockets: list[socket.socket] = []
        self.on_output: Callable[[bytes], None] | None = None
        self.on_exit: Callable[[int, int], None] | None = None
        self.on_end: Callable[[str], None] | None = None
        self.why = ""
        self._control = control
        self._output = output
        self._others: dict[int, Callable[[bytes], None]] = {}    # programs' own outputs → who is told
        self._kill = kill
        self._kept = bytearray()
        self._folder = ""                                # of the process kind: what is /tmp for it
        self._loop = asyncio.get_running_loop()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._asked = 0
        self._made: asyncio.Future[None] = self._loop.create_future()
        self._gone = asyncio.Event()
        self._loop.add_reader(control.fileno(), self._told)
        self._loop.add_reader(output, self._read, output)

    # --- what the contract says ---

    def inside(self, target: str) -> str:
        if self.spec.kind == "namespace":
            return target
        if target == "/tmp" or target.startswith("/tmp/"):
            return self._folder + target[4:]
        for mount in self.spec.mounts:
            if target == mount.target or target.startswith(mount.target + "/"):
                return mount.source + target[len(mount.target):]
        return target

    async def start(self, argv: Sequence[str], env: Mapping[str, str], folder: str,
                    on_output: Callable[[bytes], None] | None = None) -> int:
        answer = await self._ask(do="start", argv=list(argv), env=dict(env), folder=folder, own=on_output is not None)
        if "problem" in answer:
            raise SandboxProblem(f"{argv[0]} was not started: {answer['problem']}")
        if on_output is not None:
            output = answer["fds"][0]
            os.set_blocking(output, False)
            self._others[output] = on_output
            self._loop.add_reader(output, self._read, output)
        return int(answer["pid"])

    async def socket(self) -> socket.socket:
        made = socket.socket(fileno=(await self._ask(do="socket"))["fds"][0])
        made.setblocking(False)
        return made

    def signal(self, program: int, number: int) -> None:
        self._say(do="signal", program=program, number=number)

    def freeze(self) -> None:
        self._say(do="freeze")

    def thaw(self) -> None:
        self._say(do="thaw")

    def logs(self) -> bytes:
        found = bytes(self._kept)
        self._kept.clear()
        return found

    async def stats(self) -> Stats:
        answer = await self._ask(do="stats")
        return Stats(*answer["stats"])

    async def stop(self, seconds: float) -> None:
        self._say(do="stop")
        with contextlib.suppress(asyncio.TimeoutError, SandboxProblem):
            await asyncio.wait_for(self._ask(do="idle"), seconds)
        await self.remove()

    def kill(self) -> None:
        if not self._gone.is_set():
            self._kill(self.number)

    async def wait(self) -> None:
        await self._gone.wait()

    async def remove(self) -> None:
        self.kill()
        await self.wait()

    # --- from the sandbox ---

    async def made(self) -> None:
        """Until its first process is ready; raises SandboxProblem when it does not become so."""
        await self._made

    def drain(self) -> None:
        """Take what the programs wrote so far."""
        if not self._gone.is_set():
            for output in (*self._others, self._output):
                self._read(output)

    def _read(self, output: int) -> None:
        told = self._others.get(output) or self.on_output or self._kept.extend
        with contextlib.suppress(BlockingIOError):
            while data := os.read(output, _CHUNK):
                told(data)
                if len(data) < _CHUNK:
                    return
            self._loop.remove_reader(output)

    def _told(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self._control, _MESSAGE, 16)
        except BlockingIOError:
            return
        except OSError:
            data, fds = b"", []
        if not data:
            self._loop.remove_reader(self._control.fileno())
            return
        message = json.loads(data)
        if "id" in message:
            answer = self._answers.pop(message["id"])
            if answer.done():
                for fd in fds:
                    os.close(fd)
            else:
                answer.set_result({**message, "fds": fds})
        elif "exit" in message:
            self.drain()
            if self.on_exit is not None:
                self.on_exit(*message["exit"])
        elif "over" in message:
            self.why = message["over"]
        elif "problem" in message:
            self.fail(message["problem"])
        else:
            self._folder = message["ready"]
            self.sockets = [socket.socket(fileno=fd) for fd in fds]
            for listening in self.sockets:
                listening.setblocking(False)
            if not self._made.done():
                self._made.set_result(None)

    # --- from the spawner ---

    def fail(self, problem: str) -> None:
        """It could not be made."""
        if not self._made.done():
            self._made.set_exception(SandboxProblem(problem))
            self._made.exception()                       # asked for or not

    def over(self) -> None:
        """Its first process is gone, and with it all others."""
        if self._gone.is_set():
            return
        self._told_all()
        self.drain()
        self.fail("it ended at once")
        self._gone.set()
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        for fd in (self._output, *self._others):
            self._loop.remove_reader(fd)
            os.close(fd)
        for listening in self.sockets:
            listening.close()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(SandboxProblem("it is gone"))
                answer.exception()
        if self.on_end is not None:
            self.on_end(self.why)

    def _told_all(self) -> None:
        """Its last words."""
        while self._loop.remove_reader(self._control.fileno()):
            self._loop.add_reader(self._control.fileno(), self._told)
            try:
                self._control.recv(1, socket.MSG_PEEK)
            except OSError:
                return
            self._told()

    # --- to the sandbox ---

    def _say(self, **message: Any) -> None:
        with contextlib.suppress(OSError):
            self._control.send(json.dumps(message).encode())

    async def _ask(self, **message: Any) -> dict[str, Any]:
        if self._gone.is_set():
            raise SandboxProblem("it is gone")
        self._asked += 1
        answer: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._answers[self._asked] = answer
        self._say(id=self._asked, **message)
        return await answer


def ended_by(status: int) -> str:
    """How a program ended, in Lambda's words."""
    if status > 128:
        with contextlib.suppress(ValueError):
            name = signal.strsignal(status - 128) or str(status - 128)
            return "signal: " + name.lower()
    return f"exit status {status}"
