"""Lambda's Runtime API, as one environment's runtime and extensions speak it: HTTP on a socket inside the sandbox.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import httptools

_RUNTIME, _EXTENSION = "/2018-06-01/runtime/", "/2020-01-01/extension/"
_TELEMETRY = ("/2022-07-01/telemetry", "/2020-08-15/logs")
MOST_BODY = 8 << 20
_ACCEPTED = b'HTTP/1.1 202 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'


class Host(Protocol):
    """The environment behind the API."""

    def next(self, connection: Connection) -> None: ...
    def begin_stream(self, request: str, headers: dict[str, str]) -> Callable[[bytes], None] | None: ...
    def responded(self, request: str, body: bytes, trailers: dict[str, str]) -> bool: ...
    def failed(self, request: str, body: bytes, kind: str) -> bool: ...
    def init_failed(self, body: bytes, kind: str) -> None: ...
    def extension(self, connection: Connection, path: str, headers: dict[str, str], body: bytes) -> None: ...
    def subscribe(self, connection: Connection, path: str, headers: dict[str, str], body: bytes) -> None: ...


class Connection(asyncio.Protocol):
    """One connection of a runtime or an extension. Requests may follow each other without waiting for answers."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._head_done = False
        self._stream: Callable[[bytes], None] | None = None
        self._held = b""                                 # an answer that goes out with the next one
        self._asked = False                              # whether what came last asks for an event

    # --- the connection ---

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._asked = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self._transport is not None:
                self.answer(400, b'{"errorMessage":"Bad request","errorType":"InvalidRequest"}')
                self._transport.close()
        if self._held and not self._asked and self._transport is not None:
            self._transport.write(self._held)
            self._held = b""

    @property
    def open(self) -> bool:
        """Does anybody listen to an answer?"""
        return self._transport is not None and not self._transport.is_closing()

    def answer(self, status: int, body: bytes = b"", headers: bytes = b"") -> None:
        """headers: whole lines."""
        if self._transport is not None:
            self._transport.write(b"%sHTTP/1.1 %d OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
                self._held, status, headers, len(body), body))
            self._held = b""

    # --- called by the parser ---

    def on_message_begin(self) -> None:
        self._path, self._headers, self._body, self._size = b"", {}, [], 0
        self._head_done = False
        self._stream = None

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._head_done = True
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._headers.get("lambda-runtime-function-response-mode", "").lower() == "streaming":
            request, _, what = self._path.decode()[len(_RUNTIME):].removeprefix("invocation/").partition("/")
            if what == "response":
                self._stream = self._host.begin_stream(request, self._headers)

    def on_body(self, data: bytes) -> None:
        if self._stream is not None:
            self._stream(data)
            return
        self._size += len(data)
        if self._size <= MOST_BODY:
            self._body.append(data)

    def on_message_complete(self) -> None:
        path = self._path.decode("latin-1")
        body = b"".join(self._body)
        if path == "/2018-06-01/runtime/invocation/next":
            self._asked = True
            self._host.next(self)
        elif path.startswith(_RUNTIME):
            self._runtime(path[len(_RUNTIME):], body)
        elif path.startswith(_EXTENSION):
            self._host.extension(self, path[len(_EXTENSION):], self._headers, body)
        elif path in _TELEMETRY:
            self._host.subscribe(self, path, self._headers, body)
        else:
            self.answer(404, b'{"errorMessage":"Not found","errorType":"NotFound"}')

    def _runtime(self, path: str, body: bytes) -> None:
        host, headers = self._host, self._headers
        kind = headers.get("lambda-runtime-function-error-type", "")
        known = True
        if path == "init/error":
            host.init_failed(body, kind)
        else:
            request, _, what = path.removeprefix("invocation/").partition("/")
            if what == "response":
                if self._size > MOST_BODY:               # what was kept is too long already
                    host.responded(request, body, headers)
                    self.answer(413, b'{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).",'
                                     b'"errorType":"RequestEntityTooLarge"}')
                    return
                known = host.responded(request, body, headers)
            elif what == "error":
                known = host.failed(request, body, kind)
            else:
                self.answer(404, b'{"errorMessage":"Not found","errorType":"NotFound"}')
                return
        if known:                                        # where the question for the next event came along, it waits for that
            self._held = _ACCEPTED
        else:
            self.answer(400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}')
