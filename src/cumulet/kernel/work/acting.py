"""What services do for their users: act as a role, and call any operation by the name that SDKs give it.

EventBridge Scheduler's universal targets name operations as `sqs:sendMessage`: the SDK's identifier of the service and the
operation's name with a small letter. Their members come as JSON.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from .. import wire
from ..access.simulate import principal_of
from ..errors import error, not_implemented

if TYPE_CHECKING:
    from ..call import Call, Peers


def as_role(call: Call, arn: str, session: str, account: str = "", region: str = "") -> Peers | None:
    """Other services with the rights of a role's session; None when there is no such role."""
    principal = principal_of(call, arn)
    if principal is None or principal.kind != "role":
        return None
    named = msgspec.structs.replace(principal, arn=principal.arn.rpartition("/")[0] + f"/{session}",
                                    id=principal.id.partition(":")[0] + f":{session}")
    there = call.elsewhere(account, region)
    there.principal = named
    return there.aws


def operation_of(call: Call, service: str, action: str) -> tuple[str, str]:
    """The API and the operation, as boto3 calls it, of an SDK's `service` and `action`. Raises the honest 501."""
    catalog = call.cloud.catalog
    for api in catalog.apis:
        said = str(wire.model(api).metadata.get("serviceId", "")).replace(" ", "").lower()
        if service.lower() in (said, api):
            for snake, promise in catalog.load(api).by_snake.items():
                if promise.api == api and promise.name.lower() == action.lower():
                    return api, snake
            break
    raise not_implemented(f"{service}:{action}")


def invoke(call: Call, peers: Peers, service: str, action: str, members: Mapping[str, Any]) -> Any:
    """Call an operation by its SDK's names, with members as JSON has them."""
    api, snake = operation_of(call, service, action)
    model = wire.model(api)
    name = call.cloud.catalog.load(api).by_snake[snake].name
    op = wire.op(api, name)
    if op.streaming or op.events_in or op.events_out:
        raise not_implemented(f"{service}:{action} with members as JSON")
    return getattr(getattr(peers, api), snake)(**op.valid(_typed(model.shapes, model.operations[name].input, members, "")))


def _typed(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Any, path: str) -> Any:
    """A value of JSON as the model's type: bytes, times, structures."""
    kind = shape["type"]
    if value is None:
        return None
    if kind == "structure":
        if not isinstance(value, Mapping):
            raise error.ValidationException(f"{path or 'The input'} must be an object.")
        known = shape.get("members", {})
        if unknown := value.keys() - known.keys():
            raise error.ValidationException(f"Unknown parameter: {', '.join(sorted(unknown))}")
        return {name: _typed(shapes, shapes[known[name]["shape"]], inner, f"{path}.{name}".lstrip("."))
                for name, inner in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_typed(shapes, shapes[shape["member"]["shape"]], inner, path) for inner in value]
    if kind == "map" and isinstance(value, Mapping):
        return {name: _typed(shapes, shapes[shape["value"]["shape"]], inner, path) for name, inner in value.items()}
    if kind == "blob" and isinstance(value, str):
        return _bytes(value)
    if kind == "timestamp" and isinstance(value, str):
        try:
            return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
        except ValueError:
            raise error.ValidationException(f"{path} is no time: {value}") from None
    return value


def _bytes(text: str) -> bytes:
    """Base64 where it is that, else the text itself: a function's payload is written as it is."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()

