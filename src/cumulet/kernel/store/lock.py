"""One process a data folder; and the folders of ephemeral stores, which must not outlive their process."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile

PREFIX = "cumulet-state-"
_ROOM = 1 << 30                        # of memory that a file system in memory must have free to be used


class FolderInUse(Exception):
    """Another process has this data folder open."""


class FolderLock:
    """Held until `release`, or until the process ends in whatever way."""

    def __init__(self, folder: str) -> None:
        self._fd = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(self._fd, 32, 0).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise FolderInUse(f"The data folder {folder} is in use by another cumulet (process {owner or 'unknown'}). "
                              "Stop that one, or choose another folder with --data.") from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        os.close(self._fd)


def ephemeral_folder() -> str:
    """A new folder, in memory where there is room; those of processes that were killed are removed first."""
    parent = tempfile.gettempdir()
    if os.access("/dev/shm", os.W_OK):
        room = os.statvfs("/dev/shm")
        if room.f_bavail * room.f_frsize >= _ROOM:
            parent = "/dev/shm"
    for left in glob.glob(os.path.join(parent, PREFIX + "*")):
        _remove_if_left(left)
    return tempfile.mkdtemp(prefix=PREFIX, dir=parent)


def _remove_if_left(folder: str) -> None:
    """A folder that nobody has locked. One without a lock file is only just being made."""
    if os.path.exists(os.path.join(folder, "lock")):
        try:
            lock = FolderLock(folder)
        except (FolderInUse, OSError):
            return
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
