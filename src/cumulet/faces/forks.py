"""Forks of a running cloud: its state as it is now, served at another port by this process, each going its own way.

They end with the cloud that they come from, and nothing of them stays, unless a snapshot of one is saved: theirs lie on the
same shelf.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from typing import Any, NamedTuple

import msgspec

from ..kernel.cloud import Cloud
from ..kernel.store import forks as folders
from ..kernel.store.snapshot import SnapshotProblem


class Fork(NamedTuple):
    """One of them. made: real time.  seconds: how long the copy and the start took."""

    cloud: Cloud
    made: float
    seconds: float


class Forks:
    """The forks of one cloud, by name: `cloud.driver(Forks)`."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._running: dict[str, Fork] = {}
        self._last = 0

    async def make(self, name: str = "", port: int = 0) -> dict[str, Any]:
        """Copy the state and serve it."""
        self._last += 1
        name = name or f"fork-{self._last}"
        self._cloud.shelf.path(name)                       # names are as those of snapshots
        if name in self._running:
            raise SnapshotProblem(f"There is a fork {name} already.")
        store, settings = self._cloud.store, self._cloud.settings
        loop = asyncio.get_running_loop()
        began = loop.time()
        path = folders.new(store.folder, settings.ephemeral)
        await loop.run_in_executor(None, store.fork, path)
        fork = Cloud(msgspec.structs.replace(settings, ports=(port,), sockets=(), store="", ephemeral=True, begins=path))
        _mount(fork)
        fork.shelf.home = self._cloud.shelf.home
        try:
            await fork.start()
        except BaseException as problem:
            if (opened := getattr(fork, "store", None)) is not None:
                await opened.close()
            shutil.rmtree(path, ignore_errors=True)
            if isinstance(problem, OSError):
                raise SnapshotProblem(f"The fork cannot listen at port {port}: {problem.strerror or problem}") from None
            raise
        self._running[name] = Fork(fork, self._cloud.clock.wall(), loop.time() - began)
        return self._told(name)

    def listed(self) -> list[dict[str, Any]]:
        """All of them, in the order of their making."""
        return [self._told(name) for name in self._running]

    def _told(self, name: str) -> dict[str, Any]:
        fork = self._running[name]
        return {"name": name, "endpoint": fork.cloud.endpoint, "made": fork.made, "seconds": round(fork.seconds, 4)}

    async def remove(self, name: str) -> None:
        """End one, and forget its state."""
        if name not in self._running:
            raise SnapshotProblem(f"There is no fork {name}.")
        await self._running.pop(name).cloud.stop(grace=0.2)

    async def forget(self, account: str | None, region: str | None) -> None:
        """What is forgotten or replaced here is no matter of theirs."""

    def status(self) -> dict[str, Any]:
        """Which there are."""
        return {"forks": self.listed()}

    async def close(self) -> None:
        """The cloud stops, and they with it."""
        for name in list(self._running):
            await self.remove(name)
        if not self._cloud.settings.ephemeral:
            with contextlib.suppress(OSError):             # none was made, or somebody else's is there
                os.rmdir(folders.home(self._cloud.store.folder))


def _mount(cloud: Cloud) -> None:
    """All that answers beside the APIs."""
    from . import control, portal, signin
    from .console import face as console

    control.mount(cloud)
    signin.mount(cloud)
    portal.mount(cloud)
    console.mount(cloud)
