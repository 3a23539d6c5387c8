"""Function URLs: what comes to them over HTTP, and what goes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import NamedTuple

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.doors import Visit
from cumulet.drivers.functions.driver import Functions
from cumulet.drivers.functions.payloads import JSON, headers_of
from cumulet.kernel import AwsError, Call, Principal, doors, principals

from . import http_events, lineage, measuring
from .deployments import Found, find
from .durable.waiters import outcome_of
from .names import arn_of
from .resources import Function, Url, UrlOwner

_BASES = ("localhost", "localhost.localstack.cloud", "on.aws")
_PRELUDE_END = bytes(8)
_ANYBODY = Principal("anonymous", "", "*", "anonymous", "*")
_ACTION = "lambda:InvokeFunctionUrl"


class _Asked(NamedTuple):
    url: Url
    found: Found
    allowed: bool


def open_doors(call: Call) -> None:
    """Answer for the hosts of this region."""
    functions = call.driver(Functions)
    for base in _BASES:
        functions.open_door(f"lambda-url.{call.region}.{base}", partial(answer, call))


def address(call: Call, url: Url) -> str:
    """Where it answers, as this caller reaches us."""
    scheme, _, host = call.endpoint.partition("://")
    port = host.rpartition(":")[2] if ":" in host else ""
    return f"{scheme}://{url.id}.lambda-url.{call.region}.localhost{':' + port if port else ''}/"


async def answer(call: Call, visit: Visit) -> doors.Reply:
    """One request: whose it is, whether it may, the function's answer."""
    asked = await call.run(_look, visit)
    if asked is None:
        return http_events.failure(403, "Forbidden")
    if (early := http_events.preflight(asked.url.cors, visit)) is not None:
        return early
    readable = http_events.cors(asked.url.cors, visit)
    if not asked.allowed or (asked.url.auth == "AWS_IAM" and visit.who is None):
        reply = http_events.failure(403, "Forbidden")
    else:
        reply = await _invoked(call, visit, asked)
    return reply._replace(headers=reply.headers + readable)


def _look(call: Call, visit: Visit) -> _Asked | None:
    owner = call.table(UrlOwner).get(visit.name)
    if owner is None:
        return None
    here = call.elsewhere(owner.account, owner.region)
    url = here.table(Url).get(owner.function, owner.qualifier)
    if url is None:
        return None
    found = find(here, arn_of(here, url.function, url.qualifier))
    return _Asked(url, found, _may(here, visit, url))


def _may(call: Call, visit: Visit, url: Url) -> bool:
    """What policies say, where they are enforced."""
    if principals.mode_of(call) != "enforce":
        return True
    arn = arn_of(call, url.function, url.qualifier)
    row = call.table(Function).get(url.function)
    statements = row.policies.get(url.qualifier) if row is not None else None
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else ""
    context = {"lambda:functionurlauthtype": [url.auth], "lambda:invokedviafunctionurl": ["true"]}
    who = visit.who if url.auth == "AWS_IAM" and visit.who is not None else _ANYBODY
    said = principals.simulate(call, who, None, None, _ACTION, arn, policy, context, call.account)
    return said.decision == "allowed"


async def _invoked(call: Call, visit: Visit, asked: _Asked) -> doors.Reply:
    functions, found = call.driver(Functions), asked.found
    request_id = functions.request_id()
    event = http_events.event(visit, found.deployment.account, asked.url.id, request_id, call.now, asked.url.auth == "AWS_IAM")
    trace = visit.request.headers.get("x-amzn-trace-id", "") or lineage.header(call, found.traced)
    try:
        invocation = Invocation(request_id, json.dumps(event).encode(), found.arn, trace=found.admit(trace))
        if asked.url.mode == "RESPONSE_STREAM":
            return await _streamed(call, found, invocation)
        outcome = await outcome_of(call, found, invocation)
    except Throttled:
        return http_events.failure(429, "Rate Exceeded.")
    except (RuntimeProblem, AwsError):
        return http_events.failure()
    return http_events.failure() if outcome.error else http_events.reply(outcome.payload)


async def _streamed(call: Call, found: Found, invocation: Invocation) -> doors.Reply:
    """The answer as it is written; a first part may say its status and headers."""
    pieces: asyncio.Queue[bytes] = asyncio.Queue()
    running = call.driver(Functions).spawn(measuring.invoke(call, found, invocation, pieces.put_nowait))
    first = await _piece(running, pieces)
    if first is None:
        outcome: Outcome = running.result()
        return http_events.failure() if outcome.error else doors.Reply(200, list(JSON), outcome.payload)
    status, headers = 200, [("Content-Type", "application/octet-stream")]
    while first.startswith(b"{") and _PRELUDE_END not in first and (more := await _piece(running, pieces)) is not None:
        first += more
    prelude, end, rest = first.partition(_PRELUDE_END)
    if end:
        said = json.loads(prelude)
        status, headers, first = int(said.get("statusCode", 200)), headers_of(said), rest
    return doors.Reply(status, headers, _rest(running, first, pieces))


async def _rest(running: asyncio.Task[Outcome], first: bytes, pieces: asyncio.Queue[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    while (piece := await _piece(running, pieces)) is not None:
        yield piece


async def _piece(running: asyncio.Task[Outcome], pieces: asyncio.Queue[bytes]) -> bytes | None:
    """The next piece; None when the function is done."""
    if running.done() and pieces.empty():
        return None
    following = asyncio.ensure_future(pieces.get())
    await asyncio.wait({running, following}, return_when=asyncio.FIRST_COMPLETED)
    if following.done():
        return following.result()
    following.cancel()
    return None if pieces.empty() else pieces.get_nowait()
