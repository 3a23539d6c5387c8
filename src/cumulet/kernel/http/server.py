"""Listening: several ports and UNIX sockets, TLS on the same ports, graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import stat
import sys
import threading
from collections.abc import Sequence
from typing import Any

from .connections import Connections
from .limits import Limits
from .listener import Listener
from .message import Handler
from .protocol import HttpProtocol
from .tls import Authority, TlsSettings

__all__ = ["Server", "ServerThread", "TlsSettings"]

_BACKLOG = 4096


class Server:
    """Serves a handler. `addresses` are the hosts and ports that it really listens on."""

    def __init__(self, handler: Handler, ports: Sequence[tuple[str, int]], sockets: Sequence[str] = (),
                 tls: TlsSettings | None = None, limits: Limits | None = None) -> None:
        self._handler = handler
        self._ports = ports
        self._sockets = sockets
        self._authority = Authority(tls.folder) if tls is not None else None
        self._limits = limits or Limits()
        self._listening: list[asyncio.AbstractServer | Listener] = []
        self._files: list[tuple[str, int]] = []          # UNIX sockets that we made, and their inodes
        self._connections: Connections | None = None
        self.addresses: list[tuple[str, int]] = []

    @property
    def connected(self) -> int:
        """How many connections there are."""
        return len(self._connections) if self._connections is not None else 0

    async def start(self) -> None:
        """Listen. Raises OSError when an address is taken; then nothing listens."""
        self._connections = Connections(self._handler, self._limits)
        try:
            for host, port in self._ports:
                await self._listen(host, port)
            for path in self._sockets:
                await self._listen_file(path)
        except BaseException:
            await self.stop(0.0)
            raise
        self._connections.start()

    async def stop(self, grace: float = 5.0) -> None:
        """Accept nothing more, finish what is in progress within `grace` seconds, end the rest."""
        for server in self._listening:
            server.close()
        self._listening.clear()
        for path, inode in self._files:
            with contextlib.suppress(FileNotFoundError):
                if os.stat(path).st_ino == inode:
                    os.unlink(path)
        self._files.clear()
        if self._connections is not None:
            await self._connections.stop(grace)

    async def adopt(self, listening: socket.socket) -> asyncio.AbstractServer:
        """Serve on one more socket that listens: a door into a sandbox. Whoever gave it closes what is returned."""
        shared = self._connections
        assert shared is not None
        return await asyncio.get_running_loop().create_server(lambda: HttpProtocol(shared), sock=listening)

    async def _listen(self, host: str, port: int) -> None:
        """On all addresses of a host, on one port."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in sorted({(f, a) for f, _, _, _, a in found}):
            listening = socket.socket(family, socket.SOCK_STREAM)
            try:
                listening.setblocking(False)
                if sys.platform != "win32":
                    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listening.bind((address[0], port, *address[2:]))
                listening.listen(_BACKLOG)
            except OSError as problem:
                listening.close()
                if family == socket.AF_INET6 and problem.errno == errno.EADDRNOTAVAIL and len(found) > 1:
                    continue                             # a machine without IPv6 that knows ::1 by name
                raise
            port = listening.getsockname()[1]            # where any port will do, all addresses get the same
            self.addresses.append(listening.getsockname()[:2])
            await self._serve(listening)

    async def _serve(self, listening: socket.socket) -> None:
        shared = self._connections
        assert shared is not None
        if self._authority is not None:
            self._listening.append(Listener(listening, shared, self._authority))
        else:
            self._listening.append(await asyncio.get_running_loop().create_server(
                lambda: HttpProtocol(shared), sock=listening, backlog=_BACKLOG))

    async def _listen_file(self, path: str) -> None:
        """On a UNIX socket; one that a dead process left behind is replaced."""
        shared = self._connections
        assert shared is not None
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(os.stat(path).st_mode) or _answers(path):
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), path)
            os.unlink(path)
        self._listening.append(await asyncio.get_running_loop().create_unix_server(
            lambda: HttpProtocol(shared), path, backlog=_BACKLOG))
        self._files.append((path, os.stat(path).st_ino))


def _answers(path: str) -> bool:
    """Whether somebody listens on a UNIX socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True


class ServerThread:
    """A server with a loop of its own in a thread, for tests and measurements; a context manager."""

    def __init__(self, handler: Handler, ports: Sequence[tuple[str, int]] = (("127.0.0.1", 0),), **options: Any) -> None:
        self._handler = handler
        self._ports = ports
        self._options = options
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._main, name="cumulet-http", daemon=True)
        self.grace = 1.0

    def start(self) -> ServerThread:
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem
        return self

    def stop(self) -> None:
        if self._thread.is_alive() and self._problem is None:
            with contextlib.suppress(RuntimeError):      # the loop has ended by itself
                self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self.server.addresses[0][1]

    def _main(self) -> None:
        if sys.platform == "win32":
            asyncio.run(self._run())
        else:
            import uvloop

            uvloop.run(self._run())

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.server = Server(self._handler, self._ports, **self._options)
        try:
            await self.server.start()
        except BaseException as problem:
            self._problem = problem
            self._ready.set()
            return
        self._ready.set()
        await self._stop.wait()
        await self.server.stop(self.grace)
