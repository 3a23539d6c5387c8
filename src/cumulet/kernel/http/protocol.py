"""One HTTP/1.1 connection: requests are handled one at a time, in order, and answered.

Requests that come behind the current one wait, parsed; when more than a slice's worth of them waits, or the client takes
no answers, its socket is not read. What the reader refuses is answered after all that came before it, and ends the connection.
"""

from __future__ import annotations

import asyncio
import importlib
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from .connections import Connections
from .head import Head, is_bare, length_of, log, plain, refusal, streamed
from .message import Request, Response, Upgrade
from .reader import BODY, HEAD, IDLE, SLICE, Refused, RequestReader
from .sending import GATHERED, gather, release, send_iterator, send_pieces, tell_lost
from .stream import Stream

if TYPE_CHECKING:
    from .http2 import Http2Protocol
    from .websocket import SocketProtocol

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"     # what a connection of HTTP/2 begins with
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class HttpProtocol(asyncio.Protocol):
    """The server's side of a connection. stalled: a response waits for the client to take it."""

    __slots__ = ("_blocked", "_current", "_drain", "_ended", "_fresh", "_held", "_leaving", "_mark", "_paused", "_queue",
                 "_reader", "_refusal", "_running", "_shared", "_socket", "_task", "_unsent", "secure", "stalled", "transport")

    def __init__(self, shared: Connections, secure: bool = False) -> None:
        self._shared = shared
        self.secure = secure
        self._reader = RequestReader(self, self._deliver, shared.limits, "https" if secure else "http")
        self._queue: deque[Request] | None = None        # requests behind the current one
        self._current: Request | None = None             # handed to the handler and not yet answered in full
        self._running = False                            # the handler is on the stack
        self._held: bytes | None = b""                   # bytes that are not parsed yet
        self._fresh = True                               # the first bytes, which tell of HTTP/2, have not come
        self._socket: SocketProtocol | None = None       # what the connection becomes
        self._refusal = 0                                # status to end with when all before it is answered
        self._leaving = False                            # all is said: what still comes is read away
        self._ended = False                              # the client will send no more
        self._paused = False                             # not reading
        self._blocked = False                            # the transport's buffer is full
        self._drain: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None     # sends a long response
        self._mark = shared.tick                         # when something moved last
        self._unsent = 0                                 # what the transport's buffer held at the last tick
        self.stalled = False

    # --- the connection ---

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._shared.add(self)
        if isinstance(peer := transport.get_extra_info("peername"), tuple):
            self._reader.client = peer[0]

    def connection_lost(self, exc: Exception | None) -> None:
        self._shared.discard(self)
        self._leaving = True
        self._give_up("the client went away")
        self._queue = self._held = None

    def eof_received(self) -> bool:
        """The client sends no more. If it waits for an answer it still gets it, except where the answer itself waits for
        something to happen: nobody can tell a client that only stopped sending from one that has gone."""
        self._ended = True
        if (self._reader.phase != IDLE or (self._fresh and self._held)) and not self._leaving:
            self._refuse(400)
        current = self._current
        return (current is not None and current.on_lost is None and not self.secure) or bool(self._queue)

    def shutdown(self) -> None:
        """The server stops: end when nothing is in progress."""
        if self._current is None and not self._queue and self._reader.phase != BODY:
            self.transport.close()

    def abort(self) -> None:
        self.transport.abort()

    def check(self, now: int) -> None:
        """Called once a tick: end what takes too long."""
        limits, phase = self._shared.limits, self._reader.phase
        age = (now - self._mark) * limits.tick
        if self.stalled or self._blocked or (self._leaving and self.transport.get_write_buffer_size()):
            unsent = self.transport.get_write_buffer_size()
            if unsent != self._unsent:
                self._unsent, self._mark = unsent, now
            elif age > limits.write_seconds:
                self.transport.abort()
        elif self._leaving:
            if age > limits.linger_seconds:
                self.transport.abort()
        elif phase == BODY:
            if age > limits.body_seconds and not self._paused and not self._reader.expects:
                self._refuse(408)
        elif self._current is None:
            if phase == HEAD:
                if age > limits.header_seconds:
                    self._refuse(408)
            elif age > limits.idle_seconds:
                self.transport.close()

    # --- bytes in ---

    def data_received(self, data: bytes) -> None:
        if self._leaving or self._refusal:
            return
        reader = self._reader
        if reader.phase != HEAD:                         # the time for a head counts from its first byte
            self._mark = self._shared.tick
        if self._held is not None:
            self._held += data
            if not self._fresh or not (data := self._first()):
                return
        try:
            if len(data) <= SLICE or reader.stream is not None:
                reader.feed(data)
            else:
                self._feed_slices(data)
        except Refused as refused:
            self._refuse(refused.status)
            return
        if reader.behind is not None:                    # another protocol is asked for: until we know, nothing is parsed
            self._hold(reader.behind)
            self._continue()

    def _first(self) -> bytes:
        """The first bytes of HTTP/1.1. Nothing while they may be HTTP/2's preface; a connection that says it becomes one."""
        data = self._held or b""
        if not _PREFACE.startswith(data[:len(_PREFACE)]):
            self._fresh, self._held = False, None
            return data
        if len(data) >= len(_PREFACE):
            http2 = importlib.import_module(".http2", __package__)         # loaded at the first one: few servers see any
            self._become(http2.Http2Protocol(self._shared, self.secure))
        return b""

    def _feed_slices(self, data: bytes) -> None:
        """Parse as much as may wait; hold the rest."""
        reader = self._reader
        for start in range(0, len(data), SLICE):
            if reader.behind is not None:
                reader.behind += data[start:]
                return
            if self._queue:
                self._hold(data[start:])
                return
            reader.feed(data[start:start + SLICE])

    def _hold(self, data: bytes) -> None:
        self._held = data
        self._pause()

    def _unhold(self) -> None:
        data, self._held = self._held, None
        if self._reader.behind is not None:
            self._reader.restart()
        self._resume()
        if data:
            self.data_received(data)

    def proceed(self) -> None:
        """A body that we hold is wanted: the client that asked whether to send it is told to, in its turn."""
        if self._current is None and not self._queue:
            self._reader.expects = False
            self.transport.write(_CONTINUE)

    def wanted(self, stream: Stream) -> None:
        """A reader waits for a streamed body."""
        if self._reader.expects and stream is self._reader.stream and self._task is None:
            self._reader.expects = False
            self._mark = self._shared.tick
            self.transport.write(_CONTINUE)

    def full(self) -> None:
        """More of a streamed body has come than should wait."""
        self._pause()

    def room(self, stream: Stream) -> None:
        """A reader has taken some of a streamed body."""
        if self._paused and stream.buffered <= self._shared.limits.buffered // 2 and self._held is None:
            self._mark = self._shared.tick
            self._resume()

    def _pause(self) -> None:
        if not self._paused and not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self.transport.is_closing():
                self.transport.resume_reading()

    # --- requests and answers ---

    def _deliver(self, request: Request) -> None:
        if self._leaving:
            return
        if self._current is None and not self._queue and not self._blocked and not self._running:
            self._handle(request)
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(request)

    def _handle(self, request: Request) -> None:
        self._current = request
        self._running = True
        try:
            self._shared.handler(request, partial(self._respond, request))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            if request is self._current and self._task is None and self._socket is None:
                self._respond(request, Response(500, []))
        finally:
            self._running = False

    def _continue(self) -> None:
        """Handle requests that wait, one after the other, for as long as they are answered at once; then look further."""
        while self._queue and self._current is None and not self._blocked and not self._leaving:
            self._handle(self._queue.popleft())
        if self._socket is not None:
            self._become(self._socket)
        if self._current is not None or self._blocked or self._leaving:
            return
        reader = self._reader
        if self._held is not None:
            self._unhold()
        elif self._refusal:
            self._end(refusal(self._refusal, self._shared.now.text))
        elif reader.expects and reader.stream is None:
            self.proceed()
        elif self._ended or (reader.last and reader.phase == IDLE) or (self._shared.stopping and reader.phase != BODY):
            self._end()

    def _respond(self, request: Request, response: Response | Upgrade) -> None:
        """What handlers call."""
        if request is not self._current or self._task is not None or self.transport.is_closing():
            release(response, self._shared.spawn)        # the client has gone, or was answered already
            return
        request.on_lost = None
        if isinstance(response, Upgrade):
            self._upgrade(request, response)
            return
        keep = self._keeps(request)
        extra = "Connection: close\r\n" if not keep else "Connection: keep-alive\r\n" if self._reader.old else ""
        body = response.body
        if not isinstance(body, bytes):
            self._respond_long(request, response, keep, extra)
            return
        bare = is_bare(request, response)
        head = plain(response, len(body), bare, self._shared.now.text, extra)
        if bare or not body:
            self.transport.write(head)
        elif len(body) <= GATHERED:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        self._finished(request, keep)

    def _respond_long(self, request: Request, response: Response, keep: bool, extra: str) -> None:
        """Pieces and iterators."""
        if not response.status:                          # a fault that somebody asked for: no answer at all
            release(response, self._shared.spawn)
            self.transport.abort()
            return
        body, head = response.body, streamed(request, response, self._shared.now.text, extra, self._reader.old)
        keep = keep and (head.chunked or head.bare or head.length >= 0)
        if head.bare:
            self.transport.write(head.data)
            release(response, self._shared.spawn)
            self._finished(request, keep)
        elif isinstance(body, list | tuple) and length_of(body) <= GATHERED:
            try:
                pieces = gather(body)
            except OSError:
                log.exception("%s %s failed", request.method, request.path)
                self._respond(request, Response(500, []))
                return
            self.transport.write(b"".join([head.data, *pieces]))
            self._finished(request, keep)
        else:
            self.transport.write(head.data)
            self._task = self._shared.spawn(self._send(request, body, head, keep))

    async def _send(self, request: Request, body: Any, head: Head, keep: bool) -> None:
        """Send a long body. One that cannot be sent as promised ends the connection, so that the client sees it."""
        try:
            if isinstance(body, list | tuple):
                await send_pieces(self, body)
            elif not await send_iterator(self, body, head.chunked, head.length):
                self.transport.abort()
        except ConnectionError:
            self.transport.abort()
        except Exception:
            log.exception("%s %s: sending the body failed", request.method, request.path)
            self.transport.abort()
        finally:
            self._task = None
        if not self.transport.is_closing():
            self._finished(request, keep)

    def _keeps(self, request: Request) -> bool:
        """Whether the connection lives on after this answer."""
        reader = self._reader
        if self._shared.stopping or ((reader.last or self._ended) and not self._queue and self._held is None):
            return False
        stream = reader.stream
        if stream is None or stream is not request.stream:
            return True
        return not reader.expects and 0 <= stream.left <= self._shared.limits.drained

    def _finished(self, request: Request, keep: bool) -> None:
        """The answer is written. A body that was not read to its end is read away, or the connection ends."""
        stream = self._reader.stream
        if stream is not None and stream is request.stream:
            keep = keep and self._keeps(request)
            stream.discard()
            self._resume()
        self._current = None
        self._mark = self._shared.tick
        if not keep or self._shared.stopping:
            self._end()
        elif not self._running and (self._queue or self._held is not None or self._refusal or self._reader.expects):
            self._continue()

    # --- writing ---

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._mark = self._shared.tick
        if self._drain is not None:
            if not self._drain.done():
                self._drain.set_result(None)
        elif self._current is None:
            self._continue()

    async def drained(self) -> None:
        """Wait until the client has taken most of what was written."""
        self._mark = self._shared.tick
        if self._blocked:
            self._drain = asyncio.get_running_loop().create_future()
            self.stalled = True
            try:
                await self._drain
            finally:
                self._drain = None
                self.stalled = False
        if self.transport.is_closing():
            raise ConnectionResetError("the client went away")

    def progress(self) -> None:
        """Bytes of a response have gone out."""
        self._mark = self._shared.tick

    # --- the end ---

    def _upgrade(self, request: Request, upgrade: Upgrade) -> None:
        """Turn into a WebSocket, if the client asked for one as it should."""
        websocket = importlib.import_module(".websocket", __package__)     # loaded at the first one: few servers see any
        key = websocket.accept(request) if self._reader.upgrade and not self._queue else ""
        if not key:
            self._respond(request, Response(426, [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]))
            return
        lines = [*upgrade.headers, ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", key)]
        self.transport.write(plain(Response(101, lines), 0, True, self._shared.now.text, ""))
        self._socket = websocket.SocketProtocol(self._shared, upgrade)
        if not self._running and self._held is not None:
            self._become(self._socket)

    def _become(self, other: SocketProtocol | Http2Protocol) -> None:
        """Give the connection to another protocol, with what has come and was not parsed."""
        held, self._held, self._current, self._leaving = self._held, None, None, True
        self._shared.discard(self)
        self.transport.set_protocol(other)
        self._resume()
        other.connection_made(self.transport)
        if held:
            other.data_received(held)

    def _refuse(self, status: int) -> None:
        """The client did wrong: what came before is answered, then this is said and the connection ends."""
        stream, self._reader.stream = self._reader.stream, None
        self._refusal, self._held = status, None
        if stream is not None:
            stream.fail("the body is malformed, or too slow")
            if self._task is not None and self._current is not None and self._current.stream is stream:
                self.transport.abort()                   # an answer is under way: only an abrupt end tells of the fault
            elif self._current is not None and self._current.stream is stream:
                self._give_up("")
            elif self._queue and self._queue[-1].stream is stream:
                self._queue.pop()
            else:                                        # it was answered, and its body was being read away
                self._end()
        if self._current is None and not self._running:
            self._continue()

    def _end(self, data: bytes = b"") -> None:
        """Write this and end the connection. What the client still sends is read away, lest a reset destroy the answer."""
        if data:
            self.transport.write(data)
        unread = self._reader.phase != IDLE or self._refusal or self._held is not None
        self._leaving = True
        self._queue = self._held = None
        if self._ended or not unread:
            self.transport.close()
            return
        self._mark = self._shared.tick
        if not self.secure:
            self.transport.write_eof()
        self._resume()

    def _give_up(self, problem: str) -> None:
        """Nobody waits for the current answer any more."""
        current, self._current = self._current, None
        if self._reader.stream is not None:
            self._reader.stream.fail(problem)
            self._reader.stream = None
        if self._task is not None:
            self._task.cancel()
        if current is not None:
            tell_lost(current)
