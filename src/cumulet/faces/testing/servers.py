"""Where the cloud of a test run answers: in a thread of this process, in a process of its own, or where somebody says."""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...kernel.cloud import Cloud, CloudThread
    from ...kernel.settings import Settings
    from ..cli.launch import Server as Process
    from ..cli.remote import Remote
    from .account import Cumulet


class Server:
    """A running cloud. `endpoint`: its address, as an IP address so that S3 clients put buckets into the path."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/").replace("//localhost", "//127.0.0.1")
        self._remote: Remote | None = None

    @property
    def control(self) -> Remote:
        """Its control API."""
        if self._remote is None:
            from ..cli.remote import Remote

            self._remote = Remote(self.endpoint)
        return self._remote

    def account(self, account: str = "", region: str = "") -> Cumulet:
        """The cloud seen from an account; from a new one, unless one is named."""
        from .account import Cumulet

        return Cumulet(self, account or new_account(), region)

    def forget(self, account: str) -> None:
        """All that an account has goes; `""`: all that is there."""
        self.control.post("/_cumulet/reset", {"account": account} if account else {})

    def mark(self) -> object:
        """Equal to an earlier one only when no call came meanwhile."""
        return object()

    def fork(self) -> Fork:
        """A copy of all that is there, in the same process, with a clock of its own."""
        return Fork(self)

    def stop(self) -> None:
        """The end of a server that was started here; otherwise it ends with this process."""


class Fork(Server):
    """A copy of another cloud."""

    def __init__(self, origin: Server) -> None:
        made = origin.control.post("/_cumulet/forks")
        self._origin, self._name = origin, made["name"]
        super().__init__(made["endpoint"])

    def stop(self) -> None:
        self._origin.control.post("/_cumulet/forks/rm", {"name": self._name})


class InThread(Server):
    """In a thread of this process: nothing to start, nothing left behind."""

    def __init__(self, **settings: Any) -> None:
        from ...kernel.cloud import CloudThread

        self._folder = tempfile.mkdtemp(prefix="cumulet-test-")
        self._thread: CloudThread = CloudThread(_settings(self._folder, settings), _mount)
        try:
            self._thread.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        super().__init__(self._thread.cloud.endpoint)
        atexit.register(self.stop)

    def forget(self, account: str) -> None:
        self._thread.call(self._thread.cloud.reset(account or None))

    def mark(self) -> object:
        return self._thread.cloud.recorder.total

    def stop(self) -> None:
        atexit.unregister(self.stop)
        self._thread.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class InProcess(Server):
    """In a process of its own: its work is not in the way of the test's."""

    def __init__(self, **settings: Any) -> None:
        from ..cli.launch import Launch
        from ..cli.launch import Server as Process

        self._folder = tempfile.mkdtemp(prefix="cumulet-test-")
        launch = Launch(settings=_settings(self._folder, settings), folder=self._folder, quiet=True)
        self._process: Process = Process(launch, log=Path(self._folder) / "server.log", detached=True)
        try:
            endpoint = self._process.wait().endpoint
        except BaseException:
            self.stop()
            raise
        super().__init__(endpoint)
        atexit.register(self.stop)

    def stop(self) -> None:
        atexit.unregister(self.stop)
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def start(place: str) -> Server:
    """`thread`, `process`, or the address of a server that runs already."""
    if place == "thread":
        return InThread()
    if place == "process":
        return InProcess()
    if not place.startswith(("http://", "https://")):
        raise ValueError(f"cumulet runs in a thread, a process, or at an address as http://localhost:4566, not at {place!r}")
    server = Server(place)
    server.control.get("/_cumulet/health")
    return server


def new_account() -> str:
    """The id of an account that nobody else uses."""
    return str(secrets.randbelow(899_999_999_999) + 100_000_000_000)


def _settings(folder: str, given: dict[str, Any]) -> Settings:
    from ...kernel.settings import Settings

    return Settings(**{"ports": (0,), "data": f"{folder}/state", "ephemeral": True, **given})


def _mount(cloud: Cloud) -> None:
    from .. import control, portal, signin

    control.mount(cloud)
    signin.mount(cloud)
    portal.mount(cloud)
