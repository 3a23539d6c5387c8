"""Java: a JDK on PATH, and the client for it, which is compiled once for each data folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_SOURCE = Path(__file__).parent / "clients" / "LambdaRuntime.java"
_OLDEST = 11
_SECONDS = 60


def home(program: str) -> str:
    """Where the JDK lies that a program `java` is of; "" for none that is new enough and can compile."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        ran = subprocess.run([program, "-XshowSettings:properties", "-version"], capture_output=True, text=True,
                             timeout=_SECONDS, check=False)
        version = re.search(r"java\.specification\.version = (?:1\.)?(\d+)", ran.stderr)
        found = re.search(r"java\.home = (.+)", ran.stderr)
        if version and found and int(version[1]) >= _OLDEST and os.access(f"{found[1]}/bin/javac", os.X_OK):
            return found[1]
    return ""


def compiled(jdk: str, folder: str) -> str:
    """The folder with the client's classes, below this one. Raises OSError when it cannot be compiled."""
    target = os.path.join(folder, "java-" + hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16])
    if not os.path.isdir(target):
        part = tempfile.mkdtemp(dir=folder)
        ran = subprocess.run([f"{jdk}/bin/javac", "--release", str(_OLDEST), "-d", part, str(_SOURCE)], capture_output=True,
                             text=True, timeout=_SECONDS, check=False)
        if ran.returncode != 0:
            shutil.rmtree(part)
            raise OSError(f"{jdk}/bin/javac did not compile the client: {ran.stderr[:500]}")
        for path in (part, *(os.path.join(part, name) for name in os.listdir(part))):
            os.chmod(path, 0o755)
        with contextlib.suppress(FileExistsError):
            os.rename(part, target)
    return target
