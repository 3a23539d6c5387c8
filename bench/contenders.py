"""The servers that are compared: cumulet from this checkout, and peers in environments of their own under bench/.peers.

Peers are used as black boxes, as their documentation says to start them. They are installed on first use, by pip and npm.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cumulet import __version__

HERE = Path(__file__).parent
PEERS = HERE / ".peers"
TICKS = os.sysconf("SC_CLK_TCK")


class Contender(NamedTuple):
    """How one server is installed, started, and asked for its version."""

    name: str
    services: frozenset[str]
    durable: bool
    install: Callable[[], None]
    command: Callable[[int, Path], list[str]]
    version: Callable[[], str]


class Running(NamedTuple):
    """A started server."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    started: float              # seconds from its start to its first answer

    def family(self) -> list[int]:
        """The process and its children."""
        found = [self.process.pid]
        for pid in found:
            with contextlib.suppress(OSError):
                found += [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found

    def cpu(self) -> float:
        """CPU seconds that it has used."""
        total = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory(self) -> float:
        """Resident MiB."""
        total = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return total * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def _pip(name: str, requirement: str) -> Callable[[], None]:
    def install() -> None:
        if not (PEERS / name / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(PEERS / name)], check=True)
            subprocess.run([str(PEERS / name / "bin" / "pip"), "install", "-q", requirement], check=True)

    return install


def _npm(name: str) -> Callable[[], None]:
    def install() -> None:
        folder = PEERS / name
        if not (folder / "node_modules" / name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "package.json").write_text("{}")
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", name], cwd=folder, check=True)

    return install


def _pip_version(name: str) -> Callable[[], str]:
    def version() -> str:
        return _said(str(PEERS / name / "bin" / "pip"), "show", name).partition("Version: ")[2].split()[0]

    return version


def _own_version() -> str:
    return f"{__version__} ({_said('git', 'rev-parse', '--short', 'HEAD').strip()})"


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False).stdout


def _npm_version(name: str) -> Callable[[], str]:
    return lambda: str(json.loads((PEERS / name / "node_modules" / name / "package.json").read_text())["version"])


def _node(name: str, *options: str) -> Callable[[int, Path], list[str]]:
    return lambda port, folder: ["node", str(PEERS / name / "node_modules" / name / "cli.js"), "--port", str(port), *options]


IN_MEMORY = "in memory"               # cumulet as the peers are: all is gone at its end
ON_DISK = "ministack, objects on disk"          # ministack as cumulet is, as far as it can be: its objects are files
VARIANTS = (IN_MEMORY, ON_DISK)
ALL = frozenset({"sts", "sqs", "sns", "dynamodb", "kinesis", "s3", "kms", "secretsmanager", "ssm"})
CONTENDERS = (
    Contender("cumulet", ALL, True, lambda: None, lambda port, folder: [
        sys.executable, "-m", "cumulet", "start", "-q", "--port", str(port), "--data", str(folder / "state")], _own_version),
    Contender(IN_MEMORY, frozenset({"sqs", "sns", "dynamodb", "kinesis", "s3"}), True, lambda: None, lambda port, folder: [
        sys.executable, "-m", "cumulet", "start", "-q", "--port", str(port), "--ephemeral"], _own_version),
    Contender("ministack", ALL, False, _pip("ministack", "ministack"), lambda port, folder: [
        str(PEERS / "ministack" / "bin" / "ministack")], _pip_version("ministack")),
    Contender(ON_DISK, frozenset({"s3"}), False, _pip("ministack", "ministack"), lambda port, folder: [
        "env", "S3_PERSIST=1", f"S3_DATA_DIR={folder / 's3'}", str(PEERS / "ministack" / "bin" / "ministack")],
        _pip_version("ministack")),
    Contender("moto", ALL, False, _pip("moto", "moto[server]"), lambda port, folder: [
        str(PEERS / "moto" / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], _pip_version("moto")),
    Contender("dynalite", frozenset({"dynamodb"}), False, _npm("dynalite"),
              _node("dynalite", "--host", "127.0.0.1", "--createTableMs", "0"), _npm_version("dynalite")),
    Contender("kinesalite", frozenset({"kinesis"}), False, _npm("kinesalite"),
              _node("kinesalite", "--createStreamMs", "0", "--shardLimit", "100"), _npm_version("kinesalite")),
)


@contextlib.contextmanager
def running(contender: Contender) -> Iterator[Running]:
    """A server with fresh state, stopped at the end."""
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="cumulet-bench-"))
    # As a user's shell has it: this one may keep Python from writing its bytecode, and every start would compile all anew.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTHONDONTWRITEBYTECODE"))}
    environment |= {"GATEWAY_PORT": str(port)}         # ministack's way to be told
    began = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(contender.command(port, folder), cwd=folder, env=environment, stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        _await(port, process, folder / "log")
        yield Running(contender.name, port, process, time.perf_counter() - began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers HTTP, whatever it says."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}: {log.read_text(errors='replace')[-500:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_cumulet/health", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError("the server does not answer")


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
