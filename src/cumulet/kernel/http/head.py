"""The head of a response: status line, headers, and what the transport adds to them."""

from __future__ import annotations

import logging
import re
import time
from email.utils import formatdate
from http import HTTPStatus

from .message import FileSlice, Request, Response, ResponseBody

log = logging.getLogger("cumulet.http")

_STATUS = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\nDate: " for s in HTTPStatus}
_BREAKS = re.compile(r"[\r\n\0]+")
_CONNECTION = frozenset((b"connection", b"keep-alive", b"transfer-encoding", b"upgrade"))    # HTTP/1.1's own


class Now:
    """The Date header's value, made anew once a second. By the wall clock, as HTTP means it and clients compare it with their
    own; the cloud's clock may stand elsewhere."""

    __slots__ = ("_second", "text")

    def __init__(self) -> None:
        self._second = 0
        self.text = ""
        self.tick()

    def tick(self) -> None:
        now = int(time.time())
        if now != self._second:
            self._second = now
            self.text = formatdate(now, usegmt=True) + "\r\n"


class Head:
    """What is decided about a response before its first byte is sent.

    data: the head.  bare: no body follows.  chunked: the body is framed in chunks.  length: of the body, or -1.
    """

    __slots__ = ("bare", "chunked", "data", "length")

    def __init__(self, data: bytes, bare: bool, chunked: bool, length: int) -> None:
        self.data = data
        self.bare = bare
        self.chunked = chunked
        self.length = length


def plain(response: Response, size: int, bare: bool, date: str, extra: str) -> bytes:
    """The head before a body of known bytes. extra: the Connection header, or ""."""
    status = response.status
    text = (_STATUS.get(status) or f"HTTP/1.1 {status} \r\nDate: ") + date
    said = False
    for name, value in response.headers:
        if len(name) == 14 and name.lower() == "content-length":
            said = True
            if not bare and value != str(size):
                log.error("Content-Length %s of a body of %d bytes", value, size)
                value = str(size)
        text += f"{name}: {value}\r\n"
    if text.count("\n") != len(response.headers) + 2 or text.count("\r") != len(response.headers) + 2 or "\0" in text:
        return plain(_without_breaks(response), size, bare, date, extra)
    if not said and status != 204 and (status != 304 or size):
        text += f"Content-Length: {size}\r\n"
    return encode(f"{text}{extra}\r\n")


def streamed(request: Request, response: Response, date: str, extra: str, old: bool) -> Head:
    """The head before pieces or an iterator. old: the client speaks HTTP/1.0 and knows no chunks."""
    length = length_of(response.body)
    said = next((v for n, v in response.headers if n.lower() == "content-length"), None)
    bare = is_bare(request, response)
    if length < 0 and said is not None:
        length = int(said)
    chunked = length < 0 and not old and response.status not in (204, 304)
    response = _without_breaks(response)
    if said is None and chunked:
        response.headers.append(("Transfer-Encoding", "chunked"))
    elif said is not None and length >= 0 and not bare and said != str(length):
        log.error("Content-Length %s of a body of %d bytes", said, length)
        response.headers = [(n, v if n.lower() != "content-length" else str(length)) for n, v in response.headers]
    elif said is None and length >= 0 and response.status != 204:
        response.headers.append(("Content-Length", str(length)))
    text = (_STATUS.get(response.status) or f"HTTP/1.1 {response.status} \r\nDate: ") + date
    text += "".join([f"{name}: {value}\r\n" for name, value in response.headers])
    return Head(encode(f"{text}{extra}\r\n"), bare, chunked and not bare, length)


def headers_of(response: Response, bare: bool) -> tuple[list[tuple[bytes, bytes]], int]:
    """Headers as HTTP/2 and ASGI have them, and the length that they promise, or -1."""
    length = length_of(response.body)
    out: list[tuple[bytes, bytes]] = []
    said: bytes | None = None
    for name, value in _without_breaks(response).headers:
        key, text = encode(name).lower(), encode(value)
        if key == b"content-length":
            said = text
        elif key not in _CONNECTION:
            out.append((key, text))
    if length < 0 and said is not None:
        length = int(said)
    if bare and said is not None:
        out.append((b"content-length", said))
    elif length >= 0 and response.status != 204 and (response.status != 304 or length):
        out.append((b"content-length", b"%d" % length))
    return out, length


def is_bare(request: Request, response: Response) -> bool:
    """Whether no body may follow."""
    return request.method == "HEAD" or response.status in (204, 304)


def length_of(body: ResponseBody) -> int:
    """How long a body is, or -1 for an iterator."""
    if isinstance(body, bytes):
        return len(body)
    if isinstance(body, list | tuple):
        return sum([p.length if isinstance(p, FileSlice) else len(p) for p in body])
    return -1


def encode(text: str) -> bytes:
    """Latin-1, as HTTP's headers are; what does not fit goes out as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def refusal(status: int, date: str) -> bytes:
    """An answer of the transport itself, after which the connection ends."""
    return f"{_STATUS[status]}{date}Connection: close\r\nContent-Length: 0\r\n\r\n".encode()


def _without_breaks(response: Response) -> Response:
    """The same with headers that cannot smuggle others in: a line break becomes a space."""
    headers = [(_BREAKS.sub(" ", name), _BREAKS.sub(" ", value)) for name, value in response.headers]
    return Response(response.status, headers, response.body)
