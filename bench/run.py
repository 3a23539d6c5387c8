"""Measures cumulet side by side with other servers and writes docs/benchmarks.md.

    python bench/run.py [--only WORD] [--seconds 2] [--rounds 3] [--alone] [--no-growth] [--no-kit] [--no-functions] [--dry]

Runs alternate between the servers; what is told is the median of the rounds. All peers are installed on first use.
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import calls
import lambda_
import profiles
import report
import testkit
from contenders import CONTENDERS, VARIANTS, Contender, Running, running
from drive import Measured, Requests, drive
from scenarios import GROWTH, SCENARIOS, Scenario
from signed import Maker

MIB = 1_048_576


class Result(NamedTuple):
    """Medians of one scenario on one server. cpu: the server's microseconds a call.  crowd: the rate with a crowd of
    clients, 0 where it failed."""

    rate: float
    p50: float
    p99: float
    cpu: float
    crowd: float
    note: str = ""


class Sizes(NamedTuple):
    """start: ms to the first answered call.  idle, used: MiB before and after S3, DynamoDB and SQS were used."""

    start: float
    idle: float
    used: float


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure(scenario: Scenario, contenders: list[Contender], seconds: float, rounds: int) -> dict[str, Result]:
    """One scenario on all servers that have the service, a round on each in turn."""
    found: dict[str, list[tuple[Measured, float, float]]] = {}
    notes: dict[str, str] = {}
    for number in range(rounds):
        for contender in [c for c in contenders if scenario.service in c.services and c.name not in notes]:
            try:
                with running(contender) as server:
                    requests = scenario.prepare(Maker(server.port, contender.durable))
                    drive(server.port, requests, scenario.connections, 0.3)
                    before = server.cpu()
                    measured = drive(server.port, requests, scenario.connections, seconds)
                    cpu = server.cpu() - before
                    if measured.failures:
                        notes[contender.name] = f"{measured.failures} failed: {measured.first[:120]!r}"
                    found.setdefault(contender.name, []).append((measured, cpu, _crowd(server, scenario, requests, seconds)))
            except Exception as problem:
                notes[contender.name] = f"{type(problem).__name__}: {str(problem)[:120]}"
            say(f"  {scenario.name}: {contender.name} round {number + 1}: " + (
                notes.get(contender.name) or _told(scenario, *found[contender.name][-1])))
    return {name: _median(runs, scenario.per, notes.get(name, "")) for name, runs in found.items()} | \
        {name: Result(0, 0, 0, 0, 0, note) for name, note in notes.items() if name not in found}


def _crowd(server: Running, scenario: Scenario, requests: Requests, seconds: float) -> float:
    if not scenario.crowd:
        return 0.0
    drive(server.port, requests, scenario.crowd, 0.3)
    measured = drive(server.port, requests, scenario.crowd, seconds)
    return 0.0 if measured.failures else measured.rate


def _told(scenario: Scenario, measured: Measured, cpu: float, crowd: float) -> str:
    return f"{measured.rate / scenario.per:,.0f}/s" + (f", {crowd / scenario.per:,.0f}/s" if crowd else "")


def _median(runs: list[tuple[Measured, float, float]], per: int, note: str) -> Result:
    return Result(median(m.rate for m, _, _ in runs) / per, median(m.p50 for m, _, _ in runs),
                  median(m.p99 for m, _, _ in runs), median(cpu / max(1, m.calls) * 1e6 for m, cpu, _ in runs) * per,
                  median(crowd for _, _, crowd in runs) / per, note)


def sizes(contender: Contender) -> Sizes:
    """Start time and memory, the best start of three."""
    starts = []
    for _ in range(3):
        with running(contender) as server:
            starts.append(server.started * 1000)
            time.sleep(0.5)
            idle = server.memory()
            _touch(contender, Maker(server.port))
            used = server.memory()
    return Sizes(min(starts), idle, used)


def _each(measured: Callable[[Contender], Any], contenders: list[Contender]) -> dict[str, Any]:
    """The same of each server; one that fails is told and left out."""
    found = {}
    for contender in contenders:
        try:
            found[contender.name] = measured(contender)
        except Exception as problem:
            say(f"  {measured.__name__}, {contender.name}: {type(problem).__name__}: {problem}")
    return found


def _touch(contender: Contender, maker: Maker) -> None:
    if "s3" in contender.services:
        maker.client("s3").create_bucket(Bucket="touch")
        maker.client("s3").put_object(Bucket="touch", Key="k", Body=b"x")
        maker.client("sqs").create_queue(QueueName="touch")
    maker.client("dynamodb").create_table(TableName="touch", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "p", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])


def large(contender: Contender, size: int = 256 * MIB) -> dict[str, float]:
    """MB/s of one large object each way, and how far the server's memory grew."""
    with running(contender) as server, tempfile.NamedTemporaryFile() as file:
        chunk = os.urandom(MIB)
        for _ in range(size // MIB):
            file.write(chunk)
        file.flush()
        client = Maker(server.port).client("s3")
        client.create_bucket(Bucket="large")
        client.put_object(Bucket="large", Key="small", Body=b"x")
        before = server.memory()
        up = _best(lambda: _upload(server, file.name, size), size)
        down = _best(lambda: _download(server), size)
        return {"up": up, "down": down, "growth": server.memory() - before}


def _best(work: Callable[[], None], size: int) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return size / 1e6 / min(times)


def _upload(server: Running, path: str, size: int) -> None:
    """A plain PUT by sendfile: the client costs next to nothing."""
    request = Maker(server.port).request("s3", "put_object", Bucket="large", Key="big", Body=b"")
    lines = [line for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")
             if not line.lower().startswith((b"content-length", b"x-amz-content-sha256", b"content-md5"))]
    head = b"\r\n".join([*lines, b"x-amz-content-sha256: UNSIGNED-PAYLOAD", b"Content-Length: %d" % size, b"\r\n"])
    with socket.create_connection(("127.0.0.1", server.port)) as s, open(path, "rb") as f:
        s.sendall(head)
        s.sendfile(f)
        answer = s.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode(errors="replace"))


