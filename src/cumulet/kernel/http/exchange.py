"""One stream of an HTTP/2 connection: a request as it comes, and its answer, both at the pace of whoever takes them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from h2.errors import ErrorCodes

from .fields import length_of_body
from .head import headers_of, is_bare, log
from .message import INLINE_BODY, Request, Response, Upgrade
from .sending import GATHERED, gather, release, send_iterator, send_pieces, tell_lost
from .stream import Stream

if TYPE_CHECKING:
    from .http2 import Http2Protocol

WINDOW = 262_144                     # bytes of a body that a client may send ahead of its reader
_BLOCK = 262_144                     # of an answer, written before other streams have their turn


class Exchange:
    """The `Source` of a request's body and the `Writer` of its answer.

    secure: no sendfile, since an answer goes out in frames.  stalled: it waits for the client to take it.
    """

    __slots__ = ("_begun", "_connection", "_ended", "_held", "_mark", "_over", "_owed", "_parts", "_pending", "_stream",
                 "_task", "_unread", "_unsent", "_wake", "number", "request", "secure", "stalled", "transport")

    def __init__(self, connection: Http2Protocol, number: int, request: Request, ended: bool) -> None:
        self._connection = connection
        self.number = number
        self.request = request
        self.secure = True
        self.stalled = False
        self.transport: Any = self
        self._stream: Stream | None = None               # what the body goes to, if it is not held
        self._parts: list[bytes] = []                    # a body that is held
        self._held = 0                                   # its bytes
        self._unread = 0                                 # bytes of a streamed body that the client waits to hear of
        self._owed = 0                                   # bytes that have been taken and that it was not told of
        self._pending: list[bytes] = []                  # of the answer, between `write` and `drained`
        self._unsent: Response | None = None             # a long one, until its sending begins
        self._task: asyncio.Task[None] | None = None     # sends it
        self._wake: asyncio.Future[None] | None = None
        self._mark = connection.shared.tick              # when something moved last
        self._ended = ended                              # the request is complete
        self._begun = False                              # it is being answered
        self._over = False                               # nothing more is sent

    def check(self, now: int) -> None:
        """Called once a tick: end what takes too long."""
        limits = self._connection.shared.limits
        age = (now - self._mark) * limits.tick
        if self.stalled:
            if age > limits.write_seconds:
                self._fail(ErrorCodes.CANCEL)
        elif not self._ended and age > limits.body_seconds and not (self._stream is not None and self._stream.buffered):
            if self._begun:                              # only an abrupt end tells of the fault
                self._fail(ErrorCodes.CANCEL)
            else:
                self.refuse(408)

    # --- the body ---

    def expect_body(self) -> None:
        """Whether the body is held or streamed."""
        length, known = length_of_body(self.request.headers)
        if known > INLINE_BODY or "eventstream" in self.request.headers.get("content-type", ""):
            self._open(length)

    def _open(self, length: int) -> Stream:
        self._stream = self.request.stream = stream = Stream(self, length)
        self._handle()
        return stream

    def feed(self, data: bytes, size: int) -> None:
        """size: of the data with its padding."""
        self._mark = self._connection.shared.tick
        stream = self._stream
        if stream is None:
            self._parts.append(data)
            self._held += len(data)
            self._took(size)
            if self._held > INLINE_BODY:
                parts, self._parts = self._parts, []
                self._open(-1).feed(b"".join(parts))
            return
        if not stream.discarding:
            self._unread += len(data)
            size -= len(data)
        stream.feed(data)
        self._took(size)

    def finish(self) -> None:
        """The request is complete."""
        self._ended = True
        if self._stream is None:
            self.request.body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self._parts = []
            self._handle()
        else:
            self._stream.finish()
            if self._over:
                self._connection.drop(self)

    def proceed(self) -> None:
        """Clients of HTTP/2 send bodies without being told to."""

    def full(self) -> None:
        """The stream's window holds the client back."""

    def wanted(self, stream: Stream) -> None:
        """A reader waits: all that it took before may come again."""
        self._mark = self._connection.shared.tick

    def room(self, stream: Stream) -> None:
        """A reader has taken some."""
        self._mark = self._connection.shared.tick
        if stream.buffered < self._unread:
            taken, self._unread = self._unread - stream.buffered, stream.buffered
            self._took(taken)

    def _took(self, size: int) -> None:
        """So many bytes more may come."""
        self._owed += size
        if self._owed >= WINDOW // 2 and not self._ended:
            self._connection.allow(self._owed, self.number)
            self._owed = 0

    # --- the answer ---

    def _handle(self) -> None:
        try:
            self._connection.shared.handler(self.request, self._respond)
        except Exception:
            log.exception("%s %s failed", self.request.method, self.request.path)
            self._respond(Response(500, []))

    def _respond(self, response: Response | Upgrade) -> None:
        """What handlers call."""
        spawn = self._connection.shared.spawn
        if self._begun or self._over:
            release(response, spawn)                     # the client has gone, or was answered already
            return
        self.request.on_lost = None
        if isinstance(response, Upgrade):                # WebSockets are of HTTP/1.1 here
            response = Response(501, [])
        if not response.status:                          # a fault that somebody asked for: no answer at all
            release(response, spawn)
            self._fail(ErrorCodes.INTERNAL_ERROR)
            return
        bare = is_bare(self.request, response)
        headers, length = headers_of(response, bare)
        body = response.body
        if bare:
            release(response, spawn)
            body = b""
        elif isinstance(body, list | tuple) and length <= GATHERED:
            try:
                body = b"".join(gather(body))
            except OSError:
                log.exception("%s %s failed", self.request.method, self.request.path)
                self._respond(Response(500, []))
                return
        self._begun = True
        self._send_head(response.status, headers, body == b"")
        if isinstance(body, bytes) and (not body or (not self._connection.blocked and len(body) <= self._window())):
            self._send_data(body, ends=True)
            self._finished()
            return
        self._unsent = response
        self._task = spawn(self._send(response.body, length))
        self._connection.flush()

    def _send_head(self, status: int, headers: list[tuple[bytes, bytes]], ends: bool) -> None:
        date = self._connection.shared.now.text.rstrip().encode()
        self._connection.frames.send_headers(
            self.number, [(b":status", b"%d" % status), (b"date", date), *headers], end_stream=ends)

    def _send_data(self, data: bytes | memoryview, ends: bool) -> None:
        """Within the window."""
        frames = self._connection.frames
        size = frames.max_outbound_frame_size
        for start in range(0, len(data), size):
            frames.send_data(self.number, data[start:start + size], ends and start + size >= len(data))

    async def _send(self, body: Any, length: int) -> None:
        """Send a long body. One that cannot be sent as promised ends the stream abruptly, so that the client sees it."""
        self._unsent = None
        whole = True
        try:
            if isinstance(body, bytes):
                self.write(body)
                await self.drained()
            elif isinstance(body, list | tuple):
                await send_pieces(self, body)
            else:
                whole = await send_iterator(self, body, False, length)
        except ConnectionError:
            whole = False
        except Exception:
            log.exception("%s %s: sending the body failed", self.request.method, self.request.path)
            whole = False
        finally:
            self._task = None
        if self._over:
            return
        if whole:
            self._connection.frames.end_stream(self.number)
            self._finished()
        else:
            self._fail(ErrorCodes.INTERNAL_ERROR)

    def write(self, data: bytes) -> None:
        """`drained` sends it."""
        self._pending.append(data)

    async def drained(self) -> None:
        """Send what was written, as fast as the client takes it."""
        self.progress()
        data, self._pending = memoryview(b"".join(self._pending)), []
        while data:
            if self._over:
                raise ConnectionResetError("the client went away")
            room = 0 if self._connection.blocked else min(self._window(), _BLOCK)
            if room <= 0:
                await self._woken()
                continue
            self._send_data(data[:room], ends=False)
            self._connection.flush()
            data = data[room:]
            self.progress()
            await asyncio.sleep(0)

    def progress(self) -> None:
        """Bytes of the answer have gone out."""
        self._mark = self._connection.shared.tick

    def _window(self) -> int:
        return self._connection.frames.local_flow_control_window(self.number)

    async def _woken(self) -> None:
        self._wake = asyncio.get_running_loop().create_future()
        self.stalled = True
        try:
            await self._wake
        finally:
            self._wake = None
            self.stalled = False

    def wake(self) -> None:
        """The client may take more."""
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    # --- the end ---

    def _finished(self) -> None:
        """The answer is written. A body that was not read to its end is read away, or stopped."""
        self._over = True
        stream, limits = self._stream, self._connection.shared.limits
        if stream is not None and not self._ended:
            stream.discard()
            if 0 <= stream.left <= limits.drained:
                unread, self._unread = self._unread, 0
                self._took(unread)
                self._connection.flush()
                return
        self._stop()

    def _stop(self) -> None:
        """No more of the request is wanted."""
        if not self._ended:
            self._connection.reset(self.number, ErrorCodes.NO_ERROR)
        self._connection.drop(self)

    def refuse(self, status: int) -> None:
        """The client did wrong: this is said, and nobody waits for what was asked."""
        self._begun = True
        self.give_up("the body is malformed, or too slow")
        self._send_head(status, [(b"content-length", b"0")], ends=True)
        self._stop()

    def _fail(self, code: ErrorCodes) -> None:
        """End the stream abruptly."""
        self._connection.reset(self.number, code)
        self.give_up("the body is malformed, or too slow")
        self._connection.drop(self)

    def give_up(self, problem: str) -> None:
        """Nobody waits for the answer any more."""
        self._over = True
        if self._stream is not None and not self._ended:
            self._stream.fail(problem)
        if self._task is not None:
            self._task.cancel()
        if self._unsent is not None:
            unsent, self._unsent = self._unsent, None
            release(unsent, self._connection.shared.spawn)
        tell_lost(self.request)
