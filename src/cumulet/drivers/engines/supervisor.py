"""Child processes: started, probed, started again when they fall, stopped, and never left behind.

On Linux a child is ended by the kernel when the thread that started it ends (PR_SET_PDEATHSIG), so all children are
started from the supervisor's own thread, which lives as long as the process does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from .contract import EngineProblem

LOG_LINES = 500
_PR_SET_PDEATHSIG = 1
_LONGEST_PAUSE = 10.0
_PROBE = 0.02                          # seconds between two looks at a process that starts
_STEADY = 30.0                         # a process that ran for so long begins with short pauses again
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Supervisor:
    """One child process.

    ready: whether it answers.  user: the (uid, gid) that it runs as; None for ours.
    patience: seconds until it must be ready.  stop_signal, deadline: how it is asked to end, and how long that may take.
    """

    def __init__(self, name: str, command: Sequence[str], ready: Callable[[], bool], *,
                 user: tuple[int, int] | None = None, folder: str | None = None, env: Mapping[str, str] | None = None,
                 patience: float = 30.0, stop_signal: int = signal.SIGTERM, deadline: float = 10.0) -> None:
        self.name = name
        self._command = list(command)
        self._ready = ready
        self._user = user
        self._folder = folder
        self._env = None if env is None else dict(env)
        self._patience = patience
        self._stop_signal = stop_signal
        self._deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._came_up = threading.Event()
        self._stopping = threading.Event()
        self._problem: Exception | None = None
        self._thread: threading.Thread | None = None
        self.restarts = 0

    def start(self) -> None:
        """Returns when the process is ready; raises EngineProblem when it does not become so."""
        self._stopping.clear()
        self._came_up.clear()
        self._problem = None
        self._thread = threading.Thread(target=self._main, name=f"engine-{self.name}", daemon=True)
        self._thread.start()
        self._came_up.wait()
        if self._problem is not None:
            self._thread.join()
            raise EngineProblem(f"{self.name} did not start: {self._problem}\n{self.logs()}") from self._problem

    def stop(self) -> None:
        """Ask the process to end; after the deadline it is killed."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def logs(self) -> str:
        """The last lines that it wrote."""
        return "\n".join(self._lines)

    @property
    def pid(self) -> int:
        """The process, 0 when there is none at this moment."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    # --- the supervisor's thread ---

    def _main(self) -> None:
        pause = 0.1
        while True:
            try:
                ran = self._once()
            except (OSError, EngineProblem) as problem:
                if not self._came_up.is_set():
                    self._problem = problem
                    self._came_up.set()
                    return
                self._lines.append(f"[{self.name} does not come up: {problem}]")
                ran = 0.0
            if self._stopping.is_set():
                return
            pause = 0.1 if ran > _STEADY else min(pause * 2, _LONGEST_PAUSE)
            self._lines.append(f"[{self.name} ended; started again in {pause:.1f} s]")
            if self._stopping.wait(pause):
                return
            self.restarts += 1

    def _once(self) -> float:
        """One life of the process; for how many seconds it was up."""
        process = self._spawn()
        try:
            self._await_ready(process)
            self._came_up.set()
            steps = 0
            while process.poll() is None and not self._stopping.wait(0.1):
                steps += 1
            return steps * 0.1
        finally:
            self._end(process)

    def _spawn(self) -> subprocess.Popen[bytes]:
        parent = os.getpid()
        user = self._user
        process = subprocess.Popen(
            self._command, cwd=self._folder, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, user=user[0] if user else None,
            group=user[1] if user else None, extra_groups=[] if user else None,
            preexec_fn=(lambda: _die_with(parent)) if _libc is not None else None)
        self._process = process
        assert process.stdout is not None
        threading.Thread(target=self._listen, args=(process.stdout,), name=f"log-{self.name}", daemon=True).start()
        return process

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._lines.append(line.decode("utf-8", "replace").rstrip()[:2000])

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        waited = 0.0
        while not self._ready():
            if process.poll() is not None:
                self._stopping.wait(0.05)                # its last words are on their way
                raise EngineProblem(f"it ended at once, with status {process.returncode}")
            if waited > self._patience:
                raise EngineProblem(f"it was not ready after {self._patience:.0f} s")
            if self._stopping.wait(_PROBE):
                return
            waited += _PROBE

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.send_signal(self._stop_signal)
            try:
                process.wait(self._deadline)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._process = None


def _die_with(parent: int) -> None:
    """In the child, before the program: end when the parent does."""
    assert _libc is not None
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:                           # it ended before we asked
        os._exit(1)
