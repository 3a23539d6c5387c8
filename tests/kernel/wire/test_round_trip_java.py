"""CBOR as the SDKs for Java speak it, for the operations of every service that has targets, both ways.

botocore does not know this protocol. `as_java` writes values after the SDK's `SdkCborGenerator` (maps of indefinite length,
tag 1 and milliseconds), plainly and not with the writer that is tried; `of_java` reads what comes back.
"""

from __future__ import annotations

import struct
from typing import Any

import pytest
from botocore_side import LOADER, SERVICES, event_member, model_of
from comparing import difference, normal, without_empty
from generate import Generator

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request
from cumulet.kernel.wire import cbor
from cumulet.kernel.wire.contract import Raw

TYPE = "application/x-amz-cbor-1.1"
WITH_TARGETS = [s for s in SERVICES if LOADER.load_service_model(s, "service-2")["metadata"].get("targetPrefix")]


def head(major: int, number: int) -> bytes:
    return struct.pack(">BQ", major << 5 | 27, number)


def as_java(shape: Any, value: Any) -> bytes:
    """A value of a shape in CBOR; a document as it is."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        members = [(shape.members[name], name, one) for name, one in value.items()]
        return b"\xbf" + b"".join(as_text(inner.serialization.get("name", name)) + as_java(inner, one)
                                  for inner, name, one in members) + b"\xff"
    if kind == "map":
        return b"\xbf" + b"".join(as_text(name) + as_java(shape.value, one) for name, one in value.items()) + b"\xff"
    if kind == "list":
        return b"\x9f" + b"".join(as_java(shape.member, one) for one in value) + b"\xff"
    if kind == "timestamp":
        return b"\xc1" + head(0, round(normal(shape, value) * 1000))
    if kind == "blob":
        raw: bytes = normal(shape, value)
        return head(2, len(raw)) + raw
    if kind in ("float", "double"):
        return b"\xfb" + struct.pack(">d", value)
    if kind in ("integer", "long"):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    return as_text(value) if kind == "string" else cbor.dumps(value)


def as_text(text: str) -> bytes:
    return head(3, len(text.encode())) + text.encode()


def of_java(shape: Any, value: Any) -> Any:
    """A value that was read from CBOR, its timestamps in seconds."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        return {names[name]: of_java(shape.members[names[name]], one) for name, one in value.items()}
    if kind == "map":
        return {name: of_java(shape.value, one) for name, one in value.items()}
    if kind == "list":
        return [of_java(shape.member, one) for one in value]
    if kind == "timestamp":
        assert type(value) is int
        return value / 1000
    if kind == "blob":
        assert type(value) is bytes
    return value


@pytest.mark.parametrize("service", WITH_TARGETS)
def test_every_operation(service: str) -> None:
    model, wrong = model_of(service), []
    for name in model.operation_names:
        operation = model.operation_model(name)
        for shape, way in ((operation.input_shape, there), (operation.output_shape, back)):
            if shape is None or event_member(shape):
                continue
            members = Generator(f"{service}.{name}").structure(shape, 0)
            sent, got = without_empty(normal(shape, members)), without_empty(normal(shape, way(model, name, shape, members)))
            if sent != got:
                wrong.append(f"{service}:{name} {way.__name__} {difference(sent, got)}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong[:10])


def there(model: Any, name: str, shape: Any, members: dict[str, Any]) -> dict[str, Any]:
    request = Request("POST", "/", {"host": "localhost:4566", "content-type": TYPE,
                                    "x-amz-target": f"{model.metadata['targetPrefix']}.{name}"}, as_java(shape, members))
    op = wire.route(request).op
    assert (op.name, op.protocol) == (name, "cbor-1.1")
    return wire.op(model.service_name, name, op.protocol).parse(request, {}, request.body)


def back(model: Any, name: str, shape: Any, members: dict[str, Any]) -> Any:
    answer = wire.op(model.service_name, name, "cbor-1.1").serialise(members, Request("POST", "/", {}), "r")
    assert dict(answer.headers)["Content-Type"] == TYPE
    return of_java(shape, cbor.loads(answer.body))                  # type: ignore[arg-type]


def test_timestamps_have_a_tag_and_count_milliseconds() -> None:
    op, told = wire.op("kinesis", "DescribeStreamSummary", "cbor-1.1"), {"StreamCreationTimestamp": 1_767_225_600.25}
    answer = op.serialise({"StreamDescriptionSummary": told}, Request("POST", "/", {}), "r")
    assert answer.body == cbor.dumps({"StreamDescriptionSummary": {"StreamCreationTimestamp": 0}})[:-1] \
        + b"\xc1\x1b" + (1_767_225_600_250).to_bytes(8)


@pytest.mark.parametrize("protocol", ["cbor-1.1", "rpc-v2-cbor"])
def test_what_is_json_already_is_read_and_written_anew(protocol: str) -> None:
    told = Raw(b'[{"Data":"AQI=","SequenceNumber":"1","ApproximateArrivalTimestamp":12.5}]')
    answer = wire.op("kinesis", "GetRecords", protocol).serialise({"Records": told}, Request("POST", "/", {}), "r")
    moment = 12_500 if protocol == "cbor-1.1" else 12.5
    assert cbor.loads(answer.body) == {"Records": [                 # type: ignore[arg-type]
        {"Data": b"\1\2", "SequenceNumber": "1", "ApproximateArrivalTimestamp": moment}]}


@pytest.mark.parametrize("moment", [2 ** 70, -(2 ** 63), float("nan"), float("inf"), {}, b"now", True, "soon"])
def test_a_moment_that_is_none(moment: Any) -> None:
    said = cbor.dumps({"StreamName": "s", "ShardId": "shardId-0", "ShardIteratorType": "AT_TIMESTAMP"} | (
        {"Timestamp": moment} if moment != 2 ** 70 else {"Timestamp": 0}))
    if moment == 2 ** 70:
        said = said[:-1] + b"\xc2" + head(2, 200) + b"\xff" * 200
    with pytest.raises(AwsError) as problem:
        wire.op("kinesis", "GetShardIterator", "cbor-1.1").parse(Request("POST", "/", {}), {}, said)
    assert problem.value.code == "SerializationException"


@pytest.mark.parametrize("target", ["Kinesis_20131202.Fly", "Nothing.At", "Kinesis_20131202.PutRecord"])
def test_errors_are_told_alike(target: str) -> None:
    request = Request("POST", "/", {"host": "localhost", "content-type": TYPE, "x-amz-target": target})
    problem = AwsError("ResourceNotFoundException", "There is none.", 400)
    try:
        answer = wire.route(request).op.error(problem, request, "r")
    except AwsError:
        answer = wire.failure(request, problem, "r")
    assert (answer.status, dict(answer.headers)["Content-Type"]) == (400, TYPE)
    assert cbor.loads(answer.body) == {                             # type: ignore[arg-type]
        "__type": "ResourceNotFoundException", "message": "There is none."}
