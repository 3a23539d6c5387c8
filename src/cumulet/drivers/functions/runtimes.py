"""Runtimes: which programs of this machine run a function's code, and how. Found by running them, once."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..sandbox.contract import Mount
from . import java
from .contract import RuntimeProblem

OURS = "/var/runtime/cumulet"
_CLIENTS = Path(__file__).parent / "clients"
# What Lambda's Python runtimes have beside the standard library, as far as it is installed with cumulet.
_SDK = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_PREPARE = """
import os, py_compile, sys
py_compile.compile(sys.argv[1], doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
print(os.path.realpath(sys.executable), os.path.realpath(sys.base_prefix), sep="\\n")
"""
# Where the client lies is an argument: in a sandbox without files of its own it lies elsewhere.
_START = "import sys; sys.path.insert(0, sys.argv.pop()); import awslambda_runtime; awslambda_runtime.main()"
_PROBE_SECONDS = 20


class Runtime(NamedTuple):
    """How a runtime is started: `argv` (paths as they are in a namespace), and what it needs to see."""

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()

    def command(self, inside: Callable[[str], str], memory_mb: int) -> list[str]:
        """`argv` with paths as they are in a sandbox, for functions with so much memory."""
        heap = str(max(memory_mb // 2, 32))
        return [inside(part) if part.startswith("/var/") else part.replace("{heap}", heap) for part in self.argv]


class Runtimes:
    """What this machine has. folder: for copies that interpreters compile."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._known: dict[str, asyncio.Task[Runtime]] = {}

    async def find(self, name: str) -> Runtime:
        """Raises RuntimeProblem when there is none."""
        found = self._known.get(name)
        if found is None or (found.done() and found.exception() is not None):          # it may have been installed meanwhile
            found = self._known[name] = asyncio.get_running_loop().create_task(asyncio.to_thread(self._find, name))
        return await asyncio.shield(found)

    def _find(self, name: str) -> Runtime:
        if version := re.fullmatch(r"python(3\.\d+)", name):
            return self._python(name, version[1])
        if name.startswith("nodejs"):
            return self._node(name)
        if name.startswith("ruby"):
            return self._ruby(name)
        if name.startswith("java"):
            return self._java(name)
        if name.startswith("provided"):
            return Runtime(("/var/task/bootstrap",))
        what = name.rstrip("0123456789.x")
        raise RuntimeProblem(f"cumulet has no runtime client for {what} functions. Runtimes that run here: python3.x, nodejs, "
                             "ruby, java, provided.al2023 (with a bootstrap of your own).")

    def _python(self, name: str, version: str) -> Runtime:
        folder = os.path.join(self._folder, name)
        os.makedirs(folder, exist_ok=True)
        client = shutil.copy(_CLIENTS / "awslambda_runtime.py", folder)
        for program in _programs(name):
            ran = _run([program, "-I", "-S", "-c", _PREPARE, client])
            if ran is None:
                continue
            executable, prefix = ran.split("\n")[:2]
            return Runtime((executable, "-S", "-c", _START, OURS), (*_seen(prefix), Mount(folder, OURS), *_sdk()))
        raise RuntimeProblem(f"The runtime {name} needs the program {name} on PATH. Install Python {version}, for example: "
                             f"pyenv install {version}, uv python install {version}, or apt-get install {name}")

    @staticmethod
    def _node(name: str) -> Runtime:
        """Any Node.js from 18 on: people have one, and seldom the one that the function names."""
        for program in _programs("node"):
            ran = _run([program, "-p", "process.execPath + '\\n' + process.versions.node"])
            if ran is None:
                continue
            executable, version = ran.split("\n")[:2]
            executable = os.path.realpath(executable)
            if int(version.partition(".")[0]) >= 18:
                prefix = os.path.dirname(os.path.dirname(executable))
                client = Mount(str(_CLIENTS / "runtime.cjs"), f"{OURS}/runtime.cjs")
                return Runtime((executable, client.target), (*_seen(prefix), client))
        raise RuntimeProblem(f"The runtime {name} needs the program node (18 or later) on PATH. Install Node.js.")

    @staticmethod
    def _ruby(name: str) -> Runtime:
        """Any Ruby from 3.0 on."""
        for program in _programs("ruby"):
            ran = _run([program, "-e", "puts RbConfig.ruby, RbConfig::CONFIG['prefix'], RUBY_VERSION"])
            if ran is None:
                continue
            executable, prefix, version = ran.split("\n")[:3]
            if int(version.partition(".")[0]) >= 3:
                client = Mount(str(_CLIENTS / "runtime.rb"), f"{OURS}/runtime.rb")
                return Runtime((executable, client.target), (*_seen(prefix), client))
        raise RuntimeProblem(f"The runtime {name} needs the program ruby (3.0 or later) on PATH. Install Ruby, for example: "
                             "apt-get install ruby")

    def _java(self, name: str) -> Runtime:
        """Any JDK from 11 on. Beside the heap, a JVM needs memory for itself."""
        for program in _programs("java"):
            jdk = java.home(program)
            if jdk:
                client = Mount(java.compiled(jdk, os.path.dirname(self._folder)), OURS)
                options = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xss512k", "-Xmx{heap}m", "-cp")
                return Runtime((f"{jdk}/bin/java", *options, OURS, "LambdaRuntime"), (*_seen(jdk), client))
        raise RuntimeProblem(f"The runtime {name} needs a JDK (11 or later, with java on PATH and javac beside it). Install "
                             "one, for example: apt-get install default-jdk-headless")


def _programs(name: str) -> list[str]:
    """All programs of this name on PATH, and our own interpreter if it is one of them."""
    own = [os.path.realpath(sys.executable)] if name == f"python{sys.version_info[0]}.{sys.version_info[1]}" else []
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return own + [path for folder in folders if os.access(path := os.path.join(folder, name), os.X_OK)]


def _run(argv: list[str]) -> str | None:
    try:
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None


def _seen(prefix: str) -> tuple[Mount, ...]:
    """An installation outside of the system's folders is seen at its place."""
    return () if prefix == "/usr" or prefix.startswith("/usr/") else (Mount(prefix, prefix),)


def _sdk() -> tuple[Mount, ...]:
    found = []
    for name in _SDK:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            source = os.path.dirname(spec.origin) if spec.submodule_search_locations else spec.origin
            found.append(Mount(source, f"/var/runtime/{os.path.basename(source)}"))
    return tuple(found)
