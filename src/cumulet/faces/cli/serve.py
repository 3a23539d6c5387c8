"""Runs one server in this process, from its first word to its last.

`cumulet start` calls `serve` in the foreground; for `start -d`, `exec` and `restart` this module is the child's main
program, which is told its `Launch` as JSON on standard input (so that no password of a store shows in a list of processes).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec

from ... import __version__
from ...kernel.store.lock import FolderInUse
from ...kernel.store.schema import SchemaProblem
from ...kernel.store.snapshot import SnapshotProblem
from .. import control, portal, signin
from ..console import face as console
from .feed import Feed
from .hooks import Hooks
from .keys import Keys
from .launch import Launch, forget, remember

log = logging.getLogger("cumulet")
_BEGAN = time.perf_counter()         # where /proc does not tell when the process began


class CannotStart(Exception):
    """Said to the person who starts; hints are the lines below it."""

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.hints = hints


def serve(launch: Launch, log_file: str = "") -> int:
    """Serve until stopped; the exit code."""
    from ...kernel.cloud import run

    gc.disable()                         # until all is loaded: there is nothing to be found yet, and each look takes long
    logging.basicConfig(level=logging.DEBUG if launch.verbose else logging.INFO, stream=sys.stderr,
                        format="%(asctime)s  %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    for note in launch.notes:
        log.log(logging.WARNING if "UNKNOWN" in note else logging.INFO, note)
    engine = None
    if launch.settings.store == "postgres":
        launch, engine = _with_postgres(launch)
    try:
        run(_Process(launch, log_file).live())
    finally:
        if engine is not None:
            engine.stop()
    return 0


def _with_postgres(launch: Launch) -> tuple[Launch, Any]:
    """Start a PostgreSQL of our own beside the state; the launch with its address."""
    from ...drivers.engines import postgres
    from ...drivers.engines.contract import EngineProblem

    try:
        engine = postgres.start(Path(launch.settings.data) / "postgres")
    except EngineProblem as problem:
        raise CannotStart(str(problem)) from problem
    settings = msgspec.structs.replace(launch.settings, store=engine.url)
    return msgspec.structs.replace(launch, settings=settings), engine


class _Process:
    """One server's life."""

    def __init__(self, launch: Launch, log_file: str) -> None:
        from ...kernel.cloud import Cloud

        self.launch = launch
        self.log_file = log_file
        self.cloud = Cloud(launch.settings)
        self.control = control.mount(self.cloud, self.stop)
        signin.mount(self.cloud)
        portal.mount(self.cloud)
        console.mount(self.cloud)
        self.hooks = Hooks(launch.init, launch.settings)
        self.control.init = self.hooks.state = {
            "completed": {"BOOT": False, "START": False, "READY": False, "SHUTDOWN": False}, "scripts": []}
        self.stopping = asyncio.Event()
        self.feed = Feed()
        self.keys = Keys({"q": self.stop, "l": self.toggle, "s": self.tell, "r": self.ask_reset, "y": self.reset})
        self.asked = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    async def live(self) -> None:
        cloud = self.cloud
        self._catch_signals()
        await self.hooks.run("boot", "")
        try:
            await cloud.start()
        except OSError as problem:
            raise _explained(problem, self.launch) from problem
        except (FolderInUse, SchemaProblem, SnapshotProblem) as problem:
            raise CannotStart(str(problem)) from problem
        run_file = remember(self.launch, cloud.endpoint, self.log_file)
        try:
            await self.hooks.run("start", cloud.endpoint)
            self._ready()
            await self.stopping.wait()
        finally:
            self.keys.close()
            for task in self.tasks:
                task.cancel()
            await self.hooks.run("shutdown", cloud.endpoint)
            await cloud.stop()
            forget(run_file)
            self.feed.close()

    def _ready(self) -> None:
        keys = self.keys.open()
        if not self.launch.quiet:
            self.cloud.recorder.hook(self.feed.told)
        self.feed.say(self._banner(keys) + "Ready.\n")
        gc.freeze()                     # what is loaded now stays: later collections need not look at it
        gc.enable()
        self._in_background(self.hooks.run("ready", self.cloud.endpoint))
        if self.launch.settings.smtp:
            from ...drivers.mail.relay import Relay

            self._in_background(Relay(self.cloud, self.launch.settings.smtp).run())

    def _banner(self, keys: bool) -> str:
        settings = self.launch.settings
        state = "in memory" if settings.ephemeral else "postgres" if settings.store else settings.data
        took = _age()
        lines = [f" cumulet {__version__}   {self.cloud.endpoint}   console {self.cloud.endpoint}/_console/",
                 f" iam {settings.iam}   auth {settings.auth}   state {state}   ready in {took:.2f} s",
                 ' Next: eval "$(cumulet env)"   or   cumulet aws s3 mb s3://demo']
        if keys:
            lines.append(" Keys: l calls on/off   s status   r reset   q quit")
        return "\n".join(lines) + "\n"

    # --- keys ---

    def stop(self) -> None:
        self.stopping.set()

    def toggle(self) -> None:
        self.feed.shown = not self.feed.shown
        self.feed.say(f" calls {'shown' if self.feed.shown else 'hidden'}\n")

    def tell(self) -> None:
        recorder = self.cloud.recorder
        used = ", ".join(sorted(self.cloud.catalog.loaded)) or "none"
        self.feed.say(f" {self.cloud.endpoint}   {recorder.total:,} calls, {recorder.denied:,} denied   "
                      f"{control.memory_mb():.0f} MB   services in use: {used}\n")

    def ask_reset(self) -> None:
        self.asked = time.monotonic()
        self.feed.say(" Forget all state? y\n")

    def reset(self) -> None:
        if time.monotonic() - self.asked < 10:
            self.asked = 0.0
            self._in_background(self._reset())

    async def _reset(self) -> None:
        await self.cloud.reset()
        self.feed.say(" All state is forgotten.\n")

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):       # Windows: there Ctrl-C raises KeyboardInterrupt
                loop.add_signal_handler(number, self._interrupted, number)

    def _interrupted(self, number: int) -> None:
        if self.stopping.is_set() and number == signal.SIGINT:
            os._exit(130)               # asked twice: everything acknowledged is on disk already
        self.stopping.set()


def _age() -> float:
    """Seconds since this process began, its interpreter's start included."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):
        return time.perf_counter() - _BEGAN


def _explained(problem: OSError, launch: Launch) -> Exception:
    """Why a server cannot listen or open its state, in a sentence."""
    from .ports import holder, is_free

    settings = launch.settings
    if problem.errno == errno.EADDRINUSE:
        port = next((p for p in settings.ports if p and not is_free(settings.host, p)), 0)
        who = holder(port) if port else ""
        return CannotStart(f"Port {port} is in use" + (f" by {who}." if who else ".") if port else str(problem),
                           f"See whether it is cumulet:  cumulet status --endpoint http://localhost:{port}",
                           "Or take another port:       cumulet start --port 4567")
    if problem.errno == errno.EACCES:
        return CannotStart(f"No permission: {problem}", "Ports below 1024 need rights; try --port 4566.")
    return problem


def main() -> None:
    """The child's main program."""
    launch = msgspec.json.decode(sys.stdin.buffer.read(), type=Launch)
    try:
        code = serve(launch, sys.argv[1] if len(sys.argv) > 1 else "")
    except CannotStart as problem:
        print(f"✗ {problem}", *problem.hints, sep="\n  ", file=sys.stderr)
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
