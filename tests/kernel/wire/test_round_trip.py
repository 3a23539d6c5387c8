"""Every operation of every service that botocore ships, both ways.

Inputs that botocore serialises come back equal from our parsers; outputs and errors that we serialise come back equal from
botocore's parsers. WIRE_CASES says how many generated cases an operation gets (1 by default; `make soak` gives more).
"""

from __future__ import annotations

import asyncio
import io
import os
import re
from typing import Any

import botocore.model
import botocore.parsers
import pytest
from botocore.awsrequest import HeadersDict
from botocore_side import SERVICES, event_member, model_of, ours, protocols_of, request_of
from generate import Generator

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request, Response
from cumulet.kernel.store.blobs import Spool

CASES = int(os.environ.get("WIRE_CASES", "1"))

# What differs, and why. (service, operation) or (service, "*") → reason.
_OLDER = "an older form of an operation that has the same URI; clients mean the newer one"
EXCEPTIONS_IN: dict[tuple[str, str], str] = {
    ("s3", "GetBucketLifecycle"): _OLDER,
    ("s3", "GetBucketNotification"): _OLDER,
    ("s3", "PutBucketLifecycle"): _OLDER,
    ("s3", "PutBucketNotification"): _OLDER,
    ("s3", "ListDirectoryBuckets"): "told from ListBuckets by the signing name s3express; see test_routing.py",
}
_NOTHING_SAID = "the model answers it with 204, which has no body"
EXCEPTIONS_OUT: dict[tuple[str, str], str] = {
    ("billingconductor", "ListTagsForResource"): _NOTHING_SAID,
    ("chime", "PutRetentionSettings"): _NOTHING_SAID,
    ("lexv2-models", "DeleteResourcePolicy"): _NOTHING_SAID,
    ("lexv2-models", "DeleteResourcePolicyStatement"): _NOTHING_SAID,
    ("quicksight", "DeleteSpace"): _NOTHING_SAID,
    ("dataexchange", "SendApiAsset"): "all headers of the answer are in its map, Content-Type too",
    ("s3", "GetBucketLocation"): "botocore's parser expects a wrapper that S3 does not send, and mends it in a handler",
    ("s3", "GetBucketNotification"): "the element `Event` is two members of the model: a list and, deprecated, its only item",
}
# Members whose text the client keeps as it came.
_AS_TEXT = {"Expires"}
# Two services whose requests for an operation of the same name cannot be told apart: same signing name, same address.
SAME_ON_THE_WIRE = {frozenset(pair) for pair in (
    ("greengrass", "greengrassv2"), ("lambda", "lambda-microvms"), ("rds", "neptune"), ("rds", "docdb"),
    ("sms-voice", "pinpoint-sms-voice"), ("timestream-query", "timestream-write"), ("wisdom", "qconnect"))}


