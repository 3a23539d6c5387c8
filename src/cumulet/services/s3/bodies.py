"""Where the bytes of objects are: in the row, in a blob, or in the pieces of a layout; and who else uses them.

Blobs never change. A copy shares them: `Shared` counts the users beside the first, and the last one to go drops the blob.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from cumulet.kernel import Call, Spool

from . import ciphers
from .ciphers import Keys
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


def keep(call: Call, spool: Spool, keys: Keys = (), nonce: bytes = b"") -> tuple[bytes | None, str]:
    """Take a received body over, encrypted where there are keys: (bytes, "") when it is small, else (None, blob)."""
    if spool.size <= INLINE:
        return ciphers.over(spool.read(), keys, nonce) if keys else spool.read(), ""
    if keys:
        path = call.blobs.temporary()
        ciphers.write(path, [spool.read()] if spool.data is not None else ciphers.read(spool.path), keys, nonce)
        return None, call.blobs.keep(call.tx, path)
    return None, call.blobs.keep(call.tx, spool.path or _written(call, spool.read()))


def _written(call: Call, data: bytes) -> str:
    path = call.blobs.temporary()
    with open(path, "wb") as file:
        file.write(data)
    return path                         # `Blobs.keep` makes it durable


def piece(call: Call, spool: Spool, keys: Keys = ()) -> list[Piece]:
    """A received part. Each has a nonce of its own, where it is encrypted."""
    nonce = bytes.fromhex(call.token(2 * ciphers.NONCE)) if keys else b""
    body, blob = keep(call, spool, keys, nonce)
    return [Piece(spool.size, blob, 0, body or b"", nonce)] if spool.size else []


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
    nonce = row.extra.seal.nonce if row.extra is not None and row.extra.seal is not None else b""
    if row.body is not None:
        return [Piece(length, "", offset, row.body if length == len(row.body) else row.body[offset : offset + length], nonce)]
    if row.blob:
        return [Piece(length, row.blob, offset, b"", nonce)]
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
        yield Piece(size, one.blob, one.offset + offset, b"" if one.blob else one.data[offset : offset + size], one.nonce)
        offset = 0
        length -= size


def answer(call: Call, wanted: list[Piece], keys: Keys = ()) -> Any:
    """The body of a response."""
    if keys:
        if sum(one.length for one in wanted) <= INLINE:
            return b"".join(chunks(call, wanted, keys))
        held = [_File(call.blobs.open(one.blob)) if one.blob else None for one in wanted] if len(wanted) <= _OPEN else ()
        return _streamed(call, wanted, keys, held)
    if len(wanted) == 1 and not wanted[0].blob:
        return wanted[0].data
    if len(wanted) > _OPEN:
        return _streamed(call, wanted)
    return [_slice(call, one) if one.blob else one.data for one in wanted]


def _slice(call: Call, one: Piece) -> Any:
    file = _File(call.blobs.open(one.blob))
    return call.slice(file.fd, one.offset, one.length, file.close)


async def _streamed(call: Call, wanted: list[Piece], keys: Keys = (),
                    held: Sequence[_File | None] = ()) -> AsyncIterator[bytes]:
    """An object that is encrypted (its files are held, if few), or of very many pieces: one file open at a time."""
    for chunk in chunks(call, wanted, keys, held):
        yield chunk


def chunks(call: Call, wanted: Sequence[Piece], keys: Keys = (), held: Sequence[_File | None] = ()) -> Iterator[bytes]:
    """The bytes themselves, decrypted where there are keys, a chunk at a time."""
    for number, one in enumerate(wanted):
        stored = _stored(call, one, held[number] if held else None)
        if not keys:
            yield from stored
            continue
        update = ciphers.passing(keys, one.nonce, one.offset)
        for chunk in stored:
            yield update(chunk)


def _stored(call: Call, one: Piece, held: _File | None) -> Iterator[bytes]:
    if not one.blob:
        yield one.data
        return
    file = held or _File(call.blobs.open(one.blob))
    at, end = one.offset, one.offset + one.length
    while at < end:
        chunk = os.pread(file.fd, min(_CHUNK, end - at), at)
        if not chunk:
            raise OSError(f"blob {one.blob} is shorter than its object")
        yield chunk
        at += len(chunk)
    file.close()
