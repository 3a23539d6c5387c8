"""AwsError → bytes, in every protocol. The only place where errors become answers."""

from __future__ import annotations

import base64
import re
from typing import Any
from zlib import crc32

import orjson

from ..errors import AwsError
from ..http.message import Request, Response
from . import cbor, cbor_values, iceberg_http, jsons, xmls
from .bindings import ResponseBinding
from .contract import Raw
from .model import Model

# Services whose clients may look at the namespace of an error's type.
_TYPE_PREFIX = {"sqs": "com.amazonaws.sqs#", "dynamodb": "com.amazonaws.dynamodb.v20120810#",
                "dynamodbstreams": "com.amazonaws.dynamodb.v20120810#"}
_COMMON = {"SerializationException": "com.amazon.coral.service#", "UnrecognizedClientException": "com.amazon.coral.service#",
           "UnknownOperationException": "com.amazon.coral.service#", "InternalFailure": "com.amazon.coral.service#",
           "AccessDeniedException": "com.amazon.coral.service#", "MissingAuthenticationTokenException":
           "com.amazon.coral.service#", "InvalidSignatureException": "com.amazon.coral.service#",
           "IncompleteSignatureException": "com.amazon.coral.service#", "ValidationException": "com.amazon.coral.validate#"}
_QUERY_DETAIL = ("MalformedQueryString", "MissingAction")
_IN_XML = ("s3", "s3express", "s3-object-lambda", "s3-outposts")


class ErrorShape:
    """What a model says of one error."""

    def __init__(self, model: Model, code: str) -> None:
        name = code if model.shapes.get(code, {}).get("exception") or "error" in model.shapes.get(code, {}) \
            else model.query_codes.get(code, "")
        shape = model.shapes.get(name, {}) if name else {}
        said = shape.get("error", {})
        self.name = name or code
        self.query_code = str(said.get("code", self.name if name else code))
        fault = bool(shape.get("fault") or said.get("fault"))
        self.status = int(said.get("httpStatusCode") or (500 if fault else 400))
        self.ref: dict[str, Any] | None = {"shape": name} if shape.get("type") == "structure" else None
        members = shape.get("members", {})
        self.message = next((m for m in members if m.lower() == "message"), "message")
        self.message_on_wire = str(members.get(self.message, {}).get("locationName", self.message))
        self.members = frozenset(members)
        self.binding = ResponseBinding(model, shape) if any("location" in ref for ref in members.values()) else None


class ErrorWriter:
    """Writes the errors of one service in one protocol."""

    def __init__(self, model: Model, protocol: str) -> None:
        self.model, self.protocol = model, protocol
        self._shapes: dict[str, ErrorShape] = {}
        self._json = cbor_values.writer(model, protocol)
        self._xml = xmls.Writer(model, "item" if protocol == "ec2" else "member")

    def write(self, problem: AwsError, request: Request, request_id: str) -> Response:
        said = self._shapes.get(problem.code)
        if said is None:
            said = ErrorShape(self.model, problem.code)
            if len(self._shapes) < 1024:                 # codes come from services, not from clients; bounded all the same
                self._shapes[problem.code] = said
        status = problem.status or said.status
        if self.model.service == "s3tables" and iceberg_http.is_catalog(request.path):
            return iceberg_http.failure(problem, status, request_id)
        if self.protocol == "rest-json":
            return self._rest_json(problem, said, status, request_id)
        if self.protocol == "rest-xml":
            if self.model.service == "s3":
                return s3_error(problem, status, request, request_id)
            return self._query(problem, said, status, request_id)
        if self.protocol == "query":
            return self._query(problem, said, status, request_id)
        if self.protocol == "ec2":
            return ec2_error(said.query_code, problem.message, status, request_id)
        return self._rpc(problem, said, status, request_id)

    def _members(self, problem: AwsError, said: ErrorShape) -> dict[str, Any]:
        """The error's members as they go into its body."""
        members = {k: v for k, v in problem.members.items() if v is not None}
        if said.ref is None or not members:
            return members
        known = {k: v for k, v in members.items() if k in said.members}
        more = {k: v for k, v in members.items() if k not in said.members}
        return {**self._json.of(said.ref)(known), **more}

    def _rpc(self, problem: AwsError, said: ErrorShape, status: int, request_id: str) -> Response:
        service = self.model.service
        prefix = _TYPE_PREFIX.get(service, "")
        if prefix and said.ref is None:
            prefix = _COMMON.get(said.name, prefix)
        body = {said.message_on_wire: problem.message, **self._members(problem, said), "__type": prefix + said.name}
        headers = [("x-amzn-RequestId", request_id)]
        if self.model.query_compatible:
            headers.append(("x-amzn-query-error", f"{said.query_code};{'Receiver' if status >= 500 else 'Sender'}"))
        if in_cbor := cbor_values.headers(self.protocol):
            return Response(status, headers + in_cbor, cbor.dumps(body))
        headers.append(("Content-Type", "application/x-amz-" + self.protocol))
        return finished(service, Response(status, headers, orjson.dumps(body, default=jsons.default)))

    def _rest_json(self, problem: AwsError, said: ErrorShape, status: int, request_id: str) -> Response:
        headers = [("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", said.name), ("Content-Type", "application/json")]
        if said.binding is not None:
            bound: list[tuple[str, str]] = []
            said.binding.write(problem.members, bound)
            taken = {name.lower() for name, _ in headers}      # a few models name these too; they are ours to say
            headers += [(name, text) for name, text in bound if name.lower() not in taken]
        body = {said.message_on_wire: problem.message, **self._members(problem, said)}
        return Response(status, headers, orjson.dumps(body, default=jsons.default))

    def _query(self, problem: AwsError, said: ErrorShape, status: int, request_id: str) -> Response:
        extra = ""
        for name, value in problem.members.items():
            if value is None or name in ("Code", "Message", "Type"):
                continue
            if isinstance(value, Raw):
                extra += value.data.decode()
            elif said.ref is not None and name in said.members:
                ref = self.model.shapes[said.name]["members"][name]
                extra += self._xml.element(self._xml.named(ref, name), ref)(value)
            else:
                extra += f"<{name}>{xmls.escape(str(value))}</{name}>"
        code = said.query_code
        return query_error(code, problem.message, status, request_id, self.model.namespace, extra)


