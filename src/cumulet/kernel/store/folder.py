"""Blobs as files in a folder of the store.

A new file is `<shard>/<id>.part`; it and its name are made durable before the commit of its row, off the event loop. When
that transaction has committed, it is renamed to `<shard>/<id>`. Whatever moment a crash chooses, a file with a row is found
under one of the two names, and one without a row is an orphan, which the next start sweeps.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec

from ..declare import stored
from .blobs import remove

R = TypeVar("R")
PART = ".part"
_BATCH = 500
_REMEMBERED = 4096                     # files that were made durable and not kept yet
Kept = Callable[[Sequence[str]], set[str]]


@stored(key=("id",), scope="global")
class Blob(msgspec.Struct):
    """A blob that is kept."""

    id: str
    size: int


class FolderBlobs:
    """See `contract.Blobs`.

    durable: False for state that dies with the process.  grace: how many seconds a file without a row may be another
    node's that has yet to commit.
    """

    def __init__(self, folder: str, durable: bool = True, grace: float = 0.0) -> None:
        self.folder = folder
        self.threads = ThreadPoolExecutor(4, "cumulet-blobs")
        self._durable = durable
        self._grace = grace
        self._token = os.urandom(4).hex()          # begins the ids that this process makes: its sweep leaves them alone
        self._synced: dict[str, None] = {}         # files that need no fsync any more
        self._holds = 0
        self._doomed: list[str] = []               # to be removed when nobody holds
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._sweeper: threading.Thread | None = None
        os.makedirs(folder, exist_ok=True)
        self._shards = set(os.listdir(folder))     # those whose names are durable
        if self._shards and durable:               # a process that was killed may have made one and not come further
            sync_folder(folder)

    # --- what the contract says ---

    def keep(self, tx: Any, path: str) -> str:
        blob = os.path.basename(path).removesuffix(PART)
        part = self.path(blob) + PART
        if os.path.dirname(os.path.dirname(path)) != self.folder:
            blob, part = self._adopt(path)
            path = part
        if self._durable and path not in self._synced:
            tx.files.append(path)
        tx.table(Blob, "", "").put(Blob(blob, os.stat(path).st_size))
        tx.after_commit(lambda: self._finish(blob))
        return blob

    def open(self, blob: str) -> int:
        return _there(self.path(blob), lambda path: os.open(path, os.O_RDONLY | os.O_CLOEXEC))

    def size(self, blob: str) -> int:
        fd = self.open(blob)
        try:
            return os.fstat(fd).st_size
        finally:
            os.close(fd)

    def drop(self, tx: Any, blob: str) -> None:
        tx.table(Blob, "", "").delete(blob)
        tx.after_commit(lambda: self._unlink(blob))

    def temporary(self) -> str:
        blob = self._token + os.urandom(12).hex()
        self._make_shard(blob[-2:])
        return self.path(blob) + PART

    # --- durability ---

    def path(self, blob: str) -> str:
        """Where a blob is."""
        return f"{self.folder}/{blob[-2:]}/{blob}"

    def _make_shard(self, name: str) -> None:
        """See that a folder is there, durably: whoever writes a file into it need not look at its name any more."""
        if name not in self._shards:
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
            if self._durable:
                sync_folder(self.folder)
            self._shards.add(name)

    def sync(self, path: str, fd: int) -> None:
        """Make a new file and its name durable (in a thread): the commit of its row need not wait for it then."""
        if self._durable:
            os.fsync(fd)
            sync_folder(os.path.dirname(path))
        while len(self._synced) >= _REMEMBERED:
            self._synced.pop(next(iter(self._synced)), None)
        self._synced[path] = None

    def make_durable(self, paths: Sequence[str]) -> None:
        """Make files and their names durable: before the commit that refers to them, in its thread."""
        list(self.threads.map(_sync_file, paths))
        list(self.threads.map(sync_folder, {os.path.dirname(path) for path in paths}))

    def _adopt(self, path: str) -> tuple[str, str]:
        """A file from elsewhere comes under our roof."""
        part = self.temporary()
        shutil.move(path, part)
        return os.path.basename(part).removesuffix(PART), part

    def _finish(self, blob: str) -> None:
        path = self.path(blob)
        self._synced.pop(path + PART, None)
        with contextlib.suppress(FileNotFoundError):      # two transactions may have kept the same file
            os.rename(path + PART, path)

    def _unlink(self, blob: str) -> None:
        with self._guard:
            if self._holds:
                self._doomed.append(blob)
                return
        path = self.path(blob)
        remove(path)
        remove(path + PART)

    # --- all of them ---

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While this lasts no file is removed: a snapshot is reading."""
        with self._guard:
            self._holds += 1
        try:
            yield
        finally:
            with self._guard:
                self._holds -= 1
                doomed = [] if self._holds else self._doomed
                if not self._holds:
                    self._doomed = []
            for blob in doomed:
                self._unlink(blob)

    def forget_all(self) -> None:
        """Remove the files of all blobs that have been finished (their rows are gone)."""
        for shard in self._list_shards():
            for name in os.listdir(shard):
                if not name.endswith(PART):
                    self._unlink(name)

    def link_from(self, other: str, blobs: Iterable[str]) -> None:
        """Have these blobs of another such folder here too, durably. They never change, so a hard link is a copy."""
        shards = set()
        for blob in blobs:
            if blob[-2:] not in shards:
                shards.add(blob[-2:])
                self._make_shard(blob[-2:])
            link(other, blob, self.path(blob))
        if self._durable:
            for shard in shards:
                sync_folder(os.path.join(self.folder, shard))

    # --- orphans ---

    def start_sweep(self, kept: Kept) -> None:
        """Remove, in a thread, the files of earlier processes that have no row."""
        self.stop_sweep()
        self._stop.clear()
        self._sweeper = threading.Thread(target=self.sweep, args=(kept,), name="cumulet-sweep", daemon=True)
        self._sweeper.start()

    def stop_sweep(self) -> None:
        """Wait until no sweep is under way."""
        self._stop.set()
        if self._sweeper is not None:
            self._sweeper.join()
            self._sweeper = None

    def sweep(self, kept: Kept) -> int:
        """How many orphans were removed. kept: which of some ids have a row."""
        count = 0
        for shard in self._list_shards():
            names = [n for n in os.listdir(shard) if not n.startswith(self._token)]
            for at in range(0, len(names), _BATCH):
                if self._stop.is_set():
                    return count
                some = names[at: at + _BATCH]
                alive = kept(sorted({n.removesuffix(PART) for n in some}))
                count += sum(self._judge(shard, name, alive) for name in some)
        return count

    def _judge(self, shard: str, name: str, alive: set[str]) -> bool:
        path = os.path.join(shard, name)
        if name.removesuffix(PART) in alive:
            return False                             # a .part that has a row is opened under that name, or finished later
        with contextlib.suppress(FileNotFoundError):
            if self._grace and time.time() - os.stat(path).st_mtime < self._grace:
                return False
            os.unlink(path)
            return True
        return False

    def _list_shards(self) -> list[str]:
        return sorted(e.path for e in os.scandir(self.folder) if e.is_dir())

    def close(self) -> None:
        """Stop the threads."""
        self.stop_sweep()
        self.threads.shutdown()


def _there(path: str, act: Callable[[str], R]) -> R:
    """Do something with a file, whether or not it has its `.part` still."""
    for place in (path, path + PART):
        with contextlib.suppress(FileNotFoundError):
            return act(place)
    return act(path)                               # it lost it between these two looks


def link(folder: str, blob: str, target: str) -> None:
    """A blob of a folder under a new name; copied where links do not reach."""
    source = os.path.join(folder, blob[-2:], blob)
    try:
        _there(source, lambda path: os.link(path, target))
    except FileExistsError:
        return
    except OSError:
        if not os.path.exists(source):
            source += PART
        shutil.copyfile(source, target + ".copy")
        fd = os.open(target + ".copy", os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
        os.rename(target + ".copy", target)


def _sync_file(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
