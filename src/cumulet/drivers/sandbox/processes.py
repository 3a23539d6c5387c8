"""Looking at processes: which belong to a sandbox, and how much memory they use together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

_PAGE_KB = os.sysconf("SC_PAGESIZE") // 1024
_LINUX = sys.platform == "linux"


def namespaced() -> list[int]:
    """All processes of the namespace that this process is the first one of, but itself."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def descendants(pid: int) -> list[int]:
    """The children of a process, theirs, and so on."""
    known = _all_children() if not _LINUX else None
    found, left = [], [pid]
    while left:
        parent = left.pop()
        below = known.get(parent, []) if known is not None else children(parent)
        found += below
        left += below
    return found


def children(pid: int) -> list[int]:
    """The processes that a process started, or that were left to it (Linux)."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as f:
                found += map(int, f.read().split())
    return found


def _all_children() -> dict[int, list[int]]:
    """Who is whose parent, where there is no /proc."""
    found: dict[int, list[int]] = {}
    for line in subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False).stdout.splitlines():
        child, parent = map(int, line.split())
        found.setdefault(parent, []).append(child)
    return found


def send(pids: list[int], number: int) -> None:
    """A signal to those that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end(root: int) -> None:
    """Kill all descendants of this process (`root`), also those that are born meanwhile, and take in their ends."""
    while pids := descendants(root):
        send(pids, signal.SIGKILL)
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                break


def resident_kb(pids: list[int]) -> int:
    """Memory that these processes see, counting shared pages for each: quick, and never less than the truth."""
    if not _LINUX:
        said = subprocess.run(["ps", "-o", "rss=", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False)
        return sum(map(int, said.stdout.split()))
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{pid}/statm") as f:
            total += int(f.read().split()[1])
    return total * _PAGE_KB


def used_kb(pids: list[int]) -> int:
    """Memory that these processes use together: of shared pages each has its part."""
    if not _LINUX:
        return resident_kb(pids)
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as f:
            for line in f:
                if line.startswith(b"Pss:"):
                    total += int(line.split()[1])
                    break
    return total
