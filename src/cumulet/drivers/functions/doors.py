"""Doors: HTTP for hosts that belong to functions, beside the APIs. Who came is known before the function's service answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from ...kernel import wire
from ...kernel.access import body as bodies
from ...kernel.access.contract import Principal
from ...kernel.access.identify import identify
from ...kernel.entrance.doors import Reply
from ...kernel.errors import AwsError
from ...kernel.http.message import Request, Respond, Response
from ...kernel.wire.contract import Route

if TYPE_CHECKING:
    from ...kernel.cloud import Cloud

_MOST = 6_291_456
_FORBIDDEN = b'{"Message":"Forbidden"}'


class Visit(NamedTuple):
    """One request. name: the first label of its host.  who: whose signature it has; None without one."""

    name: str
    request: Request
    body: bytes
    who: Principal | None


Answer = Callable[[Visit], Awaitable[Reply]]


async def visit(cloud: Cloud, answer: Answer, request: Request, respond: Respond) -> None:
    """From a request to its answer."""
    try:
        if request.stream is not None:
            request.body = await bodies.read(request, _MOST)
            request.stream = None
        who = await _who(cloud, request)
        reply = await answer(Visit(request.host.partition(".")[0].lower(), request, request.body, who))
    except AwsError as problem:
        status = problem.status or 403
        body = _FORBIDDEN if status == 403 else b'{"Message":"%s"}' % (problem.message or problem.code).encode()
        reply = Reply(status, [("Content-Type", "application/json")], body)
    except ConnectionError:
        return
    respond(Response(reply.status, reply.headers, reply.body))


async def _who(cloud: Cloud, request: Request) -> Principal | None:
    """Whose signature it has. Raises 403 when it is not a good one."""
    if "AWS4-" not in request.headers.get("authorization", "") and "X-Amz-Signature" not in request.query:
        return None
    route = Route(wire.op("lambda", "Invoke"), {}, "")
    try:
        return (await cloud.store.run(lambda tx: identify(cloud, tx, request, route))).principal
    except AwsError as problem:
        raise AwsError("Forbidden", problem.message, 403) from problem
