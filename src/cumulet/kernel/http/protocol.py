"""HTTP/1.1 on httptools: bytes from a socket become Requests, Responses become bytes."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

import httptools

from .message import INLINE_BODY, FileSlice, Handler, Request, Response, Upgrade

_STATUS = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}
_HIGH = 1_048_576
_date = [0, b""]


def date_header() -> bytes:
    now = int(time.time())
    if _date[0] != now:
        _date[0], _date[1] = now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode()
    return _date[1]  # type: ignore[return-value]


class Stream:
    """A request body as it arrives, with back-pressure."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._lost = False
        self._wake: asyncio.Future[None] | None = None

    def feed(self, data: bytes) -> None:
        self._chunks.append(data)
        self._size += len(data)
        if self._size > _HIGH:
            self._transport.pause_reading()
        self._notify()

    def end(self, lost: bool = False) -> None:
        self._ended, self._lost = True, self._lost or lost
        self._notify()

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self._lost:
                raise ConnectionResetError("the client went away")
            if self._ended:
                raise StopAsyncIteration
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        data = self._chunks.popleft()
        self._size -= len(data)
        if self._size <= _HIGH // 2:
            self._transport.resume_reading()
        return data


class HttpProtocol(asyncio.Protocol):
    def __init__(self, handler: Handler, scheme: str, connections: set[HttpProtocol]) -> None:
        self._handler = handler
        self._scheme = scheme
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Request] = deque()
        self._current: Request | None = None
        self._drain: asyncio.Event = asyncio.Event()
        self._drain.set()
        self._closing = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._connections.add(self)
        peer = transport.get_extra_info("peername")
        self._client = peer[0] if isinstance(peer, tuple) else ""

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._drain.set()
        current = self._current
        if current is not None:
            if current.on_lost is not None:
                current.on_lost()
            if isinstance(current.stream, Stream):
                current.stream.end(lost=True)

    def pause_writing(self) -> None:
        self._drain.clear()

    def resume_writing(self) -> None:
        self._drain.set()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self.transport.close()

    # httptools
    def on_message_begin(self) -> None:
        self._headers: dict[str, str] = {}
        self._url = b""
        self._body: list[bytes] = []
        self._size = 0
        self._streaming: Stream | None = None

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if self._headers.get("expect", "").lower() == "100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if int(self._headers.get("content-length", 0)) > INLINE_BODY:
            self._streaming = Stream(self.transport)
            self._deliver(self._request(b"", self._streaming))

    def _request(self, body: bytes, stream: Stream | None) -> Request:
        return Request(self._parser.get_method().decode(), self._url.decode("latin-1"), self._headers, body, stream,
                       self._scheme, self._client)

    def on_body(self, body: bytes) -> None:
        if self._streaming is not None:
            self._streaming.feed(body)
            return
        self._body.append(body)
        self._size += len(body)
        if self._size > INLINE_BODY:
            self._streaming = Stream(self.transport)
            self._deliver(self._request(b"", self._streaming))
            self._streaming.feed(b"".join(self._body))

    def on_message_complete(self) -> None:
        if self._streaming is not None:
            self._streaming.end()
        else:
            self._deliver(self._request(b"".join(self._body) if len(self._body) != 1 else self._body[0], None))

    def _deliver(self, request: Request) -> None:
        if self._current is None:
            self._current = request
            self._handler(request, self._respond)
        else:
            self._queue.append(request)

    def _respond(self, response: Response | Upgrade) -> None:
        assert isinstance(response, Response)
        request = self._current
        if request is None or self.transport.is_closing():
            return
        request.on_lost = None
        body = response.body
        head = [_STATUS.get(response.status) or f"HTTP/1.1 {response.status} \r\n".encode(), date_header()]
        length = False
        for name, value in response.headers:
            head.append(f"{name}: {value}\r\n".encode("latin-1"))
            length = length or name.lower() == "content-length"
        keep = request.headers.get("connection", "").lower() != "close" and not self._closing
        if not keep:
            head.append(b"Connection: close\r\n")
        bare = request.method == "HEAD" or response.status in (204, 304)
        if isinstance(body, bytes):
            if not length and response.status not in (204, 304):
                head.append(b"Content-Length: %d\r\n" % len(body))
            head.append(b"\r\n")
            if not bare:
                head.append(body)
            self.transport.write(b"".join(head))
            self._done(keep)
            return
        pieces = body if isinstance(body, (list, tuple)) else None
        if pieces is not None and not length:
            total = sum(len(p) if isinstance(p, bytes) else p.length for p in pieces)
            head.append(b"Content-Length: %d\r\n" % total)
        chunked = pieces is None and not length
        if chunked:
            head.append(b"Transfer-Encoding: chunked\r\n")
        self.transport.write(b"".join([*head, b"\r\n"]))
        asyncio.get_running_loop().create_task(self._send(body, bare, chunked, keep))

    async def _send(self, body: Any, bare: bool, chunked: bool, keep: bool) -> None:
        try:
            if isinstance(body, (list, tuple)):
                for piece in body:
                    if isinstance(piece, FileSlice):
                        await self._file(piece, bare)
                    elif not bare:
                        self.transport.write(piece)
                        await self._drain.wait()
            else:
                async for data in body:
                    if self.transport.is_closing():
                        return
                    self.transport.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
                    await self._drain.wait()
                if chunked:
                    self.transport.write(b"0\r\n\r\n")
        except Exception:
            self.transport.abort()
            return
        self._done(keep)

    async def _file(self, piece: FileSlice, bare: bool) -> None:
        offset, left = piece.offset, 0 if bare else piece.length
        try:
            while left and not self.transport.is_closing():
                data = os.pread(piece.fd, min(left, 524_288), offset)
                if not data:
                    raise OSError("the file ended early")
                self.transport.write(data)
                offset, left = offset + len(data), left - len(data)
                await self._drain.wait()
        finally:
            if piece.on_sent is not None:
                piece.on_sent()

    def _done(self, keep: bool) -> None:
        self._current = None
        if not keep:
            self.transport.close()
        elif self._queue:
            self._current = self._queue.popleft()
            self._handler(self._current, self._respond)

    def shutdown(self) -> None:
        self._closing = True
        if self._current is None:
            self.transport.close()
