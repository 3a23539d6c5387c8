"""Programs are installed once for what they are asked to be, under build/; other workers wait for the first."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build"


def installed(name: str, wanted: Path, install: Callable[[Path], None]) -> Path:
    """The folder, made anew by `install` when the file `wanted` has changed."""
    folder = BUILD / name
    BUILD.mkdir(exist_ok=True)
    done = folder / hashlib.sha256(wanted.read_bytes()).hexdigest()
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            done.touch()
    return folder
