"""The processors of transformers: parsers, and what changes the fields that parsers found."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from . import grok, javadates, regexes
from .names import invalid

MESSAGE = "@message"
_META = {"@logGroupName": "group", "@logGroupStream": "stream", "@accountId": "account", "@regionName": "region"}
_ABSENT: Any = object()
_VPC = ("version", "accountId", "interfaceId", "srcAddr", "dstAddr", "srcPort", "dstPort", "protocol", "packets", "bytes",
        "start", "end", "action", "logStatus")
_VPC_NUMBERS = frozenset(("version", "srcPort", "dstPort", "protocol", "packets", "bytes", "start", "end"))
_DEEPEST = 3
_decode = msgspec.json.Decoder().decode


class Event:
    """An event on its way: its message, and the fields so far."""

    def __init__(self, message: str, origin: Mapping[str, str]) -> None:
        self.message, self._origin = message, origin
        self.fields: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """What is at a path; _ABSENT when nothing is."""
        if path == MESSAGE:
            return self.message
        if path in _META:
            return self._origin[_META[path]]
        value: Any = self.fields
        for part in _parts(path):
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return _ABSENT
        return value

    def put(self, path: str, value: Any, overwrite: bool = True) -> None:
        """Set what is at a path."""
        *above, last = _parts(path)
        place = self.fields
        for part in above:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                return
            place = inner
        if overwrite or last not in place:
            place[last] = value

    def drop(self, path: str) -> Any:
        """Take away what is at a path, and give it."""
        *above, last = _parts(path)
        place: Any = self.fields
        for part in above:
            place = place.get(part) if isinstance(place, dict) else None
        return place.pop(last, _ABSENT) if isinstance(place, dict) else _ABSENT

    def under(self, destination: str | None, found: Mapping[str, Any]) -> None:
        """Set what a parser found, at the root or below a path."""
        for name, value in found.items():
            if destination is None:
                self.fields[name] = value
            else:
                self.put(f"{destination}.{name}", value)


Step = Callable[[Event], bool]
Said = Mapping[str, Any]


def _parts(path: str) -> list[str]:
    """`a.'b.c'.d` has three parts."""
    return [part.strip("'\"") for part in re.findall(r"'[^']*'|\"[^\"]*\"|[^.]+", path)] or [path]


def _path(path: str) -> str:
    if len(_parts(path)) > _DEEPEST and path != MESSAGE:
        raise invalid(f"The key '{path}' is nested deeper than {_DEEPEST} levels.")
    return path


def made(kind: str, said: Said) -> Step:
    """A processor."""
    return _MAKERS[kind](said)


# --- parsers ---


def _parsing(said: Said, parse: Callable[[str], Mapping[str, Any] | None]) -> Step:
    source, destination = _path(said.get("source", MESSAGE)), said.get("destination")

    def step(event: Event) -> bool:
        text = event.get(source)
        found = parse(text) if isinstance(text, str) else None
        if found is None:
            return False
        event.under(destination, found)
        return True

    return step


def _json(text: str) -> Mapping[str, Any] | None:
    try:
        found = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _grok(said: Said) -> Step:
    take = grok.compiled(said["match"])
    source = _path(said.get("source", MESSAGE))

    def step(event: Event) -> bool:
        text = event.get(source)
        found = take(text) if isinstance(text, str) else None
        for path, value in (found or {}).items():
            event.put(path, value)
        return found is not None

    return step


def _csv(said: Said) -> Step:
    delimiter, quote, names = said.get("delimiter", ","), said.get("quoteCharacter", '"'), said.get("columns") or []
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if len(delimiter) != 1 or delimiter == quote:
        raise invalid("The delimiter of a csv processor is one character, and another than the quote.")

    def parse(text: str) -> Mapping[str, Any] | None:
        row = next(csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote), None)
        return None if row is None else {names[i] if i < len(names) else f"column_{i + 1}": v for i, v in enumerate(row)}

    return _parsing(said, parse)


def _key_value(said: Said) -> Step:
    between, within = said.get("fieldDelimiter", "&"), said.get("keyValueDelimiter", "=")
    prefix, missing, overwrite = said.get("keyPrefix", ""), said.get("nonMatchValue"), said.get("overwriteIfExists", False)
    source, destination = _path(said.get("source", MESSAGE)), said.get("destination")

    def step(event: Event) -> bool:
        text = event.get(source)
        if not isinstance(text, str):
            return False
        for pair in filter(None, text.split(between)):
            key, found, value = pair.partition(within)
            path = f"{destination}.{prefix}{key}" if destination else prefix + key
            event.put(path, value if found else missing, overwrite)
        return True

    return step


def _vpc(text: str) -> Mapping[str, Any] | None:
    parts = text.split(" ")
    if len(parts) != len(_VPC):
        return None
    return {name: int(value) if name in _VPC_NUMBERS and value.isdigit() else value
            for name, value in zip(_VPC, parts, strict=True) if value != "-"}


# --- changes ---


def _each(keys: Sequence[str], change: Callable[[str], str]) -> Step:
    def step(event: Event) -> bool:
        for key in keys:
            value = event.get(key)
            if isinstance(value, str):
                event.put(key, change(value))
        return True

    return step


def _moved(said: Said, keep: bool = False, source: str = "source", target: str = "target") -> Step:
    entries = [(each[source], _path(each[target]), each.get("overwriteIfExists", False)) for each in said["entries"]]

    def step(event: Event) -> bool:
        for old, new, overwrite in entries:
            value = event.get(old)
            if value is _ABSENT or (not overwrite and event.get(new) is not _ABSENT):
                continue
            if not keep:
                event.drop(old)
            event.put(new, value)
        return True

    return step


def _added(said: Said) -> Step:
    entries = [(_path(each["key"]), each["value"], each.get("overwriteIfExists", False)) for each in said["entries"]]

    def step(event: Event) -> bool:
        for key, value, overwrite in entries:
            event.put(key, value, overwrite)
        return True

    return step


def _deleted(said: Said) -> Step:
    keys = [_path(key) for key in said["withKeys"]]

    def step(event: Event) -> bool:
        for key in keys:
            event.drop(key)
        return True

    return step


def _split(said: Said) -> Step:
    def step(event: Event) -> bool:
        for each in said["entries"]:
            value = event.get(each["source"])
            if isinstance(value, str):
                event.put(each["source"], value.split(each["delimiter"]))
        return True

    return step


def _substituted(said: Said) -> Step:
    try:
        entries = [(each["source"], regexes.compiled(each["from"]), re.sub(r"\$(\d)", r"\\\1", each["to"]))
                   for each in said["entries"]]
    except (re.error, regexes.Endless) as problem:
        raise invalid(f"Invalid regular expression: {problem}") from None

    def step(event: Event) -> bool:
        for key, test, to in entries:
            value = event.get(key)
            if isinstance(value, str):
                event.put(key, test.sub(to, value))
        return True

    return step


_TYPES: dict[str, Callable[[Any], Any]] = {
    "integer": lambda value: int(float(value)), "double": float,
    "string": lambda value: value if isinstance(value, str) else msgspec.json.encode(value).decode(),
    "boolean": lambda value: str(value).lower() == "true"}


def _typed(said: Said) -> Step:
    def step(event: Event) -> bool:
        for each in said["entries"]:
            value = event.get(each["key"])
            try:
                if value is not _ABSENT and value is not None:
                    event.put(each["key"], _TYPES[each["type"]](value))
            except (TypeError, ValueError, OverflowError):
                continue
        return True

    return step


def _list_to_map(said: Said) -> Step:
    key, value_key, flatten = said["key"], said.get("valueKey"), said.get("flatten", False)
    which = said.get("flattenedElement")
    if flatten and which is None:
        raise invalid("flattenedElement must be specified if flatten is true.")

    def step(event: Event) -> bool:
        found: dict[str, Any] = {}
        for each in event.get(said["source"]) if isinstance(event.get(said["source"]), list) else []:
            if isinstance(each, dict) and key in each:
                found.setdefault(str(each[key]), []).append(each.get(value_key) if value_key else each)
        if flatten:
            found = {name: values[0 if which == "first" else -1] for name, values in found.items()}
        event.under(said.get("target"), found)
        return True

    return step


def _dated(said: Said) -> Step:
    if said.get("locale", "en").partition("_")[0].partition("-")[0].lower() not in ("en", "root", "locale.root"):
        raise invalid("The locale of a dateTimeConverter must be an English one.")
    source, target = javadates.zone(said.get("sourceTimezone", "UTC")), javadates.zone(said.get("targetTimezone", "UTC"))
    patterns, shape = said["matchPatterns"], said.get("targetFormat", javadates.DEFAULT)
    for pattern in (*patterns, shape):
        if pattern != "epoch":
            javadates.directives(pattern)

    def step(event: Event) -> bool:
        value = event.get(said["source"])
        at = javadates.parsed(str(value), patterns, source) if isinstance(value, (str, int, float)) else None
        if at is not None:
            event.put(said["target"], javadates.written(at.astimezone(target), shape))
        return True

    return step


_MAKERS: dict[str, Callable[[Said], Step]] = {
    "parseJSON": lambda said: _parsing(said, _json), "grok": _grok, "csv": _csv, "parseKeyValue": _key_value,
    "parseVPC": lambda said: _parsing(said, _vpc), "addKeys": _added, "deleteKeys": _deleted, "moveKeys": _moved,
    "copyValue": lambda said: _moved(said, keep=True), "renameKeys": lambda said: _moved(said, source="key", target="renameTo"),
    "lowerCaseString": lambda said: _each(said["withKeys"], str.lower),
    "upperCaseString": lambda said: _each(said["withKeys"], str.upper),
    "trimString": lambda said: _each(said["withKeys"], str.strip), "splitString": _split, "substituteString": _substituted,
    "typeConverter": _typed, "listToMap": _list_to_map, "dateTimeConverter": _dated}
