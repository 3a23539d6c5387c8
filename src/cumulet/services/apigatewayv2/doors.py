"""What comes to APIs over HTTP, from the request to its answer."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, doors

from . import authorizing, cors, integrating, recording, requests, sockets
from .functions import Failed
from .requests import Asked, refusal


async def answer(call: Call, visit: doors.Visit) -> doors.Reply | doors.Upgrade:
    """One request."""
    asked = await call.run(requests.look, visit)
    if asked is None:
        return refusal(404, "Not Found")
    if asked.api.ProtocolType == "WEBSOCKET":
        return await sockets.answer(call, visit, asked)
    reply = await _shaped(call, asked)
    length = len(reply.body) if isinstance(reply.body, bytes) else 0
    visit.notes = recording.noted(asked, reply.status, length, max(0.0, call.cloud.clock.now() - asked.now))
    return reply._replace(headers=[*reply.headers, ("apigw-requestid", asked.id)])


async def _shaped(call: Call, asked: Asked) -> doors.Reply:
    """The answer, with what pages of other origins need."""
    request, config = asked.visit.request, asked.api.CorsConfiguration
    early = cors.preflight(config, request.method, request.headers)
    if early is not None:
        return early
    reply = await _routed(call, asked)
    return reply._replace(headers=cors.replaced(config, request.headers, reply.headers))


async def _routed(call: Call, asked: Asked) -> doors.Reply:
    """Route, throttle, authorize, integrate."""
    integration = asked.integration
    if asked.route is None:
        return refusal(404, "Not Found")
    if not throttled(call, asked):
        return refusal(429, "Too Many Requests")
    try:
        refused = await authorizing.refused(call, asked)
        if refused is not None:
            return refused
        if integration is None:
            return refusal(500, "Internal Server Error")
        began = call.cloud.clock.now()
        try:
            return await integrating.answer(call, asked, integration)
        finally:
            took = max(0, int((call.cloud.clock.now() - began) * 1000))
            asked.context["integrationLatency"] = asked.context["integration.latency"] = took
    except Failed as problem:
        asked.context["integrationErrorMessage"] = asked.context["integration.error"] = str(problem)
        return refusal(503, "Service Unavailable") if problem.late else refusal(500, "Internal Server Error")
    except AwsError as problem:
        asked.context["integrationErrorMessage"] = asked.context["integration.error"] = problem.message
        return refusal(problem.status or 500, problem.message)


def throttled(call: Call, asked: Asked) -> bool:
    """Is there room for one more, by the limits of the route and the stage?"""
    assert asked.route is not None
    key = asked.route.RouteKey
    own = asked.stage.RouteSettings.get(key) or {}
    said = {**asked.stage.DefaultRouteSettings, **own}
    rate, burst = said.get("ThrottlingRateLimit"), said.get("ThrottlingBurstLimit")
    if rate is None and burst is None:
        return True
    most = float(burst if burst is not None else rate or 0)
    if most < 1 or rate == 0:
        return False
    return call.bucket("requests", asked.api.ApiId, asked.stage.StageName, key, rate=float(rate or most), most=most).take(1)
