"""One port for HTTP and HTTPS: the first byte of a connection tells which, looked at before it is read.

A TLS handshake begins with 0x16, a method with a letter. Until the first byte comes, a connection is a bare socket here.
"""

from __future__ import annotations

import asyncio
import errno
import socket

from .connections import Connections
from .head import log
from .protocol import HttpProtocol
from .tls import Authority

_AT_ONCE = 64                        # accepted in one turn of the loop
_HANDSHAKE = 0x16
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Listener:
    """Accepts the connections of a listening socket."""

    def __init__(self, listening: socket.socket, shared: Connections, authority: Authority) -> None:
        self._socket = listening
        self._shared = shared
        self._authority = authority
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(listening.fileno(), self._accept)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                client, _address = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as problem:
                if problem.errno not in _EXHAUSTED:
                    raise
                log.error("cannot accept: %s", problem)
                self._loop.remove_reader(self._socket.fileno())
                self._loop.call_later(1.0, self._again)
                return
            client.setblocking(False)
            Waiting(client, self._shared, self._authority).look()

    def _again(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket.fileno(), self._accept)


class Waiting:
    """A connection that has not said anything yet."""

    __slots__ = ("_authority", "_listening", "_loop", "_mark", "_shared", "_socket")

    def __init__(self, client: socket.socket, shared: Connections, authority: Authority) -> None:
        self._socket = client
        self._shared = shared
        self._authority = authority
        self._loop = asyncio.get_running_loop()
        self._mark = shared.tick
        self._listening = False
        shared.add(self)

    def look(self) -> None:
        """See what it begins with."""
        try:
            first = self._socket.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            if not self._listening:
                self._listening = True
                self._loop.add_reader(self._socket.fileno(), self.look)
            return
        except OSError:
            self.abort()
            return
        if not first:
            self.abort()
            return
        self._forget()
        self._shared.spawn(self._connect(first[0] == _HANDSHAKE))

    async def _connect(self, secure: bool) -> None:
        try:
            context = await self._authority.context() if secure else None
            await self._loop.connect_accepted_socket(
                lambda: HttpProtocol(self._shared, secure), self._socket, ssl=context,
                ssl_handshake_timeout=self._shared.limits.header_seconds if secure else None)
        except OSError as problem:
            log.debug("no connection: %s", problem)
            self._socket.close()

    def check(self, now: int) -> None:
        """Called once a tick: nobody waits for ever to say something."""
        if (now - self._mark) * self._shared.limits.tick > self._shared.limits.idle_seconds:
            self.abort()

    def shutdown(self) -> None:
        self.abort()

    def abort(self) -> None:
        self._forget()
        self._socket.close()

    def _forget(self) -> None:
        self._shared.discard(self)
        if self._listening:
            self._listening = False
            self._loop.remove_reader(self._socket.fileno())
