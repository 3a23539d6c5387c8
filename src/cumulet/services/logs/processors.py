"""The processors of transformers: parsers, and what changes the fields that parsers found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from . import javadates, regexes
from .eventfields import ABSENT, Event, Said, Step, checked
from .names import invalid
from .parsing import PARSERS


def _each(keys: Sequence[str], change: Callable[[str], str]) -> Step:
    def step(event: Event) -> bool:
        for key in keys:
            value = event.get(key)
            if isinstance(value, str):
                event.put(key, change(value))
        return True

    return step


def _moved(said: Said, keep: bool = False, source: str = "source", target: str = "target") -> Step:
    entries = [(each[source], checked(each[target]), each.get("overwriteIfExists", False)) for each in said["entries"]]

    def step(event: Event) -> bool:
        for old, new, overwrite in entries:
            value = event.get(old)
            if value is ABSENT or (not overwrite and event.get(new) is not ABSENT):
                continue
            if not keep:
                event.drop(old)
            event.put(new, value)
        return True

    return step


def _added(said: Said) -> Step:
    entries = [(checked(each["key"]), each["value"], each.get("overwriteIfExists", False)) for each in said["entries"]]

    def step(event: Event) -> bool:
        for key, value, overwrite in entries:
            event.put(key, value, overwrite)
        return True

    return step


def _deleted(said: Said) -> Step:
    keys = [checked(key) for key in said["withKeys"]]

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
                if value is not ABSENT and value is not None:
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
    **PARSERS, "addKeys": _added, "deleteKeys": _deleted, "moveKeys": _moved,
    "copyValue": lambda said: _moved(said, keep=True), "renameKeys": lambda said: _moved(said, source="key", target="renameTo"),
    "lowerCaseString": lambda said: _each(said["withKeys"], str.lower),
    "upperCaseString": lambda said: _each(said["withKeys"], str.upper),
    "trimString": lambda said: _each(said["withKeys"], str.strip), "splitString": _split, "substituteString": _substituted,
    "typeConverter": _typed, "listToMap": _list_to_map, "dateTimeConverter": _dated}


def made(kind: str, said: Said) -> Step:
    """A processor."""
    return _MAKERS[kind](said)
