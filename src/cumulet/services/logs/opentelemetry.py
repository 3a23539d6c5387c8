"""OpenTelemetry's logs: the records of a request in OTLP's JSON, and the event that each becomes.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .names import invalid

_PLAIN = ("severityNumber", "severityText", "droppedAttributesCount", "flags", "traceId", "spanId", "eventName")
_TIMES = ("timeUnixNano", "observedTimeUnixNano")


def dump(value: Any) -> str:
    """JSON as events have it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def timed(text: str, now: int) -> list[tuple[int, dict[str, Any]]]:
    """A request's records and their times in milliseconds; a record without one has the present one."""
    try:
        said = msgspec.json.decode(text)
        return [(_time(record) or now, record) for record in records(said)]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, msgspec.MsgspecError):
        raise invalid("The request body is not an ExportLogsServiceRequest of OpenTelemetry.") from None


def records(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each record, together with what its resource and its scope say of all theirs."""
    for resource in said.get("resourceLogs") or ():
        shared = {"resource": {"attributes": _attributes(resource.get("resource") or {})}}
        for group in resource.get("scopeLogs") or ():
            scope = group.get("scope") or {}
            told = {name: scope[name] for name in ("name", "version") if scope.get(name)}
            if scope.get("attributes"):
                told["attributes"] = _attributes(scope)
            for record in group.get("logRecords") or ():
                yield shared | {"scope": told} | _record(record)


def _record(said: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: int(said[name]) for name in _TIMES if said.get(name)}
    found |= {name: said[name] for name in _PLAIN if said.get(name) not in (None, "")}
    if said.get("body") is not None:
        found["body"] = _value(said["body"])
    return found | {"attributes": _attributes(said)}


def _time(record: Mapping[str, Any]) -> int:
    """In milliseconds; 0 when it says none."""
    return next((record[name] // 1_000_000 for name in _TIMES if name in record), 0)


def _attributes(said: Mapping[str, Any]) -> dict[str, Any]:
    return {each["key"]: _value(each.get("value") or {}) for each in said.get("attributes") or ()}


def _value(said: Mapping[str, Any]) -> Any:
    """OTLP's AnyValue as plain JSON."""
    for kind, value in said.items():
        if kind == "intValue":
            return int(value)
        if kind == "arrayValue":
            return [_value(each) for each in value.get("values") or ()]
        if kind == "kvlistValue":
            return {each["key"]: _value(each.get("value") or {}) for each in value.get("values") or ()}
        return value                   # a text, a truth, a number, or bytes in base 64
    return None
