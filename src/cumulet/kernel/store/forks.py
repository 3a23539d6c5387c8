"""Forks: copies of a SQLite state for another cloud of the same process, made in the time that copying its bytes takes.

Nothing goes from the log into the database meanwhile, so the database's file stands still, and the log only grows: both are
copied as they are (shared, where the file system can), and what the log holds beyond its last commit SQLite passes over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile

import apsw

from . import keyring
from .folder import FolderBlobs, link
from .lock import PREFIX
from .snapshot import STATE

_CLONE = 0x40049409                    # FICLONE: the two files share their blocks until one is written
_PIECE = 1 << 30


def home(folder: str) -> str:
    """Where the forks of a lasting state are."""
    return os.path.join(folder, "forks")


def new(folder: str, ephemeral: bool) -> str:
    """The name for a fork's folder, in the file system of the state; it is not there yet."""
    parent = os.path.dirname(folder) if ephemeral else home(folder)
    os.makedirs(parent, exist_ok=True)
    made = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
    os.rmdir(made)
    return made


def write(path: str, database: str, log: int, blobs: FolderBlobs) -> None:
    """The state as it is; `log`: how many bytes of the log count."""
    os.makedirs(path)
    target = os.path.join(path, STATE)
    copy_file(database, target, os.stat(database).st_size)
    if log:
        copy_file(database + "-wal", target + "-wal", log)
    keyring.copy(os.path.dirname(database), path)
    for blob in _blobs(target):
        shard = os.path.join(path, "blobs", blob[-2:])
        os.makedirs(shard, exist_ok=True)
        link(blobs.folder, blob, os.path.join(shard, blob))


def settle(path: str) -> None:
    """Its log comes into its database: now it is a snapshot, though not a durable one."""
    side = apsw.Connection(os.path.join(path, STATE))
    side.execute("PRAGMA journal_mode = DELETE")
    side.close()


def _blobs(file: str) -> list[str]:
    side = apsw.Connection(file)
    try:
        side.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)      # it is done when it is needed
        side.execute("PRAGMA synchronous = OFF")
        return [str(row[0]) for row in side.execute("SELECT id FROM kernel_blob")]
    finally:
        side.close()


def copy_file(source: str, target: str, size: int) -> None:
    """The first bytes of a file: its blocks shared, or copied within the system."""
    read = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    write = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(OSError):
            fcntl.ioctl(write, _CLONE, read)
            os.ftruncate(write, size)
            return
        at = 0
        while at < size:
            try:
                moved = os.copy_file_range(read, write, min(_PIECE, size - at), at, at)
            except OSError:                          # between file systems, or one that does not know it
                moved = os.pwrite(write, os.pread(read, 1 << 20, at)[:size - at], at)
            if not moved:
                break
            at += moved
    finally:
        os.close(read)
        os.close(write)
