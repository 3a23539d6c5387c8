"""The RPC protocols: JSON 1.0 and 1.1, the same in CBOR, and Smithy's RPC v2 with CBOR."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson

from ..errors import AwsError
from ..http.message import Request, Response
from . import cbor, cbor_values, eventstream, jsons, typed
from .errors import finished
from .model import OperationModel
from .operation import Codecs, Operation, too_deep


class JsonOperation(Operation):
    """One operation in JSON."""

    def __init__(self, operation: OperationModel, codecs: Codecs) -> None:
        super().__init__(operation, codecs)
        self._read = codecs.json_reader.of(self.input) if self.input else None
        self._content_type = ("Content-Type", "application/x-amz-" + self.protocol)

    @cached_property
    def _decode(self) -> typed.Decode | None:
        return self.codecs.json_types.decoder(self.input)

    @cached_property
    def _dump(self) -> Any:
        return jsons.dumper(self.codecs.json_writer, self.output) if self.output else lambda value: b"{}"

    @cached_property
    def _events(self) -> eventstream.Events:
        return stream_events(self, self.events_out)

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        read = self._read
        if read is None:
            jsons.loads(body)
            return {}
        try:
            if (decode := self._decode) is not None:
                try:
                    return decode(body)
                except typed.REFUSED:
                    pass                         # the long way says what is wrong, if anything is
            return self.valid(read(jsons.loads(body)))
        except RecursionError:
            raise too_deep() from None

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response:
        if self.events_out and result and result.get(self.events_out) is not None:
            return event_response(self, self._events, result, request_id)
        body = self._dump(result) if result else b"{}"
        response = Response(200, [("x-amzn-RequestId", request_id), self._content_type], body)
        return finished(self.service, response) if self.service == "dynamodb" else response

    def dump(self, ref: dict[str, Any], value: Any) -> bytes:
        return orjson.dumps(self.codecs.json_writer.of(ref)(value), default=jsons.default)

    def load(self, ref: dict[str, Any], data: bytes) -> Any:
        return self.codecs.json_reader.of(ref)(jsons.loads(data))

    event_type = "application/json"


class CborOperation(Operation):
    """One operation in CBOR."""

    def __init__(self, operation: OperationModel, codecs: Codecs) -> None:
        super().__init__(operation, codecs)
        self.event_type = dict(cbor_values.headers(self.protocol))["Content-Type"]
        self._read = codecs.json_reader.of(self.input) if self.input else None

    @cached_property
    def _events(self) -> eventstream.Events:
        return stream_events(self, self.events_out)

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        try:
            value = cbor.loads(body) if body else {}
            return self.valid(self._read(value)) if self._read else {}
        except cbor.BadCbor as problem:
            raise AwsError("SerializationException", f"The request body is not valid CBOR: {problem}", 400) from None
        except RecursionError:
            raise too_deep() from None

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response:
        if self.events_out and result and result.get(self.events_out) is not None:
            return event_response(self, self._events, result, request_id)
        body = self.dump(self.output, result or {}) if self.output else b"\xa0"
        return Response(200, [("x-amzn-RequestId", request_id), *cbor_values.headers(self.protocol)], body)

    def dump(self, ref: dict[str, Any], value: Any) -> bytes:
        return cbor.dumps(self.codecs.json_writer.of(ref)(value))

    def load(self, ref: dict[str, Any], data: bytes) -> Any:
        return self.codecs.json_reader.of(ref)(cbor.loads(data))


def stream_events(operation: Any, member: str) -> eventstream.Events:
    """The events of a stream member, their payloads in the operation's own protocol."""
    shapes = operation.codecs.model.shapes
    side = operation.model.output if operation.events_out == member else operation.model.input
    return eventstream.Events(shapes, shapes[side["members"][member]["shape"]], operation.event_type,
                              lambda ref: lambda data: operation.load(ref, data),
                              lambda ref: lambda value: operation.dump(ref, value))


def event_response(operation: JsonOperation | CborOperation, events: eventstream.Events, result: Mapping[str, Any],
                   request_id: str) -> Response:
    """A stream of events; the other members of the result come first, as the initial response."""
    rest = {k: v for k, v in result.items() if k != operation.events_out and v is not None}
    first = eventstream.encode({":message-type": "event", ":event-type": "initial-response",
                                ":content-type": operation.event_type}, operation.dump(operation.output, rest))
    return Response(200, [("x-amzn-RequestId", request_id), ("Content-Type", eventstream.CONTENT_TYPE)],
                    events.outgoing(first, result[operation.events_out]))
