"""Loops that feed themselves, told by the trace header: each function that an event went through is in its lineage, with how
often. SDKs inside functions hand the header on with what they send.

    Root=1-645f7998-4b1e232810b0bb733dba2eab;Parent=5be88d12eefc1fc0;Sampled=1;Lineage=43e12f0f:5

https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from cumulet.kernel import Call

MOST = 16                             # times that a function is given what came of one event
_LONGEST = 8                          # functions that are kept in mind


def header(call: Call, sampled: bool) -> str:
    """The caller's trace, or a new one."""
    given = call.request.headers.get("x-amzn-trace-id", "") if call.request is not None else call.trace
    return given or f"Root=1-{int(call.now):08x}-{call.token(24)};Parent={call.token(16)};Sampled={int(sampled)}"


def passes(trace: str, function: str) -> int:
    """How often this function was on the way already. function: its ARN."""
    return dict(_entries(trace)).get(_mark(function), 0)


def extended(trace: str, function: str) -> str:
    """The header as the function is given it: with itself once more."""
    mark, known = _mark(function), _entries(trace)
    entries = [(m, n) for m, n in known if m != mark][-_LONGEST + 1:]
    entries.append((mark, dict(known).get(mark, 0) + 1))
    kept = [part for part in map(str.strip, trace.split(";")) if part and not part.startswith("Lineage=")]
    return ";".join([*kept, "Lineage=" + "|".join(f"{m}:{n}" for m, n in entries)])


def furthest(traces: Iterable[str], function: str) -> str:
    """Of several records' headers, the one that has been through this function most often."""
    return max(traces, key=lambda trace: passes(trace, function), default="")


@lru_cache(4096)
def _mark(function: str) -> str:
    return hashlib.sha256(function.encode()).hexdigest()[:8]


def _entries(trace: str) -> list[tuple[str, int]]:
    if "Lineage=" not in trace:
        return []
    said = next((part[8:] for part in map(str.strip, trace.split(";")) if part.startswith("Lineage=")), "")
    found = []
    for entry in said.split("|"):
        mark, _, count = entry.partition(":")
        if count.isdigit():
            found.append((mark, int(count)))
    return found
