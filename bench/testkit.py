"""What the test kit costs: the sample project beside moto, the first answer, an account, a fork, a year of the clock.

    python bench/testkit.py [ROUNDS]      prints the section that bench/run.py puts into docs/benchmarks.md
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import orjson

import ready
from contenders import HERE, PEERS

ROOT = HERE.parent
SAMPLE = ROOT / "examples" / "moto-project"
MOTO = PEERS / "moto-project"                 # moto as a library, with what its mocks of all services ask for
YEAR = re.compile(r"a year took ([\d.]+) s \(([\d.]+) s of the processor\), (\d+)")


class Spent(NamedTuple):
    """Seconds."""

    processor: float
    clock: float


class Way(NamedTuple):
    """A way to run the sample project's tests."""

    name: str
    python: str
    changed: bool
    words: tuple[str, ...] = ()


OWN = sys.executable
WAYS = (
    Way("moto", str(MOTO / "bin" / "python"), False),
    Way("cumulet, one import changed", OWN, True),
    Way("moto, `-n 4`", str(MOTO / "bin" / "python"), False, ("-n", "4")),
    Way("cumulet, `-n 4`, a thread in each worker", OWN, True, ("-n", "4")),
    Way("cumulet, `-n 4 --cumulet=process`, one server", OWN, True, ("-n", "4", "--cumulet=process")),
)


def install() -> None:
    """moto in an environment of its own, with the same botocore as here."""
    if not (MOTO / "bin" / "pytest").exists():
        import boto3

        subprocess.run([OWN, "-m", "venv", str(MOTO)], check=True)
        subprocess.run([str(MOTO / "bin" / "pip"), "install", "-q", "moto[all]", f"boto3=={boto3.__version__}", "pytest",
                        "pytest-xdist"], check=True)


def measure(rounds: int) -> dict[str, Any]:
    """Everything, by what it is."""
    install()
    return {"project": project(rounds), "ready": ready.measured(rounds + 2), "fork": fork(), "year": year(rounds)}


def project(rounds: int) -> dict[str, Spent]:
    """The sample project's tests each way, in turn, after a round that leaves compiled files: medians."""
    found: dict[str, list[Spent]] = {way.name: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="cumulet-bench-") as folder:
        for number in range(rounds + 1):
            for way in WAYS:
                found[way.name].append(_run(way, Path(folder) / f"{number}-{WAYS.index(way)}", f"{folder}/compiled"))
    return {name: Spent(*map(median, zip(*runs[1:], strict=True))) for name, runs in found.items()}


def _run(way: Way, place: Path, compiled: str) -> Spent:
    copy = shutil.copytree(SAMPLE, place)
    if way.changed:
        for path in (copy / "tests").glob("*.py"):
            path.write_text(path.read_text().replace("from moto import mock_aws", "from cumulet import mock_aws"))
    clean = {k: v for k, v in ready.compiling(compiled).items() if not k.startswith(("AWS_", "CUMULET_", "PYTEST_"))}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ran = subprocess.run([way.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *way.words], cwd=copy, env=clean,
                         capture_output=True, text=True, check=False)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if "54 passed" not in ran.stdout:
        raise RuntimeError(f"{way.name}: {ran.stdout[-600:]}{ran.stderr[-300:]}")
    return Spent(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock)


def fork() -> dict[str, Any]:
    """Forks of 100 MB that are kept in memory."""
    said = subprocess.run([OWN, str(HERE / "fork.py")], capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = orjson.loads(said)
    return found


def year(rounds: int) -> tuple[Spent, int]:
    """A year of lifecycle, time to live, retention, rotation and schedules, as the test of it has it; how much ran in it."""
    test = ROOT / "tests" / "faces" / "state" / "test_a_year.py"
    runs: list[tuple[str, ...]] = []
    for _ in range(rounds):
        said = subprocess.run([OWN, "-m", "pytest", "-s", str(test)], cwd=ROOT, capture_output=True, text=True, check=True)
        runs += YEAR.findall(said.stdout)
    return Spent(median(float(run[1]) for run in runs), median(float(run[0]) for run in runs)), int(runs[0][2])


def told(found: dict[str, Any]) -> str:
    """The section of docs/benchmarks.md."""
    prompt, fork, (spent, jobs) = found["ready"], found["fork"], found["year"]
    year = f"{spent.clock:.2f} s ({spent.processor:.2f} s of the processor)"
    text = ("\n## The test kit\n\nThe 54 tests of `examples/moto-project`: medians; the processor's time is that of all"
            " processes.\n\n|  | processor | clock |\n| --- | ---: | ---: |\n")
    for name, one in found["project"].items():
        text += f"| {name} | {one.processor:.1f} s | {one.clock:.1f} s |\n"
    text += "\n|  | cumulet | at most |\n| --- | ---: | ---: |\n"
    for row in (("first answer after `import cumulet.testing`", f"{prompt.first:.2f} s", "0.5 s"),
                ("a test's account, when nothing was done in it", f"{prompt.account:.2f} ms", "2 ms"),
                ("a test's account, when it was used", f"{prompt.used:.2f} ms", "2 ms"),
                (f"a fork of {fork['mb']} MB of state", f"{fork['fork_ms']:.0f} ms", "150 ms"),
                ("its first answer", f"{fork['first_answer_ms']:.0f} ms", ""),
                (f"a year by the clock, {jobs:,} timers and tasks", year, "5 s")):
        text += f"| {' | '.join(row)} |\n"
    return text


if __name__ == "__main__":
    print(told(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3)))
