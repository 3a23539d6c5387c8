"""Listening: several ports and UNIX sockets, graceful stop."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from .message import Handler
from .protocol import HttpProtocol


class TlsSettings(NamedTuple):
    folder: str


class Server:
    def __init__(self, handler: Handler, ports: list[tuple[str, int]], sockets: list[str] | None = None,
                 tls: TlsSettings | None = None) -> None:
        self._handler = handler
        self._ports = ports
        self._sockets = sockets or []
        self._servers: list[asyncio.Server] = []
        self._connections: set[HttpProtocol] = set()
        self.addresses: list[tuple[str, int]] = []

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        for host, port in self._ports:
            server = await loop.create_server(lambda: HttpProtocol(self._handler, "http", self._connections), host, port)
            self._servers.append(server)
            self.addresses += [s.getsockname()[:2] for s in server.sockets]
        for path in self._sockets:
            self._servers.append(await loop.create_unix_server(
                lambda: HttpProtocol(self._handler, "http", self._connections), path))

    async def stop(self, grace: float = 5.0) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.shutdown()
        deadline = asyncio.get_running_loop().time() + grace
        while self._connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self._connections):
            connection.transport.abort()
