"""Where the bytes of objects are: in the row, in a blob, or in the pieces of a layout; and who else uses them.

Blobs never change. A copy shares them: `Shared` counts the users beside the first, and the last one to go drops the blob.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from cumulet.kernel import Call, FileSlice, Spool

from .resources import LaidPart, Layout, Piece, Shared, Version

INLINE = 65_536                 # bodies up to this size are kept in their rows
_OPEN = 16                      # pieces that are opened at once; longer answers open their files on the way
_CHUNK = 1 << 18


class _File:
    """An open blob; closed when it has been sent, or when nobody holds it any more."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def close(self) -> None:
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)

    __del__ = close


# --- keeping ----------------------------------------------------------------------------------------------------------


def keep(call: Call, spool: Spool) -> tuple[bytes | None, str]:
    """Take a received body over: (bytes, "") when it is small, else (None, blob)."""
    if spool.size <= INLINE:
        return spool.read(), ""
    return None, call.blobs.keep(call.tx, spool.path or _written(call, spool.read()))


def _written(call: Call, data: bytes) -> str:
    path = call.blobs.temporary()
    with open(path, "wb") as file:
        file.write(data)
    return path                         # `Blobs.keep` makes it durable


def piece(call: Call, spool: Spool) -> list[Piece]:
    """A received part."""
    body, blob = keep(call, spool)
    return [Piece(spool.size, blob, 0, body or b"")] if spool.size else []


def share(call: Call, blob: str) -> None:
    """One more uses this blob."""
    table = call.table(Shared)
    row = table.get(blob)
    table.put(Shared(blob=blob, more=row.more + 1 if row else 1))


def release(call: Call, blob: str) -> None:
    """One less does; the last one takes it away."""
    table = call.table(Shared)
    row = table.get(blob)
    if row is None:
        call.blobs.drop(call.tx, blob)
    elif row.more > 1:
        table.put(Shared(blob=blob, more=row.more - 1))
    else:
        table.delete(blob)


def share_pieces(call: Call, pieces: Iterable[Piece]) -> None:
    for one in pieces:
        if one.blob:
            share(call, one.blob)


def release_pieces(call: Call, pieces: Iterable[Piece]) -> None:
    for one in pieces:
        if one.blob:
            release(call, one.blob)


def share_layout(call: Call, layout: int) -> None:
    """A copy of an object made of parts has the same layout."""
    row = call.table(Layout).get(layout)
    assert row is not None
    call.table(Layout).change(layout, uses=row.uses + 1)


def release_bytes(call: Call, blob: str, layout: int) -> None:
    """A version goes; so do its bytes, unless another one uses them."""
    if blob:
        release(call, blob)
    if layout:
        table = call.table(Layout)
        row = table.get(layout)
        assert row is not None
        if row.uses > 1:
            table.change(layout, uses=row.uses - 1)
        else:
            table.delete(layout)
            for part in row.parts:
                release_pieces(call, part.pieces)


# --- reading ----------------------------------------------------------------------------------------------------------


def parts_of(call: Call, row: Version) -> list[LaidPart]:
    """The parts that a version was made of; empty when it was put whole."""
    if not row.layout:
        return []
    layout = call.table(Layout).get(row.layout)
    assert layout is not None
    return layout.parts


def pieces(call: Call, row: Version, offset: int, length: int) -> list[Piece]:
    """Where these bytes of a version are."""
    if not length:
        return []
    if row.body is not None:
        return [Piece(length, "", 0, row.body if length == len(row.body) else row.body[offset : offset + length])]
    if row.blob:
        return [Piece(length, row.blob, offset)]
    return list(cut((piece for part in parts_of(call, row) for piece in part.pieces), offset, length))


def cut(pieces: Iterable[Piece], offset: int, length: int) -> Iterator[Piece]:
    """The pieces of a range of pieces."""
    for one in pieces:
        if not length:
            return
        if offset >= one.length:
            offset -= one.length
            continue
        size = min(one.length - offset, length)
        yield Piece(size, one.blob, one.offset + offset, b"" if one.blob else one.data[offset : offset + size])
        offset = 0
        length -= size


def answer(call: Call, wanted: list[Piece]) -> Any:
    """The body of a response."""
    if len(wanted) == 1 and not wanted[0].blob:
        return wanted[0].data
    if len(wanted) > _OPEN:
        return _streamed(call, wanted)
    return [_slice(call, one) if one.blob else one.data for one in wanted]


def _slice(call: Call, one: Piece) -> FileSlice:
    file = _File(call.blobs.open(one.blob))
    return FileSlice(file.fd, one.offset, one.length, file.close)


async def _streamed(call: Call, wanted: list[Piece]) -> AsyncIterator[bytes]:
    """An object of very many pieces: one file open at a time."""
    for chunk in chunks(call, wanted):
        yield chunk


def chunks(call: Call, wanted: Iterable[Piece]) -> Iterator[bytes]:
    """The bytes themselves, a chunk at a time."""
    for one in wanted:
        if not one.blob:
            yield one.data
            continue
        file = _File(call.blobs.open(one.blob))
        at, end = one.offset, one.offset + one.length
        while at < end:
            chunk = os.pread(file.fd, min(_CHUNK, end - at), at)
            if not chunk:
                raise OSError(f"blob {one.blob} is shorter than its object")
            yield chunk
            at += len(chunk)
        file.close()
