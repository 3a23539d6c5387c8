"""What `cumulet doctor` looks at: one function a concern, each giving its findings."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from ... import __version__
from .base import Failure
from .config import resolve
from .credentials import looks_real, profile_key
from .launch import RUN_FILE, find, folder_of
from .ports import holder, is_free
from .remote import remote


class Finding(NamedTuple):
    """What was seen. how: what to do.  mend: does it; True when it worked."""

    level: Literal["good", "look", "bad"]
    what: str
    how: str = ""
    mend: Callable[[], bool] | None = None


def python() -> Iterator[Finding]:
    yield Finding("good", f"Python {platform.python_version()}, cumulet {__version__}, botocore {version('botocore')}")
    if sys.platform != "win32" and importlib.util.find_spec("uvloop") is None:
        yield Finding("bad", "uvloop is not installed.", "pip install uvloop")
    if importlib.util.find_spec("awscrt") is None:
        yield Finding("look", "awscrt is not installed: CRC32C and CRC64NVME checksums are slow.",
                      "pip install 'cumulet[checksums]'")


def settings() -> Iterator[Finding]:
    try:
        config = resolve({})
    except Failure as problem:
        yield Finding("bad", problem.message, "Correct the setting.")
        return
    for note in config.notes:
        if "UNKNOWN" in note:
            yield Finding("look", note)


def server() -> Iterator[Finding]:
    """The server of this folder, or whether one could start."""
    try:
        config = resolve({})
    except Failure:
        return
    folder = folder_of(config.settings)
    run_file = folder / RUN_FILE
    there = remote(None)
    if there.answers():
        status = there.get("/_cumulet/status")
        level: Literal["good", "look"] = "good" if status["version"] == __version__ else "look"
        yield Finding(level, f"A server (cumulet {status['version']}) answers at {there.endpoint}",
                      "" if level == "good" else "It is another version than this command: cumulet restart")
        return
    if run_file.exists() and find(folder) is None:
        yield Finding("look", f"{run_file} is of a server that is gone.", "It is replaced at the next start.",
                      lambda: _remove(run_file))
    for port in config.settings.ports:
        if port and not is_free(config.settings.host, port):
            yield Finding("bad", f"Port {port} is in use" + (f" by {who}." if (who := holder(port)) else "."),
                          "Stop that program, or take another port: cumulet start --port 4567")
        else:
            yield Finding("good", f"Port {port} is free")


def disk() -> Iterator[Finding]:
    """Room, rights and speed where the state is kept."""
    try:
        folder = folder_of(resolve({}).settings)
    except Failure:
        return
    place = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(place, os.W_OK):
        yield Finding("bad", f"{place} cannot be written.", "Start in another folder, or say --data DIR.")
        return
    free = shutil.disk_usage(place).free / 1e9
    if free < 1:
        yield Finding("bad" if free < 0.1 else "look", f"Only {free:.1f} GB are free at {place}.",
                      "Make room, or say --data DIR.")
    else:
        yield Finding("good", f"{free:.0f} GB are free")
    if (took := _sync_time(place)) > 0.02:
        yield Finding("look", f"Syncing to disk takes {took * 1000:.0f} ms here: each write waits for it.",
                      "Keep the state on a faster disk (--data DIR), or start with --ephemeral.")


def _sync_time(folder: Path) -> float:
    path = folder / f".cumulet-doctor-{os.getpid()}"
    try:
        with path.open("wb") as f:
            began = time.perf_counter()
            for _ in range(5):
                f.write(b"x")
                f.flush()
                os.fsync(f.fileno())
            return (time.perf_counter() - began) / 5
    finally:
        path.unlink(missing_ok=True)


def clients() -> Iterator[Finding]:
    """The AWS clients of this machine and their traps."""
    with contextlib.suppress(PackageNotFoundError):
        yield Finding("good", f"boto3 {version('boto3')}")
    if aws := shutil.which("aws"):
        said = subprocess.run([aws, "--version"], capture_output=True, text=True, timeout=30, check=False)
        number = (said.stdout or said.stderr).partition("aws-cli/")[2].partition(" ")[0]
        if number.startswith("1."):
            yield Finding("look", f"The AWS CLI {number} is version 1: some of its commands (aws sqs, rds, emr) do not look at "
                          "AWS_ENDPOINT_URL and call real AWS.",
                          'Use `cumulet aws`, or eval "$(cumulet env)" in bash or zsh, or install version 2.')
        elif number:
            yield Finding("good", f"AWS CLI {number}")


def names() -> Iterator[Finding]:
    """Do the names of buckets' hosts resolve?"""
    try:
        socket.getaddrinfo("bucket.s3.localhost", 80)
    except OSError:
        mend = _install_names if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0 else None
        yield Finding("look", "bucket.s3.localhost does not resolve here: S3 clients need path style "
                      "(boto3: Config(s3={'addressing_style': 'path'}), JavaScript: forcePathStyle).",
                      "Or:  apt-get install libnss-myhostname", mend)
    else:
        yield Finding("good", "bucket.s3.localhost resolves")


def credentials() -> Iterator[Finding]:
    """Keys of real AWS in this shell."""
    profile = os.environ.get("AWS_PROFILE", "")
    if looks_real(os.environ.get("AWS_ACCESS_KEY_ID", "")):
        yield Finding("bad", "AWS_ACCESS_KEY_ID is set to a key that looks like one of real AWS.", 'eval "$(cumulet env)"')
    elif profile and looks_real(profile_key(profile)) and "AWS_ACCESS_KEY_ID" not in os.environ:
        yield Finding("bad", f"AWS_PROFILE={profile} has real keys and is active in this shell.", 'eval "$(cumulet env)"')
    else:
        yield Finding("good", "No keys of real AWS are active in this shell")


def sandboxes() -> Iterator[Finding]:
    """How functions run here, found by running one program."""
    from ...drivers.sandbox.driver import probe_once

    caps = probe_once()
    if caps.namespace:
        how = "of this user" if caps.rootless else "of root"
        yield Finding("good", f"Functions run in namespaces {how}" + (", with system calls filtered" if caps.seccomp else ""))
        return
    yield Finding("look", f"Functions run as plain processes, without files, network and memory of their own: {caps.why}",
                  "On Linux, let users make namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian), "
                  "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in Docker: --security-opt seccomp=unconfined")


def _remove(path: Path) -> bool:
    path.unlink(missing_ok=True)
    return True


def _install_names() -> bool:
    return subprocess.run(["apt-get", "install", "-y", "-q", "libnss-myhostname"], check=False,
                          stdout=subprocess.DEVNULL).returncode == 0


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (python, settings, server, disk, clients, names, credentials,
                                                         sandboxes)
