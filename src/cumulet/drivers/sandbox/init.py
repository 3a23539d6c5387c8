"""The first process of a sandbox: starts programs in it, tells of their ends, freezes them, and watches their memory.

It is asked over a socket, a JSON message each way. When nobody holds the other end any more, it ends, and all with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Any

from . import processes
from .contract import Spec
from .namespaces import die_with_parent, limit

_WATCH_MS = 100
_MESSAGE = 1 << 18


class Init:
    """One sandbox, seen from inside. owned: its programs, found among all processes."""

    def __init__(self, spec: Spec, control: socket.socket, log: int, owned: Callable[[], list[int]]) -> None:
        self.spec = spec
        self.control = control
        self.log = log
        self.owned = owned
        self.frozen = False
        self.ending = False
        self.programs: set[int] = set()
        self.awaited: list[int] = []                     # questions that are answered when no program is left

    def serve(self) -> None:
        """Until the other end is closed or says so."""
        ended, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(ended, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._terminated)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        waiting = select.poll()
        waiting.register(self.control, select.POLLIN)
        waiting.register(ended, select.POLLIN)
        while not self.ending:
            watching = self.spec.memory_mb and self.programs and not self.frozen
            ready = waiting.poll(_WATCH_MS if watching else None)
            for fd, _ in ready:
                if fd == ended:
                    with contextlib.suppress(BlockingIOError):
                        os.read(ended, 4096)
                    self._reap()
                else:
                    self._asked()
            if not ready and watching:
                self._watch()

    def tell(self, fds: Sequence[int] = (), /, **message: Any) -> None:
        try:
            data = json.dumps(message).encode()
            if fds:
                socket.send_fds(self.control, [data], fds)
            else:
                self.control.send(data)
        except OSError:
            self.ending = True

    def _terminated(self, *_: object) -> None:
        self.ending = True

    def _asked(self) -> None:
        try:
            data = self.control.recv(_MESSAGE)
        except OSError:
            data = b""
        if not data:
            self.ending = True
            return
        message = json.loads(data)
        match message["do"]:
            case "start":
                self._start(message)
            case "signal":
                if message["program"] in self.programs:
                    processes.send([message["program"]], message["number"])
            case "freeze":
                self.frozen = True
                processes.send(self.owned(), signal.SIGSTOP)
            case "thaw":
                self.frozen = False
                processes.send(self.owned(), signal.SIGCONT)
            case "socket":
                with socket.socket() as made:
                    self.tell([made.fileno()], id=message["id"])
            case "stats":
                owned = self.owned()
                self.tell(id=message["id"], stats=[processes.used_kb(owned), len(owned)])
            case "stop":
                processes.send(self.owned(), signal.SIGTERM)
                processes.send(self.owned(), signal.SIGCONT)
            case "idle":
                self.awaited.append(message["id"])
                self._tell_if_idle()
            case "end":
                self.ending = True

    def _start(self, message: dict[str, Any]) -> None:
        """Its output goes to the log of all, or to a pipe of its own whose end is told."""
        pipe = os.pipe() if message["own"] else ()
        try:
            pid = os.fork()
            if pid == 0:
                self._become(message, pipe[1] if pipe else self.log)
            self.programs.add(pid)
            self.tell(pipe[:1], id=message["id"], pid=pid)
        except OSError as problem:
            self.tell(id=message["id"], problem=str(problem))
        finally:
            for fd in pipe:
                os.close(fd)

    def _become(self, message: dict[str, Any], log: int) -> None:
        """In the child: be the program."""
        try:
            die_with_parent()
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            nothing = os.open(os.devnull, os.O_RDONLY)
            for fd, to in ((nothing, 0), (log, 1), (log, 2)):
                os.dup2(fd, to)
            os.closerange(3, 4096)
            limit(self.spec)
            os.chdir(message["folder"])
            os.execvpe(message["argv"][0], message["argv"], message["env"])
        except BaseException as problem:
            os.write(2, f"{message['argv'][0]}: {problem}\n".encode())
        finally:
            os._exit(127)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid in self.programs:
                self.programs.discard(pid)
                code = os.waitstatus_to_exitcode(status)
                self.tell(exit=[pid, code if code >= 0 else 128 - code])

        self._tell_if_idle()

    def _tell_if_idle(self) -> None:
        if self.awaited and not self.owned():
            for number in self.awaited:
                self.tell(id=number)
            self.awaited.clear()

    def _watch(self) -> None:
        """All programs of a sandbox that uses too much are ended. The quick look first: it never says too little."""
        most = self.spec.memory_mb * 1024
        owned = self.owned()
        if processes.resident_kb(owned) > most and processes.used_kb(owned) > most:
            self.tell(over="memory")
            processes.send(owned, signal.SIGKILL)
