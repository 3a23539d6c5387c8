"""A WebSocket as a lab's client holds it: what a page in a browser does, in plain calls."""

from __future__ import annotations

import socket
import time
from collections import deque
from types import TracebackType
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, RejectConnection, Request, TextMessage
from wsproto.utilities import RemoteProtocolError

_SECONDS = 10.0


class Refused(Exception):
    """The server did not open the connection: it answered `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the connection was answered {status}")
        self.status = status


class Socket:
    """An open connection for texts; `with` ends it. host: the name that the client would look up."""

    def __init__(self, endpoint: str, host: str, path: str) -> None:
        address = urlsplit(endpoint)
        self._wire = socket.create_connection((address.hostname or "", address.port or 80), _SECONDS)
        self._frames = WSConnection(ConnectionType.CLIENT)
        self._texts: deque[str] = deque()
        self._part = ""                                          # of a text that is not complete
        self._open, self._closed = False, False
        try:
            self._wire.sendall(self._frames.send(Request(host=host, target=path)))
            while not self._open:
                if self._closed:
                    raise ConnectionResetError("the server ended the connection before it was open")
                self._read(_SECONDS)
        except BaseException:
            self._wire.close()
            raise

    def send(self, text: str) -> None:
        self._wire.sendall(self._frames.send(TextMessage(text)))

    def receive(self, seconds: float = _SECONDS) -> str | None:
        """The next text; None when none came in this time, or the server ended the connection."""
        end = time.monotonic() + seconds
        while not self._texts:
            if self._closed or (left := end - time.monotonic()) <= 0:
                return None
            try:
                self._read(left)
            except TimeoutError:
                return None
        return self._texts.popleft()

    def close(self) -> None:
        """Say goodbye, and wait until the server did."""
        try:
            if not self._closed:
                self._wire.sendall(self._frames.send(CloseConnection(1000)))
                while not self._closed:
                    self._read(_SECONDS)
        except OSError:
            pass                                                 # it is gone, in whatever way
        finally:
            self._wire.close()

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _read(self, seconds: float) -> None:
        """What the server sent next. Raises TimeoutError."""
        self._wire.settimeout(seconds)
        try:
            self._frames.receive_data(self._wire.recv(65_536) or None)
        except RemoteProtocolError as problem:
            raise ConnectionResetError(str(problem)) from None
        for event in self._frames.events():
            self._heard(event)

    def _heard(self, event: Event) -> None:
        match event:
            case AcceptConnection():
                self._open = True
            case RejectConnection():
                raise Refused(event.status_code)
            case TextMessage():
                self._part += event.data
                if event.message_finished:
                    self._texts.append(self._part)
                    self._part = ""
            case Ping():
                self._wire.sendall(self._frames.send(event.response()))
            case CloseConnection():
                self._closed = True
            case _:
                pass