def finished(service: str, response: Response) -> Response:
    """DynamoDB's answers carry a checksum that its SDKs look at."""
    if service == "dynamodb" and isinstance(response.body, bytes):
        response.headers.append(("x-amz-crc32", str(crc32(response.body))))
    return response


def query_error(code: str, message: str, status: int, request_id: str, namespace: str = "", extra: str = "") -> Response:
    space = f' xmlns="{namespace}"' if namespace else ""
    text = (f"<ErrorResponse{space}><Error><Type>{'Receiver' if status >= 500 else 'Sender'}</Type><Code>{xmls.escape(code)}"
            f"</Code><Message>{xmls.escape(message)}</Message>{extra}</Error><RequestId>{request_id}</RequestId></ErrorResponse>")
    return Response(status, [("x-amzn-RequestId", request_id), ("Content-Type", "text/xml")], text.encode())


def ec2_error(code: str, message: str, status: int, request_id: str) -> Response:
    text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{xmls.escape(code)}</Code><Message>'
            f"{xmls.escape(message)}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>")
    return Response(status, [("x-amzn-RequestId", request_id), ("Content-Type", "text/xml;charset=UTF-8")], text.encode())


def host_id(request_id: str) -> str:
    """S3's second name for a request."""
    return base64.b64encode((request_id * 2).encode()).decode()


def s3_error(problem: AwsError, status: int, request: Request, request_id: str) -> Response:
    """S3's own form: members that begin with a small letter are headers, others elements."""
    elements, headers = "", []
    for name, value in problem.members.items():
        if value is None:
            continue
        if name[:1].isupper():
            text = value.data.decode() if isinstance(value, Raw) else xmls.escape(str(value))
            elements += f"<{name}>{text}</{name}>"
        else:
            headers.append((name, str(value)))
    other = host_id(request_id)
    headers += [("x-amz-request-id", request_id), ("x-amz-id-2", other)]
    if status == 304 or status == 204:
        return Response(status, headers, b"")
    headers.append(("Content-Type", "application/xml"))
    if request.method == "HEAD":
        return Response(status, headers, b"")
    text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{xmls.escape(problem.code)}</Code><Message>'
            f"{xmls.escape(problem.message)}</Message>{elements}<RequestId>{request_id}</RequestId><HostId>{other}</HostId></Error>")
    return Response(status, headers, text.encode())


_SCOPE = re.compile(r"Credential=[^/,\s]*/\d+/(?:[a-z0-9-]*/)?([a-z0-9-]+)/aws4_request")


def failure(request: Request, problem: AwsError, request_id: str) -> Response:
    """An error before an operation is known, in the form that the client most likely reads."""
    status, headers = problem.status or 400, request.headers
    content_type = headers.get("content-type", "")
    smithy = request.path.startswith("/service/") and ("smithy-protocol" in headers or "cbor" in content_type)
    if smithy or content_type.startswith(cbor_values.JAVA_TYPE):
        said = cbor_values.headers("rpc-v2-cbor" if smithy else cbor_values.JAVA)
        body = cbor.dumps({"message": problem.message, "__type": problem.code})
        return Response(status, [("x-amzn-RequestId", request_id), *said], body)
    if "x-amz-target" in headers or content_type.startswith("application/x-amz-json"):
        protocol = "json-1.1" if content_type.endswith("1.1") else "json-1.0"
        return Response(status, [("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", problem.code),
                                 ("Content-Type", "application/x-amz-" + protocol)],
                        orjson.dumps({"__type": problem.code, "message": problem.message}))
    scope = _SCOPE.search(headers.get("authorization", ""))
    service = scope[1] if scope else ""
    if service == "ec2":
        return ec2_error(problem.code, problem.message, status, request_id)
    if "x-www-form-urlencoded" in content_type or problem.code in _QUERY_DETAIL or "Action=" in request.query:
        return query_error(problem.code, problem.message, status, request_id)
    if service in _IN_XML or (not service and "json" not in content_type):
        return s3_error(problem, status, request, request_id)
    return Response(status, [("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", problem.code),
                             ("Content-Type", "application/json")], orjson.dumps({"message": problem.message}))
