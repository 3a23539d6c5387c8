"""Events as queries see them: their own fields, those of JSON, those of a function's report, and what commands added."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from .queryvalues import Value, moment

_decode = msgspec.json.Decoder().decode
_REPORT = re.compile(r"REPORT RequestId: (?P<requestId>\S+)\s+Duration: (?P<duration>[\d.]+) ms\s+Billed Duration: "
                     r"(?P<billedDuration>[\d.]+) ms\s+Memory Size: (?P<memorySize>\d+) MB\s+Max Memory Used: "
                     r"(?P<maxMemoryUsed>\d+) MB(?:\s+Init Duration: (?P<initDuration>[\d.]+) ms)?")
_LINE = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_MEGA = 1_000_000
TIMES = ("@timestamp", "@ingestionTime")


class Row:
    """One event, or one line of statistics (which has no event: all its fields are added ones)."""

    __slots__ = ("_found", "added", "came", "log", "message", "pointer", "stream", "time")

    def __init__(self, time: int, message: str, stream: str, came: int, log: str, pointer: str) -> None:
        self.time, self.message, self.stream, self.came, self.log, self.pointer = time, message, stream, came, log, pointer
        self.added: dict[str, Value] | None = None
        self._found: dict[str, Value] | None = None

    def get(self, name: str) -> Value:
        """A field; None when there is none."""
        if self.added is not None and name in self.added:
            return self.added[name]
        if name == "@message":
            return self.message or None
        if name == "@timestamp":
            return self.time or None
        return self.fields().get(name)

    def add(self, name: str, value: Value) -> None:
        if self.added is None:
            self.added = {}
        self.added[name] = value

    def fields(self) -> dict[str, Value]:
        """All fields of the event, without those that were added."""
        if self._found is None:
            self._found = {}
            if self.pointer:
                self._found = {"@timestamp": self.time, "@message": self.message, "@logStream": self.stream, "@log": self.log,
                               "@ingestionTime": self.came, "@ptr": self.pointer}
                _report(self.message, self._found)
                _flatten(_read(self.message), "", self._found)
        return self._found


def shown(name: str, value: Value, text: str) -> str:
    """A field of a result: times as Insights writes them."""
    return moment(value) if name in TIMES and isinstance(value, (int, float)) else text


def _read(message: str) -> Any:
    start = message.find("{")
    if start < 0 or not message.rstrip().endswith("}"):
        return None
    try:
        return _decode(message[start:])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _flatten(value: Any, path: str, out: dict[str, Value]) -> None:
    """`{"a": {"b": [1]}}` as `a.b.0`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}" if path else name, out)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _flatten(inner, f"{path}.{i}", out)
    elif path:
        out[path] = value


def _report(message: str, out: dict[str, Value]) -> None:
    """What Lambda writes about each run."""
    line = _LINE.match(message)
    if line is None:
        return
    out["@type"], out["@requestId"] = line[1], line[2]
    found = _REPORT.match(message)
    if found is not None:
        for name, value in found.groupdict().items():
            if value is not None and name != "requestId":
                out["@" + name] = float(value) * (_MEGA if name in ("memorySize", "maxMemoryUsed") else 1)
