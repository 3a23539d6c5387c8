"""The process that makes sandboxes: one a server, single-threaded, started when the first sandbox is wanted.

It gets descriptors and a spec for each sandbox, makes its first process (`init.py`) in new namespaces, tells when it is gone,
and kills it when asked. When the server is gone (its end of the socket is closed), all sandboxes end, and then this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
from typing import Any, NoReturn

from . import namespaces, processes, seccomp
from .contract import Mount, Spec
from .init import Init

_MESSAGE = 1 << 18
_PR_SET_CHILD_SUBREAPER = 36
_CLOSED: int = getattr(select, "POLLRDHUP", 0)          # told before what was sent earlier is read; Linux only


class Spawner:
    """The server's end of its socket is `control`'s other one."""

    def __init__(self, control: socket.socket, scratch: str) -> None:
        self.control = control
        self.units: dict[int, tuple[int, bool]] = {}             # process → (number of the sandbox, in namespaces)
        self.filter = seccomp.program()
        self.scratch = scratch
        os.chmod(self.scratch, 0o711)
        self.root = os.path.join(self.scratch, "root")
        os.makedirs(self.root, exist_ok=True)

    def serve(self) -> None:
        """Until the server is gone."""
        ended, wake = os.pipe()
        for fd in (ended, wake):
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        waiting = select.poll()
        waiting.register(self.control, select.POLLIN | _CLOSED)
        waiting.register(ended, select.POLLIN)
        serving = True
        while serving:
            for fd, what in waiting.poll():
                if what & (_CLOSED | select.POLLHUP) and fd != ended:
                    serving = False                      # whatever was still asked for: nobody is there to use it
                elif fd == ended:
                    with contextlib.suppress(BlockingIOError):
                        os.read(ended, 4096)
                    self._reap()
                else:
                    serving = self._asked()
        self._end()

    def _asked(self) -> bool:
        try:
            data, fds, _, _ = socket.recv_fds(self.control, _MESSAGE, 2)
        except OSError:
            return False
        if not data:
            return False
        message = json.loads(data)
        if message["do"] == "create":
            self._create(message, fds)
        else:
            self._kill(message["unit"])
        return True

    def _create(self, message: dict[str, Any], fds: list[int]) -> None:
        fields = message["spec"]
        spec = Spec(**{**fields, "mounts": tuple(Mount(*m) for m in fields["mounts"]), "listen": tuple(fields["listen"])})
        outer = os.geteuid(), os.getegid()               # a new user namespace does not know them
        try:
            pid, rootless = self._clone(spec)
            if pid == 0:
                self._become(spec, rootless, outer, fds, message["unit"])
            self.units[pid] = (message["unit"], spec.kind == "namespace")
            self._tell(made=message["unit"], pid=pid, rootless=rootless)
        except OSError as problem:
            self._tell(gone=message["unit"], problem=str(problem))
        for fd in fds:
            os.close(fd)

    @staticmethod
    def _clone(spec: Spec) -> tuple[int, bool]:
        if spec.kind == "process":
            return os.fork(), False
        if os.geteuid() == 0:
            with contextlib.suppress(OSError):           # root without its rights, as in some containers
                return namespaces.clone(namespaces.NEW_ALL), False
        return namespaces.clone(namespaces.NEW_ALL | namespaces.USER), True

    def _become(self, spec: Spec, rootless: bool, outer: tuple[int, int], fds: list[int], unit: int) -> NoReturn:
        """In the new process: be the first of a sandbox."""
        control = socket.socket(fileno=fds[0])
        try:
            signal.set_wakeup_fd(-1)
            namespaces.die_with_parent()
            if spec.kind == "namespace":
                sockets = namespaces.enter(spec, self.root, rootless, outer)
                namespaces.die_with_parent()             # a change of the user took it away
            else:
                os.setsid()
                _adopt_orphans()
                sockets = namespaces.listening(spec.listen, fixed=False)
                os.mkdir(self._folder(unit), 0o700)
            self._close_all_but(fds, [s.fileno() for s in sockets])
            if spec.kind == "namespace":
                seccomp.enter(namespaces.libc, self.filter)
            socket.send_fds(control, [json.dumps({"ready": self._folder(unit)}).encode()], [s.fileno() for s in sockets])
            for s in sockets:
                s.close()
            owned = processes.namespaced if spec.kind == "namespace" else lambda: processes.descendants(os.getpid())
            Init(spec, control, fds[1], owned).serve()
            if spec.kind == "process":
                processes.end(os.getpid())
        except BaseException as problem:
            with contextlib.suppress(OSError):
                control.send(json.dumps({"problem": f"{type(problem).__name__}: {problem}"}).encode())
        finally:
            os._exit(0)

    def _folder(self, unit: int) -> str:
        """What is /tmp for a sandbox without a file system of its own."""
        return os.path.join(self.scratch, str(unit))

    @staticmethod
    def _close_all_but(fds: list[int], more: list[int]) -> None:
        """What belongs to the spawner is not for the sandbox."""
        kept = sorted({0, 1, 2, *fds, *more})
        for low, high in zip(kept, [*kept[1:], 4096], strict=True):
            os.closerange(low + 1, high)

    def _kill(self, unit: int) -> None:
        for pid, (number, namespaced) in self.units.items():
            if number == unit:
                processes.send([pid], signal.SIGKILL if namespaced else signal.SIGTERM)

    def _reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            found = self.units.pop(pid, None)
            if found is not None:
                shutil.rmtree(self._folder(found[0]), ignore_errors=True)
                self._tell(gone=found[0])
        # What comes to us and is no sandbox was left behind by one.
        processes.send([pid for pid in processes.children(os.getpid()) if pid not in self.units], signal.SIGKILL)

    def _tell(self, **message: Any) -> None:
        with contextlib.suppress(OSError):
            self.control.send(json.dumps(message).encode())

    def _end(self) -> None:
        for pid, (_, namespaced) in self.units.items():
            processes.send([pid], signal.SIGKILL if namespaced else signal.SIGTERM)
        for pid in list(self.units):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        shutil.rmtree(self.scratch, ignore_errors=True)


def _adopt_orphans() -> None:
    """What a child leaves behind comes to this process."""
    if hasattr(namespaces.libc, "prctl"):
        namespaces.libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main() -> None:
    """`python -m cumulet.drivers.sandbox.spawner FD FOLDER`"""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _adopt_orphans()
    Spawner(control, sys.argv[2]).serve()


if __name__ == "__main__":
    main()
