"""What the endpoints for HTTP make of a request: which stream is meant, and the events in each of their formats.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call

from .names import invalid

ENDPOINTS = frozenset(("PutCollectorLogs", "PutNewlineJsonLogs", "PutOpenTelemetryLogs", "PutStructuredJsonLogs"))
Event = tuple[int, str]                # its time in milliseconds, and its message
_SCAN = json.JSONDecoder().raw_decode
_SPACE = " \t\r\n"


def bears(call: Call) -> bool:
    """Did the caller show a bearer token?"""
    return call.request is not None and call.request.headers.get("authorization", "").startswith("Bearer ")


def name(kind: str, header: str | None, query: str | None) -> str:
    """The name of the group or the stream, which a request says in a header or in the query."""
    if header is not None and query is not None:
        raise invalid(f"The header x-aws-log-{kind} and the query parameter log{kind.title()} cannot be used together.")
    if not (said := header or query):
        raise invalid(f"The log {kind} is missing: name it in the header x-aws-log-{kind}.")
    return said


def check_type(content_type: str | None, *known: str) -> str:
    """The content type, if the endpoint takes it."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind not in known:
        raise AwsError("UnsupportedMediaTypeException", f"The content type must be {' or '.join(known)}.", 415)
    return kind


def text_of(body: bytes) -> str:
    """The body as text."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid("The request body is not valid UTF-8.") from None


def collector(text: str, now: int) -> list[Event]:
    """HLC: objects with a field `event`, one behind the other or in an array; others are passed over. Times in seconds."""
    values = [each for value in _values(text) for each in (value if isinstance(value, list) else [value])]
    return [(_seconds(each.get("time"), now), _dump(each)) for each in values if isinstance(each, dict) and "event" in each]


def structured(text: str, now: int) -> list[Event]:
    """One object or an array of objects; what is none is passed over. Times in milliseconds, as `timestamp`."""
    first = next(_values(text), None)
    return [(_milliseconds(each, now), _dump(each)) for each in (first if isinstance(first, list) else [first])
            if isinstance(each, dict)]


def lines(text: str, now: int) -> list[Event]:
    """NDJSON: a value a line, the elements of arrays each for itself; lines that are no JSON are passed over."""
    found: list[Event] = []
    for line in text.split("\n"):
        try:
            value = msgspec.json.decode(line)
        except (msgspec.MsgspecError, RecursionError):
            continue
        if isinstance(value, list):
            found += [(_milliseconds(each, now), _message(each)) for each in value]
        else:
            found.append((_milliseconds(value, now), _message(value, line.strip())))
    return [event for event in found if event[1]]


def _values(text: str) -> Iterator[Any]:
    """JSON values that follow each other."""
    at = 0
    while True:
        while at < len(text) and text[at] in _SPACE:
            at += 1
        if at == len(text):
            return
        try:
            value, at = _SCAN(text, at)
        except (ValueError, RecursionError):
            raise invalid("The request body is not valid JSON.") from None
        yield value


def _message(value: Any, line: str = "") -> str:
    return value if isinstance(value, str) else line or _dump(value)


def _dump(value: Any) -> str:
    """As JSON; halves of characters, which Python's reader lets pass, cannot be kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()


def _seconds(said: Any, now: int) -> int:
    try:
        return _whole(float(said) * 1000, now) if not isinstance(said, bool) else now
    except (TypeError, ValueError, OverflowError):
        return now


def _milliseconds(value: Any, now: int) -> int:
    said = value.get("timestamp") if isinstance(value, dict) else None
    return _whole(said, now) if isinstance(said, int | float) and not isinstance(said, bool) else now


def _whole(number: float, now: int) -> int:
    """A moment, unless it is none that could be meant."""
    return round(number) if math.isfinite(number) and 0 <= number < 2**53 else now
