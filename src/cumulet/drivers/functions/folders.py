"""Code that lies in a folder of this machine and is run as it is: where it may lie, and whether it changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

_ASIDE = (".git", "__pycache__")
_MOST = 50_000


def allowed(root: str, path: str) -> str:
    """The folder at a path, without links; ValueError says why no code may lie there. root: the setting; "" allows none."""
    if not root:
        raise ValueError("Hot reload is off. Start cumulet with --hot-reload DIR, where DIR holds the folder of the code.")
    real, below = os.path.realpath(path), os.path.realpath(root)
    if not os.path.isabs(path) or os.path.commonpath([real, below]) != below:
        raise ValueError(f"The folder of the code must lie below {root} (--hot-reload), by its absolute path: {path}")
    if not os.path.isdir(real):
        raise ValueError(f"There is no such folder: {path}")
    return real


def fingerprint(folder: str) -> str:
    """Another one when any file changed: by names, times and sizes. What git and Python keep for themselves does not count."""
    found = hashlib.sha256()
    for number, entry in enumerate(_files(folder)):
        if number == _MOST:
            raise ValueError(f"A folder of code has at most {_MOST} files: {folder}")
        status = entry.stat(follow_symlinks=False)
        found.update(f"{entry.path}\0{status.st_mtime_ns}\0{status.st_size}\0{status.st_ino}\n".encode(errors="surrogateescape"))
    return found.hexdigest()[:32]


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _ASIDE:
                    yield from _files(entry.path)
            else:
                yield entry
