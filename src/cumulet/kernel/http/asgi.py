"""An ASGI 3 application around a handler: other servers (hypercorn, uvicorn, granian) can serve a cloud.

    app = AsgiApp(cloud.handle, startup=cloud.start, shutdown=cloud.stop)

ASGI knows no trailers of requests, and passes on a target only as `raw_path` and `query_string`: a lone "?" at its end is lost.
WebSockets are turned down here; the server of our own takes them.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote

from .head import headers_of, is_bare, log
from .inbox import Inbox
from .message import INLINE_BODY, FileSlice, Handler, Piece, Request, Response, Upgrade
from .sending import close, read, release, release_pieces, tell_lost

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Hook = Callable[[], Awaitable[object]]

_BLOCK = 262_144             # read from a file at once


class AsgiApp:
    """The application. startup, shutdown: run on the server's event loop, at its lifespan's ends."""

    def __init__(self, handler: Handler, startup: Hook | None = None, shutdown: Hook | None = None) -> None:
        self.handler = handler
        self._startup = startup
        self._shutdown = shutdown
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        elif kind == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            raise ValueError(f"unknown ASGI scope {kind!r}")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of(scope)
        inbox = Inbox(receive)
        told = request.headers.get("content-length", "")
        long = int(told) > INLINE_BODY if told.isdecimal() and len(told) < 20 else False
        if long or "eventstream" in request.headers.get("content-type", ""):
            request.stream = inbox
        else:
            try:
                whole = await inbox.read(INLINE_BODY)
            except ConnectionResetError:
                return
            if whole is None:
                request.stream = inbox
            else:
                request.body = whole
        await _Exchange(self, request, inbox, send).run()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            event = (await receive())["type"].removeprefix("lifespan.")
            hook = self._startup if event == "startup" else self._shutdown
            try:
                if hook is not None:
                    await hook()
            except Exception as problem:
                log.exception("%s failed", event)
                await send({"type": f"lifespan.{event}.failed", "message": f"{type(problem).__name__}: {problem}"})
                return
            await send({"type": f"lifespan.{event}.complete"})
            if event == "shutdown":
                return

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine; it is kept from being collected until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class _GoneError(Exception):
    """The server says that the client takes no more."""


class _Exchange:
    """One request and its answer, and the watch for the client's vanishing."""

    def __init__(self, app: AsgiApp, request: Request, inbox: Inbox, send: Send) -> None:
        self._app = app
        self._request = request
        self._inbox = inbox
        self._send = send
        self._over = False                               # nobody waits for an answer any more, or has it
        self._answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Returns when the answer is sent, or the client has gone."""
        request = self._request
        try:
            try:
                self._app.handler(request, self._respond)
            except Exception:
                log.exception("%s %s failed", request.method, request.path)
                self._respond(Response(500, []))
            if self._answer.done() and isinstance(self._answer.result().body, bytes):
                await self._write(self._answer.result())
            else:
                await self._watched()
        finally:
            self._end()

    def _respond(self, response: Response | Upgrade) -> None:
        """What handlers call."""
        if self._over or self._answer.done():
            release(response, self._app.spawn)           # the client has gone, or was answered already
            return
        self._request.on_lost = None
        self._answer.set_result(Response(501, []) if isinstance(response, Upgrade) else response)

    async def _watched(self) -> None:
        """Wait for the answer and send it, unless the client vanishes first."""
        work = asyncio.ensure_future(self._work())
        watch = asyncio.ensure_future(self._inbox.lost())
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            work.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)
        if not work.cancelled():
            work.result()

    async def _work(self) -> None:
        await self._write(await asyncio.shield(self._answer))

    def _end(self) -> None:
        self._over = True
        self._inbox.end()
        if self._answer.done():
            release(self._answer.result(), self._app.spawn)      # what was sent has been given back already
        tell_lost(self._request)

    async def _write(self, response: Response) -> None:
        if not response.status:                        # a fault that somebody asked for: the host ends the connection
            return
        bare = is_bare(self._request, response)
        headers, length = headers_of(response, bare)
        body = response.body
        try:
            await self._tell({"type": "http.response.start", "status": response.status, "headers": headers})
            last = b""
            if isinstance(body, bytes):
                last = b"" if bare else body
            elif isinstance(body, list | tuple):
                await self._pieces(() if bare else body)
            elif not bare:
                await self._iterator(body, length)
            await self._tell({"type": "http.response.body", "body": last})
        except _GoneError:
            return

    async def _tell(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except OSError as problem:
            raise _GoneError from problem

    async def _more(self, data: bytes) -> None:
        await self._tell({"type": "http.response.body", "body": data, "more_body": True})

    async def _pieces(self, pieces: Sequence[Piece]) -> None:
        """Bytes and slices of files, in order. Every file is given back as soon as it is sent."""
        for piece in pieces:
            if not isinstance(piece, FileSlice):
                await self._more(piece)
                continue
            offset, end = piece.offset, piece.offset + piece.length
            while offset < end:
                data = read(piece.fd, min(end - offset, _BLOCK), offset)
                if not data:
                    raise OSError(errno.EIO, "the file is shorter than its slice")
                offset += len(data)
                await self._more(data)
            release_pieces([piece])

    async def _iterator(self, body: Any, length: int) -> None:
        """What an iterator gives. Raises when it breaks its promise of a length: it is for the server to end the stream."""
        sent = 0
        try:
            async for data in body:
                sent += len(data)
                if 0 <= length < sent:
                    break
                if data:
                    await self._more(data)
        finally:
            await close(body)
        if 0 <= length != sent:
            raise OSError(errno.EIO, f"a body of {sent} bytes or more does not keep its Content-Length of {length}")


def request_of(scope: Scope) -> Request:
    """The request, its target byte for byte as the client sent it."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        had = headers.get(key)
        headers[key] = text if had is None else f"{had},{text}"
    raw = scope.get("raw_path")
    path = quote(scope["path"]) if raw is None else raw.partition(b"?")[0].decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    client = scope.get("client")
    return Request(scope["method"].upper(), f"{path}?{query}" if query else path, headers,
                   scheme=scope.get("scheme", "http"), client=client[0] if client else "")
