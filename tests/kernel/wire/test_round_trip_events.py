"""Every operation with an event stream, both ways: events that we write come back equal from botocore's EventStream; events
written after Smithy's specification come back equal from us.

botocore reads event streams and does not write them. `message` is the framing and `sent_event` the members, plainly after
https://smithy.io/2.0/aws/amazon-eventstream.html and https://smithy.io/2.0/spec/streaming.html; payloads are botocore's JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import botocore.model
import botocore.parsers
import botocore.serialize
import pytest
from botocore.awsrequest import HeadersDict
from botocore.eventstream import EventStreamError
from botocore_side import WITH_EVENTS, event_member, model_of, ours, protocols_of, request_of
from comparing import collect, difference, normal, without_empty
from generate import Generator

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request, Response

CASES = int(os.environ.get("WIRE_CASES", "1"))
STREAMING = [(service, name, protocol) for service in WITH_EVENTS for model in [model_of(service)]
             for name in model.operation_names for protocol in protocols_of(model)
             if event_member(model.operation_model(name).input_shape) or event_member(model.operation_model(name).output_shape)]
IN = [case for case in STREAMING if event_member(model_of(case[0]).operation_model(case[1]).input_shape)]
OUT = [case for case in STREAMING if event_member(model_of(case[0]).operation_model(case[1]).output_shape)]


def test_there_are_streams_both_ways() -> None:
    assert ("bedrock-runtime", "InvokeModelWithBidirectionalStream", "rest-json") in set(IN) & set(OUT)
    assert {protocol for *_, protocol in OUT} >= {"json", "rest-json", "rest-xml"}


# --- out ---


class Reply:
    """A streamed answer as botocore's parsers read it."""

    def __init__(self, response: Response) -> None:
        self.status_code, self.headers = response.status, HeadersDict(dict(response.headers))
        self._body = collect(response.body)

    def stream(self) -> Iterator[bytes]:
        for at in range(0, len(self._body), 61):
            yield self._body[at:at + 61]

    def as_dict(self) -> dict[str, Any]:
        return {"status_code": self.status_code, "headers": self.headers, "body": self, "context": {"operation_name": "x"}}


async def events_of(given: list[dict[str, Any]], problem: AwsError | None = None) -> AsyncIterator[dict[str, Any]]:
    for event in given:
        yield event
    if problem is not None:
        raise problem


def parts(shape: botocore.model.StructureShape, generator: Generator) -> tuple[list[dict[str, Any]], list[str]]:
    """An event of each kind, and the names of the exceptions."""
    exceptions = [n for n, member in shape.members.items() if member.metadata.get("exception")]
    return [{n: generator.structure(member, 0)} for n, member in shape.members.items() if n not in exceptions], exceptions


@pytest.mark.parametrize(("service", "name", "protocol"), OUT)
def test_events_come_out(service: str, name: str, protocol: str) -> None:
    model = model_of(service)
    shape = model.operation_model(name).output_shape
    member = event_member(shape)
    for case in range(CASES):
        generator = Generator(f"{service}.{name}.{case}", case % 2 == 0)
        rest = {k: v for k, v in generator.structure(shape, 0).items() if k != member}
        rest |= {k: 200 for k, m in shape.members.items() if m.serialization.get("location") == "statusCode"}
        events, _ = parts(shape.members[member], generator)
        response = wire.op(service, name, ours(model, protocol)).serialise(
            {**rest, member: events_of(events)}, Request("POST", "/", {}), "r")
        got = botocore.parsers.create_parser(protocol).parse(Reply(response).as_dict(), shape)
        found = list(got.pop(member))
        got.pop("ResponseMetadata", None)
        assert without_empty(normal(shape, rest)) == without_empty(normal(shape, got))
        for sent, read in zip(events, found, strict=True):
            sent, read = normal(shape.members[member], sent), normal(shape.members[member], read)
            assert without_empty(sent) == without_empty(read), difference(sent, read)
            assert sent.keys() == read.keys()


@pytest.mark.parametrize(("service", "name", "protocol"), OUT)
def test_an_error_ends_a_stream(service: str, name: str, protocol: str) -> None:
    """Errors that the stream has as members, raised by the names of their shapes; and one that it has not."""
    model = model_of(service)
    shape = model.operation_model(name).output_shape
    member = event_member(shape)
    stream = shape.members[member]
    _, exceptions = parts(stream, Generator("x"))
    op = wire.op(service, name, ours(model, protocol))
    for exception in [*exceptions, ""]:
        code = stream.members[exception].name if exception else "SomethingElse"
        response = op.serialise({member: events_of([], AwsError(code, "it ends"))}, Request("POST", "/", {}), "r")
        got = botocore.parsers.create_parser(protocol).parse(Reply(response).as_dict(), shape)
        with pytest.raises(EventStreamError) as problem:
            list(got[member])
        said = problem.value.response["Error"]
        has_message = not exception or any(m.lower() == "message" for m in stream.members[exception].members)
        assert said == {"Code": exception or code, "Message": "it ends" if has_message else ""}


