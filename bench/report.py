"""The page docs/benchmarks.md, from what was measured."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from typing import Any

from contenders import IN_MEMORY, ON_DISK
from scenarios import SCENARIOS

HEAD = """# Benchmarks

Written by `make bench`. All servers ran on the same machine, one after the other, with a client that sends prebuilt signed
requests over 16 keep-alive connections (4 for listings), then over 64; the figures are medians. cumulet keeps its state on
disk, and an answer leaves after its commit is synced, but for the column "in memory"; the peers keep theirs in memory, but for
ministack's objects in their column. Client and server share the machine's cores; the client keeps to one. The servers take
turns, round by round.
Messages are received from a queue of 80,000.

"""


def page(results: Mapping[str, Mapping[str, Any]], more: Mapping[str, Any], versions: Mapping[str, str], took: float,
         load: float) -> str:
    """All of it."""
    text = HEAD + _about(versions, took, load)
    text += _rates(results, list(versions))
    text += _costs(results)
    if sizes := more.get("sizes"):
        text += _sizes(sizes)
    if large := more.get("large"):
        text += _large(large)
    if growth := more.get("growth"):
        text += "\n## Much state\n\n" + _table(("cumulet", "little", "much", "change"), (
            (name, f"{few:,.0f}/s", f"{many:,.0f}/s", f"{many / few - 1:+.0%}") for name, few, many in growth))
    text += more.get("functions", "") + more.get("kit", "")
    for name, found in (more.get("profiles") or {}).items():
        text += _profile(name, found)
    if count := more.get("calls"):
        text += f"\nA warm SendMessage runs {count:.0f} Python functions from the request's bytes to the answer's.\n"
    notes = [f"- {name}, {scenario}: {r.note}" for scenario, of in results.items() for name, r in of.items() if r.note]
    return text + ("\nWhat failed:\n\n" + "\n".join(notes) + "\n" if notes else "")


def _about(versions: Mapping[str, str], took: float, load: float) -> str:
    date = time.strftime("%Y-%m-%d", time.gmtime())
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    machine = f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}"
    busy = f" Other work kept the machine busy (load {load:.1f} at the start): the rates are too low." if load > 0.7 else ""
    return f"{date}, {machine}: {named}. It took {took / 60:.0f} minutes.{busy}\n"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as f:
            return next(line.partition(": ")[2].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def _profile(name: str, found: Any) -> str:
    """Why a target is missed: where py-spy saw the event loop's thread."""
    parts = ", ".join(f"{part} {share:.0f} %" for part, share in found.parts if share >= 1)
    return f"\n### Where the time of {name} goes\n\npy-spy, {found.samples:,} samples. By innermost function: {parts}.\n\n" + \
        _table(("function, with what it calls", "share"), ((f"`{f}`", f"{share:.0f} %") for f, share in found.functions))


def _table(head: Sequence[str], rows: Any) -> str:
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _rates(results: Mapping[str, Mapping[str, Any]], names: list[str]) -> str:
    peers = [name for name in names if name not in ("cumulet", IN_MEMORY)]
    targets = {s.name: s.target for s in SCENARIOS}
    crowded = {s.name: s.crowd for s in SCENARIOS}
    rows = []
    for scenario, of in results.items():
        own = of["cumulet"].rate
        volatile = of[IN_MEMORY].rate if IN_MEMORY in of else None
        cells = [_peer(peer, of[peer].rate if peer in of else None, own, volatile) for peer in peers]
        rows.append((scenario, f"**{own:,.0f}**", f"{volatile:,.0f}" if volatile else "",
                     f"{targets[scenario]:,.0f}" if targets[scenario] else "", *cells))
    crowds = []
    for scenario, of in results.items():
        if crowded[scenario]:
            own, volatile = of["cumulet"].crowd, of[IN_MEMORY].crowd if IN_MEMORY in of else None
            crowds.append((scenario, f"**{own:,.0f}**", f"{volatile:,.0f}" if volatile else "", *(
                _peer(peer, of[peer].crowd if peer in of else None, own, volatile) for peer in peers)))
    return "\n## Calls a second\n\nBehind a peer's rate: how many times as fast cumulet is; and then, as fast as with " \
        "`--ephemeral`, which keeps its state in memory as the peers do.\n\n" + \
        _table(("", "cumulet", IN_MEMORY, "target", *peers), rows) + \
        "\nWith 64 connections, where more calls share a commit:\n\n" + _table(("", "cumulet", IN_MEMORY, *peers), crowds)


def _peer(peer: str, rate: float | None, own: float, volatile: float | None) -> str:
    if rate is None:
        return ""
    if not rate:
        return "failed"
    return f"{rate:,.0f} (×{own / rate:.1f}" + (f"; ×{volatile / rate:.1f})" if volatile and peer != ON_DISK else ")")


def _costs(results: Mapping[str, Mapping[str, Any]]) -> str:
    return "\n## What a call costs cumulet\n\n" + _table(("", "p50", "p99", "CPU a call"), (
        (scenario, f"{of['cumulet'].p50:.2f} ms", f"{of['cumulet'].p99:.2f} ms", f"{of['cumulet'].cpu:.0f} µs")
        for scenario, of in results.items()))


def _sizes(sizes: Mapping[str, Any]) -> str:
    return "\n## Start and memory\n\n" + _table(("", "start to first answer", "memory idle", "after S3, DynamoDB, SQS"), (
        (name, f"{s.start:.0f} ms", f"{s.idle:.0f} MiB", f"{s.used:.0f} MiB") for name, s in sizes.items())) + \
        "\ncumulet is to start within 300 ms, and to use at most 60 MiB idle and 90 MiB after these services.\n"


def _large(large: Mapping[str, Mapping[str, float]]) -> str:
    return "\n## An object of 256 MiB\n\n" + _table(("", "up", "down", "memory grew by"), (
        (name, f"{of['up']:,.0f} MB/s", f"{of['down']:,.0f} MB/s", f"{of['growth']:.0f} MiB")
        for name, of in large.items())) + \
        "\ncumulet is to reach 400 MB/s up and 800 MB/s down, and to grow by at most 32 MiB.\n"
