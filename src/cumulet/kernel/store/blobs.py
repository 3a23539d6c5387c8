"""Received bodies, small in memory or large in a file, and what is known of them."""

from __future__ import annotations

import hashlib
import os


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
        """Hex digest by hashlib's name of the algorithm."""
        known = self.digests.get(algorithm)
        if known is None:
            if self.data is not None:
                known = hashlib.new(algorithm, self.data, usedforsecurity=False).hexdigest()
            else:
                with open(self.path, "rb") as f:
                    known = hashlib.file_digest(f, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
            self.digests[algorithm] = known
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


def remove(path: str) -> None:
    """Unlink, unless somebody was faster."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
