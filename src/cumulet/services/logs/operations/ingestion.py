"""Logs that come by plain HTTP: the endpoints for collectors, newline-delimited and structured JSON, and OpenTelemetry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cumulet.kernel import AwsError, Call, operation

from .. import batches, ingesting, largeobjects, opentelemetry
from ..ingesting import Event
from ..keeping import oldest_kept
from ..names import known_group, known_stream
from ..resources import LogGroup, LogStream
from ..taking import take_all

Said = tuple[str | None, str | None]                  # a name in a header, or in the query
_JSON = "application/json"
_REFUSED = "Records that are too old, too new or too large were not taken."
_OK = {"body": b"{}", "contentType": _JSON}


@operation
def put_collector_logs(call: Call, group: str | None = None, stream: str | None = None, logGroup: str | None = None,
                       logStream: str | None = None, contentType: str | None = None, body: bytes = b"") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HLC_Endpoint.html"""
    ingesting.check_type(contentType, _JSON)
    return _put(call, (group, logGroup), (stream, logStream), ingesting.collector, body)


@operation
def put_newline_json_logs(call: Call, group: str | None = None, stream: str | None = None, logGroup: str | None = None,
                          logStream: str | None = None, contentType: str | None = None, body: bytes = b"") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints_NDJSON.html"""
    ingesting.check_type(contentType, _JSON, "application/x-ndjson")
    return _put(call, (group, logGroup), (stream, logStream), ingesting.lines, body)


@operation
def put_structured_json_logs(call: Call, group: str | None = None, stream: str | None = None, logGroup: str | None = None,
                             logStream: str | None = None, contentType: str | None = None, body: bytes = b"") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints_StructuredJSON.html"""
    ingesting.check_type(contentType, _JSON)
    return _put(call, (group, logGroup), (stream, logStream), ingesting.structured, body)


@operation
def put_open_telemetry_logs(call: Call, group: str | None = None, stream: str | None = None, contentType: str | None = None,
                            body: bytes = b"") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints_OTLP.html"""
    ingesting.check_type(contentType, _JSON)
    here = _place(call, (group, None), (stream, None))
    timed = opentelemetry.timed(ingesting.text_of(body), int(call.now * 1000))
    events = [event for time, record in timed if (event := _fitted(call, *here, time, record)) is not None]
    refused = len(timed) - len(events) + take_all(call, *here, events)
    if not refused:
        return _OK
    told = {"rejectedLogRecords": str(refused), "errorMessage": _REFUSED}
    return _OK | {"body": opentelemetry.dump({"partialSuccess": told}).encode()}


def _put(call: Call, group: Said, stream: Said, read: Callable[[str, int], list[Event]], body: bytes) -> dict[str, Any]:
    """Read the body and put what is in it."""
    here = _place(call, group, stream)
    take_all(call, *here, read(ingesting.text_of(body), int(call.now * 1000)))
    return _OK


def _fitted(call: Call, group: LogGroup, stream: LogStream, time: int, record: dict[str, Any]) -> Event | None:
    """A record as an event, cut where it is too large; None when it cannot be one."""
    message = opentelemetry.dump(record)
    if not largeobjects.too_large(message):
        return time, message
    if not batches.in_time(time, int(call.now * 1000), oldest_kept(group, call.now)):
        return None
    message, kept = largeobjects.cut(record, call.uuid)
    if largeobjects.too_large(message):
        return None
    largeobjects.store(call, group, stream, time, kept)
    return time, message


def _place(call: Call, group: Said, stream: Said) -> tuple[LogGroup, LogStream]:
    """The group and the stream that are named; the group must let bearer tokens in, where the caller has one."""
    group_name, stream_name = ingesting.name("group", *group), ingesting.name("stream", *stream)
    found = known_group(call, group_name)
    if ingesting.bears(call) and not found.BearerTokenAuthenticationEnabled:
        raise AwsError("AccessDeniedException", "Bearer token authentication is not enabled for the log group.", 401)
    return found, known_stream(call, group_name, stream_name)
