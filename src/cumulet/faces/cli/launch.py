"""A server as a process: what it is told at its start, and the file by which other commands find it again.

The run file stands beside the data folder (`.cumulet/server.json`), readable by its owner only. It is written once the
server answers and removed at its end; one whose process is gone is stale and nobody believes it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ...kernel.settings import Settings
from .base import Failure, TimedOut

RUN_FILE = "server.json"
LOG_FILE = "server.log"


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to run one server. folder: where its run file and log are."""

    settings: Settings
    folder: str
    init: str = ""
    verbose: bool = False
    quiet: bool = False
    notes: tuple[str, ...] = ()


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What the run file says."""

    pid: int
    endpoint: str
    log: str
    launch: Launch


def folder_of(settings: Settings) -> Path:
    """Where a server with these settings keeps its run file and log."""
    return Path(settings.data).absolute().parent


def find(folder: Path) -> Running | None:
    """The server started from this folder, if it still runs."""
    try:
        running = msgspec.json.decode((folder / RUN_FILE).read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None
    return running if alive(running.pid) else None


def remember(launch: Launch, endpoint: str, log: str) -> Path:
    """Write the run file; whole or not at all."""
    path = Path(launch.folder) / RUN_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    running = Running(pid=os.getpid(), endpoint=endpoint, log=log, launch=launch)
    beside = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as f:
        f.write(msgspec.json.format(msgspec.json.encode(running)))
    beside.replace(path)
    return path


def forget(path: Path) -> None:
    """Remove the run file, if it is this process's."""
    try:
        if json.loads(path.read_bytes())["pid"] == os.getpid():
            path.unlink()
    except (OSError, ValueError, KeyError):
        return


def alive(pid: int) -> bool:
    """Does this process run (and is not merely waiting to be reaped)?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True


class Server:
    """A server in a process of its own, started by us."""

    def __init__(self, launch: Launch, *, log: Path | None, detached: bool, env: Mapping[str, str] | None = None) -> None:
        self.folder = Path(launch.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = log
        self._offset = log.stat().st_size if log is not None and log.exists() else 0
        sink: Any = log.open("ab") if log is not None else subprocess.DEVNULL
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cumulet.faces.cli.serve", str(log or "")], stdin=subprocess.PIPE, stdout=sink,
                stderr=subprocess.STDOUT, start_new_session=detached, env=dict(env) if env is not None else None)
        finally:
            if log is not None:
                sink.close()
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(launch))
        self.process.stdin.close()

    def wait(self, timeout: float = 60.0) -> Running:
        """Until it answers. Raises with the end of its log when it does not come up."""
        deadline = time.monotonic() + timeout
        while True:
            running = find(self.folder)
            if running is not None and running.pid == self.process.pid:
                return running
            if self.process.poll() is not None:
                raise Failure("The server did not start.", *self._last_words())
            if time.monotonic() > deadline:
                self.process.kill()
                raise TimedOut(f"The server did not start within {timeout:g} s.", *self._last_words())
            time.sleep(0.01)

    def _last_words(self) -> list[str]:
        if self.log is None:
            return []
        with self.log.open("rb") as f:
            f.seek(self._offset)
            return f.read()[-3000:].decode(errors="replace").splitlines()[-15:]

    def stop(self, timeout: float = 15.0) -> None:
        """Let it finish what it does; kill it when it does not come to an end."""
        self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