def _download(server: Running) -> None:
    request = Maker(server.port).request("s3", "get_object", Bucket="large", Key="big")
    buffer = bytearray(4 * MIB)
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        s.sendall(request)
        got, wanted = 0, 256 * MIB
        while got < wanted:
            n = s.recv_into(buffer)
            if not n:
                raise RuntimeError("the connection was closed")
            got += n


def growth(seconds: float) -> list[tuple[str, float, float]]:
    """Rates with little and with much state."""
    found = []
    for name, little, much in GROWTH:
        rates = []
        for prepare in (little, much):
            with running(CONTENDERS[0]) as server:
                rates.append(_rate(server, prepare, seconds))
        say(f"  {name}: {rates[0]:,.0f}/s → {rates[1]:,.0f}/s")
        found.append((name, rates[0], rates[1]))
    return found


def _rate(server: Running, prepare: Callable[[Maker], Requests], seconds: float) -> float:
    requests = prepare(Maker(server.port))
    drive(server.port, requests, 4, 0.3)
    return drive(server.port, requests, 4, seconds).rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="scenarios whose name has this word")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without peers")
    parser.add_argument("--peers", default="ministack,moto,dynalite,kinesalite", help="which peers")
    parser.add_argument("--no-growth", action="store_true")
    parser.add_argument("--no-profiles", action="store_true", help="do not look where the time goes when a target is missed")
    parser.add_argument("--no-kit", action="store_true", help="leave the test kit out: five minutes")
    parser.add_argument("--no-functions", action="store_true", help="leave functions out: a minute")
    parser.add_argument("--dry", action="store_true", help="print the table, do not write docs/benchmarks.md")
    asked = parser.parse_args()
    peers = [] if asked.alone else asked.peers.split(",")
    contenders = [c for c in CONTENDERS if c.durable or c.name.partition(",")[0] in peers]
    for contender in contenders:
        contender.install()
    began, load = time.monotonic(), os.getloadavg()[0]
    whole = not asked.only
    results: dict[str, dict[str, Result]] = {
        s.name: measure(s, contenders, asked.seconds, asked.rounds) for s in SCENARIOS if asked.only.lower() in s.name.lower()}
    more: dict[str, Any] = {}
    if whole:
        more = {"sizes": _each(sizes, [c for c in contenders if c.name not in VARIANTS]),
                "large": _each(large, [c for c in contenders if "s3" in c.services and c.name != "moto"]),
                "calls": calls.count_calls()}
    if whole and not asked.no_growth:
        more["growth"] = growth(asked.seconds)
    if whole and not asked.no_kit and not asked.alone:
        more["kit"] = testkit.told(testkit.measure(asked.rounds))
    if whole and not asked.no_functions:
        more["functions"] = lambda_.told(lambda_.compare([c.name for c in contenders if c.name not in VARIANTS]))
    missed = [s for s in SCENARIOS if s.name in results and 0 < results[s.name]["cumulet"].rate < s.target]
    if missed and not asked.no_profiles:
        more["profiles"] = {s.name: profiles.profile(s, 8) for s in missed}
    text = report.page(results, more, {c.name: c.version() for c in contenders}, time.monotonic() - began, load)
    print(text)
    if whole and not asked.dry and not asked.alone:
        (Path(__file__).parents[1] / "docs" / "benchmarks.md").write_text(text)


if __name__ == "__main__":
    say(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    main()
