"""The most memory that a sandbox's programs used, as the machine tells it of each process."""

from __future__ import annotations

import contextlib
import time

from ..sandbox import processes
from ..sandbox.unit import SandboxUnit

# Seconds between looks: one costs as much as a quick function, and those have no time to use more than before.
_LOOK_EVERY, _QUICK_EVERY = 0.1, 1.0
_QUICK_MS = 10.0


class Peak:
    """Of one sandbox."""

    def __init__(self, unit: SandboxUnit) -> None:
        self._unit = unit
        self._known = 0
        self._looked = 0.0

    def mb(self, duration: float) -> int:
        """In MB, at least 1, after an event that took so many milliseconds."""
        now = time.monotonic()
        if now - self._looked > (_QUICK_EVERY if duration < _QUICK_MS else _LOOK_EVERY):
            self._looked = now
            self._known = max(self._known, sum(map(_peak_kb, processes.descendants(self._unit.pid))))
        return max(1, -(-self._known // 1024))


def _peak_kb(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/status", "rb") as f:
        return int(f.read().partition(b"VmHWM:")[2].split(None, 1)[0])
    return 0
