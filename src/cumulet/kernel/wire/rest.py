"""The REST protocols: members in the path, the query string, headers and a body of JSON or XML; S3's ways among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import orjson

from ..errors import AwsError
from ..http.message import Request, Response
from ..store.blobs import Spool
from . import eventstream, jsons, scalars, xmls
from .bindings import RequestBinding, ResponseBinding, bad_text
from .contract import Raw
from .errors import host_id
from .model import OperationModel
from .operation import Codecs, Operation, too_deep
from .rpc import stream_events

# Roots of S3's answers that are not named after their shapes.
_S3_ROOTS = {
    "GetBucketLocation": "LocationConstraint",
    "CreateMultipartUpload": "InitiateMultipartUploadResult", "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateSession": "CreateSessionResult", "DeleteObjects": "DeleteResult", "GetBucketAccelerateConfiguration":
    "AccelerateConfiguration", "GetBucketAcl": "AccessControlPolicy", "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration", "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus", "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging", "GetBucketVersioning": "VersioningConfiguration", "GetBucketWebsite":
    "WebsiteConfiguration", "GetObjectAcl": "AccessControlPolicy", "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging", "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult", "ListBucketMetricsConfigurations":
    "ListMetricsConfigurationsResult", "ListBuckets": "ListAllMyBucketsResult", "ListDirectoryBuckets":
    "ListAllMyDirectoryBucketsResult", "ListMultipartUploads": "ListMultipartUploadsResult", "ListObjects":
    "ListBucketResult", "ListObjectsV2": "ListBucketResult", "ListObjectVersions": "ListVersionsResult", "ListParts":
    "ListPartsResult",
}


class RestOperation(Operation):
    """One operation of the rest-json or the rest-xml protocol."""

    event_type = "application/json"

    def __init__(self, operation: OperationModel, codecs: Codecs) -> None:
        super().__init__(operation, codecs)
        model = codecs.model
        self._xml = self.protocol == "rest-xml"
        if self._xml:
            self.event_type = "text/xml"
        self._binding = RequestBinding(model, operation.input, operation.raw["http"]["requestUri"])
        payload = self._payload = str(operation.input.get("payload", ""))
        ref = operation.input["members"][payload] if payload else self.input
        self._payload_kind = model.shapes[ref["shape"]]["type"] if payload else ""
        self._root = ""
        self._read: Any = None
        if payload and payload != self.events_in and self._payload_kind == "structure":
            self._read = codecs.xml_reader.of(ref) if self._xml else codecs.json_reader.of(ref)
            self._root = codecs.xml_reader.named(ref, ref["shape"]) if self.service == "s3" else ""
        elif not payload and any("location" not in member for member in operation.input["members"].values()):
            self._read = codecs.xml_reader.of(self.input) if self._xml else codecs.json_reader.of(self.input)
        self._s3 = self.service == "s3"

    # --- in ---

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        try:
            members = self._binding.read(request, labels)
            if self._payload:
                self._read_payload(members, body)
            elif self._read is not None and body:
                members.update(self._read_body(body))
        except scalars.BadText as problem:
            raise bad_text(problem, self.service) from None
        except RecursionError:
            raise (xmls.malformed() if self._xml else too_deep()) from None
        return self.valid(members)

    def _read_payload(self, members: dict[str, Any], body: Any) -> None:
        if self._payload == self.events_in:
            members[self._payload] = self._events_in.incoming(body) if hasattr(body, "__aiter__") else body
        elif self._payload == self.streaming:
            members[self._payload] = body
        elif not body:
            if self._s3 and self.name == "CompleteMultipartUpload":
                raise xmls.malformed()                   # the model lets it be absent; S3 does not
        else:
            if self._payload_kind == "string":
                try:
                    members[self._payload] = body.decode()
                except UnicodeDecodeError:
                    raise AwsError("SerializationException", "The request body is not valid UTF-8.", 400) from None
            else:
                members[self._payload] = body if self._payload_kind == "blob" else self._read_body(body)

    def _read_body(self, body: Any) -> Any:
        if isinstance(body, Spool):
            body = body.read()
        if not self._xml:
            return self._read(jsons.loads(body))
        root = xmls.parse(body)
        if self._root and xmls.local(root.tag) != self._root:
            raise xmls.malformed()
        return self._read(root)

    # --- out ---

    @cached_property
    def _out(self) -> _Output:
        return _Output(self)

    @cached_property
    def _events_in(self) -> eventstream.Events:
        return stream_events(self, self.events_in)

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response:
        if self._s3:
            headers = [("x-amz-request-id", request_id), ("x-amz-id-2", host_id(request_id))]
        else:
            headers = [("x-amzn-RequestId", request_id)]
        return self._out.write(result or {}, headers)

    def dump(self, ref: dict[str, Any], value: Any) -> bytes:
        """An event's payload."""
        if self._xml:
            name = self.codecs.xml_writer.named(ref, ref["shape"])
            return self.codecs.xml_writer.element(name, ref)(value).encode()
        return orjson.dumps(self.codecs.json_writer.of(ref)(value), default=jsons.default)

    def load(self, ref: dict[str, Any], data: bytes) -> Any:
        if self._xml:
            return self.codecs.xml_reader.of(ref)(xmls.parse(data))
        return self.codecs.json_reader.of(ref)(jsons.loads(data))


