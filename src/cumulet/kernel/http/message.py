"""What passes between the transport and the pipeline: a request, and the response to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class BodyStream(Protocol):
    """A request body too large to be held: chunks, with back-pressure to the client's socket."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...


class Request:
    """One HTTP request. The target is kept as it came: S3 keys hold `//`, `..` and `%2F`.

    headers: names in lower case; a repeated header's values joined by ",". Latin-1 text.
    body: the whole body, when it is at most `INLINE_BODY` bytes; else b"" and `stream` is set.
    trailers: filled when the (chunked) body has been read.
    """

    __slots__ = ("body", "client", "headers", "host", "method", "on_lost", "path", "query", "scheme",
                 "stream", "target", "trailers")

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes = b"",
                 stream: BodyStream | None = None, scheme: str = "http", client: str = "") -> None:
        self.method = method
        self.target = target
        path, _, query = target.partition("?")
        self.path = path              # percent-encoded, as sent
        self.query = query            # raw query string, without "?"
        self.headers = headers
        self.body = body
        self.stream = stream
        self.scheme = scheme
        self.client = client          # peer's address, "127.0.0.1"; "" on a UNIX socket
        self.host = headers.get("host", "")
        self.trailers: dict[str, str] = {}
        self.on_lost: Callable[[], None] | None = None   # set by the pipeline; called when the client vanishes


class FileSlice:
    """Bytes of a file, sent without being held in memory. The file stays open until it is sent."""

    __slots__ = ("fd", "length", "offset", "on_sent")

    def __init__(self, fd: int, offset: int, length: int, on_sent: Callable[[], None] | None = None) -> None:
        self.fd = fd
        self.offset = offset
        self.length = length
        self.on_sent = on_sent        # called once, when sent or given up (closes the file)


Piece = bytes | FileSlice
ResponseBody = bytes | Sequence[Piece] | AsyncIterator[bytes]


class Response:
    """Status, headers (names as they shall appear) and body.

    The transport adds Date, Content-Length (or chunked for an AsyncIterator of unknown length), and Connection;
    for HEAD, 204 and 304 it sends no body and keeps a Content-Length that the pipeline set. Status 0, with pieces as the
    body, is no answer: the connection is closed.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: list[tuple[str, str]], body: ResponseBody = b"") -> None:
        self.status = status
        self.headers = headers
        self.body = body


@runtime_checkable
class WebSocket(Protocol):
    """An accepted WebSocket, as later services (API Gateway, AppSync, the console) will use it."""

    async def receive(self) -> str | bytes | None: ...
    async def send(self, message: str | bytes) -> None: ...
    async def close(self, code: int = 1000, reason: str = "") -> None: ...


class Upgrade:
    """A response that turns the connection into a WebSocket; `run` owns it until it returns."""

    __slots__ = ("headers", "run")

    def __init__(self, run: Callable[[WebSocket], object], headers: list[tuple[str, str]] | None = None) -> None:
        self.run = run
        self.headers = headers or []


Respond = Callable[["Response | Upgrade"], None]
# The application: called once a request on the event loop; answers by calling `respond` exactly once, now or later.
Handler = Callable[[Request, Respond], None]

INLINE_BODY = 1_048_576 + 65_536     # bodies up to this many bytes arrive whole (SQS messages are 1 MiB)
