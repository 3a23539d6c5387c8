"""Operations, made on first use and kept."""

from __future__ import annotations

from functools import cache

from ..errors import not_implemented
from .model import Model, model
from .operation import Codecs, Operation
from .query import FormOperation
from .rest import RestOperation
from .rpc import CborOperation, JsonOperation
from .sqs import as_query
from .validation import Validator

_KINDS: dict[str, type[Operation]] = {
    "json-1.0": JsonOperation, "json-1.1": JsonOperation, "rpc-v2-cbor": CborOperation, "cbor-1.1": CborOperation,
    "query": FormOperation,
    "ec2": FormOperation, "rest-json": RestOperation, "rest-xml": RestOperation}
_made: dict[tuple[str, str, str], Operation] = {}        # bounded: only operations that models have are in it


def op(service: str, name: str, protocol: str = "") -> Operation:
    """One operation, by default in its model's first protocol. Raises 501 for one that the model does not have."""
    found = _made.get((service, name, protocol))
    if found is None:
        known = model(service)
        if name not in known.operations:
            raise not_implemented(f"{service}:{name}")
        asked = protocol or known.protocol
        codecs = _codecs(service, asked)
        found = _KINDS[asked](codecs.model.operations[name], codecs)
        _made[(service, name, protocol)] = found
    return found


@cache
def _validator(service: str) -> Validator:
    return Validator(model(service))


@cache
def _codecs(service: str, protocol: str) -> Codecs:
    known: Model = model(service)
    if service == "sqs" and protocol == "query":
        known = as_query(known)
    return Codecs(known, protocol, _validator(service))
