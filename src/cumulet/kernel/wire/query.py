"""The query and ec2 protocols: a form comes, XML goes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..http.message import Request, Response
from . import scalars
from .bindings import bad_text
from .forms import Tree, malformed, pairs, tree
from .model import OperationModel
from .operation import Codecs, Operation


class Form(dict[str, str]):
    """The parsed form of a request, handed from the router to the operation as its labels."""

    __slots__ = ("tree",)

    def __init__(self, fields: Tree) -> None:
        super().__init__()
        self.tree = fields


def form_of(request: Request, body: bytes) -> Tree:
    """The fields of a request's query string and body, as a tree."""
    fields = pairs(request.query) if request.query else []
    if body:
        try:
            fields += pairs(body.decode())
        except UnicodeDecodeError:
            raise malformed("The request body is not valid UTF-8") from None
    return tree(fields)


class FormOperation(Operation):
    """One operation of the query or the ec2 protocol."""

    def __init__(self, operation: OperationModel, codecs: Codecs) -> None:
        super().__init__(operation, codecs)
        self._read = codecs.form_reader.of(self.input) if self.input else None
        model, name = codecs.model, self.name
        space = model.namespace or f"http://{model.metadata['endpointPrefix']}.amazonaws.com/doc/{model.metadata['apiVersion']}/"
        self._ec2 = self.protocol == "ec2"
        # SDKs of the query protocol's time post to the queue's URL and need not name it again in the form.
        self._by_path = self.service == "sqs" and "QueueUrl" in self.members
        wrapper = self.output.get("resultWrapper", f"{name}Result")
        self._head = f'<{name}Response xmlns="{space}">'
        if self._ec2:
            self._head = f'<?xml version="1.0" encoding="UTF-8"?>\n{self._head}<requestId>'
        self._start, self._end = (f"<{wrapper}>", f"</{wrapper}>") if self.output else ("", "")
        self._tail = f"</{name}Response>"
        self._content_type = ("Content-Type", "text/xml;charset=UTF-8" if self._ec2 else "text/xml")

    @cached_property
    def _write(self) -> Any:
        return self.codecs.xml_writer.of(self.output) if self.output else lambda value: ""

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        if self._read is None:
            return {}
        fields = labels.tree if type(labels) is Form else form_of(request, body)
        try:
            found = self._read(fields)
            if self._by_path and "QueueUrl" not in found and request.path.count("/") > 1:
                found["QueueUrl"] = f"{request.scheme}://{request.host}{request.path}"
            return self.valid(found)
        except scalars.BadText as problem:
            raise bad_text(problem, self.service) from None

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response:
        inner = self._write(result) if result else ""
        if self._ec2:
            text = f"{self._head}{request_id}</requestId>{inner}{self._tail}"
        else:
            text = (f"{self._head}{self._start}{inner}{self._end}<ResponseMetadata><RequestId>{request_id}</RequestId>"
                    f"</ResponseMetadata>{self._tail}")
        return Response(200, [("x-amzn-RequestId", request_id), self._content_type], text.encode())


