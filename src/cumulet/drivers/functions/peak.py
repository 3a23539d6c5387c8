"""The most memory that a sandbox's programs used, as the machine tells it of each process."""

from __future__ import annotations

import contextlib
import time

from ..sandbox import processes
from ..sandbox.unit import SandboxUnit

_LOOK_EVERY = 0.1                     # seconds: it costs as much as a quick function


class Peak:
    """Of one sandbox."""

    def __init__(self, unit: SandboxUnit) -> None:
        self._unit = unit
        self._known = 0
        self._looked = 0.0

    def mb(self) -> int:
        """In MB, at least 1."""
        now = time.monotonic()
        if now - self._looked > _LOOK_EVERY:
            self._looked = now
            self._known = max(self._known, sum(map(_peak_kb, processes.descendants(self._unit.pid))))
        return max(1, -(-self._known // 1024))


def _peak_kb(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
