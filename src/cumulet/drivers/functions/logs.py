"""What an environment writes: START, END and REPORT around its own lines, or their like in JSON. The tail is for who asked, all
of it for Logs.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ...kernel.work.chance import Chance
from ...kernel.work.clock import Clock
from .contract import Deployment, LogLine

TAIL = 4096
_LONGEST = 262_144
_LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "FATAL": 5, "CRITICAL": 5}


class Log:
    """The log stream of one environment. peak: tells the most memory that it used, in MB, after an event of so many
    milliseconds.  heard: told of lines."""

    def __init__(self, deployment: Deployment, clock: Clock, chance: Chance, peak: Callable[[float], int],
                 sink: Callable[[Log], None]) -> None:
        self.deployment = deployment
        self._clock = clock
        self._chance = chance
        day = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y/%m/%d")
        self.stream = f"{day}/[{deployment.version}]{self.token()}"
        self.lines: list[LogLine] = []                   # taken by the sink
        self.heard: Callable[[str, Sequence[bytes]], None] | None = None
        self.peak = peak
        self._sink = sink
        self._tail = bytearray()
        self._rests = {"function": b"", "extension": b""}         # what lacks its line's end
        self._json = deployment.logging.json

    def token(self) -> str:
        return self._chance.uuid().replace("-", "")

    def stamp(self) -> str:
        """Now, as Lambda writes it."""
        return datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def begin(self, request: str) -> None:
        """An event begins: the tail begins anew."""
        self._tail.clear()
        self.say(f"START RequestId: {request} Version: {self.deployment.version}\n")

    def end(self, request: str, duration: float, billed: int, init: float, status: str, kind: str) -> None:
        """An event ended."""
        self.flush()
        if self._json:
            return
        memory = f"Memory Size: {self.deployment.memory_mb} MB\tMax Memory Used: {self.peak(duration)} MB"
        report = (f"END RequestId: {request}\nREPORT RequestId: {request}\tDuration: {duration:.2f} ms\t"
                  f"Billed Duration: {billed} ms\t{memory}\t")
        if init:
            report += f"Init Duration: {init:.2f} ms\t"
        if status:
            report += f"Status: {status}" + (f"\tError Type: {kind}" if kind else "")
        self.say(report + "\n")

    @property
    def tail(self) -> bytes:
        """The last of what was written since the event began."""
        return bytes(self._tail)

    def say(self, text: str) -> None:
        """Whole lines of Lambda's own. In JSON its events say the same."""
        if not self._json:
            self.flush()
            self._append(text.encode()[:-1].split(b"\n"))

    def system(self, event: Mapping[str, Any]) -> None:
        """One of Lambda's events, which logs in JSON hold from their level on."""
        if self._json and _system_level(event) >= _LEVELS[self.deployment.logging.system]:
            self.flush()
            self._append([json.dumps(event).encode()])

    def write(self, data: bytes, source: str = "function") -> None:
        """What programs wrote, in whatever pieces. A carriage return is a line's end within an event."""
        whole, newline, self._rests[source] = (self._rests[source] + data).rpartition(b"\n")
        if newline:
            lines = whole.split(b"\n")
            if self.heard is not None:
                self.heard(source, lines)
            if self._json:
                least = _LEVELS[self.deployment.logging.application]
                lines = [line for line in lines if _level(self.record(line)) >= least]
            self._append(lines)

    def record(self, line: bytes) -> Any:
        """A line as telemetry tells it: text, or where logs are in JSON, the object that it is."""
        text = line.replace(b"\r", b"\n").decode("utf-8", "replace")[:_LONGEST]
        if self._json and text.startswith("{"):
            try:
                return json.loads(text)
            except ValueError:
                pass
        return text

    def flush(self) -> None:
        """What lacks its line's end counts as a line."""
        for source, rest in self._rests.items():
            if rest:
                self.write(b"\n", source)

    def _append(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        self._tail += b"\n".join(lines).replace(b"\r", b"\n") + b"\n"
        if len(self._tail) > TAIL:
            del self._tail[:-TAIL]
        now = int(self._clock.now() * 1000)
        self.lines += [LogLine(now, line.replace(b"\r", b"\n").decode("utf-8", "replace")[:_LONGEST]) for line in lines]
        self._sink(self)


def _level(record: Any) -> int:
    """A program's line without a level, or with none that is known, counts as INFO."""
    said = record.get("level") if isinstance(record, dict) else None
    return _LEVELS.get(said.upper(), _LEVELS["INFO"]) if isinstance(said, str) else _LEVELS["INFO"]


def _system_level(event: Mapping[str, Any]) -> int:
    """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html (system log level event mapping)"""
    kind, record = event["type"].partition(".")[2], event["record"]
    if record.get("status", "success") != "success" or kind == "logsDropped" or "errorType" in record:
        return _LEVELS["WARN"]
    quiet = kind in ("initStart", "initRuntimeDone", "runtimeDone") \
        or (kind == "initReport" and record["initializationType"] == "on-demand")
    return _LEVELS["DEBUG"] if quiet else _LEVELS["INFO"]
