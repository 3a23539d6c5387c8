"""Events as queries see them: their own fields, those of JSON, those of a function's report, and what commands added."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, NamedTuple

import msgspec

from .blocks import event_id
from .queryvalues import Value, moment

_decode = msgspec.json.Decoder().decode
_REPORT = re.compile(r"REPORT RequestId: (?P<requestId>\S+)\s+Duration: (?P<duration>[\d.]+) ms\s+Billed Duration: "
                     r"(?P<billedDuration>[\d.]+) ms\s+Memory Size: (?P<memorySize>\d+) MB\s+Max Memory Used: "
                     r"(?P<maxMemoryUsed>\d+) MB(?:\s+Init Duration: (?P<initDuration>[\d.]+) ms)?")
_LINE = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_MEGA = 1_000_000
_UNREAD: Any = object()
TIMES = ("@timestamp", "@ingestionTime")


class Source(NamedTuple):
    """What the events of a block have in common."""

    stream: int
    name: str
    log: str


class Row:
    """One event, or (without a source) one line of statistics, whose fields are all added ones. Made by the million."""

    __slots__ = ("_json", "added", "came", "message", "number", "source", "time")

    def __init__(self, time: int, message: str, came: int, number: int, source: Source | None) -> None:
        self.time, self.message, self.came, self.number, self.source = time, message, came, number, source
        self.added: dict[str, Value] | None = None
        self._json: Any = _UNREAD

    def get(self, name: str) -> Value:
        """A field; None when there is none."""
        if self.added is not None and name in self.added:
            return self.added[name]
        if name == "@message":
            return self.message or None
        if name == "@timestamp":
            return self.time or None
        if name[:1] == "@":
            return self.fields().get(name)
        if self._json is _UNREAD:
            self._json = _read(self.message)
        return _at(self._json, name)

    def add(self, name: str, value: Value) -> None:
        if self.added is None:
            self.added = {}
        self.added[name] = value

    @property
    def pointer(self) -> str:
        """What GetLogRecord finds the event by."""
        return b64encode(event_id(self.time, self.source.stream, self.number).encode()).decode() if self.source else ""

    def fields(self) -> dict[str, Value]:
        """All fields of the event, without those that were added."""
        if self.source is None:
            return {}
        found: dict[str, Value] = {
            "@timestamp": self.time, "@message": self.message, "@logStream": self.source.name, "@log": self.source.log,
            "@ingestionTime": self.came, "@ptr": self.pointer}
        _report(self.message, found)
        _flatten(_read(self.message), "", found)
        return found


def _at(value: Any, name: str) -> Value:
    """What is at `a.b.0` of a JSON value: a scalar, or nothing."""
    if isinstance(value, dict) and name in value:
        found = value[name]
    else:
        found = value
        for part in name.split("."):
            if isinstance(found, dict):
                found = found.get(part)
            elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            else:
                return None
    return None if isinstance(found, (dict, list)) else found


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
