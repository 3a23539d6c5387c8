"""Parsers of transformers: what takes fields out of an event's text. Each step tells whether it could."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from . import grok
from .eventfields import MESSAGE, Event, Said, Step, checked
from .names import invalid

_VPC = ("version", "accountId", "interfaceId", "srcAddr", "dstAddr", "srcPort", "dstPort", "protocol", "packets", "bytes",
        "start", "end", "action", "logStatus")
_VPC_NUMBERS = frozenset(("version", "srcPort", "dstPort", "protocol", "packets", "bytes", "start", "end"))
_decode = msgspec.json.Decoder().decode


def _parsing(said: Said, parse: Callable[[str], Mapping[str, Any] | None]) -> Step:
    source, destination = checked(said.get("source", MESSAGE)), said.get("destination")

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
    source = checked(said.get("source", MESSAGE))

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
    source, destination = checked(said.get("source", MESSAGE)), said.get("destination")

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


PARSERS: dict[str, Callable[[Said], Step]] = {
    "parseJSON": lambda said: _parsing(said, _json), "grok": _grok, "csv": _csv, "parseKeyValue": _key_value,
    "parseVPC": lambda said: _parsing(said, _vpc)}
