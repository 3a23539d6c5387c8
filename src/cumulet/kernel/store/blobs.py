"""Received bodies, small in memory or large in a file, and what is known of them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any, Protocol

INLINE = 65_536                        # bodies up to this size stay in memory
STEP = 524_288                         # bytes that are hashed and written at once, in threads


class Spool:
    """A request body that has been received whole: in memory when small, else in a temporary file of the store.

    size: bytes.  data: the bytes when small, else None.  path: the file when large, else "".
    digests: hex digests that were computed on the way ("md5", "sha256", "crc32", …); others are computed when asked for.
    trailers: checksum trailers of an aws-chunked body.
    """

    __slots__ = ("data", "digests", "path", "size", "trailers")

    def __init__(self, data: bytes | None, path: str = "", size: int = 0, digests: dict[str, str] | None = None,
                 trailers: dict[str, str] | None = None) -> None:
        self.data = data
        self.path = path
        self.size = size if data is None else len(data)
        self.digests = digests or {}
        self.trailers = trailers or {}

    def digest(self, algorithm: str) -> str:
        """Hex digest by hashlib's name of the algorithm, or crc32, crc32c, crc64nvme."""
        known = self.digests.get(algorithm)
        if known is None:
            hasher = new_hash(algorithm)
            if self.data is not None:
                hasher.update(self.data)
            else:
                with open(self.path, "rb") as f:
                    while chunk := f.read(STEP):
                        hasher.update(chunk)
            known = self.digests[algorithm] = hasher.hexdigest()
        return known

    def read(self) -> bytes:
        """All bytes (for bodies that an operation has to parse)."""
        if self.data is not None:
            return self.data
        with open(self.path, "rb") as f:
            return f.read()

    def discard(self) -> None:
        """Remove the temporary file, if nobody kept it."""
        if self.path:
            remove(self.path)


class Hash(Protocol):
    """What hashlib's objects are, so far as we use them."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Crc:
    """A cyclic redundancy check in the shape of hashlib's objects. step: (data, value so far) → value."""

    __slots__ = ("_digits", "_step", "_value")

    def __init__(self, step: Callable[[bytes, int], int], bits: int) -> None:
        self._step = step
        self._digits = bits // 4
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._step(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:0{self._digits}x}"


def new_hash(algorithm: str) -> Hash:
    """A running digest by name. crc32c and crc64nvme need the extra "checksums"."""
    if algorithm == "crc32":
        return _Crc(zlib.crc32, 32)
    if algorithm in ("crc32c", "crc64nvme"):
        from awscrt import checksums

        step: Any = getattr(checksums, algorithm)
        return _Crc(step, 32 if algorithm == "crc32c" else 64)
    return hashlib.new(algorithm, usedforsecurity=False)


class Spooling(Protocol):
    """Where a large body goes (`folder.FolderBlobs`)."""

    threads: Executor

    def temporary(self) -> str: ...
    def sync(self, path: str, fd: int) -> None: ...


class SpoolWriter:
    """Receives a body: `await write(chunk)` for each chunk, then `await finish()`; `abort()` when it does not come whole.

    Hashes and writes in threads, a step behind the network, each digest in a thread of its own.
    """

    __slots__ = ("_blobs", "_chunks", "_fd", "_hashes", "_held", "_path", "_work", "size")

    def __init__(self, blobs: Spooling, algorithms: Iterable[str] = ("md5",)) -> None:
        self._blobs = blobs
        self._hashes = {name: new_hash(name) for name in algorithms}
        self._chunks: list[bytes] = []
        self._held = 0
        self._fd = -1
        self._path = ""
        self._work: asyncio.Future[Any] | None = None
        self.size = 0

    async def write(self, chunk: bytes) -> None:
        """Take one chunk."""
        self._chunks.append(chunk)
        self._held += len(chunk)
        self.size += len(chunk)
        if self._held >= STEP:
            await self._step()

    async def finish(self, trailers: dict[str, str] | None = None) -> Spool:
        """The whole body; a file is durable when this returns."""
        if self._fd < 0 and self.size <= INLINE:
            data = b"".join(self._chunks)
            for hasher in self._hashes.values():
                hasher.update(data)
            return Spool(data, digests=self._digests(), trailers=trailers)
        await self._step()
        await self._settle()
        loop = asyncio.get_running_loop()
        fd, self._fd = self._fd, -1
        try:
            await loop.run_in_executor(self._blobs.threads, self._blobs.sync, self._path, fd)
        finally:
            os.close(fd)
        return Spool(None, self._path, self.size, self._digests(), trailers)

    async def abort(self) -> None:
        """Forget what came."""
        if self._work is not None:
            await asyncio.wait([self._work])
            self._work = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            remove(self._path)

    async def _step(self) -> None:
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._held = 0
        await self._settle()
        if self._fd < 0:
            self._path = self._blobs.temporary()
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        loop, threads = asyncio.get_running_loop(), self._blobs.threads
        self._work = asyncio.gather(loop.run_in_executor(threads, _write_all, self._fd, data),
                                    *(loop.run_in_executor(threads, h.update, data) for h in self._hashes.values()))

    async def _settle(self) -> None:
        """The step before has been done, or raises what went wrong there (a full disk)."""
        work, self._work = self._work, None
        if work is not None:
            await work

    def _digests(self) -> dict[str, str]:
        return {name: hasher.hexdigest() for name, hasher in self._hashes.items()}


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def remove(path: str) -> None:
    """Unlink, unless somebody was faster."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
