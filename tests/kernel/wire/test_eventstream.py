"""Event streams: framing as botocore reads it, events of models both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import botocore.eventstream
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request
from cumulet.kernel.wire import eventstream

HEADERS = st.dictionaries(st.text("abc:-", min_size=1, max_size=20), st.one_of(
    st.text(max_size=50), st.binary(max_size=50), st.booleans(), st.integers(-(2**63), 2**63 - 1)), max_size=5)


@given(HEADERS, st.binary(max_size=300))
def test_messages_are_read_by_botocore_and_by_us(headers: dict[str, Any], payload: bytes) -> None:
    message = eventstream.encode(headers, payload)
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(message)
    (theirs,) = list(buffer)
    assert (theirs.headers, theirs.payload) == (headers, payload)
    decoder = eventstream.Decoder()
    found = [m for i in range(len(message)) for m in decoder.feed(message[i:i + 1])]
    assert found == [(headers, payload)]
    assert decoder.pending == 0


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_changed_byte_is_noticed(payload: bytes, at: int, change: int) -> None:
    message = bytearray(eventstream.encode({"a": "b"}, payload))
    message[at % len(message)] ^= change
    with pytest.raises(eventstream.BadMessage):
        eventstream.Decoder().feed(bytes(message))


def gather(body: Any) -> bytes:
    async def run() -> bytes:
        return b"".join([chunk async for chunk in body])
    return asyncio.run(run())


async def events(*given: dict[str, Any], problem: AwsError | None = None) -> AsyncIterator[dict[str, Any]]:
    for event in given:
        yield event
    if problem is not None:
        raise problem


def told(body: bytes) -> list[tuple[str, bytes]]:
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(body)
    return [(m.headers.get(":event-type") or m.headers.get(":exception-type") or m.headers[":error-code"], m.payload)
            for m in buffer]


def test_events_of_s3_select() -> None:
    op = wire.op("s3", "SelectObjectContent")
    stream = events({"Records": {"Payload": b"a,b\n"}}, {"Stats": {"Details": {"BytesScanned": 4}}}, {"End": {}})
    response = op.serialise({"Payload": stream}, Request("POST", "/", {}), "r")
    assert told(gather(response.body)) == [
        ("Records", b"a,b\n"), ("Stats", b"<Stats><BytesScanned>4</BytesScanned></Stats>"), ("End", b"")]


def test_rpc_streams_begin_with_the_initial_response_and_end_with_the_error() -> None:
    op = wire.op("kinesis", "SubscribeToShard")
    stream = events({"SubscribeToShardEvent": {"Records": [], "ContinuationSequenceNumber": "1", "MillisBehindLatest": 0}},
                    problem=AwsError("KMSDisabledException", "off"))
    response = op.serialise({"EventStream": stream}, Request("POST", "/", {}), "r")
    found = told(gather(response.body))
    assert [name for name, _ in found] == ["initial-response", "SubscribeToShardEvent", "KMSDisabledException"]
    assert found[2][1] == b'{"message":"off"}'


def test_events_come_in() -> None:
    op = wire.op("lexv2-runtime", "StartConversation")

    async def chunks() -> AsyncIterator[bytes]:
        inner = eventstream.encode({":message-type": "event", ":event-type": "TextInputEvent",
                                    ":content-type": "application/json"}, b'{"text":"hello"}')
        signed = eventstream.encode({":chunk-signature": b"x" * 32, ":date": ("timestamp", 1.0)}, inner)
        end = eventstream.encode({":chunk-signature": b"x" * 32, ":date": ("timestamp", 1.0)}, b"")
        for piece in (inner[:7], inner[7:], signed, end):
            yield piece

    labels = {"botId": "ABCDEFGHIJ", "botAliasId": "TSTALIASID", "localeId": "en_US", "sessionId": "s" * 10}
    members = op.parse(Request("POST", "/", {}), labels, chunks())

    async def run() -> list[dict[str, Any]]:
        return [event async for event in members["requestEventStream"]]

    assert asyncio.run(run()) == [{"TextInputEvent": {"text": "hello"}}] * 2
