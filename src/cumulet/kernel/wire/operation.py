"""What the operations of all protocols have in common, and the compilers that the operations of one service share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import AwsError
from ..http.message import Request, Response
from . import cbor_values, forms, typed, xmls
from .errors import ErrorWriter
from .model import Model, OperationModel
from .validation import Validator


class Codecs:
    """The compilers of one service in one protocol; made once, shared by its operations."""

    def __init__(self, model: Model, protocol: str, validator: Validator) -> None:
        self.model, self.protocol, self.validator = model, protocol, validator
        self.errors = ErrorWriter(model, protocol)
        self.json_reader = cbor_values.reader(model, protocol)
        self.json_writer = cbor_values.writer(model, protocol)
        self.json_types = typed.Types(model, validator.policy)
        self.form_reader = forms.Reader(model, protocol == "ec2")
        self.xml_reader = xmls.Reader(model)
        self.xml_writer = xmls.Writer(model, "item" if protocol == "ec2" else "member")


class Operation:
    """One operation in one protocol (see `Op` in contract.py). Subclasses have `parse` and `serialise`."""

    def __init__(self, operation: OperationModel, codecs: Codecs) -> None:
        model = codecs.model
        self.model = operation
        self.codecs = codecs
        self.service = model.service
        self.name = operation.name
        self.protocol = codecs.protocol
        self.members = operation.members
        self.required = operation.required
        self.unsigned = operation.unsigned
        self.bearer = operation.bearer
        self.input: dict[str, Any] = operation.raw.get("input") or {}
        self.output: dict[str, Any] = operation.raw.get("output") or {}
        self.streaming = stream_of(model, operation.input, "blob")
        self.events_in = stream_of(model, operation.input, "structure")
        self.events_out = stream_of(model, operation.output, "structure")
        self._check: Callable[[Any], bool] | None = codecs.validator.check(self.input) if self.input else None

    def valid(self, members: dict[str, Any]) -> dict[str, Any]:
        """The same members, if the model has nothing against them."""
        if self._check is not None and not self._check(members):
            payload = str(self.model.input.get("payload", ""))
            raise self.codecs.validator.refuse(self.input, members, self.protocol, payload)
        return members

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        raise NotImplementedError

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response:
        raise NotImplementedError

    def error(self, problem: AwsError, request: Request, request_id: str) -> Response:
        return self.codecs.errors.write(problem, request, request_id)


def stream_of(model: Model, shape: dict[str, Any], kind: str) -> str:
    """The member that is a streaming blob ("blob") or an event stream ("structure"), or ""."""
    for name, ref in shape.get("members", {}).items():
        target = model.shapes[ref["shape"]]
        if target["type"] == kind and (target.get("eventstream") if kind == "structure"
                                       else target.get("streaming") or ref.get("streaming")):
            return str(name)
    return ""


def too_deep() -> AwsError:
    return AwsError("SerializationException", "The request is nested too deeply.", 400)
