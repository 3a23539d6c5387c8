"""Every operation of every service that botocore ships, both ways.

Inputs that botocore serialises come back equal from our parsers; outputs and errors that we serialise come back equal from
botocore's parsers. WIRE_CASES says how many generated cases an operation gets (1 by default; `make soak` gives more).
"""

from __future__ import annotations

import io
import os
import re
from typing import Any

import botocore.model
import botocore.parsers
import pytest
from botocore.awsrequest import HeadersDict
from botocore_side import SERVICES, WITH_EVENTS, event_member, model_of, ours, protocols_of, request_of
from comparing import collect, difference, normal, without_empty
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
        if (name in _AS_TEXT and member.type_name == "timestamp") or _is_counted(member):
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
        return f"{problem.code}: {problem.message[:300]}"
    sent = without_empty(normal(shape, members)) if shape is not None else {}
    got = without_empty(normal(shape, found)) if shape is not None else found
    return "" if sent == got else difference(sent, got)


def _is_counted(member: botocore.model.Shape) -> bool:
    """Is it the length of the body, which is HTTP's own affair?"""
    return str(member.serialization.get("name", "")).lower() == "content-length"


def of_twin(labels: Any, uri: str) -> Any:
    """Labels of a service that looks the same may have other names there."""
    if not isinstance(labels, dict) or hasattr(labels, "tree"):
        return labels
    return dict(zip(re.findall(r"\{([^}+]+)\+?\}", uri), labels.values(), strict=True))


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
    used: dict[str, str] = {}
    for name in model.operation_names:
        for error in model.operation_model(name).error_shapes:
            used.setdefault(error.name, name)
    for shape in model.error_shapes:
        name = used.get(shape.name, model.operation_names[0])
        for protocol in protocols_of(model):
            for case in range(CASES):
                generator = Generator(f"{service}.{shape.name}.{case}", case % 2 == 0)
                problem = error_problem(model, name, shape, protocol, generator)
                if problem:
                    wrong.append(f"{service}:{shape.name} ({protocol}): {problem}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong[:10])


def error_problem(model: botocore.model.ServiceModel, name: str, shape: Any, protocol: str, generator: Generator) -> str:
    """As a client reads it: first code and message, then, by the code, the members of the error's shape."""
    op = wire.op(model.service_name, name, ours(model, protocol))
    members = generator.structure(shape, 0)
    said = next((m for m in members if m.lower() == "message"), "")
    message = str(members[said]) if said else "sorry"
    raised = AwsError(shape.name, message)
    raised.members = {k: v for k, v in members.items() if k != said}
    response = op.error(raised, Request("POST", "/", {}), "request-1")
    reply = Reply(response).as_dict(False)
    got = botocore.parsers.create_parser(protocol).parse(reply, model.operation_model(name).output_shape)["Error"]
    expected = shape.metadata.get("error", {}).get("httpStatusCode")
    codes = {shape.name, shape.metadata.get("error", {}).get("code")}
    if model.service_name == "sqs":
        codes.add(wire.model("sqs").shapes[shape.name].get("error", {}).get("code"))
    if expected and response.status != expected:
        return f"status {response.status}, not {expected}"
    if got["Code"] not in codes:
        return f"the code is {got['Code']}"
    if said and got["Message"] != message:
        return f"{message!r} became {got['Message']!r}"
    further = botocore.parsers.create_parser(protocol).parse(reply, shape)
    further.pop("ResponseMetadata", None)
    for member in own_words(shape, protocol):
        members.pop(member, None)
        further.pop(member, None)
    sent, found = without_empty(normal(shape, members)), without_empty(normal(shape, further))
    return "" if sent == found else difference(sent, found)


def own_words(shape: Any, protocol: str) -> set[str]:
    """Members of errors that are not ours to choose: the header that names the error; and in XML the elements Code and Message
    of every error, which are written so whatever a model calls them (and were compared already)."""
    found = {name for name, member in shape.members.items()
             if str(member.serialization.get("name", "")).lower() == "x-amzn-errortype"}
    if protocol in ("query", "rest-xml"):
        found |= {name for name in shape.members if name.lower() in ("code", "message")}
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_with_event_streams(service: str) -> None:
    """Their streams are held in test_round_trip_events.py."""
    model = model_of(service)
    shapes = [shape for name in model.operation_names for operation in [model.operation_model(name)]
              for shape in (operation.input_shape, operation.output_shape)]
    assert any(map(event_member, shapes)) == (service in WITH_EVENTS)


def test_each_exception_has_a_reason() -> None:
    for table in (EXCEPTIONS_IN, EXCEPTIONS_OUT):
        for (service, _), reason in table.items():
            assert service in SERVICES
            assert re.search(r"\w{3}", reason)
