"""Events as queries see them, column by column: their own fields, those of JSON, those of a function's report, and what
commands added.

Of JSON only what a query names is taken out; the rest is passed over without becoming objects.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from .blocks import event_id
from .queryvalues import Value, moment

_decode = msgspec.json.Decoder().decode
_REPORT = re.compile(r"REPORT RequestId: (?P<requestId>\S+)\s+Duration: (?P<duration>[\d.]+) ms\s+Billed Duration: "
                     r"(?P<billedDuration>[\d.]+) ms\s+Memory Size: (?P<memorySize>\d+) MB\s+Max Memory Used: "
                     r"(?P<maxMemoryUsed>\d+) MB(?:\s+Init Duration: (?P<initDuration>[\d.]+) ms)?")
_LINE = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_REPORTED = frozenset(("@type", *("@" + name for name in _REPORT.groupindex)))
_MEGA = 1_000_000
_UNREADABLE = (msgspec.DecodeError, UnicodeEncodeError, RecursionError)
_NESTED = {dict, list}
TIMES = ("@timestamp", "@ingestionTime")


class Source(NamedTuple):
    """What the events of a block have in common."""

    stream: int
    name: str
    log: str


def pointer(time: int, stream: int, number: int) -> str:
    """What GetLogRecord finds an event by."""
    return b64encode(event_id(time, stream, number).encode()).decode()


class Reader:
    """Takes the named fields out of messages that are JSON, for one query."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = sorted(names)
        # Of `a.b.0`, that very name counts, or what is at 0 of b of a.
        members = sorted({*names, *(name.partition(".")[0] for name in names)})
        self._member = {name: f"m{i}" for i, name in enumerate(members)}
        fields: list[tuple[str, Any, Any]] = [(member, Any, None) for member in self._member.values()]
        kind = msgspec.defstruct("Picked", fields, rename={m: name for name, m in self._member.items()}, gc=False)
        self._read = msgspec.json.Decoder(kind).decode
        self._none = kind()

    def columns(self, messages: Sequence[str]) -> dict[str, list[Value]]:
        """The fields of each message; None where there is none."""
        read = self._read
        try:
            picked = list(map(read, messages))
        except _UNREADABLE:
            picked = [self._one(message) for message in messages]
        return {name: self._column(picked, name) for name in self.names}

    def _one(self, message: str) -> Any:
        text = json_of(message)
        try:
            return self._none if text is None else self._read(text)
        except _UNREADABLE:
            return self._none

    def _column(self, picked: list[Any], name: str) -> list[Value]:
        found = list(map(attrgetter(self._member[name]), picked))
        first, dot, rest = name.partition(".")
        if dot:
            path = rest.split(".")
            roots = map(attrgetter(self._member[first]), picked)
            found = [_below(root, path) if value is None else value for value, root in zip(found, roots, strict=True)]
        kinds = set(map(type, found))
        return [None if isinstance(value, (dict, list)) else value for value in found] if kinds & _NESTED else found


class Batch:
    """Some events of one source, or lines of statistics (without messages); all columns are equally long."""

    def __init__(self, size: int, columns: dict[str, list[Value]], messages: Sequence[str] = (),
                 numbers: Sequence[int] = (), source: Source | None = None, reader: Reader | None = None) -> None:
        self.size = size
        self._columns = columns
        self._messages, self._numbers, self._source, self._reader = messages, numbers, source, reader

    def column(self, name: str) -> list[Value]:
        """The values of a field; None where there is none. Never change it."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._read(name)
        return found

    def add(self, name: str, values: list[Value]) -> None:
        self._columns[name] = values

    def select(self, places: Sequence[int]) -> Batch:
        """The rows at some places, in that order."""
        if len(places) == self.size and places == range(self.size):
            return self

        def pick(values: Sequence[Any]) -> list[Any]:
            return [values[i] for i in places] if values else []

        return Batch(len(places), {name: pick(values) for name, values in self._columns.items()}, pick(self._messages),
                     pick(self._numbers), self._source, self._reader)

    def _read(self, name: str) -> list[Value]:
        source = self._source
        if source is None or self._reader is None:
            return [None] * self.size
        if name == "@logStream":
            return [source.name] * self.size
        if name == "@log":
            return [source.log] * self.size
        if name == "@ptr":
            return [pointer(time, source.stream, number) for time, number
                    in zip(self.column("@timestamp"), self._numbers, strict=True)]
        if name in _REPORTED:
            return [reported(message).get(name) for message in self._messages]
        if name not in self._reader.names:
            return [None] * self.size
        for other, values in self._reader.columns(self._messages).items():
            self._columns.setdefault(other, values)      # what a command added under this name stays
        return self._columns[name]


def joined(batches: Sequence[Batch], names: Collection[str]) -> Batch:
    """Batches below each other, of which no more than some columns are needed."""
    return Batch(sum(batch.size for batch in batches),
                 {name: [value for batch in batches for value in batch.column(name)] for name in names})


def of_json(names: Collection[str]) -> set[str]:
    """Those of the names that queries use which may be in JSON."""
    return set(names) - _REPORTED - {*TIMES, "@message", "@logStream", "@log", "@ptr"}


def _below(value: Any, path: list[str]) -> Value:
    """What is at `b.0` of a JSON value."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def shown(name: str, value: Value, text: str) -> str:
    """A field of a result: times as Insights writes them."""
    return moment(value) if name in TIMES and isinstance(value, (int, float)) else text


def json_of(message: str) -> str | None:
    """The part of a message that may be a JSON object: from the first brace on."""
    start = message.find("{")
    return message[start:] if start >= 0 and message.rstrip().endswith("}") else None


def fields_of(time: int, message: str, came: int, number: int, source: Source) -> dict[str, Value]:
    """All fields of one event."""
    found: dict[str, Value] = {"@timestamp": time, "@message": message, "@logStream": source.name, "@log": source.log,
                               "@ingestionTime": came, "@ptr": pointer(time, source.stream, number), **reported(message)}
    text = json_of(message)
    with suppress(*_UNREADABLE):
        _flatten(_decode(text) if text is not None else None, "", found)
    return found


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


def reported(message: str) -> dict[str, Value]:
    """What Lambda writes about each run."""
    line = _LINE.match(message)
    if line is None:
        return {}
    out: dict[str, Value] = {"@type": line[1], "@requestId": line[2]}
    found = _REPORT.match(message)
    if found is not None:
        for name, value in found.groupdict().items():
            if value is not None and name != "requestId":
                out["@" + name] = float(value) * (_MEGA if name in ("memorySize", "maxMemoryUsed") else 1)
    return out
