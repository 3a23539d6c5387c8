"""From bytes to requests: what httptools tells of a connection's bytes, put together to Requests.

It refuses, by raising Refused with a status, what is malformed (400), CONNECT (405), too large a head (431), a transfer
coding other than chunked (501), and versions other than 1.0 and 1.1 (505).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httptools

from .limits import Limits
from .message import INLINE_BODY, Request
from .stream import Source, Stream

IDLE, HEAD, BODY = range(3)
SLICE = 65_536                       # most bytes that are parsed at once
_NAMES = {name.encode(): name.lower() for name in (
    "Host", "host", "Accept", "accept", "Accept-Encoding", "accept-encoding", "Content-Type", "content-type", "Content-Length",
    "content-length", "User-Agent", "user-agent", "X-Amz-Target", "x-amz-target", "X-Amz-Date", "x-amz-date", "Authorization",
    "authorization", "X-Amz-Content-SHA256", "x-amz-content-sha256", "X-Amz-Security-Token", "x-amz-security-token",
    "amz-sdk-invocation-id", "amz-sdk-request", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Connection", "connection",
    "Expect", "expect", "Transfer-Encoding", "transfer-encoding", "Content-MD5", "Range", "range", "x-amzn-query-mode",
    "X-Amzn-Query-Mode", "x-amz-user-agent")}
_NOT_AGAIN = ("upgrade", "connection", "http2-settings")


class Refused(Exception):
    """The status that the client gets instead of an answer."""

    def __init__(self, status: int) -> None:
        self.status = status


def _size(headers: dict[str, str]) -> int:
    """Bytes on the wire, near enough."""
    return sum([len(name) + len(value) + 4 for name, value in headers.items()])


class RequestReader:
    """The parser of one connection. `feed` it; it calls `deliver` with each request.

    phase: IDLE between requests, HEAD, BODY.  stream: what the body that is coming goes to.  expects: the client waits for
    100 Continue.  old: HTTP/1.0.  last: the client said that no request follows the one that came last.  behind: set when
    that request asks for another protocol: the bytes that followed it.
    """

    __slots__ = ("_again", "_body", "_came", "_deliver", "_head_size", "_headers", "_into", "_limits", "_line", "_parser",
                 "_size", "_source", "_spread", "_trailers", "_url", "behind", "client", "expects", "last", "old", "phase",
                 "scheme", "stream", "upgrade")

    def __init__(self, source: Source, deliver: Callable[[Request], None], limits: Limits, scheme: str) -> None:
        self._parser: Any = httptools.HttpRequestParser(self)
        self._source = source
        self._deliver = deliver
        self._limits = limits
        self.scheme = scheme
        self.client = ""
        self.phase = IDLE
        self.stream: Stream | None = None
        self.expects = False
        self.old = False
        self.last = False
        self.behind: bytes | None = None
        self._came = False                   # some of a body, since bytes were fed
        self._spread = False                 # a head that ends now may be too large
        self._line: bytes | None = None      # an unfinished request line, as it came
        self.upgrade = False                 # the request asks for another protocol
        self._again = False                  # and has a body, so that we do not listen: it is parsed again without asking

    # --- bytes in ---

    def feed(self, data: bytes) -> None:
        """Parse some bytes."""
        fresh = self.phase == IDLE
        self._spread = not fresh or len(data) > SLICE    # else a head that ends here is not too large
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            rest = data[stop.args[0]:]
            if not self._again:
                self.behind = rest
                return
            head = self._without_upgrade()
            self.restart()
            self.feed(head)
            self.feed(rest)
        except httptools.HttpParserInvalidURLError:
            self._encode_line((self._line or b"") + data if fresh or self._line is not None else b"")
        except httptools.HttpParserCallbackError as problem:
            cause = problem.__context__
            raise cause if isinstance(cause, Refused) else Refused(400) from problem
        except httptools.HttpParserError as problem:
            if not self.last or self.phase != IDLE:      # else it is behind the last request, where nobody looks
                raise Refused(400) from problem
        else:
            if self.phase != IDLE:
                self._unfinished(data, fresh)

    def restart(self) -> None:
        """Begin anew after a request that asked for another protocol and did not get it."""
        self.behind = None
        self.phase = IDLE
        self._parser = httptools.HttpRequestParser(self)

    def _unfinished(self, data: bytes, fresh: bool) -> None:
        """A head or a body has begun and not ended. What the parser keeps of an unfinished header, trailer or chunk's head
        is not seen here, so all bytes count that bring no body."""
        if self.phase == BODY:
            if self._came:
                self._came = False
                self._head_size = 0
                return
        elif not self._into and (fresh or self._line is not None):
            self._line = (self._line or b"") + data
        else:
            self._line = None
        if not fresh:
            self._head_size += len(data)
        if self._head_size > self._limits.head + SLICE:
            raise Refused(431)

    def _encode_line(self, data: bytes) -> None:
        """A request line with bytes beyond ASCII, which the parser refuses: they are taken as if percent-encoded."""
        line, end, rest = data.lstrip(b"\r\n").partition(b"\n")
        if line.isascii():
            raise Refused(400)
        if len(line) > self._limits.head:
            raise Refused(431)
        self._line = None
        self.restart()
        self.feed(b"".join([b"%%%02X" % c if c >= 0x80 else bytes((c,)) for c in line]) + end + rest)

    def _without_upgrade(self) -> bytes:
        """The head of the request that came last, without its wish for another protocol."""
        headers = "".join([f"{n}: {v}\r\n" for n, v in self._headers.items() if n not in _NOT_AGAIN])
        return f"{self._parser.get_method().decode()} {self._url} HTTP/1.1\r\n{headers}\r\n".encode("latin-1")

    # --- what the parser calls ---

    def on_message_begin(self) -> None:
        self.phase = HEAD
        self._into: dict[str, str] = {}      # where headers go
        self._trailers: dict[str, str] | None = None
        self._url = ""
        self._body: list[bytes] = []
        self._size = 0
        self._head_size = 0

    def on_url(self, url: bytes) -> None:
        self._url += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        key = _NAMES.get(name) or name.decode("latin-1").lower()
        text = value.rstrip().decode("latin-1")
        into = self._into
        if key in into:
            into[key] += "," + text
        else:
            into[key] = text

    def on_headers_complete(self) -> None:
        self.phase = BODY
        self._line = None
        self._again = self.upgrade = self._came = False
        self._headers = headers = self._into
        if self._spread and len(self._url) + _size(headers) > self._limits.head:
            raise Refused(431)
        self._into = {}                                  # what comes now are trailers
        self._head_size = 0
        parser = self._parser
        version = parser.get_http_version()
        if version == "1.1":
            if "," in headers.get("host", ","):          # absent, or more than one
                raise Refused(400)
        elif version == "1.0":
            self.old = True
        else:
            raise Refused(505)
        if self._url[0] != "/":
            self._whole_url(headers)
        if not parser.should_keep_alive():
            self.last = True
        if parser.should_upgrade():
            self.upgrade = True
            self._again = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if not self._again and ("content-length" in headers or "transfer-encoding" in headers):
            self._expect_body(headers)

    def _whole_url(self, headers: dict[str, str]) -> None:
        """`http://host/path`, as proxies are asked."""
        if self._url == "*":
            return
        scheme, _, rest = self._url.partition("://")
        if scheme.lower() not in ("http", "https"):
            raise Refused(405 if self._parser.get_method() == b"CONNECT" else 400)
        host = rest[:min([i for i in map(rest.find, "/?#") if i >= 0], default=len(rest))]
        path = rest[len(host):]
        self._url = path if path.startswith("/") else "/" + path
        headers["host"] = host

    def _expect_body(self, headers: dict[str, str]) -> None:
        """Whether the body is held or streamed, and whether the client must be told to send it."""
        length = int(headers.get("content-length", -1))
        if length < 0:
            if self.old:
                raise Refused(400)
            if headers["transfer-encoding"].lower() != "chunked":
                raise Refused(501)
        if length == 0:
            return
        self.expects = not self.old and headers.get("expect", "").lower() == "100-continue"
        known = length
        if length < 0:                                   # aws-chunked bodies tell their content's length beside
            told = headers.get("x-amz-decoded-content-length", "")
            known = int(told) if told.isdecimal() and len(told) < 20 else INLINE_BODY + 1 if self.expects else 0
        if known > INLINE_BODY or "eventstream" in headers.get("content-type", ""):
            self._open_stream(length)
        elif self.expects:
            self._source.proceed()

    def on_body(self, body: bytes) -> None:
        stream = self.stream
        self.expects = False
        self._came = True
        if stream is None:
            self._body.append(body)
            self._size += len(body)
            if self._size <= INLINE_BODY:
                return
            body = b"".join(self._body)
            self._body = []
            stream = self._open_stream(-1)
        stream.feed(body)
        if stream.buffered > self._limits.buffered:
            self._source.full()

    def on_message_complete(self) -> None:
        if self._again:
            return                                       # `feed` begins anew
        self.phase = IDLE
        self.expects = False
        if self._into:
            self._take_trailers()
        stream = self.stream
        if stream is not None:
            self.stream = None
            stream.finish()
            return
        body = self._body
        self._deliver(self._request(body[0] if len(body) == 1 else b"".join(body) if body else b"", None))

    def _take_trailers(self) -> None:
        if _size(self._into) > self._limits.head:
            raise Refused(431)
        if self._trailers is None:
            self._trailers = {}
        self._trailers.update(self._into)                # which the request has already, if its body is a stream

    def _open_stream(self, length: int) -> Stream:
        self.stream = stream = Stream(self._source, length)
        self._trailers = {}
        self._deliver(self._request(b"", stream))
        return stream

    def _request(self, body: bytes, stream: Stream | None) -> Request:
        request = Request(self._parser.get_method().decode(), self._url, self._headers, body, stream, self.scheme, self.client)
        if self._trailers is not None:
            request.trailers = self._trailers
        return request