class _Output:
    """How the results of one operation are written."""

    def __init__(self, op: RestOperation) -> None:
        model, shape, codecs = op.codecs.model, op.model.output, op.codecs
        self.op = op
        self.binding = ResponseBinding(model, shape)
        self.status = int(op.model.raw["http"].get("responseCode", 200))
        self.payload = str(shape.get("payload", ""))
        self.s3 = op.service == "s3"
        self.xml = op.protocol == "rest-xml"
        self.bound = self.binding.bound
        self.location_only = self.s3 and op.name == "GetBucketLocation"
        self.content_type = self.binding.member("content-type")
        self.sized = self.binding.without(self.binding.member("content-length"))      # the header is for HEAD alone
        ref = shape["members"][self.payload] if self.payload else op.output
        self.kind = model.shapes[ref["shape"]]["type"] if self.payload else ""
        self.structured = self.kind in ("structure", "list", "map")
        self.bodied = bool(self.payload) or any("location" not in member for member in shape["members"].values())
        if self.xml and ref:
            name = codecs.xml_writer.named(ref, ref["shape"])
            if self.s3 and not self.payload:
                name = _S3_ROOTS.get(op.name, name)
            space = f' xmlns="{model.namespace}"' if model.namespace else ""
            self.start, self.end = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{space}>', f"</{name}>"
            self.inner = codecs.xml_writer.of(ref) if self.kind in ("", "structure") and not op.events_out else None
        elif ref and self.kind in ("", "structure", "list", "map") and not op.events_out:
            self.dump: Callable[[Any], bytes] = jsons.dumper(codecs.json_writer, ref)
        if op.events_out:
            self.events = stream_events(op, op.events_out)

    def write(self, result: Mapping[str, Any], headers: list[tuple[str, str]]) -> Response:
        status = self.status
        if self.binding.status and result.get(self.binding.status) is not None:
            status = int(result[self.binding.status])
        elif self.s3 and result.get("ContentRange") is not None:
            status = 206
        op = self.op
        if op.events_out and result.get(op.events_out) is not None:
            self.binding.write(result, headers)
            if not self.content_type or result.get(self.content_type) is None:      # some results say it themselves
                headers.append(("Content-Type", eventstream.CONTENT_TYPE))
            return Response(status, headers, self.events.outgoing(b"", result[op.events_out]))
        if self.payload:
            return self._write_payload(status, result, headers)
        self.binding.write(result, headers)
        if not self.bodied or status == 204 or status == 304:
            return Response(status, headers, b"")
        return Response(status, headers, self._body({k: v for k, v in result.items() if k not in self.bound}, headers))

    def _write_payload(self, status: int, result: Mapping[str, Any], headers: list[tuple[str, str]]) -> Response:
        value = result.get(self.payload)
        if value is None or self.structured:
            self.binding.write(result, headers)
            return Response(status, headers, b"" if value is None else self._body(value, headers))
        if isinstance(value, str):
            value = value.encode()
        elif isinstance(value, Raw):
            value = value.data
        (self.sized if isinstance(value, (bytes, list, tuple)) else self.binding).write(result, headers)
        if not self.content_type or result.get(self.content_type) is None:
            headers.append(("Content-Type", self._plain_type()))
        return Response(status, headers, value)

    def _plain_type(self) -> str:
        if self.kind == "string":
            return "application/json" if self.s3 else "text/plain"
        return "binary/octet-stream" if self.s3 else "application/octet-stream"

    def _body(self, value: Any, headers: list[tuple[str, str]]) -> bytes:
        if not self.xml:
            headers.append(("Content-Type", "application/json"))
            return self.dump(value)
        headers.append(("Content-Type", "application/xml" if self.s3 else "text/xml"))
        if self.location_only:
            return (self.start + xmls.escape(str(value.get("LocationConstraint") or "")) + self.end).encode()
        assert self.inner is not None
        text: str = self.start + self.inner(value) + self.end
        return text.encode()
