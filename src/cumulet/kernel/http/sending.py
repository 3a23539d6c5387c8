"""Sending bodies that are not one piece of bytes: pieces of files and iterators, with flat memory.

Small pieces are gathered into one write. Slices of files go from the page cache to the socket by sendfile(2); over TLS,
or where there is no sendfile, they are read and written in blocks.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Protocol

from .message import FileSlice, Piece, Request, Response, Upgrade

log = logging.getLogger("cumulet.http")

GATHERED = 262_144          # bodies of pieces up to this many bytes are gathered and written at once
_BLOCK = 262_144            # read from a file at once
_SENDFILE = 1_048_576       # given to sendfile at once, between two turns of the loop
_HAS_SENDFILE = hasattr(os, "sendfile") and os.name == "posix" and os.uname().sysname == "Linux"


class Writer(Protocol):
    """The connection that a body goes to."""

    transport: Any
    secure: bool
    stalled: bool

    async def drained(self) -> None: ...
    def progress(self) -> None: ...


def gather(pieces: Sequence[Piece]) -> list[bytes]:
    """The bytes of small pieces; their files are given back."""
    out: list[bytes] = []
    try:
        for piece in pieces:
            if isinstance(piece, FileSlice):
                data = read(piece.fd, piece.length, piece.offset)
                if len(data) != piece.length:
                    raise OSError(errno.EIO, "the file is shorter than its slice")
                out.append(data)
            else:
                out.append(piece)
    finally:
        release_pieces(pieces)
    return out


def read(fd: int, size: int, offset: int) -> bytes:
    """Bytes of a file, fewer only at its end."""
    data = pread(fd, size, offset)
    while data and len(data) < size and (more := pread(fd, size - len(data), offset + len(data))):
        data += more
    return data


if hasattr(os, "pread"):
    pread = os.pread
else:
    def pread(fd: int, size: int, offset: int, /) -> bytes:
        """No other reader of this descriptor runs between the two calls: both are made on the event loop's thread."""
        os.lseek(fd, offset, os.SEEK_SET)
        return os.read(fd, size)


async def send_pieces(to: Writer, pieces: Sequence[Piece]) -> None:
    """Bytes and slices of files, in order. Every file is given back, whatever happens."""
    left = list(reversed(pieces))
    try:
        while left:
            piece = left[-1]
            if isinstance(piece, FileSlice):
                await _send_file(to, piece)
                release_pieces([left.pop()])
            else:
                to.transport.write(left.pop())
                await to.drained()
    finally:
        release_pieces(left)


async def send_iterator(to: Writer, body: AsyncIterator[bytes], chunked: bool, length: int) -> bool:
    """What an iterator gives. length: what was promised, or -1. False if that was not kept."""
    sent = 0
    try:
        async for data in body:
            if not data:
                continue
            sent += len(data)
            if 0 <= length < sent:
                log.error("a body is longer than its Content-Length of %d", length)
                return False
            if not chunked:
                to.transport.write(data)
            elif len(data) <= 65_536:
                to.transport.write(b"%x\r\n%b\r\n" % (len(data), data))
            else:
                to.transport.writelines([b"%x\r\n" % len(data), data, b"\r\n"])
            await to.drained()
    finally:
        await close(body)
    if chunked:
        to.transport.write(b"0\r\n\r\n")
    elif 0 <= length != sent:
        log.error("a body of %d bytes is shorter than its Content-Length of %d", sent, length)
        return False
    return True


async def _send_file(to: Writer, piece: FileSlice) -> None:
    if _HAS_SENDFILE and not to.secure and piece.length >= _BLOCK:
        await _sendfile(to, piece)
        return
    offset, end = piece.offset, piece.offset + piece.length
    while offset < end:
        data = read(piece.fd, min(end - offset, _BLOCK), offset)
        if not data:
            raise OSError(errno.EIO, "the file is shorter than its slice")
        to.transport.write(data)
        offset += len(data)
        await to.drained()


async def _sendfile(to: Writer, piece: FileSlice) -> None:
    """By sendfile(2) on a duplicate of the socket, once all that was written before has left the transport's buffer.

    The duplicate is ours: it cannot become another connection's if this one ends meanwhile, and the loop lets us wait on it.
    """
    transport = to.transport
    transport.set_write_buffer_limits(high=0)
    try:
        while transport.get_write_buffer_size():
            await to.drained()
            await asyncio.sleep(0)
    finally:
        transport.set_write_buffer_limits()
    socket = os.dup(transport.get_extra_info("socket").fileno())
    try:
        offset, end = piece.offset, piece.offset + piece.length
        while offset < end:
            try:
                sent = os.sendfile(socket, piece.fd, offset, min(end - offset, _SENDFILE))
            except BlockingIOError:
                await _writable(to, socket)
                continue
            if not sent:
                raise OSError(errno.EIO, "the file is shorter than its slice")
            offset += sent
            to.progress()
            await asyncio.sleep(0)
    finally:
        os.close(socket)


async def _writable(to: Writer, fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_writer(fd, _set, ready)
    to.stalled = True
    try:
        await ready
    finally:
        to.stalled = False
        loop.remove_writer(fd)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


# --- giving back ------------------------------------------------------------------------------------------------------


def release(response: Response | Upgrade, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
    """Give back what an answer holds that nobody will receive. spawn: runs a coroutine."""
    if isinstance(response, Upgrade) or isinstance(response.body, bytes):
        return
    if isinstance(response.body, list | tuple):
        release_pieces(response.body)
    else:
        spawn(close(response.body))


def tell_lost(request: Request) -> None:
    """Nobody waits for the answer: whoever asked to be told is, once."""
    lost, request.on_lost = request.on_lost, None
    if lost is not None:
        try:
            lost()
        except Exception:
            log.exception("%s %s: on_lost failed", request.method, request.path)


def release_pieces(pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        if isinstance(piece, FileSlice) and piece.on_sent is not None:
            done, piece.on_sent = piece.on_sent, None
            try:
                done()
            except Exception:
                log.exception("giving back a file failed")


async def close(body: Any) -> None:
    """End a generator; other iterators need nothing."""
    aclose = getattr(body, "aclose", None)
    if aclose is not None:
        try:
            await aclose()
        except Exception:
            log.exception("ending a response's iterator failed")
