"""Data sources: what the tags of groups say that their events are.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/custom-data-sources.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from .queryrows import json_of
from .resources import LogGroup

_NAME, _TYPE = "cw:datasource:name", "cw:datasource:type"
_RESERVED = ("aws", "amazon")
_decode = msgspec.json.Decoder().decode


class DataSource(NamedTuple):
    """A name and a type; "" where a tag is missing."""

    name: str
    type: str


def source_of(group: LogGroup) -> DataSource | None:
    """A group's; None without a name, or with one that only AWS may use."""
    name = group.tags.get(_NAME, "")
    return DataSource(name, group.tags.get(_TYPE, "")) if name and not name.lower().startswith(_RESERVED) else None


def among(group: LogGroup, wanted: Sequence[Mapping[str, str]]) -> bool:
    """Is a group's source one of those? Patterns may have `*`."""
    found = source_of(group)
    return not wanted or (found is not None and any(
        _fits(found.name, each["name"]) and _fits(found.type, each.get("type", "*")) for each in wanted))


def _fits(value: str, pattern: str) -> bool:
    begin, star, end = pattern.partition("*")
    return value.startswith(begin) and value.endswith(end) and len(value) >= len(begin) + len(end) if star else value == pattern


class Shape:
    """The type of a field, as more and more values are seen."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._fields: dict[str, Shape] = {}
        self._element: Shape | None = None

    def see(self, value: Any) -> None:
        if isinstance(value, dict):
            self._kinds.add("struct")
            for name, inner in value.items():
                self._fields.setdefault(name, Shape()).see(inner)
        elif isinstance(value, list):
            self._kinds.add("array")
            self._element = self._element or Shape()
            for inner in value:
                self._element.see(inner)
        elif value is not None:
            self._kinds.add({bool: "boolean", int: "bigint", float: "double"}.get(type(value), "string"))

    def told(self) -> dict[str, Any]:
        """As GetLogFields tells it; where values differ, they are texts."""
        kind = "double" if self._kinds == {"bigint", "double"} else "string"
        if len(self._kinds) == 1:
            kind = next(iter(self._kinds))
        return {"type": kind, "element": self._element.told() if kind == "array" and self._element else None,
                "fields": self.fields() if kind == "struct" else None}

    def fields(self) -> list[dict[str, Any]]:
        return [{"logFieldName": name, "logFieldType": shape.told()} for name, shape in sorted(self._fields.items())]


def see(shape: Shape, message: str) -> None:
    """The fields of one event, where it is JSON."""
    text = json_of(message)
    try:
        shape.see(_decode(text) if text is not None else None)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return
