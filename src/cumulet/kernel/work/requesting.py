"""Requests that a service makes to another for its user: routed, parsed, authorised and answered in the API's own protocol, as
if they had come over the wire from who is acted as."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import wire
from ..access import body as bodies
from ..access.contract import Identity
from ..errors import AwsError
from ..http.message import FileSlice, Request, Response

if TYPE_CHECKING:
    from ..call import Call, Peers
    from ..wire.contract import Route

Told = tuple[int, list[tuple[str, str]], bytes]


async def ask(call: Call, acting: Callable[[Call], Peers], method: str, host: str, target: str, headers: Mapping[str, str],
              body: bytes) -> Told:
    """Status, headers and body of the answer; the API's errors are answers as well. acting: as whom, in the call's
    transaction (`acting.as_role`)."""
    request = Request(method, target, {**{name.lower(): value for name, value in headers.items()}, "host": host}, body)
    try:
        route = wire.route(request)
    except AwsError as problem:
        return _told(call, wire.failure(request, problem, call.request_id))
    try:
        result = await call.run(_run, acting, request, route)
        if inspect.isawaitable(result):
            result = await result
        return _told(call, route.op.serialise(result, request, call.request_id))
    except AwsError as problem:
        return _told(call, route.op.error(problem, request, call.request_id))


def _run(call: Call, acting: Callable[[Call], Peers], request: Request, route: Route) -> Any:
    op = route.op
    body: Any = request.body
    if op.streaming:
        body = bodies.held(call.cloud, call.tx, request, route, Identity(call.principal, call.region))
    members = op.parse(request, route.labels, body)
    promises = call.cloud.catalog.load(op.service).by_snake
    snake = next((name for name, promise in promises.items() if (promise.api, promise.name) == (op.service, op.name)), "")
    if not snake:
        raise AwsError("NotImplemented", f"{op.service}:{op.name} is not implemented by cumulet.", 501)
    return getattr(getattr(acting(call), op.service), snake)(**members)


def _told(call: Call, response: Response) -> Told:
    body = response.body
    if isinstance(body, bytes):
        return response.status, response.headers, body
    pieces: list[bytes | FileSlice] = list(body)                                    # type: ignore[arg-type]
    return response.status, response.headers, call.read(pieces)
