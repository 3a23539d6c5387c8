"""A service's model: its operations, their members and errors, its shapes and paginators. Loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from ..errors import not_implemented
from . import data
from .iceberg_http import with_catalog
from .logs_http import BEARER, with_endpoints
from .s3_browsers import with_browsers
from .sqs_errors import with_codes

_EMPTY: dict[str, Any] = {"type": "structure", "members": {}}


class OperationModel:
    """One operation: `members` and `required` of its input, the names of its `errors`, and its raw entry in the model."""

    def __init__(self, model: Model, name: str, raw: dict[str, Any]) -> None:
        self.model, self.name, self.raw = model, name, raw

    @cached_property
    def input(self) -> dict[str, Any]:
        return self._shape("input")

    @cached_property
    def output(self) -> dict[str, Any]:
        return self._shape("output")

    @cached_property
    def members(self) -> frozenset[str]:
        return frozenset(self.input.get("members", ()))

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset(self.input.get("required", ()))

    @cached_property
    def errors(self) -> frozenset[str]:
        return frozenset(e["shape"] for e in self.raw.get("errors", ()))

    @property
    def unsigned(self) -> bool:
        """The model says that it needs no signature."""
        return self.raw.get("authtype") == "none" or self.raw.get("auth") == ["smithy.api#noAuth"]

    @property
    def bearer(self) -> bool:
        """Instead of a signature it takes the secret of a service-specific credential."""
        return BEARER in self.raw.get("auth", ())

    def _shape(self, side: str) -> dict[str, Any]:
        ref = self.raw.get(side)
        return self.model.shapes[ref["shape"]] if ref else _EMPTY


class Model:
    """One service. shapes: name → raw shape, as botocore's files have them (without documentation)."""

    def __init__(self, service: str, raw: dict[str, Any]) -> None:
        self.service = service
        self.metadata: dict[str, Any] = raw["metadata"]
        self.shapes: dict[str, dict[str, Any]] = raw["shapes"]
        self.protocols = protocols_of(service, self.metadata)
        self.protocol = self.protocols[0]
        self.operations = {name: OperationModel(self, name, entry) for name, entry in raw["operations"].items()}
        self.query_compatible = "awsQueryCompatible" in self.metadata

    @cached_property
    def paginators(self) -> dict[str, Any]:
        return data.paginators(self.service)

    @cached_property
    def query_codes(self) -> dict[str, str]:
        """An error's code in the query protocol → its shape."""
        return {shape["error"]["code"]: name for name, shape in self.shapes.items() if shape.get("error", {}).get("code")}

    @property
    def namespace(self) -> str:
        """The XML namespace of answers."""
        if self.service in ("s3", "s3control"):
            return "http://s3.amazonaws.com/doc/2006-03-01/" if self.service == "s3" else "http://awss3control.amazonaws.com/doc/2018-08-20/"
        said = self.metadata.get("xmlNamespace", "")
        return str(said["uri"] if isinstance(said, dict) else said)

    def kind(self, operation: str, member: str) -> str:
        """The type of an input member: "string", "list", "map", …"""
        return str(self.shapes[self.operations[operation].input["members"][member]["shape"]]["type"])


def protocols_of(service: str, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """The protocols that a service speaks, by our names, its first one first."""
    version = str(metadata.get("jsonVersion", "1.0"))
    names = {"json": f"json-{version}", "smithy-rpc-v2-cbor": "rpc-v2-cbor"}
    said = [names.get(p, p) for p in metadata.get("protocols") or [metadata["protocol"]]]
    if service == "sqs":
        said.append("query")           # clients before the middle of 2023 speak it; the models no longer list it
    # A model whose own `protocol` is not its list's first is still first known by that list.
    return tuple(said)


@cache
def model(service: str) -> Model:
    """The model of a service, by botocore's name. Raises 501 when there is none."""
    raw = data.slim_model(service)
    if raw is None:
        raise not_implemented(service)
    more = {"sqs": with_codes, "s3": with_browsers, "logs": with_endpoints, "s3tables": with_catalog}.get(service)
    return Model(service, more(raw) if more is not None else raw)


def merged(shape: Mapping[str, Any], ref: Mapping[str, Any]) -> dict[str, Any]:
    """A shape with the traits of the member that refers to it."""
    return {**shape, **ref}
