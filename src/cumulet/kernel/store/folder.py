"""Blobs as files in a folder of the store."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from ..declare import stored


@stored(key=("id",), scope="global")
class Blob(msgspec.Struct):
    id: str
    size: int


class FolderBlobs:
    def __init__(self, store: Any, folder: str) -> None:
        self._store, self._folder = store, folder
        os.makedirs(os.path.join(folder, "tmp"), exist_ok=True)

    def _path(self, blob: str) -> str:
        return os.path.join(self._folder, blob[:2], blob)

    def temporary(self) -> str:
        return os.path.join(self._folder, "tmp", os.urandom(12).hex())

    def keep(self, tx: Any, path: str) -> str:
        blob = os.urandom(16).hex()
        target = self._path(blob)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        size = os.fstat(fd).st_size
        os.close(fd)
        os.rename(path, target)
        tx.table(Blob, "", "").insert(Blob(blob, size))
        return blob

    def open(self, blob: str) -> int:
        return os.open(self._path(blob), os.O_RDONLY)

    def size(self, blob: str) -> int:
        return os.stat(self._path(blob)).st_size

    def drop(self, tx: Any, blob: str) -> None:
        tx.table(Blob, "", "").delete(blob)
        tx.after_commit(lambda: os.path.exists(self._path(blob)) and os.unlink(self._path(blob)))

    def sweep(self) -> None: ...
