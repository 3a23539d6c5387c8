"""What the last calls asked and were answered, for the inspector: small ones only, and told without what is secret.

The hot path keeps references and looks at two lengths; everything else is done when somebody asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

from .. import wire
from ..errors import AwsError
from ..wire.contract import Raw

if TYPE_CHECKING:
    from ..http.message import Response
    from ..pipeline import Exchange

RING = 256               # calls whose payloads are kept
BURST = 32               # and so many while as many come within FAST seconds: then all is to stay in the processor's cache,
FAST = 0.01              # as letting go of what has left it costs more than everything else here
SMALL = 16_384           # bytes of a body; of a larger one nothing is kept
_FASTER = 8              # are let go of with each call until there are so few: more than it brings with its own
_LONGEST = 8192          # characters of one text that are told
HIDDEN = "***"
# Secret by what they are, though not all models say so.
_SECRET = frozenset({
    "accesstoken", "clientsecret", "copysourcessecustomerkey", "idtoken", "newpassword", "oldpassword", "passphrase",
    "password",
    "privatekey", "refreshtoken", "samlassertion", "secretaccesskey", "sessiontoken", "ssecustomerkey", "tokencode",
    "webidentitytoken"})

# When it was kept, request id, service, operation, the members asked, and what the operation gave (or the error).
Kept = tuple[float, str, str, str, Mapping[str, Any], Any]


class Payloads:
    """The ring."""

    def __init__(self) -> None:
        self._ring: deque[Kept] = deque(maxlen=RING)
        self._latest = 0.0

    def take(self, exchange: Exchange, response: Response) -> None:
        """Keep what a call asked and was answered, if both are small."""
        request, body, members = exchange.request, response.body, exchange.members
        if members is not None and type(body) is bytes and len(body) <= SMALL and len(request.body) <= SMALL \
                and request.stream is None:
            op, ring, now = exchange.route.op, self._ring, perf_counter()
            self._latest = now
            ring.append((now, exchange.request_id, op.service, op.name, members, exchange.result))
            if len(ring) > BURST and now - ring[-BURST][0] < FAST:
                for _ in range(min(len(ring) - BURST, _FASTER)):
                    ring.popleft()

    def inner(self, request_id: str, service: str, operation: str, members: Mapping[str, Any]) -> None:
        """Keep what a call of a service asked: its plain members, for nobody counted its bytes."""
        for value in members.values():
            if not isinstance(value, str) or len(value) > SMALL:
                members = {name: value for name, value in members.items()
                           if (isinstance(value, str) and len(value) <= SMALL) or type(value) in (int, float, bool)}
                break
        self._ring.append((self._latest, request_id, service, operation, members, None))

    def told(self, request_id: str) -> dict[str, Any] | None:
        """{"request", "response"} as the model names them, without secrets and bytes; None when they are not kept."""
        kept = next((one for one in self._ring if one[1] == request_id), None)
        if kept is None:
            return None
        _, _, service, operation, members, answer = kept
        model = wire.model(service).operations[operation]
        shapes = model.model.shapes
        if isinstance(answer, AwsError):
            response: Any = {"code": answer.code, "message": answer.message}
        else:
            response = _shown(shapes, model.output, answer)
        return {"request": _shown(shapes, model.input, members), "response": response}


def _shown(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Any) -> Any:
    if value is None or shape.get("sensitive"):
        return value and HIDDEN
    if isinstance(value, Raw):                         # serialised already: an item of a table, as it is stored
        if value.data[:1] == b"<":
            return f"({len(value.data)} bytes of XML)"
        value = orjson.loads(value.data)
    kind = shape["type"]
    if kind == "blob":
        return _sized(value)
    if kind == "structure" and isinstance(value, Mapping) and not shape.get("document"):
        return _members(shapes, shape.get("members", {}), value)
    if kind == "list" and isinstance(value, list | tuple):
        return [_shown(shapes, shapes[shape["member"]["shape"]], inner) for inner in value]
    if kind == "map" and isinstance(value, Mapping):
        return {str(name): _shown(shapes, shapes[shape["value"]["shape"]], inner) for name, inner in value.items()}
    if kind == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat()
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return value if isinstance(value, int | float | bool | list | dict) else str(type(value).__name__)


def _sized(value: Any) -> str:
    """Bytes are told by their number alone; JSON has them as base64."""
    if isinstance(value, bytes | bytearray):
        return f"({len(value)} bytes)"
    return f"({len(value) * 3 // 4 - value[-2:].count('=')} bytes)" if isinstance(value, str) else "(bytes)"


def _members(shapes: Mapping[str, Any], known: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: HIDDEN if name.lower() in _SECRET and inner is not None
            else _shown(shapes, {**shapes[known[name]["shape"]], **known[name]}, inner)
            for name, inner in value.items() if name in known}
    return {name: inner for name, inner in told.items() if inner is not None}
