"""Bytes that a copy cannot simply share: sums of big bytes, and what is encrypted anew, are made outside of transactions."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cumulet.kernel import Call, Spool, error

from . import bodies, checksums, ciphers
from .ciphers import Keys
from .resources import Piece, Version
from .sealing import PLAIN, Sealed

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that must be read before they can be copied; `identity` tells whether they are still the same.

    reading: the keys that open them.  writing: how they shall be encrypted; None: they are only summed up.
    """

    identity: tuple[Any, ...]
    pieces: list[Piece]
    algorithm: str
    reading: Keys = ()
    writing: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Their sums, and the file of the bytes anew."""

    identity: tuple[Any, ...]
    md5: str
    checksum: str
    path: str = ""
    sealed: Sealed = PLAIN

    def of(self, row: Version) -> bool:
        return self.identity == identity(row)


def identity(row: Version) -> tuple[Any, ...]:
    return row.bucket, row.key, row.order, row.etag, row.blob, row.layout


def small(call: Call, unknown: Unknown) -> tuple[bytes, str, str]:
    """A few bytes, in the clear, with their MD5 and their sum."""
    data = b"".join(bodies.chunks(call, unknown.pieces, unknown.reading))
    return data, hashlib.md5(data, usedforsecurity=False).hexdigest(), checksums.of(unknown.algorithm, data)


async def settled(call: Call, work: Callable[[Call, Known | None], Any]) -> Any:
    """Run `work(call, known)` in a transaction; what it answers to be unknown is made outside, and it is run again."""
    known: Known | None = None
    for _ in range(_ATTEMPTS):
        try:
            result = await call.run(work, known)
        finally:
            if known is not None and known.path:
                Spool(None, known.path).discard()            # nobody kept it
        if not isinstance(result, Unknown):
            return result
        known = await asyncio.to_thread(_make, call, result)
    raise error.named("OperationAborted", "A conflicting conditional operation is currently in progress against this resource. "
                      "Please try again.", 409)


def _make(call: Call, unknown: Unknown) -> Known | None:
    """None when the bytes went meanwhile: the source was written over."""
    md5 = hashlib.md5(usedforsecurity=False)
    path = call.blobs.temporary() if unknown.writing is not None else ""
    try:
        if unknown.writing is None:
            checksum = checksums.of_chunks(unknown.algorithm, _passing(call, unknown, md5.update))
        else:
            checksum = _write(call, unknown, unknown.writing, path, md5.update)
    except FileNotFoundError:
        if path:
            Spool(None, path).discard()
        return None
    return Known(unknown.identity, md5.hexdigest(), checksum, path, unknown.writing or PLAIN)


def _write(call: Call, unknown: Unknown, writing: Sealed, path: str, hear: Callable[[bytes], None]) -> str:
    nonce = writing.seal.nonce if writing.seal is not None else b""
    update = ciphers.passing(writing.keys, nonce)
    with open(path, "wb") as file:
        def write(chunk: bytes) -> None:
            hear(chunk)
            file.write(update(chunk))

        return checksums.of_chunks(unknown.algorithm, _passing(call, unknown, write))


def _passing(call: Call, unknown: Unknown, hear: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in bodies.chunks(call, unknown.pieces, unknown.reading):
        hear(chunk)
        yield chunk
