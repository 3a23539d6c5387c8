"""What comes to REST APIs: by their hosts, by paths, by custom domain names."""

from __future__ import annotations

import asyncio
from typing import Any

from cumulet.kernel import AwsError, Call, doors

from . import callers, gateway, recording
from .answers import Answer
from .exchange import Asked, Exchange, pairs, titled

_FORBIDDEN = (("x-amzn-ErrorType", "ForbiddenException"), ("Content-Type", "application/json"))


async def answer(call: Call, visit: Any) -> doors.Reply:
    """One request, and what comes of it."""
    began = asyncio.get_running_loop().time()
    stage, path, prefix = visit.stage, visit.path, visit.prefix
    if not stage:
        stage, _, rest = path.lstrip("/").partition("/")
        path, shown = f"/{rest}", path
    else:
        shown = f"{prefix}{path}" if prefix or visit.domain else f"/{stage}{path}"
    asked = await _asked(call, visit, path, shown)
    exchange = await call.run(gateway.begin, visit.name, stage, asked)
    if exchange is None or (exchange.found.definition.settings.get("disableExecuteApiEndpoint") and not visit.domain):
        return doors.Reply(403, [("x-amzn-RequestId", asked.id), *_FORBIDDEN], b'{"message":"Forbidden"}')
    found = await gateway.serve(call, exchange)
    visit.notes = recording.noted(exchange, found, int((asyncio.get_running_loop().time() - began) * 1000))
    return doors.Reply(found.status, _headers(exchange, found), found.body)


async def _asked(call: Call, visit: Any, path: str, shown: str) -> Asked:
    request, who, bad = visit.request, None, None
    try:
        who = await visit.who()
    except AwsError as problem:
        bad = callers.unsigned(problem)
    port = request.host.rpartition(":")[2] if ":" in request.host else "443" if request.scheme == "https" else "80"
    headers = [*titled({name: value for name, value in request.headers.items() if not name.startswith("x-forwarded-")}),
               ("X-Forwarded-For", ", ".join(filter(None, [request.headers.get("x-forwarded-for"), request.client]))),
               ("X-Forwarded-Port", port), ("X-Forwarded-Proto", request.scheme)]
    return Asked(method=request.method, path=path, shown=shown, query=pairs(request.query), headers=headers, body=visit.body,
                 source=request.client, host=request.host.partition(":")[0], id=call.request_id or call.uuid(), at=call.now,
                 who=who, prefix=visit.prefix, bad=bad)


def _headers(exchange: Exchange, found: Answer) -> list[tuple[str, str]]:
    """With those that API Gateway tells of itself."""
    return [("x-amzn-RequestId", exchange.asked.id), ("x-amz-apigw-id", exchange.asked.id[:16] + "="), *found.headers]


