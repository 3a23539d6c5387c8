"""What an environment writes: START, END and REPORT around its own lines; the tail for who asked, all of it for Logs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ...kernel.work.chance import Chance
from ...kernel.work.clock import Clock
from .contract import Deployment, LogLine

TAIL = 4096
_LONGEST = 262_144


class Log:
    """The log stream of one environment. peak: tells the most memory that it used, in MB."""

    def __init__(self, deployment: Deployment, clock: Clock, chance: Chance, peak: Callable[[], int],
                 sink: Callable[[Log], None]) -> None:
        self.deployment = deployment
        self._clock = clock
        self._chance = chance
        day = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y/%m/%d")
        self.stream = f"{day}/[{deployment.version}]{self.token()}"
        self.lines: list[LogLine] = []                   # taken by the sink
        self._peak = peak
        self._sink = sink
        self._tail = bytearray()
        self._rest = b""

    def token(self) -> str:
        return self._chance.uuid().replace("-", "")

    def stamp(self) -> str:
        """Now, as Lambda writes it."""
        return datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def begin(self, request: str) -> None:
        """An event begins: the tail begins anew."""
        self._tail.clear()
        self.say(f"START RequestId: {request} Version: {self.deployment.version}\n")

    def end(self, request: str, duration: float, billed: int, init: float, status: str, kind: str) -> bytes:
        """An event ended; the tail."""
        if self._rest:
            self.write(b"\n")
        memory = f"Memory Size: {self.deployment.memory_mb} MB\tMax Memory Used: {self._peak()} MB"
        report = (f"END RequestId: {request}\nREPORT RequestId: {request}\tDuration: {duration:.2f} ms\t"
                  f"Billed Duration: {billed} ms\t{memory}\t")
        if init:
            report += f"Init Duration: {init:.2f} ms\t"
        if status:
            report += f"Status: {status}" + (f"\tError Type: {kind}" if kind else "")
        self.say(report + "\n")
        return bytes(self._tail)

    def say(self, text: str) -> None:
        """Lines of Lambda's own."""
        self.write(text.encode())

    def write(self, data: bytes) -> None:
        """What the programs wrote, in whatever pieces. A carriage return is a line's end within an event."""
        self._tail += data.replace(b"\r", b"\n")
        if len(self._tail) > TAIL:
            del self._tail[:-TAIL]
        whole, newline, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        if newline:
            now = int(self._clock.now() * 1000)
            self.lines += [LogLine(now, line.replace(b"\r", b"\n").decode("utf-8", "replace")[:_LONGEST])
                           for line in whole.split(b"\n")]
            self._sink(self)

    def flush(self) -> None:
        """Nothing more will come: what lacks its line's end counts as a line."""
        if self._rest:
            self.write(b"\n")