def normal(shape: Any, value: Any) -> Any:
    """A value as both sides can be compared: timestamps as seconds, streams as bytes, floats as floats."""
    if value is None or shape is None:
        return value
    kind = shape.type_name
    if kind == "structure":
        if shape.is_document_type or not isinstance(value, dict):
            return value
        return {k: normal(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list":
        return [normal(shape.member, v) for v in value]
    if kind == "map":
        return {k: normal(shape.value, v) for k, v in value.items()}
    if kind == "timestamp":
        return value.timestamp() if hasattr(value, "timestamp") else float(value)
    if kind == "blob":
        if isinstance(value, Spool):
            return value.read()
        return value.read() if hasattr(value, "read") else bytes(value) if not isinstance(value, str) else value.encode()
    if kind in ("float", "double"):
        return float(value)
    return value


def without_empty(value: Any) -> Any:
    """Lists, maps and structures that are empty cannot be told from absent ones in forms, headers and most XML."""
    if isinstance(value, dict):
        kept = {k: without_empty(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in ({}, [], None)}
    if isinstance(value, list):
        return [kept for v in value if (kept := without_empty(v)) not in ({}, [], None)]
    return value


@pytest.mark.parametrize("service", SERVICES)
def test_inputs(service: str) -> None:
    model = model_of(service)
    wrong = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        if (service, name) in EXCEPTIONS_IN or (service, "*") in EXCEPTIONS_IN or event_member(operation.input_shape):
            continue
        for protocol in protocols_of(model):
            spoken = model_of(service, protocol) if protocol == "query" and service == "sqs" else model
            operation = spoken.operation_model(name)
            for case in range(CASES):
                problem = input_problem(spoken, operation, protocol, Generator(f"{service}.{name}.{case}", case % 2 == 0))
                if problem:
                    wrong.append(f"{service}:{name} ({protocol}) {problem}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong[:10])


def input_problem(model: botocore.model.ServiceModel, operation: botocore.model.OperationModel, protocol: str,
                  generator: Generator) -> str:
    shape = operation.input_shape
    members = generator.structure(shape, 0) if shape is not None else {}
    for name, member in shape.members.items() if shape is not None else ():
        if name in _AS_TEXT and member.type_name == "timestamp":
            members.pop(name, None)
    request = request_of(model, operation, members, protocol)
    try:
        route = wire.route(request)
        op = route.op
        if (op.service, op.name) != (model.service_name, operation.name):
            if op.name != operation.name or frozenset({op.service, model.service_name}) not in SAME_ON_THE_WIRE:
                return f"went to {op.service}:{op.name}"
            op = wire.op(model.service_name, operation.name, op.protocol)
        body: Any = Spool(request.body) if op.streaming else request.body
        labels = route.labels if op is route.op else of_twin(route.labels, operation.http["requestUri"])
        found = op.parse(request, labels, body)
    except AwsError as problem:
        if shape is not None and protocol in UNTOLD and lacks_required(shape, without_empty(normal(shape, members))):
            return ""                              # an empty structure that is required cannot be said in this protocol
        return f"{problem.code}: {problem.message[:300]}"
    sent = without_empty(normal(shape, members)) if shape is not None else {}
    got = without_empty(normal(shape, found)) if shape is not None else found
    return "" if sent == got else difference(sent, got)


def of_twin(labels: Any, uri: str) -> Any:
    """Labels of a service that looks the same may have other names there."""
    if not isinstance(labels, dict) or hasattr(labels, "tree"):
        return labels
    return dict(zip(re.findall(r"\{([^}+]+)\+?\}", uri), labels.values(), strict=True))


UNTOLD = {"query", "ec2", "rest-xml", "rest-json"}


def lacks_required(shape: Any, value: Any) -> bool:
    """Is a required member gone because it was empty?"""
    if shape.type_name == "structure" and isinstance(value, dict):
        return any(name not in value for name in shape.required_members) or any(
            lacks_required(shape.members[name], v) for name, v in value.items() if name in shape.members)
    if shape.type_name == "list":
        return any(v in ({}, [], None) or lacks_required(shape.member, v) for v in value)
    if shape.type_name == "map":
        return any(lacks_required(shape.value, v) for v in value.values())
    return False


def difference(a: Any, b: Any, path: str = "") -> str:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys(), key=str):
            if a.get(key) != b.get(key):
                return difference(a.get(key), b.get(key), f"{path}.{key}")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            if x != y:
                return difference(x, y, f"{path}[{i}]")
    return f"{path}: {a!r:.150} became {b!r:.150}"


class Reply:
    """An answer as botocore's parsers read it."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status
        self.headers = HeadersDict(dict(response.headers))
        body = response.body
        self.content = body if isinstance(body, bytes) else b"".join(body) if isinstance(body, list) else collect(body)
        self.raw = self

    def as_dict(self, streaming: bool) -> dict[str, Any]:
        return {"status_code": self.status_code, "headers": self.headers,
                "body": io.BytesIO(self.content) if streaming else self.content, "context": {"operation_name": "x"}}


def collect(body: Any) -> bytes:
    async def run() -> bytes:
        return b"".join([piece async for piece in body])
    return asyncio.run(run())


@pytest.mark.parametrize("service", SERVICES)
def test_outputs(service: str) -> None:
    model = model_of(service)
    wrong = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        if (service, name) in EXCEPTIONS_OUT or (service, "*") in EXCEPTIONS_OUT or event_member(operation.output_shape):
            continue
        for protocol in protocols_of(model):
            spoken = model_of(service, protocol) if protocol == "query" and service == "sqs" else model
            operation = spoken.operation_model(name)
            for case in range(CASES):
                problem = output_problem(spoken, operation, protocol, Generator(f"{service}.{name}.{case}", case % 2 == 0))
                if problem:
                    wrong.append(f"{service}:{name} ({protocol}) {problem}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong[:10])


def output_problem(model: botocore.model.ServiceModel, operation: botocore.model.OperationModel, protocol: str,
                   generator: Generator) -> str:
    shape = operation.output_shape
    members = generator.structure(shape, 0) if shape is not None else {}
    status = next((n for n, m in shape.members.items() if m.serialization.get("location") == "statusCode"), "") if shape else ""
    if status:
        members[status] = 200
    for member in _AS_TEXT & members.keys():
        members.pop(member)
    members.pop("ContentLength", None)             # the transport knows it; only HEAD takes it from the result
    op = wire.op(model.service_name, operation.name, ours(model, protocol))
    try:
        response = op.serialise(members, Request("POST", "/", {}), "request-1")
    except Exception as problem:
        return f"could not be serialised: {problem!r:.300}"
    parser = botocore.parsers.create_parser(protocol)
    try:
        got = parser.parse(Reply(response).as_dict(bool(operation.has_streaming_output)), shape)
    except Exception as problem:
        return f"could not be read: {problem!r:.300} {response.body!r:.200}"
    got.pop("ResponseMetadata", None)
    if shape is None:
        return ""
    sent, found = without_empty(normal(shape, members)), without_empty(normal(shape, got))
    return "" if sent == found else difference(sent, found)


@pytest.mark.parametrize("service", SERVICES)
def test_errors(service: str) -> None:
    model = model_of(service)
    wrong = []
    names = model.operation_names
    for shape in model.error_shapes:
        name = next((n for n in names if shape.name in {e.name for e in model.operation_model(n).error_shapes}), names[0])
        for protocol in protocols_of(model):
            op = wire.op(service, name, ours(model, protocol))
            members = Generator(f"{service}.{shape.name}").structure(shape, 0)
            said = next((m for m in members if m.lower() == "message"), "")
            message = str(members.pop(said, "sorry")) if said else "sorry"
            raised = AwsError(shape.name, message)
            raised.members = members
            response = op.error(raised, Request("POST", "/", {}), "request-1")
            parser = botocore.parsers.create_parser(protocol)
            got = parser.parse(Reply(response).as_dict(False), model.operation_model(name).output_shape)
            expected = shape.metadata.get("error", {}).get("httpStatusCode")
            codes = {shape.name, shape.metadata.get("error", {}).get("code")}
            if service == "sqs":
                codes.add(wire.model("sqs").shapes[shape.name].get("error", {}).get("code"))
            if expected and response.status != expected:
                wrong.append(f"{shape.name} ({protocol}): status {response.status}, not {expected}")
            elif got["Error"]["Code"] not in codes:
                wrong.append(f"{shape.name} ({protocol}): {got['Error']['Code']}")
            elif said and got["Error"]["Message"] != message:
                wrong.append(f"{shape.name} ({protocol}): {message!r} became {got['Error']['Message']!r}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong[:10])


def test_each_exception_has_a_reason() -> None:
    for table in (EXCEPTIONS_IN, EXCEPTIONS_OUT):
        for (service, _), reason in table.items():
            assert service in SERVICES
            assert re.search(r"\w{3}", reason)