# --- in ---


def header(name: str, value: Any) -> bytes:
    """One header: the length of its name, its name, its type, its value."""
    start = struct.pack("!B", len(name)) + name.encode()
    if isinstance(value, bool):
        return start + (b"\x00" if value else b"\x01")
    if isinstance(value, int):
        return start + b"\x04" + struct.pack("!i", value)
    if isinstance(value, float):                        # a timestamp: milliseconds
        return start + b"\x08" + struct.pack("!q", int(value * 1000))
    raw = value.encode() if isinstance(value, str) else value
    return start + (b"\x07" if isinstance(value, str) else b"\x06") + struct.pack("!H", len(raw)) + raw


def message(headers: dict[str, Any], payload: bytes) -> bytes:
    """Total length, length of the headers, checksum of both; headers; payload; checksum of all."""
    head = b"".join(header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 12 + len(head) + len(payload) + 4, len(head))
    prelude += struct.pack("!I", zlib.crc32(prelude))
    return prelude + head + payload + struct.pack("!I", zlib.crc32(prelude + head + payload))


def sent_event(shape: botocore.model.StructureShape, event: dict[str, Any], protocol: str) -> bytes:
    """An event as a client sends it: members marked eventheader are headers, the one marked eventpayload is the payload; where
    none is, all other members together are the payload, as a structure."""
    (name, members), = event.items()
    kind = shape.members[name]
    headers: dict[str, Any] = {":message-type": "event", ":event-type": name}
    headers |= {k: v for k, v in members.items() if kind.members[k].serialization.get("eventheader")}
    of_payload = next((k for k, m in kind.members.items() if m.serialization.get("eventpayload")), "")
    if of_payload and kind.members[of_payload].type_name == "blob":
        return message({**headers, ":content-type": "application/octet-stream"}, members.get(of_payload, b""))
    if of_payload and kind.members[of_payload].type_name == "string":
        return message({**headers, ":content-type": "text/plain"}, members.get(of_payload, "").encode())
    body: dict[str, Any] = {}
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    if of_payload:
        serializer._serialize(body, members.get(of_payload, {}), kind.members[of_payload])
    else:
        serializer._serialize(body, {k: v for k, v in members.items() if k not in headers}, kind)
    return message({**headers, ":content-type": "application/json"}, json.dumps(body).encode())


def signed(payload: bytes) -> bytes:
    """A message as SDKs sign it: the event is the payload of another."""
    return message({":date": 1_767_225_600.0, ":chunk-signature": b"\x01" * 32}, payload)


@pytest.mark.parametrize("in_envelopes", [True, False])
@pytest.mark.parametrize(("service", "name", "protocol"), IN)
def test_events_come_in(service: str, name: str, protocol: str, in_envelopes: bool) -> None:
    model = model_of(service)
    operation = model.operation_model(name)
    shape = operation.input_shape
    member = event_member(shape)
    for case in range(CASES):
        generator = Generator(f"{service}.{name}.{case}", case % 2 == 0)
        rest = {k: v for k, v in generator.structure(shape, 0).items() if k != member}
        events, _ = parts(shape.members[member], generator)
        messages = [sent_event(shape.members[member], event, protocol) for event in events]
        body = b"".join(map(signed, [*messages, b""])) if in_envelopes else b"".join(messages)
        request = request_of(model, operation, rest, protocol)
        route = wire.route(request)
        assert (route.op.service, route.op.name, route.op.events_in) == (service, name, member)
        members = route.op.parse(request, route.labels, pieces(body, generator.random))
        found = asyncio.run(gathered(members.pop(member)))
        assert without_empty(normal(shape, rest)) == without_empty(normal(shape, members))
        assert [normal(shape.members[member], event) for event in found] == [
            normal(shape.members[member], event) for event in events]


async def pieces(body: bytes, chance: random.Random) -> AsyncIterator[bytes]:
    at = 0
    while at < len(body):
        size = chance.choice((1, 7, 100, 5000))
        yield body[at:at + size]
        at += size


async def gathered(events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event async for event in events]
