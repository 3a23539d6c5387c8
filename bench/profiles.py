"""Where the time of a scenario goes: py-spy looks at the server while it is under load."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from contenders import CONTENDERS, PEERS, running
from drive import drive
from scenarios import Scenario
from signed import Maker

RATE = 100                           # samples a second: each one stops the server for a moment
_TOOLS = PEERS / "py-spy"
_SAMPLE = re.compile(r"(.*) (\d+)")
_PLACE = re.compile(r"(.+) \((?:.*?/)?(cumulet/[\w/]+\.py):\d+\)")


class Profile(NamedTuple):
    """Shares of the samples of the event loop's thread, in percent. parts: by folder of the innermost function of ours;
    functions: with what they call, the most costly first."""

    samples: int
    parts: list[tuple[str, float]]
    functions: list[tuple[str, float]]


def profile(scenario: Scenario, seconds: float) -> Profile:
    """Run a scenario on cumulet and sample it."""
    _install()
    with running(CONTENDERS[0]) as server, tempfile.TemporaryDirectory() as folder:
        requests = scenario.prepare(Maker(server.port, True))
        drive(server.port, requests, scenario.connections, 0.3)
        out = Path(folder) / "samples"
        spy = subprocess.Popen([
            str(_TOOLS / "bin" / "py-spy"), "record", "-p", str(server.process.pid), "-d", str(int(seconds)), "-r", str(RATE),
            "-f", "raw", "-o", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        drive(server.port, requests, scenario.connections, seconds + 0.5)
        spy.wait(60)
        return _read(out.read_text())


def _install() -> None:
    if not (_TOOLS / "bin" / "py-spy").exists():
        subprocess.run([sys.executable, "-m", "venv", str(_TOOLS)], check=True)
        subprocess.run([str(_TOOLS / "bin" / "pip"), "install", "-q", "py-spy"], check=True)


def _read(text: str) -> Profile:
    parts: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    total = 0
    for line in text.splitlines():
        found = _SAMPLE.fullmatch(line)
        if found is None or "kernel/cloud.py" not in found[1]:       # other threads, and torn samples
            continue
        count = int(found[2])
        total += count
        ours = [(m[1], m[2]) for frame in found[1].split(";") if (m := _PLACE.fullmatch(frame))]
        inner = ours[-1]
        parts[_part(inner[1])] += count
        for name, file in set(ours):
            functions[f"{name} ({file.removeprefix('cumulet/')})"] += count
    shares = [(name, 100 * n / total) for name, n in functions.most_common(60)] if total else []
    return Profile(total, [(name, 100 * n / total) for name, n in parts.most_common()],
                   [(name, share) for name, share in shares if share < 95][:18])


def _part(file: str) -> str:
    """`kernel/http`, `kernel/store`, `services/sqs`; the pipeline's own files are `kernel`."""
    folder = file.removeprefix("cumulet/").rpartition("/")[0].split("/")
    return "waiting and the event loop" if file.endswith("kernel/cloud.py") else "/".join(folder[:2])
