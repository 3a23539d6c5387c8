"""WebSockets, RFC 6455, on wsproto: the server's side of a connection that was upgraded."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections import deque
from typing import Any

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from .connections import Connections
from .head import log
from .message import Request, Upgrade

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_GONE, _WRONG, _TOO_BIG, _FAILED = 1001, 1002, 1009, 1011
MESSAGE = 1_048_576                  # bytes of the largest message that is taken
_WAITING = 64                        # messages, or `MESSAGE` bytes of them, that wait for `receive` while the client is read


def accept(request: Request) -> str:
    """The Sec-WebSocket-Accept of a proper opening handshake, or ""."""
    headers = request.headers
    key = headers.get("sec-websocket-key", "")
    try:
        proper = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        return ""
    if not proper or request.method != "GET" or headers.get("sec-websocket-version") != "13" \
            or headers.get("upgrade", "").lower() != "websocket":
        return ""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


class SocketProtocol(asyncio.Protocol):
    """One WebSocket: what `Upgrade.run` is given, and what the transport talks to."""

    def __init__(self, shared: Connections, upgrade: Upgrade) -> None:
        self._shared = shared
        self._upgrade = upgrade
        self._frames = Connection(ConnectionType.SERVER)
        self._parts: list[Any] = []                      # of a message that is not complete
        self._size = 0
        self._messages: deque[tuple[str | bytes, int]] = deque()
        self._waiting = 0                                # bytes of them
        self._ping: Ping | None = None                   # the last one that is not answered
        self._wake: asyncio.Future[None] | None = None
        self._drain: asyncio.Future[None] | None = None
        self._blocked = self._paused = self._closed = self._broken = False
        self._mark = shared.tick
        self._pinged = False

    # --- for the one who runs it ---

    async def receive(self) -> str | bytes | None:
        """The next message, or None when the socket is closed."""
        while not self._messages:
            if self._closed:
                return None
            if self._wake is None or self._wake.done():
                self._wake = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._wake)
        message, size = self._messages.popleft()
        self._waiting -= size
        if self._paused and len(self._messages) < _WAITING // 2 and self._waiting <= MESSAGE // 2:
            self._paused = False
            self._mark = self._shared.tick
            if not self.transport.is_closing():
                self.transport.resume_reading()
        return message

    async def send(self, message: str | bytes) -> None:
        """Send one message; waits while the client is slow. Raises ConnectionResetError when the socket is closed."""
        if self._closed:
            raise ConnectionResetError("the socket is closed")
        self._write(TextMessage(message) if isinstance(message, str) else BytesMessage(message))
        while self._blocked:
            if self._drain is None or self._drain.done():
                self._drain = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drain)            # several may wait for it
            if self._closed:
                raise ConnectionResetError("the socket is closed")

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye; the connection ends when the client has answered, or soon."""
        if not self._closed:
            self._closed = True
            self._mark = self._shared.tick
            self._write(CloseConnection(code, reason))
            self._notify()

    # --- the connection ---

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._shared.add(self)
        self._shared.spawn(self._run())

    def connection_lost(self, exc: Exception | None) -> None:
        self._shared.discard(self)
        self._closed = True
        self._notify()
        self.resume_writing()

    def shutdown(self) -> None:
        """The server stops."""
        self._goodbye(_GONE)

    def abort(self) -> None:
        self.transport.abort()

    def check(self, now: int) -> None:
        """Called once a tick: a silent client is asked whether it lives, one that does not answer is let go."""
        age = (now - self._mark) * self._shared.limits.tick
        if self._closed:
            if age > self._shared.limits.linger_seconds:
                self.transport.abort()
        elif age > self._shared.limits.idle_seconds and not self._paused:
            self.transport.abort()
        elif age > self._shared.limits.idle_seconds / 2 and not self._pinged:
            self._pinged = True
            self._write(Ping())

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        if self._ping is not None:
            ping, self._ping = self._ping, None
            self._write(ping.response())
        if self._drain is not None and not self._drain.done():
            self._drain.set_result(None)

    def eof_received(self) -> None:
        self._closed = True

    def data_received(self, data: bytes) -> None:
        if self._broken:
            return
        self._mark = self._shared.tick if not self._closed else self._mark
        self._pinged = False
        try:
            self._frames.receive_data(data)
            for event in self._frames.events():
                self._heard(event)
        except RemoteProtocolError as problem:
            self._fail(int(getattr(problem.event_hint, "code", _WRONG) or _WRONG))

    def _heard(self, event: Event) -> None:
        if isinstance(event, TextMessage | BytesMessage):
            if not self._closed:
                self._part(event)
        elif isinstance(event, Ping):
            if self._blocked:                            # a client that pings and does not read gets one answer, later
                self._ping = event
            else:
                self._write(event.response())
        elif isinstance(event, CloseConnection):
            if self._frames.state in (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING):
                self._fail(event.code)                   # wsproto says so of what is not a frame, or not UTF-8
                return
            if not self._closed:
                self._closed = True
                self._write(event.response())
            self._notify()
            self.transport.close()

    def _part(self, event: TextMessage | BytesMessage) -> None:
        data = event.data
        if data:                                         # empty parts, of which there may be any number, take no room
            self._parts.append(data)
        self._size += len(data.encode()) if isinstance(data, str) and not data.isascii() else len(data)
        if self._size > MESSAGE:
            self._goodbye(_TOO_BIG)
        elif event.message_finished:
            whole = "".join(self._parts) if isinstance(event, TextMessage) else b"".join(self._parts)
            self._messages.append((whole, self._size))
            self._waiting += self._size
            self._parts, self._size = [], 0
            self._notify()
            if (len(self._messages) >= _WAITING or self._waiting > MESSAGE) and not self._paused:
                self._paused = True
                self.transport.pause_reading()

    def _fail(self, code: int) -> None:
        """The client did wrong. What it still sends is read away, lest a reset destroy our reason."""
        self._goodbye(code)
        self._broken = True
        if self.transport.can_write_eof():
            self.transport.write_eof()

    async def _run(self) -> None:
        """Let the application have it; when it returns the socket is closed."""
        code = 1000
        try:
            done = self._upgrade.run(self)
            if asyncio.iscoroutine(done):
                await done
        except ConnectionResetError:
            code = _GONE
        except Exception:
            log.exception("a WebSocket's handler failed")
            code = _FAILED
        self._goodbye(code)

    def _goodbye(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            self._write(CloseConnection(code))
            self._notify()
            self._mark = self._shared.tick

    def _write(self, event: Event) -> None:
        try:
            data = self._frames.send(event)
        except LocalProtocolError:                       # the client has closed meanwhile
            return
        if not self.transport.is_closing():
            self.transport.write(data)

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
